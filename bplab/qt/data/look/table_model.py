"""All samples as a table that sorts by any column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from bplab.data.dataset import Classes

if TYPE_CHECKING:
    from bplab.data.prepare import PreparedData
    from bplab.microscope.judged import Judged
    from bplab.qt.theme import Theme

MOST_FEATURES = 100
NOWHERE = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class SamplesModel(QAbstractTableModel):
    """One row for each sample that is judged: what it is, what the network says, its loss, and its features."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data: PreparedData | None = None
        self._judged: Judged | None = None
        self._titles: tuple[str, ...] = ()
        self._order: np.ndarray = np.empty(0, dtype=np.intp)
        self._sorted = 0, Qt.SortOrder.AscendingOrder

    def show_judged(self, data: PreparedData, judged: Judged) -> None:
        """Show other samples, or what the network says of them now."""
        names = data.dataset.feature_names[:MOST_FEATURES]
        titles = ("sample", "part", "target", "predicted", "loss", *names)
        is_other = data is not self._data or self._judged is None or len(judged.rows) != len(self._judged.rows)
        if is_other or titles != self._titles:
            self.beginResetModel()
            self._data, self._judged, self._titles = data, judged, titles
            self._sort()
            self.endResetModel()
            return
        self._judged = judged
        if self._sorted[0] in (3, 4):
            self.layoutAboutToBeChanged.emit()
            self._sort()
            self.layoutChanged.emit()
        elif len(self._order):
            self.dataChanged.emit(self.index(0, 3), self.index(len(self._order) - 1, 4))

    def row_of(self, index: Index) -> int:
        """Return which sample of the data set a row is."""
        assert self._judged is not None
        return int(self._judged.rows[self._order[index.row()]])

    def index_of(self, row: int) -> QModelIndex:
        """Return where a sample of the data set is; an invalid index where it is not shown."""
        place = None if self._judged is None else self._judged.place(row)
        return NOWHERE if place is None else self.index(int(np.flatnonzero(self._order == place)[0]), 0)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self._sorted = column, order
        if self._data is not None:
            self.layoutAboutToBeChanged.emit()
            self._sort()
            self.layoutChanged.emit()

    def _sort(self) -> None:
        column, order = self._sorted
        keys = self._keys(column)
        found = np.argsort(keys, kind="stable")
        self._order = found if order == Qt.SortOrder.AscendingOrder else found[::-1]

    def _keys(self, column: int) -> np.ndarray:
        data, judged = self._data, self._judged
        assert data is not None
        assert judged is not None
        target = data.dataset.target
        if column == 1:
            return judged.is_test
        if column == 2:
            return target.labels[judged.rows] if isinstance(target, Classes) else target.values[judged.rows, 0]
        if column == 3:
            return judged.outputs[:, 0] if judged.predicted is None else judged.predicted
        if column == 4:
            return judged.loss
        return data.dataset.X[judged.rows, column - 5] if column >= 5 else judged.rows

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return the number of samples."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Return how much is said of each."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title of a column."""
        is_title = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return self._titles[section] if is_title else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        if self._data is None or self._judged is None:
            return None
        place = int(self._order[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(place, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != 1:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 3 and self._judged.is_wrong[place]:
            return QColor(self._theme.fall)
        return None

    def _text(self, place: int, column: int) -> str:
        data, judged = self._data, self._judged
        assert data is not None
        assert judged is not None
        row = int(judged.rows[place])
        if column == 0:
            return str(row)
        if column == 1:
            return "test" if judged.is_test[place] else "train"
        if column == 2:
            return target_text(data, row)
        if column == 3:
            return said_text(data, judged, place)
        value = judged.loss[place] if column == 4 else data.dataset.X[row, column - 5]
        return f"{value:.4g}"


def target_text(data: PreparedData, row: int) -> str:
    """Return what a sample should be."""
    target = data.dataset.target
    if isinstance(target, Classes):
        return str(target.names[target.labels[row]])
    return ", ".join(f"{value:.4g}" for value in target.values[row].tolist())


def said_text(data: PreparedData, judged: Judged, place: int) -> str:
    """Return what the network says of a sample."""
    if judged.predicted is not None:
        return str(data.class_names[judged.predicted[place]])
    return ", ".join(f"{value:.4g}" for value in judged.outputs[place].tolist())
