"""Garbage is looked for in the window's thread alone, and is found there."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from bplab.qt.garbage import GarbageCollector


class Knot(QObject):
    """Refers to itself, as closed dialogs do."""

    def __init__(self):
        super().__init__()
        self.me = self
        self.in_thread = []
        weakref.finalize(self, lambda found: found.append(threading.current_thread()), self.in_thread)


def make_garbage(count=20_000):
    for _ in range(count):
        knot = []
        knot.append(knot)


def test_what_is_closed_is_destroyed_in_the_windows_thread(qtbot):
    collector = GarbageCollector()
    try:
        knot = Knot()
        found, known = knot.in_thread, weakref.ref(knot)
        del knot
        other = threading.Thread(target=make_garbage)
        other.start()
        other.join()
        assert known() is not None
        qtbot.waitUntil(lambda: known() is None)
    finally:
        collector.close()
    assert found == [threading.main_thread()]
    assert gc.isenabled()


def test_the_window_looks_for_garbage_itself(window):
    assert not gc.isenabled()
