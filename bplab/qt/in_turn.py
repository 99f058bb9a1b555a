"""Things that are done one after another, each in an event of its own: what the user does comes between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable


class InTurn(QObject):
    """Calls functions, soon and one after another."""

    def __init__(self, parent: QObject, *acts: Callable[[], object]) -> None:
        super().__init__(parent)
        self._acts, self._place = acts, 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._do_next)

    def start(self) -> None:
        """Begin with the first, unless they are being called: beginning anew each time might never come to the last."""
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Call none of those that are left."""
        self._timer.stop()
        self._place = 0

    def _do_next(self) -> None:
        act = self._acts[self._place]
        self._place = (self._place + 1) % len(self._acts)
        try:
            act()
        finally:
            if self._place:  # and only now, that it comes after what the user did meanwhile
                self._timer.start()
