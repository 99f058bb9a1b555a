"""Rows of the side panels: a label with its control, and the numbers that a choice from a catalogue has."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QSlider, QVBoxLayout, QWidget

from bplab.qt.panels.setting_number import NumberEdit, label_text
from bplab.qt.panels.setting_widgets import link_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent

    from bplab.catalogue import Catalogue, Choice, Setting

ROW_PX = 28
NEW_SEEDS = 10_000  # few digits are easy to read out and to type again
FOCUS_EVENTS = (QEvent.Type.FocusIn, QEvent.Type.FocusOut)


class Row(QFrame):
    """A framed row: label at the left, control at the right; a click anywhere goes to the control."""

    def __init__(self, text: str, control: QWidget, *more: QWidget) -> None:
        super().__init__()
        self.setObjectName("row")
        self.setFixedHeight(ROW_PX)
        self.control = control
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 4 if more or isinstance(control, QComboBox) else 10, 0)
        row.setSpacing(6)
        row.addWidget(muted(text, control))
        for widget in (control, *more):
            row.addWidget(widget)
        row.setStretch(1, 1)
        control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Frame the row of the control that has the focus."""
        if watched is self.control and event.type() in FOCUS_EVENTS:
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            self.style().unpolish(self)
            self.style().polish(self)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the control."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.control.setFocus(Qt.FocusReason.MouseFocusReason)
            if isinstance(self.control, QComboBox):
                self.control.showPopup()
            elif isinstance(self.control, QLineEdit):
                self.control.selectAll()


class SliderRow(QWidget):
    """A slider under its label and its value."""

    def __init__(self, text: str, value: QWidget, slider: QSlider) -> None:
        super().__init__()
        head = QHBoxLayout()
        head.addWidget(muted(text, slider))
        head.addStretch()
        head.addWidget(value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(slider)


class SeedRow(Row):
    """A seed, and a button that draws another one."""

    def __init__(self, text: str, setting: Setting, tip: str, on_edit: Callable[[float], object]) -> None:
        self.edit = NumberEdit(text, setting)
        self.edit.edited.connect(on_edit)
        self.new = link_button("new", f"New {text.lower()}", tip, self._draw)
        super().__init__(text, self.edit, self.new)
        self._on_edit = on_edit

    def _draw(self) -> None:
        present = self.edit.text()
        self._on_edit(random.choice([seed for seed in range(NEW_SEEDS) if str(seed) != present]))


class SettingRows:
    """A row for each number that any entry of a catalogue declares; those of the present choice show.

    All rows are there from the beginning, so that the focus and the order of the tab key stay as they are.

    Parameters
    ----------
    on_edit : callable
        Gets the setting's name and the new number.
    on_refuse : callable
        Gets the `SettingError` of what cannot be.
    skip : tuple of str
        Settings that are shown otherwise.
    """

    def __init__(
        self,
        catalogue: Catalogue[Any],
        on_edit: Callable[[str, float], object],
        on_refuse: Callable[[object], object],
        skip: tuple[str, ...] = (),
    ) -> None:
        self._catalogue = catalogue
        self.rows: dict[str, Row] = {}
        self.edits: dict[str, NumberEdit] = {}
        for entry in catalogue.values():
            for name, setting in entry.settings.items():
                if name not in self.rows and name not in skip:
                    self._add(name, setting, on_edit, on_refuse)

    def show(self, choice: Choice | None) -> None:
        """Show the numbers of this choice; None has none."""
        values = choice.values if choice else {}
        settings = self._catalogue[choice.name].settings if choice else {}
        for name, row in self.rows.items():
            row.setVisible(name in values)
            if name in values:
                self.edits[name].declare(settings[name])
                self.edits[name].show_value(values[name])

    def _add(
        self,
        name: str,
        setting: Setting,
        on_edit: Callable[[str, float], object],
        on_refuse: Callable[[object], object],
    ) -> None:
        edit = NumberEdit(label_text(name), setting)
        edit.edited.connect(lambda value: on_edit(name, value))
        edit.refused.connect(on_refuse)
        self.edits[name] = edit
        self.rows[name] = Row(label_text(name), edit)


def muted(text: str, buddy: QWidget | None = None) -> QLabel:
    """Return a label in the muted colour, of a control if one is given."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    if buddy is not None:
        label.setBuddy(buddy)
    return label
