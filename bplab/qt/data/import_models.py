"""What the import window shows in tables: the first rows, and what each column is for."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from bplab.data.tables.roles import FITTING, MISSING, ROLES, Column, categories_of
from bplab.qt.plain_tip import plain_tip

if TYPE_CHECKING:
    from bplab.data.tables.checking import Fault
    from bplab.data.tables.table import Table
    from bplab.qt.data.import_job import Loaded
    from bplab.qt.theme import Theme

Index = QModelIndex | QPersistentModelIndex
PREVIEW_ROWS = 100
NOWHERE = QModelIndex()
NAME, FOUND, ROLE, GAPS = range(4)
TITLES = ("Column", "What is in it", "Used as", "Missing values")
TARGETS = ("class", "target")


class PreviewModel(QAbstractTableModel):
    """The first rows as text, with their lines in the file; what is wrong is marked, and says why."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[str, ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self._lines: list[int] = []
        self._wrong: dict[tuple[int, str], str] = {}
        self._ignored: frozenset[str] = frozenset()

    def show_table(self, table: Table) -> None:
        """Show another table."""
        self.beginResetModel()
        self._columns, self._rows = table.columns, table.preview(PREVIEW_ROWS)
        self._lines = [table.rows.line(row) for row in range(len(self._rows))]
        self._wrong = {}
        self.endResetModel()

    def show_use(self, columns: tuple[Column, ...], faults: tuple[Fault, ...]) -> None:
        """Mark what is wrong, and dim what is ignored."""
        self._wrong = {(fault.line, fault.column): fault.what for fault in faults}
        self._ignored = frozenset(column.name for column in columns if column.role == "ignored")
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._columns) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return the number of rows that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        row, name = index.row(), self._columns[index.column()]
        what = self._wrong.get((self._lines[row], name))
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[row][index.column()][:200]
        if role == Qt.ItemDataRole.ToolTipRole and what:
            return plain_tip(f"Line {self._lines[row]}: {what}.")
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(
                self._theme.fall if what else self._theme.muted if name in self._ignored else self._theme.text
            )
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a column, or the line of a row."""
        names = self._columns if orientation == Qt.Orientation.Horizontal else self._lines
        is_there = role == Qt.ItemDataRole.DisplayRole and 0 <= section < len(names)
        return str(names[section]) if is_there else None


class RolesModel(QAbstractTableModel):
    """What each column is for, to be changed.

    Signals
    -------
    changed :
        A column is for something else now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: list[Column] = []
        self._found: dict[str, str] = {}
        self._first: dict[str, Column] = {}
        self._table: Table | None = None

    def show_columns(self, loaded: Loaded, kept: dict[str, Column]) -> None:
        """Show another table; `kept` are the columns of which the user has said what they are for."""
        self.beginResetModel()
        self._found = dict(zip(loaded.table.columns, loaded.found, strict=True))
        by_name = {column.name: column for column in loaded.proposed}
        self._first, self._table = by_name, loaded.table
        self.columns = [kept.get(name, by_name[name]) for name in loaded.table.columns]
        self.endResetModel()

    @property
    def said(self) -> dict[str, Column]:
        """The columns of which the user has said something else than was proposed."""
        return {column.name: column for column in self.columns if column != self._first[column.name]}

    def set_target(self, name: str) -> None:
        """Make a column the one target; those that were become what they would be as inputs."""
        for place, column in enumerate(self.columns):
            if column.name == name and column.role not in TARGETS:
                first = self._first[name]
                role = first.role if first.role in TARGETS else self._as_target(column)
                self.columns[place] = Column(name, role, "drop" if column.missing != "refuse" else "refuse")
            elif column.name != name and column.role in TARGETS:
                is_text = self._found[column.name].startswith("text")
                self.columns[place] = Column(column.name, "one_hot" if is_text else "number", column.missing)
        self._tell()

    def _as_target(self, column: Column) -> Any:
        return "class" if self._found[column.name].startswith("text") else "target"

    def set_roles(self, rows: list[int], role: Any) -> None:
        """Let columns be for something else; what becomes of missing values follows where it has to."""
        for row in rows:
            column = self.columns[row]
            fits = (
                column.missing if column.missing in FITTING[role] else "drop" if "drop" in FITTING[role] else "refuse"
            )
            self.columns[row] = dataclasses.replace(column, role=role, missing=fits, order=())
        if role == "class":  # there can be one alone
            for row, column in enumerate(self.columns):
                if column.role in TARGETS and row not in rows[:1]:
                    self.columns[row] = dataclasses.replace(column, role="ignored", missing="refuse")
        self._tell()

    def order_of(self, row: int) -> tuple[str, ...]:
        """Return the values of an ordinal column from low to high: as said, else sorted."""
        column = self.columns[row]
        if column.order or self._table is None:
            return column.order
        texts, values = self._table.category_texts(column.name), self._table.numbers_of(column.name)
        return tuple(text for text in categories_of(texts, values, ()) if text)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take the order of an ordinal column."""
        if role != Qt.ItemDataRole.EditRole or index.column() != FOUND:
            return False
        order = tuple(dict.fromkeys(part.strip() for part in str(value).split(",") if part.strip()))
        if order != self.order_of(index.row()):
            self.columns[index.row()] = dataclasses.replace(self.columns[index.row()], order=order)
            self._tell()
        return True

    def set_missing(self, rows: list[int], missing: Any) -> None:
        """Let something else become of missing values, in those columns where it fits."""
        for row in rows:
            if missing in FITTING[self.columns[row].role]:
                self.columns[row] = dataclasses.replace(self.columns[row], missing=missing)
        self._tell()

    def _tell(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.columns) - 1, len(TITLES) - 1))
        self.changed.emit()

    @property
    def targets(self) -> list[str]:
        """The columns that are to be learned."""
        return [column.name for column in self.columns if column.role in TARGETS]

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return the number of columns of the table."""
        return 0 if parent.isValid() else len(self.columns)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Return how much is said of each."""
        return 0 if parent.isValid() else len(TITLES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let what a column is for be changed, and what becomes of its missing values."""
        can = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        has_order = index.column() == FOUND and self.columns[index.row()].role == "ordinal"
        return can | Qt.ItemFlag.ItemIsEditable if has_order or index.column() in (ROLE, GAPS) else can

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        column = self.columns[index.row()]
        if index.column() == FOUND and column.role == "ordinal":
            order = self.order_of(index.row())
            if role == Qt.ItemDataRole.EditRole:
                return ", ".join(order)
            if role == Qt.ItemDataRole.DisplayRole:
                return "from low to high: " + ", ".join(order)
            if role == Qt.ItemDataRole.ToolTipRole:
                return "The values from low to high, with commas between them. A double click changes their order."
        if role == Qt.ItemDataRole.DisplayRole:
            texts = (column.name, self._found[column.name], ROLES[column.role][0], MISSING[column.missing][0])
            return texts[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            tips = (column.name, self._found[column.name], ROLES[column.role][1], MISSING[column.missing][1])
            return plain_tip(tips[index.column()])
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a title."""
        is_title = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return TITLES[section] if is_title else None

    def choices(self, index: Index) -> list[tuple[str, str]]:
        """Return name and label of what a cell may become."""
        if index.column() == ROLE:
            return [(name, label) for name, (label, _) in ROLES.items()]
        return [(name, MISSING[name][0]) for name in FITTING[self.columns[index.row()].role]]

    def choose(self, index: Index, name: str) -> None:
        """Let a cell become something else."""
        (self.set_roles if index.column() == ROLE else self.set_missing)([index.row()], name)


class ChoiceDelegate(QStyledItemDelegate):
    """A list to choose from, which opens at once where a cell can be changed."""

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the list."""
        model = index.model()
        assert isinstance(model, RolesModel)
        box = QComboBox(parent)
        for name, label in model.choices(index):
            box.addItem(label, name)
        box.setCurrentText(str(index.data()))
        box.activated.connect(lambda _: self._take(box))
        return box

    def _take(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Open the list."""
        assert isinstance(editor, QComboBox)
        editor.setCurrentText(str(index.data()))
        editor.showPopup()

    def setModelData(self, editor: QWidget, _model: object, index: Index) -> None:
        """Take what was chosen."""
        assert isinstance(editor, QComboBox)
        model = index.model()
        assert isinstance(model, RolesModel)
        if editor.currentText() != index.data():
            model.choose(index, editor.currentData())
