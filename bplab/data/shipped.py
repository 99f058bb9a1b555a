"""Measured data sets that come with bplab as tables; resources/data/README.md says where they are from."""

from __future__ import annotations

from functools import cache
from typing import Literal

from bplab import resources
from bplab.data.dataset import Dataset, Source
from bplab.data.tables.files import read_table


def iris(**_seed: int) -> Dataset:
    """Return 150 flowers of three species, four measures in centimetres each."""
    return _read("iris.csv")


def digits(**_seed: int) -> Dataset:
    """Return 1797 handwritten digits of 8 x 8 pixels, each from 0 (paper) to 16 (ink)."""
    return _read("digits.csv")


def wine(**_seed: int) -> Dataset:
    """Return 178 wines of three cultivars, thirteen chemical measures each."""
    return _read("wine.csv")


def breast_cancer(**_seed: int) -> Dataset:
    """Return 569 tumours, thirty measures of their cell nuclei each."""
    return _read("breast_cancer.csv")


def penguins(**_seed: int) -> Dataset:
    """Return 342 penguins of three species, four measures each; two birds that nobody measured are left out."""
    return _read("penguins.csv")


def diabetes(**_seed: int) -> Dataset:
    """Return 442 patients, ten measures each, and how far their disease had gone a year later."""
    return _read("diabetes.csv", kind="numbers")


@cache  # a data set cannot change, so one copy serves all
def _read(file_name: str, kind: Literal["classes", "numbers"] = "classes") -> Dataset:
    return read_table(resources.path("data", file_name)).dataset(kind=kind)


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
MORE_SHIPPED = (
    Source(
        name="penguins",
        label="Penguins",
        doc="Which of three species is it? 342 birds of Antarctica, four measures each.",
        source="Gorman, Williams and Fraser 2014, palmerpenguins, https://doi.org/10.5281/zenodo.3960218, CC0 1.0",
        task="classes",
        make=penguins,
    ),
    Source(
        name="wine",
        label="Wine",
        doc="Which of three cultivars is it from? 178 wines, thirteen chemical measures each.",
        source="Aeberhard and Forina 1992, UCI Machine Learning Repository, https://doi.org/10.24432/C5PC7J, CC BY 4.0",
        task="classes",
        make=wine,
    ),
    Source(
        name="breast_cancer",
        label="Breast cancer",
        doc="Is a tumour malignant? 569 of them, thirty measures of their cell nuclei each.",
        source="Wolberg et al. 1993, UCI Machine Learning Repository, https://doi.org/10.24432/C5DW2B, CC BY 4.0",
        task="classes",
        make=breast_cancer,
    ),
    Source(
        name="diabetes",
        label="Diabetes",
        doc="How far will the disease have gone in a year? 442 patients, ten measures each.",
        source="Efron, Hastie, Johnstone and Tibshirani, Ann. Statist. 32, 2004, doi:10.1214/009053604000000067",
        task="numbers",
        make=diabetes,
    ),
)
