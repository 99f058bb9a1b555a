"""Measured data sets that come with bplab as tables; resources/data/README.md says where they are from."""

from __future__ import annotations

from functools import cache

from bplab import resources
from bplab.data.dataset import Dataset, Source
from bplab.data.table import read_table


def iris(**_seed: int) -> Dataset:
    """Return 150 flowers of three species, four measures in centimetres each."""
    return _read("iris.csv")


def digits(**_seed: int) -> Dataset:
    """Return 1797 handwritten digits of 8 x 8 pixels, each from 0 (paper) to 16 (ink)."""
    return _read("digits.csv")


@cache  # a data set cannot change, so one copy serves all
def _read(file_name: str) -> Dataset:
    return read_table(resources.path("data", file_name)).dataset(kind="classes")


SHIPPED = (
    Source(
        name="iris",
        label="Iris",
        doc="Which of three species is it? 150 flowers, four measures each.",
        source="Fisher 1936, UCI Machine Learning Repository, https://doi.org/10.24432/C56C76, CC BY 4.0",
        task="classes",
        make=iris,
    ),
    Source(
        name="digits",
        label="Digits",
        doc="Which digit is it? 1797 handwritten ones of 8 x 8 pixels.",
        source="Alpaydin and Kaynak 1998, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0",
        task="classes",
        make=digits,
    ),
)
