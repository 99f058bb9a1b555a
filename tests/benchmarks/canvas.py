"""How long the canvas takes to draw with new colours, and to find what is under the mouse.

``python -m tests.benchmarks.canvas`` prints a table; nothing here can fail a build.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF

from bplab import Experiment
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK
from tests.benchmarks.window import application

REPEATS, WARM_UP = 40, 5
CASES = {  # sizes of the hidden layers, by the number of connections
    "2-4-2-1": ("circle", [4, 2]),
    "iris, 400": ("iris", [20, 14]),
    "2,000": ("iris", [40, 42]),
    "10,000": ("digits", [96, 40]),
    "784-128-64-10": (784, [128, 64]),
    "1,000,000": (784, [1024, 190]),
}


def made(data, hidden):
    """Return an experiment whose last step is known."""
    if isinstance(data, int):
        rng = np.random.default_rng(1)
        pixels, labels = rng.integers(0, 256, (200, data)), rng.integers(0, 10, (200, 1))
        path = Path(tempfile.mkdtemp(), "noise.csv")
        names = ",".join([*(f"pixel{i}" for i in range(data)), "digit"])
        np.savetxt(path, np.hstack([pixels, labels]), "%d", ",", header=names, comments="")
        return Experiment.new(str(path), kind="classes", hidden=hidden)
    return Experiment.new(data, hidden=hidden)


def main():
    app = application()
    print(f"{'':16}{'connections':>12}{'recolour':>12}{'repaint':>12}{'under mouse':>13}   medians in ms")
    for name, (data, hidden) in CASES.items():
        window = MainWindow(made(data, hidden), None, DARK)
        window.resize(1600, 1000)
        window.show()
        window.grab()
        window.load_plots()
        gc.freeze()  # as the program does when its window is complete
        app.processEvents()
        window.transport.choose_grain("batch")
        window.player.step()
        while window.player.snapshot is None or window.player.snapshot.record is None:
            app.processEvents()
            time.sleep(0.001)
        count = sum(layer.W.size for layer in window.document.experiment.network.layers)
        times = paints(window.canvas, True), paints(window.canvas, False), finds(window.canvas)
        print(f"{name:16}{count:12,}{times[0]:12.1f}{times[1]:12.1f}{times[2]:13.2f}")
        window.player.close()
        window.document.mark_saved()
        window.close()


def paints(canvas, anew):
    """Return the median time of drawing, with the numbers read `anew` or not."""
    times = []
    for _ in range(REPEATS + WARM_UP):
        if anew:
            canvas.redraw()
        at = time.perf_counter()
        canvas.repaint()
        times.append(time.perf_counter() - at)
    return np.median(times[WARM_UP:]) * 1000


def finds(canvas):
    """Return the median time of asking what is at places all over the canvas."""
    rng, times = np.random.default_rng(1), []
    for x, y in rng.random((300, 2)) * [canvas.width(), canvas.height() - 160]:
        at = time.perf_counter()
        canvas.part_at(QPointF(x, y))
        times.append(time.perf_counter() - at)
    return np.median(times) * 1000


if __name__ == "__main__":
    main()
