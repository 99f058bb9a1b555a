"""Sentences that were found out about an experiment: to read, select and copy; with progress until they are there."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from bplab.qt.dialogs.progress import Progress


class FindingsDialog(QDialog):
    """Does not keep the window from being used meanwhile; closing it ends the job."""

    def __init__(self, title: str, doing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.progress = Progress()
        self.text = QPlainTextEdit(doing)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(title)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.setToolTip("Copy the text.")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.copy_button.setEnabled(False)
        buttons.rejected.connect(self.reject)
        self.progress.advanced.connect(self.bar.setValue)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.text)
        column.addWidget(self.bar)
        column.addWidget(buttons)
        self.resize(560, 320)

    def show_text(self, text: str) -> None:
        """Show what was found."""
        self.text.setPlainText(text)
        self.bar.hide()
        self.copy_button.setEnabled(True)

    def reject(self) -> None:
        """Close; what is still being done is not wanted any more."""
        self.progress.is_wanted = False
        super().reject()
