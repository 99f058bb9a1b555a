"""From a file, a drop or the clipboard through the import window to the data of the experiment."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from bplab.data.tables.files import MAX_BYTES, size_of
from bplab.errors import BplabError, DataError
from bplab.experiment.header import LARGEST_EMBEDDED_TABLE
from bplab.qt.background import wait_for_left
from bplab.qt.data.actions import TABLES
from bplab.qt.data.import_dialog import FolderPage, ImportDialog, LargeFilePage
from bplab.qt.data.import_job import Subject
from bplab.system import free_memory

if TYPE_CHECKING:
    from bplab.qt.data.changes import DataChanges
    from bplab.qt.data.import_job import Loaded, Tried
    from bplab.qt.document import Document
    from bplab.qt.theme import Theme

ASK_FROM = 64 * 2**20  # bytes of a file
MOST_OF_MEMORY = 0.5  # of what is free


class Importer(QObject):
    """Opens the import window, and makes what it brings the data."""

    def __init__(self, document: Document, changes: DataChanges, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._changes, self._window = document, changes, window
        self.theme = theme
        self.dialog: ImportDialog | None = None

    def close(self) -> None:
        """Cancel what is being imported."""
        if self.dialog is not None:
            self.dialog.reject()
        wait_for_left()

    def choose(self) -> None:
        """Ask for a file, and import it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Import table", "", TABLES)
        if name:
            self.open(Path(name))

    def choose_folder(self) -> None:
        """Ask for a folder of images, and import it."""
        name = QFileDialog.getExistingDirectory(self._window, "Import images: a folder for each class in it", "")
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Import a file; of a large one the user may want a sample, images may be scaled to another size."""
        if path.is_dir():
            page = FolderPage(path.name, self._window)
            page.accepted.connect(lambda: self._show(Subject(path, side=page.side.value())))
            page.open()
            return
        try:
            size = size_of(path)
        except BplabError as error:
            self._document.failed.emit(error)
            return
        free = free_memory()
        if size.n_bytes < ASK_FROM and size.memory < MOST_OF_MEMORY * free:
            self._show(Subject(path))
            return
        can_all = size.n_bytes <= MAX_BYTES and size.memory < MOST_OF_MEMORY * free
        rows = f", about {size.rows:,} rows" if size.rows else ""
        said = f"{path.name} has {size.n_bytes / 2**20:,.0f} MB{rows}; it takes about {size.memory / 2**30:.1f} GB "
        said += f"of memory, of which {free / 2**30:.1f} GB are free."
        if not can_all:
            said += f"\nThat is too much: take a sample. (At most {MAX_BYTES // 2**20:,} MB, and half of the memory.)"
        question = LargeFilePage(path.name, said, can_all, self._window)
        question.accepted.connect(
            lambda: self._show(Subject(path, None, question.rows.value() if question.wants_sample else None))
        )
        question.open()

    def paste(self) -> None:
        """Import a table that was copied from a spreadsheet, with its line of names."""
        content = QGuiApplication.clipboard().text().encode("utf-8", "replace")
        if not content.strip():
            self._document.failed.emit(
                DataError("There is no text on the clipboard.", "Copy the cells with their names first.")
            )
        elif len(content) > LARGEST_EMBEDDED_TABLE:
            self._document.failed.emit(
                DataError("The copied table is larger than 8 MB.", "Save it as CSV, and import that.")
            )
        else:
            self._show(Subject(Path("pasted table.csv"), content))

    def _show(self, subject: Subject) -> None:
        self.dialog = ImportDialog(subject, self.theme, self._window)
        self.dialog.finished_with.connect(partial(self._take))
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def _on_finished(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    def _take(self, loaded: Loaded, tried: Tried) -> None:
        source, content = tried.source, loaded.subject.content
        assert source is not None
        assert content is not None
        assert tried.dataset is not None
        self._document.experiment.tables[source.sha256] = content
        more: dict[str, Any] = {"split": "by_column"} if tried.dataset.is_test is not None else {}
        pasted = loaded.subject.name == "pasted table.csv"
        self._changes.change("Paste table" if pasted else f"Import {loaded.subject.name}", source=source, **more)
