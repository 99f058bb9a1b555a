"""In which form the picture of the network is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from bplab.qt.exports.still import SHARPNESS
from bplab.qt.panels.setting_widgets import QuietSpinBox
from bplab.qt.theme import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from PySide6.QtCore import QSize

FORMS = (("png", "PNG, pixels"), ("svg", "SVG, in any size"), ("pdf", "PDF, for print"))
LARGEST_SCALE = 8


class SavePictureDialog(QDialog):
    """Form, colours, scale and ground; says how large the picture will be."""

    def __init__(self, size: QSize, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save picture")
        self._size = size
        self.form = _combo("Form", "How the picture is written.", FORMS)
        themes = [(theme, "as on the screen"), (LIGHT, "light"), (DARK, "dark")]
        self.colors = _combo("Colours", "In the colours of the window, or of the other theme.", themes)
        self.scale = QuietSpinBox(self)
        self.scale.setRange(1, LARGEST_SCALE)
        self.scale.setValue(SHARPNESS)
        self.scale.setAccessibleName("Scale")
        self.scale.setToolTip("How many pixels for each one on the screen.")
        self.clear = QCheckBox("Transparent ground")
        self.clear.setToolTip("Leave the ground out, so that the picture can lie on any page.")
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.form.currentIndexChanged.connect(self._show)
        self.scale.valueChanged.connect(self._show)
        form = QFormLayout()
        for label, widget in (("Form", self.form), ("Colours", self.colors), ("Scale", self.scale), ("", self.clear)):
            form.addRow(label, widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(buttons)
        self._show()

    @property
    def suffix(self) -> str:
        """The kind of file, such as "png"."""
        return str(self.form.currentData())

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.colors.currentData()  # type: ignore[no-any-return]

    def _show(self) -> None:
        is_pixels = self.suffix == "png"
        self.scale.setEnabled(is_pixels)
        size = self._size * (self.scale.value() if is_pixels else 1)
        self.summary.setText(f"{size.width():,} × {size.height():,} {'pixels' if is_pixels else 'units, in any size'}")


def _combo(name: str, tip: str, choices: object) -> QComboBox:
    combo = QComboBox()
    for value, label in choices:  # type: ignore[attr-defined]
        combo.addItem(label, value)
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    return combo
