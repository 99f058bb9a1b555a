"""The picture of the network: copied to the clipboard, or saved as PNG, SVG or PDF."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from bplab.exports.export import save
from bplab.qt.dialogs.save_picture import SavePictureDialog
from bplab.qt.exports import still as stills

if TYPE_CHECKING:
    from bplab.qt.exports.still import Still
    from bplab.qt.main_window import MainWindow


class PictureActions(QObject):
    """Works on the canvas of a window, as it is read now.

    Signals
    -------
    saved : Path
    failed : BplabError
    """

    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        still = self._window.canvas.still(self._window.theme)
        QGuiApplication.clipboard().setImage(stills.image(still, stills.SHARPNESS))

    def save(self) -> None:
        """Ask for the form and the place, and write."""
        window = self._window
        size = window.canvas.still(window.theme).size
        dialog = SavePictureDialog(size, window.theme, window)
        dialog.accepted.connect(partial(self._save_as, dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save_as(self, dialog: SavePictureDialog) -> None:
        document, suffix = self._window.document, dialog.suffix
        folder = document.path.parent if document.path else Path.home()
        stem = document.path.stem if document.path else document.experiment.data.dataset.name
        proposed = str(folder / f"{stem}-network.{suffix}")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save picture", proposed, f"{suffix.upper()} (*.{suffix})")
        if not name:
            return
        path = Path(name) if Path(name).suffix.lower() == f".{suffix}" else Path(f"{name}.{suffix}")
        still = self._window.canvas.still(dialog.theme, dialog.clear.isChecked())
        job = partial(write, still, path, dialog.scale.value())
        document.background.do(job, lambda _: self.saved.emit(path), self.failed.emit)


def write(still: Still, path: Path, scale: int) -> None:
    """Write a picture in the form that its name asks for."""
    makers = {".svg": stills.svg, ".pdf": stills.pdf}
    maker = makers.get(path.suffix.lower(), partial(stills.png, scale=scale))
    save({path: maker(still)})
