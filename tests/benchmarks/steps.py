"""How long a step of every grain takes on iris, from the key to the picture, and a jump along the timeline.

``python -m tests.benchmarks.steps`` prints a table; nothing here can fail a build.
"""

from __future__ import annotations

import gc
import os
import random
import time

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


from bplab import Experiment, resources
from bplab.microscope.selection import Selection
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK
from bplab.qt.transport_bar import GRAINS
from tests.benchmarks.window import application, wait

STEPS, JUMPS, LONG_RUN = 40, 100, 100_000


def opened(experiment):
    window = MainWindow(experiment, None, DARK)
    window.resize(1600, 1000)
    window.show()
    window.load_plots()
    gc.freeze()  # as the program does when its window is complete
    window.canvas.flow.set_wanted(False)
    return window


def close(app, window):
    window.player.close()
    window.document.mark_saved()
    window.close()
    wait(app, 0.1)


def steps(app):
    """Print the times of steps at random, forwards and back, for each page of the inspector."""
    window, rng = opened(Experiment.open(resources.path("examples", "iris.bplab"))), random.Random(1)
    painted, paint = [], window.canvas.paintEvent
    window.canvas.paintEvent = lambda event: (paint(event), painted.append(time.perf_counter()))
    window.canvas.select(Selection(1, 2, 1))
    every = []
    print(f"{'':16}{'grain':12}{'median':>8}{'p95':>8}{'most':>8}   ms until it is painted")
    for page in window.inspector.pages:
        window.inspector.open(page)
        for grain, _ in GRAINS:
            window.transport.choose_grain(grain)
            times = [one(app, window, painted, rng) for _ in range(STEPS)]
            every += times
            print(f"{page.label:16}{grain:12}{np.median(times):8.1f}{np.percentile(times, 95):8.1f}{max(times):8.1f}")
    over = sum(each > 50 for each in every)
    print(f"all {len(every)}: median {np.median(every):.1f}, p99 {np.percentile(every, 99):.1f}, over 50 ms: {over}")
    close(app, window)


def one(app, window, painted, rng):
    """Return how long a step takes, in milliseconds."""
    before, began = len(painted), time.perf_counter()
    (window.player.step if rng.random() < 0.6 else window.player.step_back)()
    while len(painted) == before and time.perf_counter() < began + 1.0:
        app.processEvents()
    took = time.perf_counter() - began
    wait(app, 0.12)
    return took * 1000


def jumps(app):
    """Print the times of jumps along a long run."""
    experiment = Experiment.new("circle", hidden=[4, 2])
    trainer = experiment.trainer()
    trainer.run(LONG_RUN)
    window, rng, times = opened(experiment), random.Random(2), []
    wait(app, 0.5)
    for _ in range(JUMPS):
        goal, began = rng.randint(0, LONG_RUN), time.perf_counter()
        window.plots.timeline.slider.setValue(goal)
        while window.player.snapshot.step != goal:
            app.processEvents()
        times.append((time.perf_counter() - began) * 1000)
        wait(app, 0.05)
    print(f"timeline of {LONG_RUN:,} steps: median {np.median(times):.1f}, p95 {np.percentile(times, 95):.1f}", end="")
    print(f", most {max(times):.1f} ms")
    close(app, window)


def main():
    app = application()
    steps(app)
    jumps(app)


if __name__ == "__main__":
    main()
