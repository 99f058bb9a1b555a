"""Comparing with another file, and doing the run again: both beside the window, their findings in words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from bplab.errors import BplabError
from bplab.experiment.difference import differences_of, in_words
from bplab.experiment.reading import from_bytes, read_with_stamp
from bplab.experiment.verify import in_words as verified_in_words
from bplab.experiment.verify import verify
from bplab.experiment.writing import take, to_bytes
from bplab.microscope.check import in_words as checked_in_words
from bplab.qt.background import Background
from bplab.qt.dialogs.findings import FindingsDialog
from bplab.qt.files.file_actions import FILE_FILTER
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from bplab.experiment.writing import Contents
    from bplab.qt.dialogs.progress import Progress
    from bplab.qt.document import Document


class CheckActions(QObject):
    """Looks at copies of the document's experiment: it may be trained and edited meanwhile."""

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._window = document, window
        self._background = Background(self)

    def compare(self) -> None:
        """Ask for a file, and say what is different in it."""
        folder = str(self._document.path.parent if self._document.path else Path.home())
        name, _ = QFileDialog.getOpenFileName(self._window, "Compare with", folder, FILE_FILTER)
        if name:
            path = Path(name)
            dialog = self._open("Compare", f"Comparing with {path.name}…")
            self._do(dialog, partial(_compared, self._copy(), path))

    def verify(self) -> None:
        """Train the run again from its beginning, and say whether it comes out the same."""
        newest = self._document.experiment.trainer().newest
        dialog = self._open("Verify the run", f"Doing {newest:,} steps again…")
        dialog.bar.setRange(0, newest)
        self._do(dialog, partial(_verified, self._copy(), dialog.progress))

    def check_gradients(self) -> None:
        """Check every gradient of the next step by central differences."""
        count = len(self._document.experiment.network.parameters)
        dialog = self._open("Check all gradients", f"Checking {count:,} gradients by central differences…")
        dialog.bar.setRange(0, count)
        dialog.text.setLineWrapMode(dialog.text.LineWrapMode.NoWrap)
        dialog.text.setFont(number_font(9.5))
        self._do(dialog, partial(_checked, self._copy(), dialog.progress))

    def close(self) -> None:
        """Stop what is being done."""
        for dialog in self._window.findChildren(FindingsDialog):
            dialog.progress.is_wanted = False
        self._background.close()

    def _copy(self) -> Contents:
        with self._document.player.exclusive():
            return take(self._document.experiment)

    def _open(self, title: str, doing: str) -> FindingsDialog:
        dialog = FindingsDialog(title, doing, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        return dialog

    def _do(self, dialog: FindingsDialog, job: partial[str]) -> None:
        def show(text: str) -> None:
            if dialog.progress.is_wanted:  # else it has been closed
                dialog.show_text(text)

        self._background.do(job, show, lambda error: show(f"{error.message}\n{error.hint}".strip()))


def _compared(contents: Contents, path: Path) -> str:
    other, _ = read_with_stamp(path)
    found = differences_of(from_bytes(to_bytes(contents), path), other)
    return f"This experiment {'→' if found else 'and'} {path.name}\n\n{in_words(found)}"


def _verified(contents: Contents, progress: Progress) -> str:
    experiment = from_bytes(to_bytes(contents), Path("copy.bplab"))
    return verified_in_words(verify(experiment, _advancing(progress)))


def _checked(contents: Contents, progress: Progress) -> str:
    experiment = from_bytes(to_bytes(contents), Path("copy.bplab"))
    return checked_in_words(experiment.trainer().check_gradients(_advancing(progress)))


def _advancing(progress: Progress) -> Callable[[int], None]:
    """Return what is told how much more is done, and ends the job when that is not wanted any more."""
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        if not progress.advance(done):
            raise BplabError("This is not wanted any more.")

    return advance
