"""Python's search for garbage, in the window's thread alone.

Python looks for garbage in whatever thread is making objects. In the training thread that destroys closed dialogs
there: Qt then holds one of its locks and waits for the interpreter, while the window holds the interpreter and waits
for that lock, for ever.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 100  # short, so that each search has little to look through


class GarbageCollector(QObject):
    """Looks for garbage as often as Python would have, from a timer of the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect)
        self._timer.start(INTERVAL_MS)

    def close(self) -> None:
        """Leave it to Python again; once no thread is left."""
        self._timer.stop()
        gc.enable()


def collect() -> None:
    """Look through the oldest generation that is due, as Python does, and the younger ones."""
    counts, most = gc.get_count(), gc.get_threshold()
    due = [generation for generation in range(3) if counts[generation] > most[generation]]
    if due:
        gc.collect(max(due))
