"""How long large tables and pictures take, beside what polars alone takes, and how long the window stands still.

``python -m tests.benchmarks.tables`` prints a table; nothing here can fail a build.
"""

from __future__ import annotations

import gc
import os
import struct
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


from bplab import Experiment
from bplab.data.prepare import Preparation, prepare
from bplab.data.tables.files import read_table
from bplab.qt.data.import_dialog import LargeFilePage
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK
from tests.benchmarks.window import Heartbeat, application, wait

ROWS, COLUMNS, PICTURES, SIDE = 1_000_000, 20, 60_000, 28
REPEATS = 5


def csv(path):
    rng = np.random.default_rng(0)
    pl.DataFrame({f"x{n}": rng.normal(size=ROWS) for n in range(COLUMNS)}).write_csv(path)


def idx(folder):
    """Write files as those of MNIST are; return the one of the pictures."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, PICTURES).astype(np.uint8)
    pixels = rng.integers(0, 100, (PICTURES, SIDE, SIDE), dtype=np.uint8)
    for label in range(10):
        pixels[labels == label, 2 * label : 2 * label + 4, :] = 255
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(struct.pack(">4I", 0x803, PICTURES, SIDE, SIDE) + pixels.tobytes())
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, PICTURES) + labels.tobytes())
    return path


def imported(path):
    table = read_table(path)
    return table.imported(table.propose())[0]


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def beside(path):
    """Print what polars needs for a frame, and for a matrix, and what bplab needs for a data set."""
    works = {
        "polars, a frame": lambda: pl.read_csv(path),
        "polars, a matrix": lambda: pl.read_csv(path).to_numpy(order="c"),
        "bplab, a data set": lambda: imported(path),
    }
    found = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, work in works.items():
            found[name].append(seconds(work))
    least = np.median(found["polars, a frame"])
    for name, values in found.items():
        print(f"{name:24}{np.median(values):8.2f} s {np.median(values) / least:8.2f} times")


def opened(app):
    window = MainWindow(Experiment.new("iris", hidden=[16]), None, DARK)
    window.resize(1600, 1000)
    window.show()
    window.load_plots()
    gc.freeze()  # as the program does when its window is complete
    wait(app, 1.0)
    return window


def in_window(app, path):
    """Print how long the import takes in the window, and how late its heart beats meanwhile."""
    window = opened(app)
    beat = Heartbeat()

    def told(what, began):
        print(f"{path.name:26}{what:28}{time.perf_counter() - began:6.2f} s, at most {max(beat.late_ms):5.1f} ms late")
        beat.late_ms.clear()

    began, before = time.perf_counter(), window.document.spec.data
    window.data_actions.import_table(path)
    for page in window.findChildren(LargeFilePage):
        page.all.click()
    dialog = window.data_actions.importer.dialog
    while not dialog.is_ready:
        wait(app, 0.02)
    told("import window ready", began)
    began = time.perf_counter()
    dialog.ok.click()
    while window.document.spec.data == before:
        wait(app, 0.02)
    wait(app, 0.3)
    told("prepared and shown", began)
    window.player.play()
    wait(app, 1.0)
    began = time.perf_counter()
    beat.late_ms.clear()
    wait(app, 4.0)
    told("trains", began)
    window.player.close()
    window.document.mark_saved()
    window.close()
    wait(app, 0.1)


def main():
    app = application()
    with tempfile.TemporaryDirectory() as name:
        table, pictures = Path(name) / "big.csv", idx(Path(name))
        csv(table)
        beside(table)
        reads = [seconds(lambda: imported(pictures)) for _ in range(REPEATS)]
        print(f"{'IDX, 60,000 pictures':24}{np.median(reads):8.2f} s")
        prepares = seconds(partial(prepare, imported(pictures), Preparation(), one_hot=True))
        print(f"{'their preparation':24}{prepares:8.2f} s")
        for path in (pictures, table):
            in_window(app, path)


if __name__ == "__main__":
    main()
