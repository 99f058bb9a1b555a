"""The catalogue of data sets that bplab makes or ships.

Iris and digits are copies of the UCI Machine Learning Repository's sets; see resources/data/README.md.
"""

from __future__ import annotations

from collections.abc import Callable

from bplab import resources
from bplab.catalogue import Catalogue
from bplab.data.dataset import Dataset, Source
from bplab.data.synthetic import SYNTHETIC
from bplab.data.table import read_table


def _shipped(name: str, target: str) -> Callable[..., Dataset]:
    def make(seed: int) -> Dataset:  # noqa: ARG001 - the same for every seed
        table = read_table(resources.path("data", f"{name}.csv"))
        return table.dataset((target,), "classes", name=name)

    return make


SOURCES: Catalogue[Source] = Catalogue(
    "data set",
    *SYNTHETIC,
    Source(
        name="iris",
        label="iris",
        doc="150 flowers of three species by four lengths.",
        source="Fisher, Annals of Eugenics 7, 1936; UCI Machine Learning Repository, CC BY 4.0",
        task="classes",
        make=_shipped("iris", "species"),
    ),
    Source(
        name="digits",
        label="digits",
        doc="1,797 handwritten digits of 8 x 8 pixels.",
        source="Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, CC BY 4.0",
        task="classes",
        make=_shipped("digits", "digit"),
    ),
)
