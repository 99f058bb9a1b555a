"""What a table holds, and which column is the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bplab.data.dataset import Classes
from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.table import Table

KINDS = (("auto", "found by itself"), ("classes", "classes"), ("numbers", "numbers"))
PREVIEW_ROWS = 20


class ImportTableDialog(QDialog):
    """Shows the first rows and lets the user choose the target; OK works once the data can be used."""

    def __init__(self, table: Table, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import table")
        self._table = table
        self.target = QComboBox()
        self.target.addItems(list(table.columns))
        self.target.setCurrentIndex(len(table.columns) - 1)
        self.target.setAccessibleName("Target column")
        self.target.setToolTip("The column that the network learns to predict.")
        self.kind_box = QComboBox()
        for name, label in KINDS:
            self.kind_box.addItem(label, name)
        self.kind_box.setAccessibleName("Kind of target")
        self.kind_box.setToolTip("Classes get an output each; numbers are predicted as they are.")
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.target.currentIndexChanged.connect(self._check)
        self.kind_box.currentIndexChanged.connect(self._check)
        self._lay_out()
        self._check()

    @property
    def targets(self) -> tuple[str, ...]:
        """The chosen target column."""
        return (self.target.currentText(),)

    @property
    def kind(self) -> Any:
        """The chosen kind of target."""
        return self.kind_box.currentData()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Target", self.target)
        form.addRow("The target is", self.kind_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._preview())
        column.addWidget(self.summary)
        column.addWidget(self.buttons)
        self.resize(640, 480)

    def _preview(self) -> QTableWidget:
        rows = self._table.preview(PREVIEW_ROWS)
        grid = QTableWidget(len(rows), len(self._table.columns))
        grid.setHorizontalHeaderLabels(list(self._table.columns))
        grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        grid.setAccessibleName("First rows of the table")
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                grid.setItem(i, j, QTableWidgetItem(cell[:200]))
        return grid

    def _check(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            dataset = self._table.dataset(self.targets, self.kind_box.currentData())
        except DataError as error:
            self.summary.setText(f"{error.message}\n{error.hint}")
            ok.setEnabled(False)
            return
        target = dataset.target
        what = (
            f"{len(target.names)} classes ({', '.join(target.names[:6])})"
            if isinstance(target, Classes)
            else "a number"
        )
        self.summary.setText(f"{len(dataset.X)} rows, {len(dataset.feature_names)} inputs, target: {what}.")
        ok.setEnabled(True)
