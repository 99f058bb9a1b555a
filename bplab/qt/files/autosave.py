"""Keeps a copy of unsaved work, at most two seconds old, where the next start finds it."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QObject, Qt, QTimer

from bplab import resources
from bplab.errors import BplabError, FileError
from bplab.experiment import writing
from bplab.experiment.recovery import Copy, Session
from bplab.qt.background import Background
from bplab.qt.document import PATIENCE_MS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QImage, QPixmap

    from bplab.experiment.storage import Stamp
    from bplab.experiment.writing import Contents
    from bplab.qt.document import Document

INTERVAL_MS = 1000
PICTURE_EVERY = 10  # copies
PICTURE_PX = 240


class Autosave(QObject):
    """Looks once a second whether something is unsaved that no copy holds.

    Parameters
    ----------
    picture : callable
        Returns a picture of the network.
    """

    def __init__(self, document: Document, picture: Callable[[], QPixmap], parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._picture = document, picture
        # Its own: a file on a slow disk must not keep copies waiting. Where the machine is busy, a thread that gives
        # way took seconds for a copy.
        self._background = Background(self, gives_way=False)
        self._session: Session | None = None
        self._copied: object = None  # what the last copy holds
        self._count = 0
        self._is_writing = self._has_failed = False
        document.saved.connect(self._on_saved)
        document.replaced.connect(self._on_replaced)
        document.recovered.connect(self._on_recovered)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.copy)
        self._timer.start(INTERVAL_MS)

    def copy(self) -> None:
        """Make a copy in the background, if there is something to keep."""
        if not self._is_writing and self._is_wanted():
            self._is_writing = True
            picture = self._picture().toImage() if self._count % PICTURE_EVERY == 0 else None
            take = partial(self._copy, picture)
            QTimer.singleShot(0, self, partial(self._document.player.when_free, take, PATIENCE_MS))

    def _copy(self, picture: QImage | None) -> None:
        self._background.do(self._job(picture), self._on_written, self._on_failed)

    def close(self) -> None:
        """Stop; what was unsaved has been saved or given up."""
        self._timer.stop()
        self._background.close()
        if self._session is not None:
            self._session.end()

    def keep(self) -> None:
        """Stop, and leave the copies, with one of the present state, for the next start."""
        self._timer.stop()
        self._background.close()
        if not self._document.is_saved:
            with contextlib.suppress(BplabError):  # then the copies before this one have to do
                self._job(None)()
        if self._session is not None:
            self._session.end(keep=not self._document.is_saved)
            self._session = None

    def _is_wanted(self) -> bool:
        return not self._document.is_saved and self._state() != self._copied

    def _state(self) -> object:
        experiment = self._document.experiment
        return experiment.run, experiment.spec, experiment.trainer().step_count

    def _job(self, picture: QImage | None) -> Callable[[], None]:
        with self._document.player.exclusive():
            contents, self._copied = writing.take(self._document.experiment), self._state()
        self._count += 1
        return partial(self._write, contents, self._document.path, self._document.stamp, picture)

    def _write(self, contents: Contents, path: Path | None, stamp: Stamp | None, picture: QImage | None) -> None:
        """Called in the background thread."""
        content, small = writing.to_pieces(contents), None if picture is None else _png(picture)
        try:
            if self._session is None:
                session = Session(resources.state_folder() / "recovery")
                session.begin()
                self._session = session
            self._session.write(content, path, stamp, small)
        except OSError as error:
            raise FileError(f"It cannot be written: {error.strerror or error}.") from None

    def _on_written(self, _: None) -> None:
        self._is_writing = self._has_failed = False
        if self._document.is_saved:  # meanwhile
            self._clear()

    def _on_failed(self, error: BplabError) -> None:
        self._is_writing, self._copied = False, None
        if not self._has_failed:  # one message, however often it fails
            self._has_failed = True
            self._document.noted.emit(
                BplabError(f"No copy of the unsaved work can be kept. {error}", "Save it yourself, now and then.")
            )

    def _on_saved(self) -> None:
        if not self._is_writing and self._document.is_saved:
            self._clear()

    def _on_replaced(self) -> None:
        self._count = 0
        self._clear()

    def _on_recovered(self, copy: Copy) -> None:
        """Go on with the copies that were left behind: they go only when this work is saved or given up."""
        session = Session(copy.folder.parent, copy.folder)
        if session.begin():
            if self._session is not None:
                self._session.end()
            self._session, self._copied = session, self._state()

    def _clear(self) -> None:
        """Forget the copies, after what is being written, in the background: removing large files takes a frame."""
        self._copied = None
        if self._session is not None:
            self._background.do(self._session.clear)


def _png(picture: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.scaledToWidth(PICTURE_PX, Qt.TransformationMode.SmoothTransformation).save(buffer, "PNG")  # type: ignore[call-overload]  # it takes text, and not the bytes of its stub
    return bytes(buffer.data().data())
