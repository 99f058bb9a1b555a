"""File > Import: weights of another program, and the address of TensorFlow Playground."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit

from bplab.errors import BplabError
from bplab.imports.playground import HOST, from_address, is_address
from bplab.imports.weights import begin_with, notes_of, read_weights

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from bplab.imports.weights import FoundNetwork
    from bplab.qt.document import Document
    from bplab.qt.files.file_actions import FileActions

WEIGHTS_FILTER = "Weights (*.safetensors *.onnx *.pt *.pth);;All files (*)"


class ImportActions(QObject):
    """Acts on the one document of a window; what fails changes nothing."""

    def __init__(self, document: Document, files: FileActions, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._files, self._window = document, files, window

    def load_weights(self) -> None:
        """Ask for a file, and begin with its weights; one step of undo."""
        folder = str(self._document.path.parent if self._document.path else Path.home())
        name, _ = QFileDialog.getOpenFileName(self._window, "Weights", folder, WEIGHTS_FILTER)
        if name:
            job = partial(read_weights, Path(name))
            self._document.background.do(job, self._begin, self._document.failed.emit)

    def _begin(self, found: FoundNetwork) -> None:
        document = self._document
        document.player.pause()
        try:
            with document.player.exclusive():
                run = begin_with(document.experiment, found)
            document.begin_with("Load weights", run)
        except BplabError as error:
            document.failed.emit(error)
            return
        self._note(f"The weights are those of {found.name}.", notes_of(document.experiment, found))

    def open_address(self) -> None:
        """Ask for an address, with what is on the clipboard, and show its experiment as a new one."""
        copied = QGuiApplication.clipboard().text()[:4096]
        text, is_given = QInputDialog.getText(
            self._window,
            "TensorFlow Playground",
            f"The address, from https://{HOST}/# on:",
            QLineEdit.EchoMode.Normal,
            copied if is_address(copied) else "",
        )
        if not is_given:
            return
        try:
            experiment, notes = from_address(text)
        except BplabError as error:
            self._document.failed.emit(error)
            return

        def show() -> None:
            self._document.replace(experiment, None)
            self._note("This is the experiment of that address.", notes)

        self._files.leave(show)

    def _note(self, text: str, notes: Iterable[str]) -> None:
        self._document.noted.emit(BplabError(text, " ".join(notes)))
