"""From the numbers of connections to shares of a colour scale: pure functions, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.network import Network
    from bplab.engine.record import StepRecord

ColorBy = Literal["gradient magnitude", "signed gradient", "weight", "update"]
ScaleKind = Literal["log", "linear"]
COLOR_BY: tuple[ColorBy, ...] = ("gradient magnitude", "signed gradient", "weight", "update")
SYMBOLS = {"gradient magnitude": "|∂L/∂w|", "signed gradient": "∂L/∂w", "weight": "w", "update": "Δw"}
DECADES = 3.0  # a log scale shows that many powers of ten below the largest value


@dataclass(frozen=True)
class Scale:
    """What the ends of the legend stand for; a signed scale runs from -high to high."""

    low: float
    high: float
    kind: ScaleKind
    signed: bool

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return places on the colour scale, 0 to 1, of values of any shape; what is not finite is put at the top."""
        size: np.ndarray = np.abs(np.nan_to_num(values, nan=self.high, posinf=self.high, neginf=-self.high))
        if self.high <= 0.0:
            size = np.zeros_like(size)
        elif self.kind == "log":
            size = 1.0 + np.log10(np.maximum(size / self.high, 10.0**-DECADES)) / DECADES
        else:
            size = size / self.high
        return 0.5 + 0.5 * np.sign(values) * size if self.signed else size

    def size_at(self, share: float) -> float:
        """Return how large a value at that place of the scale is beside the largest, 0 to 1."""
        strength = abs(2.0 * share - 1.0) if self.signed else share
        return float(10.0 ** (DECADES * (strength - 1.0))) if self.kind == "log" else strength


class Connections(NamedTuple):
    """The numbers of every connection, one array of shape (n_out, n_in) for each dense layer."""

    values: Sequence[np.ndarray]
    scale: Scale


def connections(
    network: Network, record: StepRecord | None, color_by: ColorBy, kind: ScaleKind, sample: int | None = None
) -> Connections | None:
    """Return what the connections' colours show, or None where no backward pass has been made yet.

    Gradients are those of the batch, or of the one sample in row `sample`.
    """
    if color_by == "weight":
        values = [layer.W for layer in network.layers]
    elif record is None:
        return None
    elif color_by == "update":
        values = [layer.update_W for layer in record.layers]
    elif sample is None:
        values = [layer.dW for layer in record.layers]
    else:
        rows = len(record.indices)
        values = [np.outer(layer.delta[sample] * rows, layer.a_prev[sample]) for layer in record.layers]
    signed = color_by != "gradient magnitude"
    high = max((float(np.abs(v[np.isfinite(v)]).max(initial=0.0)) for v in values), default=0.0)
    low = high * 10.0**-DECADES if kind == "log" else 0.0
    return Connections(values, Scale(-high if signed else low, high, kind, signed))
