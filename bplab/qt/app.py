"""Starts the window."""

from __future__ import annotations

import gc
import sys
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QApplication

from bplab import resources
from bplab.data.tables.formats import is_table
from bplab.engine.compiled import loader
from bplab.errors import BplabError
from bplab.experiment import reading
from bplab.experiment.experiment import Experiment
from bplab.experiment.recovery import left_behind
from bplab.qt.ending import EndingBySignal
from bplab.qt.files.recovery_dialog import RecoveryDialog
from bplab.qt.garbage import GarbageCollector
from bplab.qt.main_window import MainWindow
from bplab.qt.reporter import Reporter
from bplab.qt.theme import apply_theme, system_theme

if TYPE_CHECKING:
    from pathlib import Path

FIRST_SIZE_PX = (1440, 900)
SWITCH_INTERVAL_S = 0.0005  # how soon the training thread hands the interpreter to a window that wants to draw

PRELOAD_AFTER_MS = 1500  # until then there is enough to do


def main(path: Path | None) -> int:
    """Open the window, with the experiment at `path` or the first example, and return the exit code."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    dress(app)
    garbage = GarbageCollector(app)
    table = path if path is not None and is_table(path.name) else None
    window = first_window(None if table else path)
    window.resize(*FIRST_SIZE_PX)
    window.show()
    reporter = Reporter(window)
    ending = EndingBySignal(window)
    preload_when_idle(window)
    QTimer.singleShot(0, window, partial(offer_recovery, window))
    if table is not None:
        QTimer.singleShot(0, window, partial(window.data_actions.import_table, table))
    code = app.exec()
    ending.close()
    reporter.close()
    garbage.close()
    return code


def first_window(path: Path | None) -> MainWindow:
    """Return the window, with the experiment at `path`; with the first example, and a message, if that is damaged."""
    opened, stamp, failed = None, None, False
    try:
        if path is not None:
            opened, stamp = reading.read_with_stamp(path, blind=True)
    except BplabError:
        failed = True
    window = MainWindow(opened or example(), path if opened else None, system_theme())
    window.document.stamp = stamp
    if path is not None and failed:
        window.files.open(path)  # once more, to say what is wrong with it and what can be done
    elif path is not None:
        window.files.note_opened(path)
    return window


def offer_recovery(window: MainWindow) -> None:
    """Ask about unsaved work that an earlier run of the program left behind."""
    copies = left_behind(resources.state_folder() / "recovery")
    if copies:
        RecoveryDialog(copies, window.files.recover, window).open()


def preload_when_idle(window: MainWindow) -> QTimer:
    """Get the compiled code at a moment when nothing moves: loading it holds the window up for a fifth of a second.

    What is there by then stays to the end, and is left out when Python looks for garbage: that took a tenth of a
    second, again and again.
    """
    loader.loads_by_itself = False
    timer = QTimer(window)

    def preload() -> None:
        if not window.player.is_playing:
            timer.stop()
            gc.freeze()
            loader.preload(then=gc.freeze)

    timer.timeout.connect(preload)
    timer.start(PRELOAD_AFTER_MS)
    return timer


def dress(app: QApplication) -> None:
    """Set what holds for every window: style, names, and a point as decimal mark."""
    app.setStyle("Fusion")
    app.setApplicationName("bplab")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("bplab")  # by which a Linux desktop finds the icon
    app.setWindowIcon(QIcon(str(resources.path("icon.svg"))))
    QLocale.setDefault(QLocale.c())
    font = QFont(app.font())
    font.setPointSizeF(9.5)
    app.setFont(font)
    apply_theme(app, system_theme())


def example() -> Experiment:
    """Return the experiment that a newcomer sees first."""
    return Experiment.open(resources.path("examples", "iris.bplab"))
