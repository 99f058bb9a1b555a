"""Ending on a signal, as at the end of a session of the desktop: at once, without a question, and without a loss."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Slot
from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from bplab.qt.main_window import MainWindow

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class EndingBySignal(QObject):
    """Closes the window when the process is asked to end; unsaved work is offered at the next start.

    Python handles a signal only when it runs, and Qt's event loop does not let it: so the signal writes a byte into a
    socket that the loop watches.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        self._fd_before = signal.set_wakeup_fd(self._writer.fileno())
        self._before = [(number, signal.signal(number, self._on_signal)) for number in SIGNALS]

    def close(self) -> None:
        """Leave signals as they were."""
        for number, handler in self._before:
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd_before)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _on_signal(self, *_: object) -> None:
        QTimer.singleShot(0, self._window, self._end)

    @Slot()
    def _wake(self) -> None:
        self._reader.recv(64)

    @Slot()
    def _end(self) -> None:
        for dialog in self._window.findChildren(QDialog):  # an open question is answered by "cancel"
            dialog.done(0)
        self._window.close_keeping_copies()
