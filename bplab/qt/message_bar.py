"""A line that says what went wrong and blocks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

if TYPE_CHECKING:
    from bplab.errors import BplabError


class MessageBar(QFrame):
    """Hidden until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setAccessibleName("Message")
        close = QToolButton(self)
        close.setText("✕")
        close.setAccessibleName("Close the message")
        close.setToolTip("Close this message.")
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 16, 8)
        row.addWidget(self.label, 1)
        row.addWidget(close)
        self.hide()

    def show_error(self, error: BplabError) -> None:
        """Show an expected error."""
        self.label.setText(f"{error.message}\n{error.hint}" if error.hint else error.message)
        self.show()
