"""What nobody expected: written to a log, told once, and the unsaved work copied."""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from bplab import resources
from bplab.errors import BplabError

if TYPE_CHECKING:
    from types import TracebackType

    from bplab.qt.main_window import MainWindow

LARGEST_LOG = 2**20  # bytes


class Reporter(QObject):
    """Takes over from Python's own hooks while the window is open."""

    _happened = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._told: set[str] = set()
        self._log = _open_log()
        self._happened.connect(self._tell)  # from whatever thread it happens in
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
        if self._log is not None:
            faulthandler.enable(self._log)

    def close(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        if self._log is not None:
            faulthandler.disable()
            self._log.close()
            self._log = None

    def _on_exception(
        self, kind: type[BaseException], value: BaseException | None, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, value, trace))
        sys.stderr.write(text)
        if self._log is not None:
            self._log.write(text)
            self._log.flush()
        place = "".join(traceback.format_tb(trace)[-1:])
        self._happened.emit(f"{kind.__name__}: {value}\n{place}")

    @Slot(str)
    def _tell(self, what: str) -> None:
        if what in self._told:
            return
        self._told.add(what)
        where = f" Details are in {self._log.name}." if self._log is not None else ""
        self._window.autosave.copy()
        self._window.document.noted.emit(
            BplabError(
                f"Something went wrong in bplab itself ({what.splitlines()[0][:200]}).",
                f"A copy of your work was kept; save it under another name.{where}",
            )
        )


def _open_log() -> IO[str] | None:
    path = resources.state_folder() / "bplab.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = "w" if path.exists() and path.stat().st_size > LARGEST_LOG else "a"
        return path.open(mode, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
