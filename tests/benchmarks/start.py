"""How long the first frame takes: ``python -m tests.benchmarks.start``.

Starts the program ten times and prints medians.
"""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

CODE = """
import time; began = time.perf_counter()
from bplab.qt import app as program
from PySide6.QtWidgets import QApplication
from PySide6.QtCore import QTimer
from bplab.qt.main_window import MainWindow
times = []
paint = MainWindow.paintEvent
def painted(self, event):
    paint(self, event)
    if not times:
        times.append(time.perf_counter() - began)
        QTimer.singleShot(0, later)
def later():
    window = QApplication.topLevelWidgets()[0]
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, MainWindow):
            widget._complete(); times.append(time.perf_counter() - began); widget.close()
MainWindow.paintEvent = painted
program.main(None)
print(*times)
"""


def main():
    rows = []
    for _ in range(10):
        found = subprocess.run(
            [sys.executable, "-c", CODE],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        )
        rows.append([float(value) for value in found.stdout.split()])
    first, plots = np.median(np.array(rows), axis=0)
    print(f"first frame {first:.2f} s, with plots {plots:.2f} s (median of {len(rows)})")


if __name__ == "__main__":
    main()
