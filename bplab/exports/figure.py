"""A plot as numbers, whatever draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bplab.data.dataset import Floats

COLORS = 10  # "color0" to "color9" tell classes and curves apart
MOST_ROWS = 240  # of a curve that are drawn


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through places `x`, `y`; `color` is the name of what a palette holds."""

    name: str
    color: str
    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class Points:
    """Samples; those for testing are hollow."""

    x: Floats
    y: Floats
    targets: tuple[object, ...]
    colors: tuple[str, ...]
    hollow: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Surface:
    """What the network answers on a grid.

    Attributes
    ----------
    x, y : ndarray of shape (columns,) and (rows,)
    answers : ndarray of shape (rows * columns, n_out)
        Row by row, the lowest first.
    strengths : ndarray of shape (rows, columns, len(colors))
        How much of each colour belongs at each place, together at most 1.
    colors, names : tuple of str
        The colours and what they stand for.
    """

    x: Floats
    y: Floats
    answers: Floats
    strengths: Floats
    colors: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Figure:
    """One plot."""

    name: str
    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...] = ()
    points: Points | None = None
    surface: Surface | None = None
    outputs: tuple[str, ...] = ()
    is_logarithmic: bool = False

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Names with their colours."""
        if self.surface is not None:
            return tuple(zip(self.surface.names, self.surface.colors, strict=True))
        return tuple((curve.name, curve.color) for curve in self.curves)


def color_of(number: int) -> str:
    """Return the colour of a class or curve, from 0."""
    return f"color{number % COLORS}"


def averaged(rows: Floats) -> Floats:
    """Return at most `MOST_ROWS` rows, each the mean of its neighbours, so that noise does not hide the trend."""
    block = -(-len(rows) // MOST_ROWS)
    if block <= 1:
        return rows
    whole = len(rows) // block * block
    return np.asarray(rows[:whole].reshape(-1, block, rows.shape[1]).mean(axis=1))
