"""The real window, closed after each test."""

from __future__ import annotations

import pytest

from bplab import Experiment
from bplab.qt.app import dress
from bplab.qt.garbage import GarbageCollector
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK


@pytest.fixture
def open_window(qtbot, qapp):
    """Open the window on an experiment; nothing of it is left afterwards."""
    dress(qapp)
    garbage = GarbageCollector()
    windows = []

    def make(experiment=None, path=None):
        window = MainWindow(experiment or Experiment.new("iris", hidden=[6, 5]), path, DARK)
        windows.append(window)
        window.resize(1440, 900)
        window.show()
        qtbot.waitExposed(window)
        window.load_plots()
        return window

    yield make
    for window in windows:
        qtbot.waitUntil(lambda document=window.document: not document.is_saving)
        window.player.close()  # or a last slice of training would make the experiment unsaved again
        window.document.mark_saved()
        assert window.close()
        assert not window.player.is_running
        window.deleteLater()
    qapp.processEvents()
    garbage.close()


@pytest.fixture
def window(open_window):
    return open_window()
