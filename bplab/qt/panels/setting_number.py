"""A number to type, whose limits come from a declaration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from bplab.catalogue import Setting
from bplab.errors import SettingError
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from bplab.experiment.spec import Spec

LONGEST_SHOWN = 40
KEYS = "The up and down keys go to the next round value, page up and page down further."


def label_text(name: str) -> str:
    """Return what a label says for a name in snake_case."""
    return name.replace("_", " ").capitalize()


def setting_of_field(model: type[Spec], name: str) -> Setting:
    """Return what a spec declares for one of its numbers."""
    field = model.model_fields[name]
    low = next(float(rule.ge) for rule in field.metadata if hasattr(rule, "ge"))
    high = next(float(rule.le) for rule in field.metadata if hasattr(rule, "le"))
    return Setting(field.default, low, high, field.description or "", whole=field.annotation is int)


class NumberEdit(QLineEdit):
    """A number to type, such as 0.03 or 1e-3, with a point as decimal mark whatever the system's language.

    Parameters
    ----------
    name : str
        What error messages and screen readers call it.
    setting : Setting
        Limits, whole or not, and what it does.
    unit : str
        Shown after the number; may be typed or left out.

    Signals
    -------
    edited : float
        Another number, within the limits.
    refused : SettingError
        Anything else was typed; the old value shows again.
    """

    edited = Signal(float)
    refused = Signal(object)

    def __init__(self, name: str, setting: Setting, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._setting, self._unit = name, setting, unit
        self._value = setting.default
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFont(number_font(9))
        self.declare(setting)
        self.show_value(setting.default)
        self.editingFinished.connect(self._on_finished)

    def declare(self, setting: Setting) -> None:
        """Follow other limits."""
        self._setting = setting
        self.setToolTip(f"{setting.doc} {KEYS}".strip())

    def show_value(self, value: float) -> None:
        """Show a number without telling anyone; what is just being typed stays."""
        self._value = value
        if not (self.hasFocus() and self.isModified()):
            self._show()

    def step(self, up: bool, far: bool = False) -> None:
        """Go to the next round value, or to ten times (for whole numbers: ten more than) the present one."""
        if self._setting.whole:
            wanted = self._value + (1 if up else -1) * (10 if far else 1)
        elif far:
            wanted = self._value * (10.0 if up else 0.1) or next_round(0.0, up)
        else:
            wanted = next_round(self._value, up, self._setting.high)
        self._take(min(max(tidy(wanted), self._setting.low), self._setting.high))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by the arrow and page keys, take back what was typed by escape."""
        key, keys = event.key(), Qt.Key
        if key in (keys.Key_Up, keys.Key_Down, keys.Key_PageUp, keys.Key_PageDown):
            self._on_finished()  # steps start from what is typed
            self.step(up=key in (keys.Key_Up, keys.Key_PageUp), far=key in (keys.Key_PageUp, keys.Key_PageDown))
        elif key == keys.Key_Escape and self.isModified():
            self._show()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_finished(self) -> None:
        if not self.isModified():
            return
        self.setModified(False)
        try:
            self._take(self._setting.check(self._read(), self._name))
        except SettingError as error:
            self._show()
            self.refused.emit(error)

    def _read(self) -> float:
        text = self.text().strip().removesuffix(self._unit.strip()).strip()
        if not text:
            raise SettingError(f"{self._name}: the field is empty.", "The old value is kept.")
        try:
            number = float(text)
            return int(number) if self._setting.whole and number == int(number) else number
        except OverflowError:
            return number
        except ValueError:
            hint = "Use a point as decimal mark." if "," in text else "Type one such as 0.03 or 1e-3."
            shown = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
            raise SettingError(f"{self._name}: '{shown}' is not a number.", hint) from None

    def _take(self, value: float) -> None:
        old, self._value = self._value, value
        self._show()
        if value != old:
            self.edited.emit(value)

    def _show(self) -> None:
        self.setText(f"{int(self._value)}{self._unit}" if self._setting.whole else f"{_text(self._value)}{self._unit}")
        self.setCursorPosition(0)  # of a long number, the front counts


def next_round(value: float, up: bool, high: float = math.inf) -> float:
    """Return the next of 1, 2 and 5 times a power of ten; close below 1, of the distance to 1.

    The distance counts for settings that end at 1, such as a momentum: 0.8, 0.9, 0.95, 0.98, 0.99, ...
    """
    if high <= 1.0 and (0.5 < value < 1.0 or (value == 0.5 and up)):
        return 1.0 - next_round(tidy(1.0 - value), not up)
    if high <= 1.0 and value == 1.0 and not up:
        return 0.99
    if value <= 0.0:
        return 0.001 if up else 0.0
    power = math.floor(math.log10(value))
    rounds = [float(f"{factor}e{power + more}") for more in (-1, 0, 1) for factor in (1, 2, 5)]
    if up:
        return min(number for number in rounds if number > value * 1.0001)
    return max((number for number in rounds if number < value * 0.9999), default=0.0)


def tidy(value: float) -> float:
    """Return a number without the rounding error of a calculation in the decimal system."""
    return float(f"{value:.12g}")


def _text(value: float) -> str:
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))
