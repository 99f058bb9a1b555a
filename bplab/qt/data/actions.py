"""What can be done with data: bring them in, prepare them, look at them, draw them; in windows that are loaded late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from pathlib import Path

    from bplab.qt.data.draw_window import DrawWindow
    from bplab.qt.data.importer import Importer
    from bplab.qt.data.look.look_window import LookWindow
    from bplab.qt.data.prepare_dialog import PrepareDialog
    from bplab.qt.main_window import MainWindow

TABLES = "Tables (*.csv *.tsv *.txt *.data *.xlsx *.parquet *.arff *.npz *.npy *.pat *.gz *ubyte);;All files (*)"


class DataActions(QObject):
    """Opens the windows that have to do with data."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._importer: Importer | None = None
        self.prepare_dialog: PrepareDialog | None = None
        self.look_window: LookWindow | None = None
        self.draw_window: DrawWindow | None = None

    @property
    def importer(self) -> Importer:
        """What imports tables."""
        if self._importer is None:
            from bplab.qt.data.importer import Importer

            window = self._window
            self._importer = Importer(window.document, window.data_panel.changes, window.theme, window)
        self._importer.theme = self._window.theme
        return self._importer

    def import_table(self, path: Path | None = None) -> None:
        """Use a table of the user's own, asking for the file if none is given."""
        if path is None:
            self.importer.choose()
        else:
            self.importer.open(path)

    def import_folder(self) -> None:
        """Use a folder of images, each class in a folder of its own."""
        self.importer.choose_folder()

    def paste_table(self) -> None:
        """Use a table that was copied from a spreadsheet, with its line of names."""
        self.importer.paste()

    def close(self) -> None:
        """Close what is open."""
        if self._importer is not None:
            self._importer.close()

    def look(self) -> None:
        """Show the window in which the data are looked at."""
        from bplab.qt.data.look.look_window import LookWindow

        if self.look_window is None:
            window = self._window
            self.look_window = LookWindow(window.document, window.player, window.theme, window)
        self.look_window.show()
        self.look_window.activateWindow()

    def draw(self) -> None:
        """Show the window in which data are drawn."""
        from bplab.qt.data.draw_window import DrawWindow
        from bplab.qt.data.drawn_changes import DrawnChanges

        if self.draw_window is None:
            window = self._window
            changes = DrawnChanges(window.document, window.player, window.theme, window)
            self.draw_window = DrawWindow(changes, window.theme, window)
        self.draw_window.show()
        self.draw_window.activateWindow()

    def set_theme(self) -> None:
        """Begin anew in other colours: what is open is closed."""
        for part in (self.prepare_dialog, self.look_window, self.draw_window):
            if part is not None:
                part.close()
                part.deleteLater()
        self.prepare_dialog = self.look_window = self.draw_window = None

    def prepare(self) -> None:
        """Show how the data are prepared."""
        from bplab.qt.data.prepare_dialog import PrepareDialog

        if self.prepare_dialog is None:
            window = self._window
            self.prepare_dialog = PrepareDialog(window.document, window.data_panel.changes, window)
        self.prepare_dialog.refresh()
        self.prepare_dialog.show()
        self.prepare_dialog.activateWindow()
