"""How smooth the window is while it trains at full speed: ``python -m tests.benchmarks.window``.

Prints how late a 10 ms timer of the window's thread is, how long the canvas takes to paint, and the training speed
beside the speed without a window. Nothing here can fail a build.
"""

from __future__ import annotations

import gc
import os
import sys
import time

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from threadpoolctl import threadpool_limits

from bplab import Experiment
from bplab.engine.compiled import loader
from bplab.engine.trainer import TAKEOVER
from bplab.microscope.selection import Selection
from bplab.qt.app import SWITCH_INTERVAL_S, dress
from bplab.qt.garbage import GarbageCollector
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK

INTERVAL_S, SECONDS = 0.010, 8.0
HIDDEN = [20, 14]  # with four inputs and three outputs, 402 connections
WARM_UP_S = 4.0  # until then training has gone over to the compiled path, where there is one


class Heartbeat:
    """A timer that notes how late it is."""

    def __init__(self):
        self.late_ms = []
        self._due = time.perf_counter() + INTERVAL_S
        self.timer = QTimer()
        self.timer.setTimerType(self.timer.timerType().PreciseTimer)
        self.timer.timeout.connect(self._beat)
        self.timer.start(int(INTERVAL_S * 1000))

    def _beat(self):
        now = time.perf_counter()
        self.late_ms.append(max(0.0, (now - self._due) * 1000))
        self._due = now + INTERVAL_S


def application():
    """Return the application in a process as the program makes it: one BLAS thread, quick turns of the threads."""
    threadpool_limits(limits=1, user_api="blas")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = QApplication.instance() or QApplication([])
    dress(app)
    GarbageCollector(app)
    return app


def wait(app, seconds):
    loop = QEventLoop(app)  # app.quit would close the window
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def headless_speed():
    trainer = Experiment.new("iris", hidden=HIDDEN).trainer()
    trainer.run(TAKEOVER + 1000)
    first, began = trainer.step_count, time.perf_counter()
    trainer.run(10**9, 2.0)
    return (trainer.step_count - first) / (time.perf_counter() - began)


def main():
    app = application()
    alone = headless_speed()
    window = MainWindow(Experiment.new("iris", hidden=HIDDEN), None, DARK)
    window.resize(1600, 1000)
    window.show()
    window.grab()
    window.load_plots()
    gc.freeze()  # as the program does when its window is complete
    window.canvas.select(Selection(1, 0, 0))
    wait(app, 0.5)
    loader.loads_by_itself = False
    loader.preload().join()  # as the window does when it is idle
    window.player.play()
    wait(app, WARM_UP_S)
    heart, first, began = Heartbeat(), window.player.snapshot.step, time.perf_counter()
    wait(app, SECONDS)
    heart.timer.stop()
    speed = (window.player.snapshot.step - first) / (time.perf_counter() - began)
    window.player.pause()
    wait(app, 0.2)
    show(np.array(heart.late_ms), paint_times(window.canvas), speed, alone)
    window.document.mark_saved()
    window.close()


def paint_times(canvas):
    """Return how long the canvas takes to draw itself, in milliseconds."""
    times = []
    for _ in range(30):
        at = time.perf_counter()
        canvas.repaint()
        times.append((time.perf_counter() - at) * 1000)
    return times


def show(late, paints, speed, alone):
    print(
        f"beats {len(late)}  late: median {np.median(late):.1f} ms, p95 {np.percentile(late, 95):.1f} ms, "
        f"p99 {np.percentile(late, 99):.1f} ms, max {late.max():.1f} ms"
    )
    print(f"canvas paint: median {np.median(paints):.1f} ms")
    print(f"training: {speed:,.0f} steps/s with the window, {alone:,.0f} alone, ratio {speed / alone:.2f}")


if __name__ == "__main__":
    main()
