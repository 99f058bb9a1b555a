"""A person at the real program: ``python -m tests.soak.session FILE SEED LOG [ENDING] [PLANT]``; not started by hand.

The program is the real one, started as from the command line; a timer in it does what a user does, and writes into a
log what the experiment is before and after, and a hundred times a second: moment, number of the last edit (which is
the experiment's notes), step, and whether all is saved. `ENDING` closes the window, or sends a signal, in the middle
of all that.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from bplab import resources
from bplab.experiment import edits
from bplab.qt import app
from bplab.qt.files import autosave, questions

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.experiment.spec import ExperimentSpec
    from bplab.qt.main_window import MainWindow

LONGEST_LIFE_S = 3.0  # before it ends by itself
PAUSE_MS = 10, 400  # between two actions
ENDINGS = ("close", "signal")


def clock_s(process: int) -> float:
    """Return the time that counts for a process: none in which it could have gone on, but others had the processors.

    Only Linux tells of that; elsewhere it is the time of every clock.
    """
    path = Path(f"/proc/{process}/schedstat")
    waited_ns = int(path.read_text(encoding="ascii").split()[1]) if path.exists() else 0
    return time.monotonic() - waited_ns / 1e9


class User(QObject):
    """Acts at random moments."""

    def __init__(self, window: MainWindow, path: Path, seed: int, log: Path, ending: str) -> None:
        super().__init__(window)
        self._window, self._path, self._ending = window, path, ending
        self._rng = random.Random(seed)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._number, self._parent = 0, os.getppid()
        train, edit, undo, file = self._train, self._edit, self._undo, self._file
        habits = (train,), (train, train, edit), (edit, edit, undo), (train, train, train, edit, edit, undo, file)
        self._habit = self._rng.choice(habits)
        self._timer = QTimer(self)
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._note)
        self._timer.start()
        self._note()
        self._wait()
        QCoreApplication.instance().aboutToQuit.connect(self._note_state)  # what is trained no more
        if ending:
            life_s = random.Random(f"life {seed}").uniform(0, LONGEST_LIFE_S)
            QTimer.singleShot(int(life_s * 1000), self, self._end)

    def _note(self) -> None:
        if os.getppid() != self._parent:  # whoever looks on is gone
            os._exit(1)
        if self._window.isVisible():
            self._note_state()

    def _note_state(self) -> None:
        document = self._window.document
        step = document.experiment.trainer().step_count
        self._write(f"{document.spec.notes or 0} {step} {int(document.is_saved)}")

    def _write(self, words: str) -> None:
        os.write(self._log, f"{clock_s(os.getpid())} {words}\n".encode())

    def _wait(self) -> None:
        QTimer.singleShot(self._rng.randint(*PAUSE_MS), self, self._act)

    def _act(self) -> None:
        if not self._window.isVisible():
            return
        self._wait()
        self._note()
        self._rng.choice(self._habit)()
        self._note()

    def _train(self) -> None:
        player, rng = self._window.player, self._rng
        snapshot = player.snapshot
        seek = partial(player.seek, rng.randint(snapshot.earliest, snapshot.newest) if snapshot else 0)
        rng.choice((*[player.play] * 7, player.pause, player.step, player.step_back, seek))()

    def _edit(self) -> None:
        document, rng = self._window.document, self._rng
        hidden = document.spec.network.hidden
        changes: list[Callable[[ExperimentSpec], ExperimentSpec]] = [
            lambda spec: spec,
            partial(edits.change_training, batch_size=rng.randint(1, 30)),
        ]
        if len(hidden) < 3:
            changes.append(partial(edits.add_layer, position=len(hidden), size=rng.randint(1, 6)))
        if hidden:
            place = rng.randrange(len(hidden))
            changes.append(partial(edits.clone_neuron, position=place, neuron=0))
            changes.append(partial(edits.remove_layer, position=place))
        change, weights = rng.choice(changes), {0: rng.uniform(-1, 1)} if rng.random() < 0.2 else {}
        self._number += 1
        document.edit("Edit", lambda spec: edits.replace(change(spec), notes=str(self._number)), weights=weights)

    def _undo(self) -> None:
        stack = self._window.document.undo_stack
        self._rng.choice((stack.undo, stack.redo))()

    def _file(self) -> None:
        window, rng = self._window, self._rng
        acts: list[Callable[[], object]] = [partial(window.document.save, self._path, overwrite=True)]
        if self._ending:
            example = rng.choice(sorted(resources.path("examples").glob("*.bplab")))
            acts += [partial(window.files.open_example, example), partial(window.files.open, self._path)]
        if self._ending == "signal":
            acts += [window.actions_by_name["About bplab and its keys"].trigger, window.files.save_as]
        rng.choice(acts)()

    def _end(self) -> None:
        self._write(f"ending {time.monotonic()}")
        if self._ending == "close":
            self._window.close()
        else:
            os.kill(os.getpid(), signal.SIGTERM)


def plant(bug: str) -> None:
    """Put a bug into this process."""
    from bplab.qt.background import Background
    from bplab.qt.ending import EndingBySignal

    if bug == "slow-copies":
        autosave.INTERVAL_MS = 8000
    elif bug == "edits-only":
        autosave.Autosave._state = lambda self: self._document.spec  # type: ignore[method-assign]
    elif bug == "slow-end":
        close = Background.close
        Background.close = lambda self: (time.sleep(1.2), close(self))  # type: ignore[assignment, method-assign]
    elif bug == "deaf":
        EndingBySignal._end = lambda _: None  # type: ignore[method-assign]
    elif bug == "exit-code":
        main = app.main
        app.main = lambda path: 3 + main(path)
    elif bug == "forgetful-end":
        autosave.Autosave.keep = autosave.Autosave.close  # type: ignore[method-assign]


def begin(path: Path, seed: int, log: Path, ending: str = "", bug: str = "") -> None:
    """Start the program with a user at it."""
    from bplab.__main__ import main

    rng = random.Random(seed)
    questions.ask_to_save = lambda *_: rng.choice(("save", "discard"))  # type: ignore[assignment]
    questions.ask_about_change = lambda *_: "overwrite"  # type: ignore[assignment]
    preload = app.preload_when_idle

    def ready(window: MainWindow) -> QTimer:
        User(window, path, seed, log, ending)
        return preload(window)

    app.preload_when_idle = ready
    plant(bug)
    sys.argv = ["bplab", str(path)]
    main()


if __name__ == "__main__":
    file, number, written, *more = sys.argv[1:]
    begin(Path(file), int(number), Path(written), *more)
