"""Samples that are drawn by hand: points of classes in a plane, or of a curve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import Classes, read_only
from bplab.data.tables.roles import Column

if TYPE_CHECKING:
    from bplab.data.dataset import Dataset, Floats, Indices

CLASSES = ("A", "B", "C", "D", "E", "F")
MOST_POINTS = 5000
REACH = 6.0  # the plane runs from minus this to this
NAME = "drawn.csv"


@dataclass(frozen=True, eq=False)
class Drawing:
    """Points with their classes.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Two features or, for a curve, x and y.
    labels : ndarray of shape (n,)
        Places in `CLASSES`; for a curve all 0.
    is_curve : bool
        y is to be learned from x.
    """

    points: Floats
    labels: Indices
    is_curve: bool = False

    @classmethod
    def empty(cls, is_curve: bool = False) -> Drawing:
        """Return a drawing without a point."""
        return cls(np.empty((0, 2)), np.empty(0, dtype=np.intp), is_curve)

    @classmethod
    def of(cls, dataset: Dataset) -> Drawing | None:
        """Return a data set as a drawing, to be drawn further; None where it has no such points."""
        target, n = dataset.target, len(dataset.feature_names)
        if len(dataset.X) > MOST_POINTS or np.abs(dataset.X).max() > REACH:
            return None
        if n == 2 and isinstance(target, Classes) and len(target.names) <= len(CLASSES):
            return cls(dataset.X, target.labels)
        if (
            n == 1
            and not isinstance(target, Classes)
            and len(target.names) == 1
            and np.abs(target.values).max() <= REACH
        ):
            points = np.column_stack([dataset.X[:, 0], target.values[:, 0]])
            return cls(points, np.zeros(len(points), dtype=np.intp), is_curve=True)
        return None

    def added(self, points: Floats, label: int) -> Drawing:
        """Return it with more points of a class, as long as there is room."""
        points = np.clip(points, -REACH, REACH)[: max(0, MOST_POINTS - len(self.points))]
        labels = np.full(len(points), 0 if self.is_curve else label, dtype=np.intp)
        return replace(self, points=np.concatenate([self.points, points]), labels=np.concatenate([self.labels, labels]))

    def erased(self, at: Floats, radius: float) -> Drawing:
        """Return it without the points that are as near to a place, shape (2,), as `radius`."""
        keep = np.hypot(*(self.points - at).T) > radius
        return replace(self, points=self.points[keep], labels=self.labels[keep])

    def moved(self, rows: Indices, by: Floats) -> Drawing:
        """Return it with some points moved by a distance, shape (2,)."""
        points = self.points.copy()
        points[rows] = np.clip(points[rows] + by, -REACH, REACH)
        return replace(self, points=points)

    def near(self, at: Floats, radius: float) -> Indices:
        """Return the points that are as near to a place as `radius`."""
        return np.flatnonzero(np.hypot(*(self.points - at).T) <= radius)

    @property
    def fault(self) -> str:
        """What is missing before it can be learned; nothing where all is there."""
        if self.is_curve:
            return "" if len(self.points) >= 2 else "Draw at least two points."
        return "" if len(np.unique(self.labels)) >= 2 else "Draw points of at least two classes."

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the columns of its table are for."""
        if self.is_curve:
            return Column("x", "number"), Column("y", "target")
        return Column("x1", "number"), Column("x2", "number"), Column("class", "class")

    def table(self) -> bytes:
        """Return it as the text of a table."""
        lines = [",".join(column.name for column in self.columns)]
        for (x, y), label in zip(np.round(self.points, 3).tolist(), self.labels.tolist(), strict=True):
            lines.append(f"{x:g},{y:g}" if self.is_curve else f"{x:g},{y:g},{CLASSES[label]}")
        return ("\n".join(lines) + "\n").encode()


def along(start: Floats, end: Floats, gap: float) -> Floats:
    """Return points from a place, left out, to another, each `gap` after the one before, shape (n, 2)."""
    length = float(np.hypot(*(end - start)))
    count = int(length / gap)
    return read_only(start + np.outer(np.arange(1, count + 1) * gap / max(length, 1e-12), end - start))
