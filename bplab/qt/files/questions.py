"""Questions about files that have to be answered before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from pathlib import Path

Leaving = Literal["save", "discard", "cancel"]
Changed = Literal["overwrite", "save as", "reload", "cancel"]


def ask_to_save(parent: QWidget, name: str) -> Leaving:
    """Ask what becomes of unsaved changes."""
    buttons = QMessageBox.StandardButton
    question = _question(parent, f"Save the changes to {name}?")
    question.setInformativeText("Without saving, the training and the edits since the last save are lost.")
    question.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    answer = question.exec()
    return "save" if answer == buttons.Save else "discard" if answer == buttons.Discard else "cancel"


def ask_to_replace(parent: QWidget, path: Path) -> bool:
    """Ask whether a file may be replaced that the file dialog has not asked about."""
    buttons = QMessageBox.StandardButton
    question = _question(parent, f"{path.name} already exists. Replace it?")
    question.setStandardButtons(buttons.Yes | buttons.Cancel)
    question.setDefaultButton(buttons.Cancel)
    return question.exec() == buttons.Yes


def ask_about_change(parent: QWidget, path: Path) -> Changed:
    """Ask what to do where another program has changed the file."""
    question = _question(parent, f"{path.name} was changed on disk since it was opened here.")
    question.setInformativeText("Overwriting loses what was changed there; reloading loses what was changed here.")
    roles = QMessageBox.ButtonRole
    texts: dict[Changed, tuple[str, QMessageBox.ButtonRole]] = {
        "overwrite": ("Overwrite", roles.DestructiveRole),
        "save as": ("Save as…", roles.AcceptRole),
        "reload": ("Reload", roles.DestructiveRole),
    }
    made = {question.addButton(text, role): answer for answer, (text, role) in texts.items()}
    question.addButton(QMessageBox.StandardButton.Cancel)
    question.exec()
    clicked = question.clickedButton()
    return next((answer for button, answer in made.items() if button is clicked), "cancel")


def _question(parent: QWidget, text: str) -> QMessageBox:
    question = QMessageBox(parent)
    question.setIcon(QMessageBox.Icon.Question)
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setText(text)
    return question
