"""What was left behind unsaved when bplab ended: open it, discard it, or decide later."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.experiment.recovery import Copy

PICTURE = QSize(160, 100)
SHOWN = 5


class RecoveryDialog(QDialog):
    """A line for each copy: picture, name, time, and what to do with it.

    Parameters
    ----------
    on_open : callable
        Is told the copy that the user wants to see.
    """

    def __init__(self, copies: list[Copy], on_open: Callable[[Copy], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unsaved work")
        self._on_open = on_open
        self.rows: dict[Copy, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        count = "This experiment was" if len(copies) == 1 else f"{len(copies)} experiments were"
        column.addWidget(_plain(f"{count} not saved when bplab ended:"))
        for copy in copies[:SHOWN]:
            self.rows[copy] = self._row(copy)
            column.addWidget(self.rows[copy])
        if len(copies) > SHOWN:
            column.addWidget(_plain(f"and {len(copies) - SHOWN} older ones, which stay for the next start.", "muted"))
        later = QPushButton("Later")
        later.setToolTip("Keep them all, and ask again at the next start.")
        later.clicked.connect(self.reject)
        end = QHBoxLayout()
        end.addStretch()
        end.addWidget(later)
        column.addLayout(end)

    def _row(self, copy: Copy) -> QWidget:
        picture = QLabel()
        picture.setFixedSize(PICTURE)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        drawn = QPixmap(str(copy.picture))
        if drawn.isNull():
            picture.setText("no picture")
        else:
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            picture.setPixmap(drawn.scaled(PICTURE, keep, smooth))
        words = QVBoxLayout()
        words.addStretch()
        for text, role in ((copy.name, ""), (copy.about.time, "muted"), (copy.about.path or "never saved", "muted")):
            words.addWidget(_plain(text, role))
        words.addStretch()
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(16)
        line.addWidget(picture)
        line.addLayout(words, 1)
        line.addWidget(_button("Open", f"Open {copy.name} as it was.", partial(self._open, copy)))
        line.addWidget(_button("Discard", "Throw this copy away for good.", partial(self._discard, copy)))
        return row

    def _open(self, copy: Copy) -> None:
        self.accept()
        self._on_open(copy)

    def _discard(self, copy: Copy) -> None:
        shutil.rmtree(copy.folder, ignore_errors=True)
        self.rows.pop(copy).setVisible(False)
        if not self.rows:
            self.reject()


def _plain(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label


def _button(text: str, tip: str, on_click: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(on_click)
    return button
