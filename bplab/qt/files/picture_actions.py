"""The picture of the network: copied to the clipboard, saved as PNG, SVG or PDF, or filmed while it learned."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from bplab.experiment.writing import take
from bplab.exports.export import save
from bplab.qt.background import Background
from bplab.qt.dialogs.record import RecordDialog
from bplab.qt.dialogs.save_picture import SavePictureDialog
from bplab.qt.exports import still as stills
from bplab.qt.recording.film import Film
from bplab.qt.recording.forms import CancelledError, record

if TYPE_CHECKING:
    from bplab.errors import BplabError
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
        self._filming = Background(self)

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

    def record(self) -> None:
        """Ask what of the run to film, and film it in a thread of its own."""
        trainer = self._window.document.experiment.trainer()
        dialog = RecordDialog(trainer.newest, self._record, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _record(self, dialog: RecordDialog) -> bool:
        """Begin to film; False if the user does not say where to."""
        window, document = self._window, self._window.document
        path = self._ask(f"-run.{dialog.suffix}", "Record the run", dialog.suffix)
        if path is None:
            return False
        still = window.canvas.still(window.theme)
        with document.player.exclusive():
            contents = take(document.experiment)
        film = Film(
            contents,
            min(dialog.first.value(), dialog.last.value()),
            max(dialog.first.value(), dialog.last.value()),
            dialog.count.value(),
            dialog.fps.value(),
            still.reading,
            still.theme,
            still.size,
            still.wish,
        )
        job = partial(record, film, dialog.suffix, path, dialog.progress.advance)
        self._filming.do(job, partial(self._on_filmed, dialog, path), partial(self._on_failed, dialog))
        return True

    def _on_filmed(self, dialog: RecordDialog, path: Path, _: object) -> None:
        dialog.accept()
        self.saved.emit(path)

    def _on_failed(self, dialog: RecordDialog, error: BplabError) -> None:
        if not isinstance(error, CancelledError):
            dialog.reject()
            self.failed.emit(error)

    def close(self) -> None:
        """Stop filming."""
        for dialog in self._window.findChildren(RecordDialog):
            dialog.progress.is_wanted = False
        self._filming.close()

    def _ask(self, ending: str, title: str, suffix: str) -> Path | None:
        """Ask for a place; its suffix is added if need be."""
        document = self._window.document
        folder = document.path.parent if document.path else Path.home()
        stem = document.path.stem if document.path else document.experiment.data.dataset.name
        proposed = str(folder / f"{stem}{ending}")
        name, _ = QFileDialog.getSaveFileName(self._window, title, proposed, f"{suffix.upper()} (*.{suffix})")
        if not name:
            return None
        return Path(name) if Path(name).suffix.lower() == f".{suffix}" else Path(f"{name}.{suffix}")

    def _save_as(self, dialog: SavePictureDialog) -> None:
        document = self._window.document
        path = self._ask(f"-network.{dialog.suffix}", "Save picture", dialog.suffix)
        if path is None:
            return
        still = self._window.canvas.still(dialog.theme, dialog.clear.isChecked())
        job = partial(write, still, path, dialog.scale.value())
        document.background.do(job, lambda _: self.saved.emit(path), self.failed.emit)


def write(still: Still, path: Path, scale: int) -> None:
    """Write a picture in the form that its name asks for."""
    makers = {".svg": stills.svg, ".pdf": stills.pdf}
    maker = makers.get(path.suffix.lower(), partial(stills.png, scale=scale))
    save({path: maker(still)})
