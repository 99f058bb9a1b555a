"""How long saving and opening a million parameters takes, and how long the window stands still meanwhile.

``python -m tests.benchmarks.saving`` prints a table; nothing here can fail a build.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bplab import Experiment
from bplab.engine.optimizers import OPTIMIZERS
from bplab.experiment import edits
from bplab.experiment.reading import read
from bplab.experiment.writing import take, to_bytes, write
from bplab.qt.files import questions
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK
from tests.benchmarks.canvas import made
from tests.benchmarks.window import Heartbeat, application, wait

HIDDEN = [1024, 190]  # with 784 inputs and 10 outputs: a million parameters
REPEATS = 7
TIMES = 20  # that the window is watched
ANSWER_S = 0.3


def experiment_of(optimizer):
    """Return an experiment of a million parameters that has done a step."""
    experiment = made(784, HIDDEN)
    spec = experiment.spec
    experiment.apply(edits.change_training(spec, optimizer=OPTIMIZERS.choose(optimizer)))
    experiment.trainer().run(2)
    return experiment


def median_ms(job):
    """Return the median time of a job in milliseconds."""
    times = []
    for _ in range(REPEATS):
        at = time.perf_counter()
        job()
        times.append(time.perf_counter() - at)
    return float(np.median(times) * 1000)


def late_ms(app, begin, is_done, seconds=20.0):
    """Return how late the window's timer was at most while something that was begun was not done."""
    heart = Heartbeat()
    begin()
    end = time.perf_counter() + seconds
    while not is_done() and time.perf_counter() < end:
        wait(app, 0.02)
    wait(app, 0.1)
    heart.timer.stop()
    return max(heart.late_ms)


def main():
    app = application()
    folder = Path(tempfile.mkdtemp())
    print(f"{'':8}{'parameters':>12}{'bytes':>14}{'take':>8}{'save':>8}{'open':>8}   medians in ms")
    for optimizer in ("sgd", "adam"):
        file_times(optimizer, folder / f"{optimizer}.bplab")
    for optimizer in ("sgd", "adam"):
        frames(app, folder / f"{optimizer}.bplab", optimizer)


def file_times(optimizer, path):
    """Print how long the work on the file alone takes."""
    experiment = experiment_of(optimizer)
    jobs = (lambda: take(experiment)), (lambda: write(take(experiment), path)), (lambda: read(path))
    times = "".join(f"{median_ms(job):8.0f}" for job in jobs)
    size = len(to_bytes(take(experiment)))
    print(f"{optimizer:8}{len(experiment.network.parameters):12,}{size:14,}{times}")


def frames(app, path, optimizer):
    """Print how long the window stands still while it saves, opens and trains."""
    window = MainWindow(Experiment.open(path), path, DARK)
    window.resize(1600, 1000)
    window.show()
    window.load_plots()
    gc.freeze()  # as the program does when its window is complete
    wait(app, 1.0)
    document = window.document
    found = {}
    opened = []
    questions.ask_to_save = lambda *_: (wait(app, ANSWER_S), "discard")[1]  # a person who takes a moment
    document.replaced.connect(lambda: opened.append(True))

    def save():
        document.save(path, overwrite=True)

    def open_again():
        opened.clear()
        window.files.open(path)

    for is_playing in (False, True):
        what = "training" if is_playing else "idle"
        for job, begin, is_done, seconds in (
            ("nothing", lambda: None, lambda: False, 1.0),
            ("save", save, lambda: not document.is_saving, 20.0),
            ("open", open_again, lambda: bool(opened), 20.0),
        ):
            late = found[f"{what}, {job}"] = []
            for _ in range(TIMES):
                if is_playing and not window.player.is_playing:
                    window.player.play()
                    wait(app, 0.7)
                late.append(late_ms(app, begin, is_done, seconds))
    for what, late in found.items():
        print(f"{optimizer:8}{what:24} late by {np.median(late):5.1f} ms, at most {max(late):5.1f}, in {TIMES} times")
    window.player.close()
    document.mark_saved()
    window.close()
    wait(app, 0.1)


if __name__ == "__main__":
    main()
