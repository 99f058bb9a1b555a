"""A line that says what went wrong and blocks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

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
        self.action = QPushButton(self)
        self._on_action: Callable[[], object] | None = None
        self.action.clicked.connect(self._act)
        close = QToolButton(self)
        close.setText("✕")
        close.setAccessibleName("Close the message")
        close.setToolTip("Close this message.")
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 16, 8)
        row.addWidget(self.label, 1)
        row.addWidget(self.action)
        row.addWidget(close)
        self.hide()

    def show_error(self, error: BplabError) -> None:
        """Show an expected error."""
        self._show(error, None)

    def show_offer(self, error: BplabError, text: str, action: Callable[[], object]) -> None:
        """Show an expected error, and a button with a way out of it."""
        self.action.setText(text)
        self._show(error, action)

    def _show(self, error: BplabError, action: Callable[[], object] | None) -> None:
        self.label.setText(f"{error.message}\n{error.hint}" if error.hint else error.message)
        self._on_action = action
        self.action.setVisible(action is not None)
        self.show()

    def _act(self) -> None:
        self.hide()
        if self._on_action is not None:
            self._on_action()
