"""What a network may hear of a sample: its features as they are, or made from one or two of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry
from bplab.errors import DataError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.data.dataset import Floats


@dataclass(frozen=True, kw_only=True)
class Feature(Entry):
    """A way to make an input from features.

    Parameters
    ----------
    text, symbol : str
        How it is written on the command line and in the window, with a place for the name of each feature.
    arity : int
        From how many features it is made.
    make : callable
        From that many columns, each of shape (samples,), to one.
    """

    text: str
    symbol: str
    arity: int = 1
    make: Callable[..., Floats]


FEATURES = Catalogue(
    "feature",
    Feature(name="identity", label="As it is", doc="The feature itself.", text="{0}", symbol="{0}", make=np.array),
    Feature(
        name="square",
        label="Square",
        doc="The feature times itself: with it, a straight line can become a circle.",
        text="{0}^2",
        symbol="{0}²",
        make=np.square,
    ),
    Feature(
        name="product",
        label="Product",
        doc="One feature times another: its sign tells the quadrants of xor apart.",
        text="{0}*{1}",
        symbol="{0}·{1}",
        arity=2,
        make=np.multiply,
    ),
    Feature(
        name="sine",
        label="Sine",
        doc="The sine of the feature: it comes back again and again.",
        text="sin({0})",
        symbol="sin {0}",
        make=np.sin,
    ),
    Feature(
        name="cosine",
        label="Cosine",
        doc="The cosine of the feature: it comes back, and is even.",
        text="cos({0})",
        symbol="cos {0}",
        make=np.cos,
    ),
)


@dataclass(frozen=True)
class Input:
    """One input of the network: a kind of feature, and the columns that it is made of, counted from 1."""

    kind: str
    of: tuple[int, ...]

    def __post_init__(self) -> None:
        feature = FEATURES[self.kind]
        if len(self.of) != feature.arity or min(self.of) < 1:
            columns = "1 column" if feature.arity == 1 else f"{feature.arity} columns"
            raise SettingError(f"The feature '{self.kind}' is made of {columns}, counted from 1.", "")

    def __str__(self) -> str:
        return FEATURES[self.kind].text.format(*(f"x{column}" for column in self.of))


def as_they_are(n_features: int) -> tuple[Input, ...]:
    """Return the inputs of a network that hears every feature as it is."""
    return tuple(Input("identity", (column,)) for column in range(1, n_features + 1))


def common_inputs(n_features: int) -> tuple[Input, ...]:
    """Return the inputs that a menu offers for data of one or two features, in the order of TensorFlow Playground."""
    columns = range(1, n_features + 1)
    pairs = [(a, b) for a in columns for b in columns if a < b]
    ones = {kind: [Input(kind, (column,)) for column in columns] for kind in ("identity", "square", "sine")}
    return (*ones["identity"], *ones["square"], *(Input("product", pair) for pair in pairs), *ones["sine"])


def names_of(inputs: tuple[Input, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what each input is called, given the names of the features."""
    return tuple(FEATURES[i.kind].symbol.format(*(names[column - 1] for column in i.of)) for i in inputs)


def expand(X: Floats, inputs: tuple[Input, ...]) -> Floats:
    """Return the inputs of samples, shape (samples, inputs), made from their features `X`, (samples, features).

    Raises
    ------
    DataError
        If there is no such column, or a value becomes too large.
    """
    for i in inputs:
        if max(i.of) > X.shape[1]:
            raise DataError(f"The input {i} needs a feature number {max(i.of)}; there are {X.shape[1]}.", "Remove it.")
    if inputs == as_they_are(X.shape[1]):
        return X
    with np.errstate(over="ignore"):
        made = np.column_stack([FEATURES[i.kind].make(*(X[:, column - 1] for column in i.of)) for i in inputs])
    if not np.isfinite(made).all():
        worst = inputs[int(np.argmin(np.isfinite(made).all(axis=0)))]
        raise DataError(f"The input {worst} becomes too large.", "Remove it, or use a smaller unit.")
    return made


def parse_inputs(text: str) -> tuple[Input, ...]:
    """Return the inputs that a text such as ``x1,x2,x1^2,x1*x2,sin(x1)`` names.

    Raises
    ------
    SettingError
        If a part of it names none, or two name the same.
    """
    found = tuple(parse_input(part.strip()) for part in text.split(","))
    if len(set(found)) != len(found):
        raise SettingError("An input is named twice.", "Name each once.")
    return found


def parse_input(text: str) -> Input:
    """Return the input that a text such as ``x1^2`` names, or raise `SettingError`."""
    for name, feature in FEATURES.items():
        pattern = re.escape(feature.text).replace(r"\{0\}", r"x(\d{1,4})").replace(r"\{1\}", r"x(\d{1,4})")
        if match := re.fullmatch(pattern, text):
            return Input(name, tuple(map(int, match.groups())))
    forms = ", ".join(feature.text.format("x1", "x2") for feature in FEATURES.values())
    raise SettingError(f"There is no input '{text[:40]}'.", f"Write one as in {forms}.")
