"""How far a job in another thread has come, and whether it is still wanted."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Progress(QObject):
    """Tells a dialog, from another thread, how much is done."""

    advanced = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.is_wanted = True

    def advance(self, done: int) -> bool:
        """Tell it, and say whether to go on."""
        self.advanced.emit(done)
        return self.is_wanted
