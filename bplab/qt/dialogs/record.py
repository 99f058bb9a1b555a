"""What of the run is recorded, and how far the recording has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bplab.qt.dialogs.progress import Progress
from bplab.qt.panels.setting_widgets import QuietCombo, QuietSpinBox
from bplab.qt.recording.film import MOST_FRAMES
from bplab.qt.recording.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable


class RecordDialog(QDialog):
    """Asks first; then shows the progress of what `start` has begun, until it is done or cancelled."""

    def __init__(self, newest: int, start: Callable[[RecordDialog], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Record the run")
        self._start = start
        self.progress = Progress()
        self.form = QuietCombo("Form", "How the film is written.", self)
        self.form.show_choices([(entry.name, entry.label, entry.doc) for entry in FORMS.values()], "gif")
        self.first = _spin("First step", "Where the film begins.", (0, newest), 0)
        self.last = _spin("Last step", "Where the film ends.", (0, newest), newest)
        self.count = _spin("Frames", "How many pictures, evenly spaced over the steps.", (2, MOST_FRAMES), 60)
        self.fps = _spin("Frames a second", "How fast they follow each other.", (1, 60), 12)
        self.bar = QProgressBar()
        self.bar.hide()
        self.summary = QLabel(
            "The run is done again, and drawn as the canvas shows it now. Training can go on meanwhile."
        )
        self.summary.setWordWrap(True)
        self.summary.setProperty("role", "muted")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._begin)
        self.buttons.rejected.connect(self.reject)
        self.progress.advanced.connect(self.bar.setValue)
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        fields = (self.form, self.first, self.last, self.count, self.fps)
        for widget in fields:
            form.addRow(widget.accessibleName(), widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(self.bar)
        column.addWidget(self.buttons)

    @property
    def suffix(self) -> str:
        """The kind of file."""
        return str(self.form.currentData())

    def _begin(self) -> None:
        if not self._start(self):
            return
        for widget in (self.form, self.first, self.last, self.count, self.fps):
            widget.setEnabled(False)
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(False)
        self.bar.setMaximum(self.count.value())
        self.bar.show()

    def reject(self) -> None:
        """Cancel what was begun; what is on the disk stays as it was."""
        self.progress.is_wanted = False
        super().reject()


def _spin(name: str, tip: str, limits: tuple[int, int], value: int) -> QSpinBox:
    spin = QuietSpinBox()
    spin.setRange(*limits)
    spin.setValue(value)
    spin.setAccessibleName(name)
    spin.setToolTip(tip)
    return spin
