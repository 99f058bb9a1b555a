"""One thread for what takes a while and is not training: files, mostly. Jobs are done one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

from bplab.errors import BplabError
from bplab.system import give_way

if TYPE_CHECKING:
    from collections.abc import Callable

    Then = Callable[[Any], object]


def unexpected(error: BaseException) -> BplabError:
    """Return what to say of an error that is a defect, or a machine without memory."""
    return BplabError(f"It could not be done ({type(error).__name__}: {str(error)[:200]}).", "Your work is unchanged.")


_running: set[QThread] = set()  # that somebody has to hold until they have stopped


_left: set[QThread] = set()


def wait_for_left() -> None:
    """Wait for the threads that were left without waiting; at the end of a window."""
    for thread in tuple(_left):
        thread.wait()
    _running.difference_update(_left)
    _left.clear()


class _Worker(QObject):
    """Lives in the thread."""

    done = Signal(int, object, object)

    @Slot()
    def give_way(self) -> None:
        """Let the window and the training go first."""
        give_way()

    @Slot(int, object)
    def run(self, ticket: int, job: Callable[[], object]) -> None:
        """Do a job, and tell what came of it."""
        result: object = None
        error: BaseException | None = None
        try:
            result = job()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is told in the window's thread
            error = problem
        self.done.emit(ticket, result, error)


class Background(QObject):
    """Takes jobs from the window's thread, and answers there.

    Parameters
    ----------
    gives_way : bool
        Whether the window and the training go first where there is not enough of the machine for all.
    """

    _wanted = Signal(int, object)

    def __init__(self, parent: QObject | None = None, gives_way: bool = True) -> None:
        super().__init__(parent)
        self._tickets: dict[int, tuple[Then, Then]] = {}
        self._last = 0
        self._worker, self._thread = _Worker(), QThread()
        self._worker.moveToThread(self._thread)
        self._wanted.connect(self._worker.run)
        if gives_way:
            self._thread.started.connect(self._worker.give_way)
        self._worker.done.connect(self._on_done)
        _running.add(self._thread)
        self._thread.start(QThread.Priority.LowPriority if gives_way else QThread.Priority.InheritPriority)

    @property
    def is_busy(self) -> bool:
        """Whether a job is not done yet."""
        return bool(self._tickets)

    def do(self, job: Callable[[], object], then: Then = lambda _: None, failed: Then = lambda _: None) -> None:
        """Do a job in the thread; then call `then` with its result, or `failed` with its BplabError, in this one.

        Any other error is a defect: `failed` is called all the same, that nothing waits for ever, then it is raised.
        """
        self._last += 1
        self._tickets[self._last] = then, failed
        self._wanted.emit(self._last, job)

    def close(self) -> None:
        """Finish the present job and stop; nothing is answered any more."""
        self._tickets.clear()
        if self._thread.isRunning():
            self._thread.quit()
            self._thread.wait()
        _running.discard(self._thread)

    def leave(self) -> None:
        """Answer nothing any more, and stop when the present job is done, without waiting for it."""
        self._tickets.clear()
        _left.add(self._thread)
        self._thread.quit()

    @Slot(int, object, object)
    def _on_done(self, ticket: int, result: object, error: BaseException | None) -> None:
        if ticket not in self._tickets:
            return
        then, failed = self._tickets.pop(ticket)
        if error is None:
            then(result)
        elif isinstance(error, BplabError):
            failed(error)
        else:
            try:
                failed(unexpected(error))
            finally:
                raise error
