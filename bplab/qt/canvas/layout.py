"""Where everything stands: the same network in the same room always gives the same tidy picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN_TOP_PX = 64.0
MARGIN_LEFT_PX = 112.0
MARGIN_RIGHT_PX = 176.0
LARGEST_RADIUS_PX = 19.0
WIDEST_GAP_PX = 74.0
LEAST_GAP_PX = 5.0  # of neurons that are shown one by one; of more, some are folded
LEAST_COLUMN_PX = 40.0  # more layers than have that much room each make the picture wider than the view
FOLDED_TO = 12  # neurons that a folded layer shows one by one
GROUP_PX, GROUP_GAP_PX = 20.0, 6.0  # the height of what stands for the others, and what is free beside it
MOST_CURVES = 900  # above that many connections, straight lines without smoothing keep the picture alive
MOST_LINES = 10_000  # above that many, a pair of layers is a matrix beside its strongest lines
LARGEST_IMAGE_PX = 132.0
TILE_PX, TILE_TEXT_PX, TILE_GAP_PX = 104.0, 18.0, 8.0  # a matrix, the line below it, and what is free above it


class Group(NamedTuple):
    """Neurons `first` to `last` - 1, which are folded away between two heights."""

    first: int
    last: int
    top: float
    bottom: float


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is in it."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


@dataclass(frozen=True)
class Column:
    """One layer.

    Attributes
    ----------
    size : int
        All neurons.
    x : float
        The middle.
    top, gap, radius : float
        Height of the first neuron that is shown, distance of the next, and half the width of each.
    first, shown : int
        Which neurons are shown one by one.
    groups : tuple of Group
        The others.
    grid : tuple of int, optional
        Rows and columns of an image whose pixels the neurons are; its upper left one is at `x` - `radius`, `top`.
    """

    size: int
    x: float
    top: float
    gap: float
    radius: float
    first: int
    shown: int
    groups: tuple[Group, ...] = ()
    grid: tuple[int, int] | None = None

    @property
    def last(self) -> int:
        """The end of the neurons that are shown one by one."""
        return self.first + self.shown

    @property
    def bottom(self) -> float:
        """The lower edge of everything."""
        ends = [group.bottom for group in self.groups]
        return max([*ends, self.top + (self.shown - 1) * self.gap + self.radius])

    @property
    def upper(self) -> float:
        """The upper edge of everything."""
        return min([*(group.top for group in self.groups), self.top - self.radius])

    @property
    def box(self) -> Box:
        """The image, where the layer is one."""
        rows, columns = self.grid or (1, 1)
        return Box(self.x - columns * self.gap / 2, self.top, columns * self.gap, rows * self.gap)

    @cached_property
    def y(self) -> np.ndarray:
        """The height of every neuron, shape (size,): those of a group stand evenly in it."""
        places: np.ndarray = np.arange(self.size, dtype=float)
        if self.grid:
            return self.top + (places // self.grid[1] + 0.5) * self.gap
        heights = self.top + (places - self.first) * self.gap
        for first, last, top, bottom in self.groups:
            shares = (np.arange(last - first) + 0.5) / (last - first)
            heights[first:last] = top + 4 + shares * (bottom - top - 8)
        return heights

    @cached_property
    def right(self) -> np.ndarray:
        """Where the connections of every neuron leave to the right, shape (size,)."""
        if self.grid is None:
            return np.full(self.size, self.x + self.radius)
        return self.box.left + (np.arange(self.size) % self.grid[1] + 0.5) * self.gap

    def neuron_at(self, x: float, y: float) -> int | None:
        """Return the neuron under a point, if there is one."""
        if self.grid is not None:
            if not self.box.holds(x, y):
                return None
            row, column = (y - self.top) // self.gap, (x - self.box.left) // self.gap
            return min(int(row) * self.grid[1] + int(column), self.size - 1)
        if abs(x - self.x) > self.radius + 4:
            return None
        nearest = min(max(round((y - self.top) / self.gap), 0), self.shown - 1)
        distance = math.hypot(x - self.x, y - self.top - nearest * self.gap)
        return self.first + nearest if distance <= self.radius + 2 else None

    def group_at(self, x: float, y: float) -> Group | None:
        """Return the folded neurons under a point, if there are any."""
        if abs(x - self.x) > max(self.radius, 20.0):
            return None
        return next((group for group in self.groups if group.top <= y < group.bottom), None)


@dataclass(frozen=True)
class Layout:
    """Places in pixels of the picture, which a `Camera` brings into the view.

    Attributes
    ----------
    columns : tuple of Column
        One for each layer, input first.
    tiles : mapping-like tuple of Box or None
        One for each dense layer: where the matrix of its weights stands, if it is shown as one.
    width, height : float
        Of everything.
    """

    columns: tuple[Column, ...]
    tiles: tuple[Box | None, ...]
    width: float
    height: float

    @cached_property
    def is_dense(self) -> bool:
        """Whether there are so many connections that they are drawn as thin straight lines."""
        count = sum(min(a.size * b.size, MOST_LINES) for a, b in pairwise(self.columns))
        return count > MOST_CURVES or any(column.grid for column in self.columns)

    def part_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return layer and place of the neuron under a point, if there is one."""
        for layer, column in enumerate(self.columns):
            neuron = column.neuron_at(x, y)
            if neuron is not None:
                return layer, neuron
        return None

    def layer_at(self, x: float) -> int:
        """Return the layer whose column is nearest."""
        return min(range(len(self.columns)), key=lambda layer: abs(self.columns[layer].x - x))


@dataclass(frozen=True)
class Wish:
    """How somebody wants a network to be laid out.

    Parameters
    ----------
    opened : frozenset of int
        Layers that show as many neurons as there is room for, rather than a few.
    scrolled : tuple of (layer, first neuron)
        Where folded layers begin, 0 unless given.
    image : (rows, columns), optional
        The inputs are the pixels of an image.
    has_matrices : bool
        Whether every pair of layers is a matrix, and not only the large ones.
    bottom : float
        Room below the network.
    """

    opened: frozenset[int] = frozenset()
    scrolled: tuple[tuple[int, int], ...] = ()
    image: tuple[int, int] | None = None
    has_matrices: bool = False
    bottom: float = 148.0


PLAIN = Wish()


def arrange(sizes: Sequence[int], width: float, height: float, wish: Wish = PLAIN) -> Layout:
    """Spread layers evenly over the width and the neurons of each layer around the middle of the height."""
    last = max(1, len(sizes) - 1)
    width = max(width, MARGIN_LEFT_PX + MARGIN_RIGHT_PX + LEAST_COLUMN_PX * last)
    step = (width - MARGIN_LEFT_PX - MARGIN_RIGHT_PX) / last
    room = max(80.0, height - MARGIN_TOP_PX - wish.bottom)
    tile = 0.0
    folded = [wish.has_matrices or a * b > MOST_LINES for a, b in pairwise(sizes)]
    if any(folded):
        tile = min(TILE_PX, 0.3 * room)
        room = max(60.0, room - tile - TILE_TEXT_PX - TILE_GAP_PX)
    firsts = dict(wish.scrolled)
    columns = [
        _column(size, (MARGIN_LEFT_PX + step * layer, step), room, firsts.get(layer, 0), layer in wish.opened)
        for layer, size in enumerate(sizes)
    ]
    if wish.image is not None:
        columns[0] = _image(wish.image, step, room)
    tiles = tuple(
        _tile(before, after, step, MARGIN_TOP_PX + room + TILE_GAP_PX, tile) if is_matrix else None
        for is_matrix, (before, after) in zip(folded, pairwise(columns), strict=True)
    )
    return Layout(tuple(columns), tiles, width, height)


def _column(size: int, place: tuple[float, float], room: float, first: int, is_open: bool) -> Column:
    x, step = place
    if size * LEAST_GAP_PX <= room:
        gap = min(WIDEST_GAP_PX, room / size)
        top = MARGIN_TOP_PX + room / 2 - (size - 1) / 2 * gap
        return Column(size, x, top, gap, _radius(gap, step), 0, size)
    inner = room - 2 * (GROUP_PX + GROUP_GAP_PX)
    shown = min(size - 1, max(1, int(inner / LEAST_GAP_PX) if is_open else min(FOLDED_TO, int(inner / 16))))
    first = min(max(first, 0), size - shown)
    gap = min(WIDEST_GAP_PX, inner / shown)
    begin = MARGIN_TOP_PX
    groups = []
    if first:
        groups.append(Group(0, first, begin, begin + GROUP_PX))
        begin += GROUP_PX + GROUP_GAP_PX
    end = begin + gap * shown
    if first + shown < size:
        groups.append(Group(first + shown, size, end + GROUP_GAP_PX, end + GROUP_GAP_PX + GROUP_PX))
    return Column(size, x, begin + gap / 2, gap, _radius(gap, step), first, shown, tuple(groups))


def _radius(gap: float, step: float) -> float:
    return min(LARGEST_RADIUS_PX, max(1.5, gap * 0.43), step * 0.3)


def _image(grid: tuple[int, int], step: float, room: float) -> Column:
    rows, columns = grid
    side = min(LARGEST_IMAGE_PX, room, step * 0.45 + MARGIN_LEFT_PX / 2 - 12)
    cell = side / max(grid)
    x = 16 + columns * cell / 2
    return Column(
        rows * columns, x, MARGIN_TOP_PX + (room - rows * cell) / 2, cell, cell / 2, 0, rows * columns, (), grid
    )


def _tile(before: Column, after: Column, step: float, top: float, height: float) -> Box:
    left = max(before.x + before.radius, after.x - step) + 14
    return Box(left, top, max(20.0, after.x - 14 - left), height)
