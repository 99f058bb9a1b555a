"""Which connections are drawn as lines, and an honest count of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.qt.canvas.layout import MOST_LINES
from bplab.qt.canvas.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.qt.canvas.reading import Reading
    from bplab.qt.canvas.scale import Connections
    from bplab.qt.canvas.scene import Scene

SAMPLED = 20_000  # values of a layer that are looked at to guess which ones are among its largest
SURELY = 2.0  # more candidates than that many times those sought are not needed
BESIDE_A_MATRIX = 400  # lines between two layers whose weights are shown as a matrix


@dataclass(frozen=True, eq=False)
class Lines:
    """The connections into one dense layer that are drawn.

    Attributes
    ----------
    neurons, sources : ndarray of int, shape (count,)
        Where they end, and where they begin.
    total : int
        How many connections there are.
    squares, all_squares : float
        The sum of the squares of what they show, and of that of all connections.
    """

    neurons: np.ndarray
    sources: np.ndarray
    total: int
    squares: float
    all_squares: float

    def __len__(self) -> int:
        return len(self.neurons)

    @property
    def share(self) -> float:
        """How much of the length of the vector of all connections is drawn, 0 to 1."""
        return (self.squares / self.all_squares) ** 0.5 if self.all_squares > 0 else 1.0


def told(parts: Sequence[Lines]) -> str:
    """Say how many connections are drawn, and how much of the whole length of the vector they are."""
    count, total = sum(map(len, parts)), sum(part.total for part in parts)
    whole = sum(part.all_squares for part in parts)
    text = f"{count:,} of {total:,} connections"
    if whole <= 0 or count == total:
        return text
    return f"{text} · {(sum(part.squares for part in parts) / whole) ** 0.5:.0%} of the norm"


def chosen(scene: Scene, shown: Connections | None, reading: Reading) -> tuple[Lines, ...]:
    """Return the connections that the user wants to see, for each dense layer."""
    sizes = [_sizes(scene, shown, layer) for layer in range(len(scene.network.layers))]
    signs = _signs(scene, shown, reading)
    picks = [_picked(size, sign, reading) for size, sign in zip(sizes, signs, strict=True)]
    if reading.show == "strongest":
        picks = _strongest(sizes, picks, reading.strongest)
    return tuple(_lines(size, pick) for size, pick in zip(sizes, picks, strict=True))


def _sizes(scene: Scene, shown: Connections | None, layer: int) -> np.ndarray:
    """What decides which ones are strong; the weights, where nothing else is known yet."""
    if shown is not None and shown.is_known[layer]:
        values = shown.values[layer]
        size = np.abs(values) if shown.is_signed else values
    else:
        size = np.abs(scene.network.layers[layer].W)
    return size if np.isfinite(size.sum()) else np.nan_to_num(size)


def _signs(scene: Scene, shown: Connections | None, reading: Reading) -> Sequence[np.ndarray | None]:
    nothing = [None] * len(scene.network.layers)
    if reading.show not in ("positive", "negative") or shown is None:
        return nothing
    signs = shown.values if shown.is_signed else (MEASURES[reading.color_by].signs or _none)(scene)
    return nothing if signs is None else signs


def _none(_scene: Scene) -> None:
    return None


def _picked(sizes: np.ndarray, signs: np.ndarray | None, reading: Reading) -> np.ndarray:
    """Return flat places of the connections of one layer that may be drawn."""
    if signs is not None:
        wanted = np.flatnonzero(signs > 0 if reading.show == "positive" else signs < 0)
    elif sizes.size <= MOST_LINES:
        wanted = np.arange(sizes.size)
    else:
        return _largest(sizes.ravel(), BESIDE_A_MATRIX)
    if sizes.size <= MOST_LINES:
        return wanted
    return np.asarray(wanted[_largest(sizes.ravel()[wanted], BESIDE_A_MATRIX)])


def _largest(sizes: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the largest ones, in the order of their places."""
    if len(sizes) <= count:
        return np.arange(len(sizes))
    candidates = _candidates(sizes, count)
    some = sizes[candidates]
    return np.sort(candidates[np.argpartition(some, len(some) - count)[len(some) - count :]])


def _candidates(sizes: np.ndarray, count: int) -> np.ndarray:
    """Return places among which the `count` largest are: of many values a sample tells above which size to look."""
    sample = sizes[:: len(sizes) // SAMPLED | 1]  # an odd stride: else some columns would never be seen
    place = len(sample) - 1 - int(SURELY * count * len(sample) / len(sizes))
    if place > 0:
        found = np.flatnonzero(sizes >= np.partition(sample, place)[place])
        if len(found) >= count:
            return found
    return np.arange(len(sizes))


def _strongest(sizes: Sequence[np.ndarray], picks: Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    """Return the strongest of all layers together."""
    every = np.concatenate([size.ravel()[pick] for size, pick in zip(sizes, picks, strict=True)])
    kept = np.zeros(len(every), dtype=bool)
    kept[_largest(every, count)] = True
    ends = np.cumsum([len(pick) for pick in picks])[:-1]
    return [pick[keep] for pick, keep in zip(picks, np.split(kept, ends), strict=True)]


def _lines(sizes: np.ndarray, pick: np.ndarray) -> Lines:
    flat = sizes.ravel()
    neurons, sources = np.divmod(pick, sizes.shape[1])
    some = flat[pick]
    return Lines(neurons, sources, flat.size, float(np.vdot(some, some)), float(np.vdot(flat, flat)))
