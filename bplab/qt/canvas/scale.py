"""From the numbers of connections to shares of a colour scale: pure functions, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.qt.canvas.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.qt.canvas.measures import Measure
    from bplab.qt.canvas.reading import Reading, ScaleKind
    from bplab.qt.canvas.scene import Scene

DECADES = 3.0  # a log scale shows that many powers of ten below the largest value
BINS = 38  # of the legend's histogram
MOST_COUNTED = 20_000  # values of a layer that the histogram looks at


@dataclass(frozen=True)
class Scale:
    """What the ends of the legend stand for; a signed scale runs from -high to high."""

    low: float
    high: float
    kind: ScaleKind
    signed: bool

    @classmethod
    def up_to(cls, high: float, kind: ScaleKind, signed: bool) -> Scale:
        """Return the scale that ends at `high`."""
        return cls(-high if signed else high * 10.0**-DECADES if kind == "log" else 0.0, high, kind, signed)

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return places on the colour scale, 0 to 1, of values of any shape; what is not finite is put at the top."""
        size: np.ndarray = np.abs(np.nan_to_num(values, nan=self.high, posinf=self.high, neginf=-self.high))
        if self.high <= 0.0:
            size = np.zeros_like(size)
        elif self.kind == "log":
            size = 1.0 + np.log10(np.clip(size / self.high, 10.0**-DECADES, 1.0)) / DECADES
        else:
            size = np.minimum(size / self.high, 1.0)
        return 0.5 + 0.5 * np.sign(values) * size if self.signed else size

    def size_at(self, share: float) -> float:
        """Return how large a value at that place of the scale is beside the largest, 0 to 1."""
        strength = abs(2.0 * share - 1.0) if self.signed else share
        return float(10.0 ** (DECADES * (strength - 1.0))) if self.kind == "log" else strength


@dataclass(frozen=True, eq=False)
class Connections:
    """The numbers of every connection.

    Attributes
    ----------
    values : sequence of ndarray
        One of shape (n_out, n_in) for each dense layer.
    scales : sequence of Scale
        One for each dense layer.
    symbol, unit : str
        What they are.
    is_known : sequence of bool
        Whether the step that is shown has come so far, for each dense layer.
    """

    values: Sequence[np.ndarray]
    scales: Sequence[Scale]
    symbol: str
    unit: str
    is_known: Sequence[bool]

    @property
    def is_signed(self) -> bool:
        """Whether the scale goes to both sides of 0."""
        return self.scales[0].signed

    def histogram(self) -> np.ndarray:
        """Return how many connections are at each place of the scale, shape (BINS,), as shares of the largest bin."""
        counts = np.zeros(BINS)
        for values, scale, known in zip(self.values, self.scales, self.is_known, strict=True):
            if known:
                some = values.ravel()[:: max(1, values.size // MOST_COUNTED)]
                places = np.minimum((scale.shares(some) * BINS).astype(int), BINS - 1)
                counts += np.bincount(places, minlength=BINS) * (values.size / len(some))
        return np.asarray(counts / max(counts.max(), 1.0))


@dataclass(frozen=True, eq=False)
class Kept:
    """What a locked or pinned scale remembers: the step, the ends of the scales, and the values."""

    color_by: str
    step: int
    highs: tuple[float, ...]
    values: tuple[np.ndarray, ...]

    def fits(self, color_by: str, values: Sequence[np.ndarray]) -> bool:
        """Whether it is of the same measure of a network of the same shape."""
        return self.color_by == color_by and [v.shape for v in self.values] == [v.shape for v in values]


def keep(scene: Scene, color_by: str) -> Kept | None:
    """Remember the present values; None where there are none."""
    values = MEASURES[color_by].values(scene)
    if values is None or scene.snapshot is None:
        return None
    return Kept(color_by, scene.snapshot.step, tuple(map(_largest, values)), tuple(np.array(v) for v in values))


def connections(scene: Scene, reading: Reading, kept: Kept | None = None) -> Connections | None:
    """Return what the connections' colours show, or None where it is not known of any."""
    measure = MEASURES[reading.color_by]
    values = measure.values(scene)
    if values is None:
        return None
    kept = kept if kept is not None and kept.fits(reading.color_by, values) else None
    known = [measure.is_known(scene, layer) for layer in range(1, len(values) + 1)]
    if reading.range == "pinned" and kept is not None:
        changes = [now - then for now, then in zip(values, kept.values, strict=True)]
        scales = _scales([_largest(change) for change in changes], reading, signed=True)
        return Connections(changes, scales, f"{measure.symbol} − at step {kept.step:,}", measure.unit, known)
    highs = kept.highs if reading.range == "locked" and kept is not None else [_largest(part) for part in values]
    return Connections(values, _scales(highs, reading, measure.is_signed), measure.symbol, measure.unit, known)


def _scales(highs: Sequence[float], reading: Reading, signed: bool) -> list[Scale]:
    top = max(highs, default=0.0)
    return [Scale.up_to(high if reading.is_per_layer else top, reading.scale, signed) for high in highs]


def _largest(values: np.ndarray) -> float:
    """Return the largest size of the finite values."""
    if not values.size:
        return 0.0
    high = max(float(values.max()), -float(values.min()))
    return high if np.isfinite(high) else float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def what_is_missing(measure: Measure) -> str:
    """Say when a measure will be known."""
    if measure.needs == "nothing":
        return f"{measure.label}: this optimizer keeps none"
    return f"{measure.label}: after the {measure.needs}"
