"""What the user writes down about the experiment; it travels in the file and in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from bplab.experiment import edits
from bplab.experiment.spec import ExperimentSpec
from bplab.qt.panels.setting_widgets import heading

if TYPE_CHECKING:
    from bplab.qt.document import Document

TAKEN_AFTER_MS = 400  # without a key
LEAST_HEIGHT_PX = 96
LONGEST = next(part.max_length for part in ExperimentSpec.model_fields["notes"].metadata if hasattr(part, "max_length"))


class NotesPanel(QWidget):
    """Typing is one step of undo, however long it takes."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Notes")
        self.text.setToolTip("What you write here is saved in the experiment and printed in its report.")
        self.text.setPlaceholderText("What is tried here, and what came of it?")
        self.text.setTabChangesFocus(True)
        self.text.setUndoRedoEnabled(False)  # the window's undo takes it back, as everything else
        self.text.setMinimumHeight(LEAST_HEIGHT_PX)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(TAKEN_AFTER_MS)
        self._late.timeout.connect(self.take)
        self.text.textChanged.connect(self._late.start)
        document.spec_changed.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addWidget(heading("NOTES"))
        column.addWidget(self.text)
        self._show()

    def take(self) -> None:
        """Make what was typed a part of the experiment."""
        self._late.stop()
        text = self.text.toPlainText()
        if len(text) > LONGEST:
            with QSignalBlocker(self.text):
                text = text[:LONGEST]
                self.text.setPlainText(text)
        if text != self._document.spec.notes:
            self._document.edit("Change the notes", lambda spec: edits.replace(spec, notes=text), mergeable=True)

    def _show(self) -> None:
        if not self._late.isActive() and self.text.toPlainText() != self._document.spec.notes:
            with QSignalBlocker(self.text):
                self.text.setPlainText(self._document.spec.notes)
