"""How the inspector says things: numbers of one width, names, and what stands on cards and rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bplab.data.dataset import Classes

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from bplab.data.prepare import PreparedData
    from bplab.engine.record import StepRecord
    from bplab.microscope.selection import Selection

NUMBER_CHARACTERS = 10  # of the longest: +1.603e-04
LONGEST_NAME = 28
UNKNOWN = "–"

Kind = Literal["gradient", "input", "error", "pull", "plain"]
Tone = Literal["text", "muted", "rise", "fall"]


@dataclass(frozen=True)
class Factor:
    """A card: a symbol, its value (None: not known yet), what it is, a sentence for its tooltip, its place."""

    symbol: str
    value: float | None
    meaning: str
    kind: Kind = "plain"
    tip: str = ""
    place: Selection | None = None


@dataclass(frozen=True)
class Row:
    """A line under the cards.

    Parameters
    ----------
    texts : tuple of str
        The same said in fewer and fewer words: the first that fits is shown.
    tip : str
        More, for the tooltip; may hold names from files.
    """

    label: str
    texts: tuple[str, ...]
    tone: Tone = "text"
    tip: str = ""


@dataclass(frozen=True, eq=False)
class Bars:
    """One value for each sample of a batch, how a row is called, and the mean of all."""

    values: np.ndarray
    name: Callable[[int], str]
    mean: float


def number(value: float | None, digits: int = 4) -> str:
    """Return a value with its sign and so many significant digits; a dash for what is not known."""
    if value is None:
        return UNKNOWN
    if not math.isfinite(value):
        return f"{value:+}"
    if value == 0:
        return f"{0.0:+.{digits}f}"
    if 1e-3 <= abs(value) < 10.0**digits:
        return f"{value:+.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:+.{digits - 1}e}"


def subscript(*places: int) -> str:
    """Return neuron numbers, which count from 1 in words, as an index."""
    joint = "" if all(place < 9 for place in places) else ","
    return joint.join(str(place + 1) for place in places).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def short(name: str) -> str:
    """Return a name from a file on one line, and not too long."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"


class Names:
    """What neurons, connections and samples are called."""

    def __init__(self, data: PreparedData, layers: int) -> None:
        self.data = data
        self.layers = layers

    def neuron(self, layer: int, neuron: int) -> str:
        """Return what a neuron is called."""
        if layer == 0:
            return f"input {short(self.data.feature_names[neuron])}"
        if layer == self.layers:
            return f"output {short(self.data.output_names[neuron])}"
        return f"layer {layer}, neuron {neuron + 1}"

    def within_layer(self, layer: int, neuron: int) -> str:
        """Return what a neuron is called where its layer is known."""
        if layer == 0:
            return short(self.data.feature_names[neuron])
        return short(self.data.output_names[neuron]) if layer == self.layers else f"neuron {neuron + 1}"

    def of(self, chosen: Selection) -> str:
        """Return what a selection is called."""
        target = self.neuron(chosen.layer, chosen.neuron)
        if chosen.source is None:
            return target
        return f"{self.neuron(chosen.layer - 1, chosen.source)} → {target}"

    def sample(self, record: StepRecord, row: int) -> str:
        """Return a sample's row in the data set, and its class if it has one."""
        index = int(record.indices[row])
        place = int(self.data.train_indices[index] if index >= 0 else self.data.test_indices[-1 - index])
        target = self.data.dataset.target
        return (
            f"sample {place} · {short(target.names[target.labels[place]])}"
            if isinstance(target, Classes)
            else f"sample {place}"
        )
