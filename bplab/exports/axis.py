"""An axis of a chart: where values are, and which of them are written beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bplab.data.dataset import Floats

MOST_TICKS = 7
PAD = 0.05  # of the range, on each side


@dataclass(frozen=True)
class Axis:
    """From values between `low` and `high` to pixels between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float
    is_logarithmic: bool = False

    @classmethod
    def over(
        cls, parts: Sequence[Floats], start: float, end: float, pad: float = PAD, is_logarithmic: bool = False
    ) -> Axis:
        """Return an axis on which all values have a place; what has none, such as NaN, does not count."""
        values = np.concatenate([*parts, np.empty(0)])
        values = values[np.isfinite(values) & ((values > 0) | (not is_logarithmic))]
        if is_logarithmic:
            values = np.log10(values)
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        if high <= low:
            low, high = low - 0.5, low + 0.5
        room = pad * (high - low)
        return cls(low - room, high + room, start, end, is_logarithmic)

    def place(self, value: float) -> float:
        """Return where a value is, in pixels."""
        share = ((math.log10(value) if self.is_logarithmic else value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Give the values that are written, and how."""
        for value in self._powers() if self.is_logarithmic else self._round_values():
            yield value, f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.6g}"

    def _round_values(self) -> Iterator[float]:
        rough = (self.high - self.low) / MOST_TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= rough)
        for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1):
            yield number * step

    def _powers(self) -> Iterator[float]:
        span = self.high - self.low
        factors = (1, 2, 5) if span < MOST_TICKS / 3 else (1,)
        apart = max(1, math.ceil(span / MOST_TICKS))
        for power in range(math.floor(self.low), math.ceil(self.high) + 1):
            for factor in factors if power % apart == 0 else ():
                value = factor * 10.0**power
                if self.low <= math.log10(value) <= self.high:
                    yield value
