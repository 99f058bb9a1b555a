"""Controls made from declarations: limits, steps and tooltips come from the catalogue or from the spec."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QSlider, QSpinBox, QWidget

from bplab.catalogue import Setting
from bplab.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QWheelEvent

    from bplab.experiment.spec import Spec


@dataclass(frozen=True)
class Limits:
    """What a number may be."""

    low: float
    high: float
    whole: bool
    doc: str


def limits_of_setting(setting: Setting) -> Limits:
    """Return the limits that a catalogue declares."""
    return Limits(setting.low, setting.high, setting.whole, setting.doc)


def limits_of_field(model: type[Spec], name: str) -> Limits:
    """Return the limits that a spec declares for a number."""
    schema = model.model_json_schema()["properties"][name]
    number = next((kind for kind in schema.get("anyOf", ()) if kind["type"] != "null"), schema)
    low, high = number.get("minimum", -sys.float_info.max), number.get("maximum", sys.float_info.max)
    return Limits(low, high, number["type"] == "integer", schema.get("description", ""))


def label_text(name: str) -> str:
    """Return what a label says for a name in snake_case."""
    return name.replace("_", " ").capitalize()


class NumberEdit(QLineEdit):
    """A number to type, such as 0.03 or 1e-3; up and down go to the next round value.

    ``edited`` carries a number within the limits; ``refused`` a `SettingError` for anything else, after which the
    old value shows again.
    """

    edited = Signal(float)
    refused = Signal(object)

    def __init__(self, name: str, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._limits, self._value = name, limits, limits.low
        self.setAccessibleName(label_text(name))
        self.setToolTip(f"{limits.doc} Up and down arrows change it.".strip())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._on_finished)

    def show_value(self, value: float) -> None:
        """Show a number without telling anyone."""
        self._value = value
        if not self.hasFocus() or not self.isModified():
            self.setText(_text(value, self._limits.whole))

    def step(self, up: bool) -> None:
        """Go to the next round value."""
        wanted = self._value + (1 if up else -1) if self._limits.whole else _next_round(self._value, up)
        self._take(min(max(wanted, self._limits.low), self._limits.high))

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        """Step with the arrow keys; once Return has taken the number, keys such as space drive the training again."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(up=event.key() == Qt.Key.Key_Up)
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.clearFocus()

    def _on_finished(self) -> None:
        if not self.isModified():
            return
        self.setModified(False)
        try:
            limits = self._limits
            number = float(self.text().strip())
            setting = Setting(limits.low, limits.low, limits.high, limits.doc, whole=limits.whole)
            self._take(setting.check(int(number) if limits.whole and number == int(number) else number, self._label()))
        except (ValueError, OverflowError):
            self._refuse(
                SettingError(f"{self._label()}: '{self.text()[:40]}' is not a number.", "Type one such as 0.03.")
            )
        except SettingError as error:
            self._refuse(error)

    def _label(self) -> str:
        return label_text(self._name)

    def _refuse(self, error: SettingError) -> None:
        self.setText(_text(self._value, self._limits.whole))
        self.refused.emit(error)

    def _take(self, value: float) -> None:
        old, self._value = self._value, value
        self.setText(_text(value, self._limits.whole))
        if value != old:
            self.edited.emit(value)


class OptionalNumberEdit(NumberEdit):
    """A number that may also be left out: an empty field. ``changed`` carries the number or None."""

    changed = Signal(object)

    def __init__(self, name: str, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(name, limits, parent)
        self.setPlaceholderText("never")
        self.setToolTip(f"{limits.doc} Leave it empty for never.")
        self.edited.connect(self._on_edited)

    def _on_edited(self, value: float) -> None:
        self.changed.emit(value)

    def step(self, up: bool) -> None:
        """Go to the next round value; from an empty field to the first."""
        if math.isnan(self._value):
            self._value = max(self._limits.low, 0.0)
        super().step(up)

    def show_value(self, value: float | None) -> None:
        """Show a number, or an empty field for None, without telling anyone."""
        if value is not None:
            super().show_value(value)
        elif not self.hasFocus() or not self.isModified():
            self._value = math.nan
            self.clear()

    def _on_finished(self) -> None:
        if self.text().strip() or not self.isModified():
            super()._on_finished()
            return
        self.setModified(False)
        if not math.isnan(self._value):
            self._value = math.nan
            self.changed.emit(None)


class QuietSlider(QSlider):
    """A slider that does not move when the panel is scrolled over it."""

    def __init__(self, name: str, tip: str, low: int, high: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(low, high)
        self.setAccessibleName(name)
        self.setToolTip(tip)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()


class QuietSpinBox(QSpinBox):
    """A whole number that does not change, nor take the keys, when the canvas is scrolled over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the canvas."""
        event.ignore()


class QuietCombo(QComboBox):
    """A list of named choices that does not change when the panel is scrolled over it."""

    chosen = Signal(str)

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or the space key would open it once the wheel passed over it
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(lambda place: self.chosen.emit(self.itemData(place)))

    def show_choices(self, choices: list[tuple[str, str, str]], present: str) -> None:
        """Show (name, label, what it does) for each choice, and which one holds."""
        with QSignalBlocker(self):
            self.clear()
            for place, (name, label, doc) in enumerate(choices):
                self.addItem(label, name)
                self.setItemData(place, doc, Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(self.findData(present))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()


class Form(QGridLayout):
    """Rows of a label and a control."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setVerticalSpacing(6)
        self.setHorizontalSpacing(6)
        self.setColumnMinimumWidth(0, 88)
        self.setColumnStretch(1, 1)

    def row(self, text: str, widget: QWidget) -> None:
        """Add a row."""
        label = QLabel(text)
        label.setProperty("role", "muted")
        label.setBuddy(widget)
        place = self.rowCount()
        self.addWidget(label, place, 0)
        self.addWidget(widget, place, 1)

    def clear(self) -> None:
        """Remove all rows."""
        while self.count():
            item = self.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def heading(text: str) -> QLabel:
    """Return a panel's heading."""
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def number_edit(
    name: str, limits: Limits, value: float, on_edit: Callable[[float], object], on_refuse: Callable[[object], object]
) -> NumberEdit:
    """Return a `NumberEdit` that shows `value` and calls back."""
    edit = NumberEdit(name, limits)
    edit.show_value(value)
    edit.edited.connect(on_edit)
    edit.refused.connect(on_refuse)
    return edit


def _text(value: float, whole: bool) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if whole else f"{value:.6g}"


def _next_round(value: float, up: bool) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50, ... times a power of ten."""
    if value <= 0:
        return 0.001 if up else 0.0
    steps = [factor * 10.0**power for power in range(-12, 13) for factor in (1, 2, 5)]
    if up:
        return next((float(f"{s:.6g}") for s in steps if s > value * 1.0001), value)
    return next((float(f"{s:.6g}") for s in reversed(steps) if s < value * 0.9999), 0.0)
