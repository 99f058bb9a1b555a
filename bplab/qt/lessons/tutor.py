"""Leads through a lesson: what each step does, points at, waits for and asks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from bplab.errors import BplabError
from bplab.lessons.expression import ExpressionError, value_of
from bplab.lessons.figures import Figures
from bplab.lessons.progress import note_progress
from bplab.lessons.reading import experiment_of, read_lesson, with_numbers
from bplab.microscope.now import Now
from bplab.qt.lessons.actions import perform
from bplab.qt.lessons.panel import LessonPanel
from bplab.qt.lessons.pointer import Pointer
from bplab.qt.lessons.targets import bring_into_view, target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from bplab.lessons.lesson import Command, Lesson, LessonStep
    from bplab.microscope.selection import Selection
    from bplab.qt.main_window import MainWindow
    from bplab.qt.theme import Theme

LOOK_MS = 150


class Tutor(QObject):
    """Keeps where a lesson is; ``failed`` carries what is wrong with its file."""

    failed = Signal(object)

    def __init__(self, window: MainWindow, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self.panel = LessonPanel()
        self.pointer = Pointer(theme, window)
        self.lesson: Lesson | None = None
        self.place = 0
        self.is_answered = self._is_own_change = False
        self._furthest = 0
        self._text = ""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.panel.back_wanted.connect(lambda: self.go_to(self.place - 1))
        self.panel.next_wanted.connect(self._on_next)
        self.panel.show_wanted.connect(self.show_me)
        self.panel.end_wanted.connect(self.end)
        self.panel.answered.connect(self._on_answer)
        window.document.replaced.connect(self._on_replaced)

    @property
    def step(self) -> LessonStep | None:
        """The step at which the lesson is."""
        return self.lesson.steps[self.place] if self.lesson else None

    def start(self, path: Path) -> None:
        """Begin a lesson, once it is clear what becomes of unsaved work."""
        try:
            lesson = read_lesson(path)
            experiment = experiment_of(lesson.experiment)
        except BplabError as error:
            self.failed.emit(error)
            return

        def begin() -> None:
            self.end()
            self._window.document.replace(experiment, None)
            self.lesson, self._furthest = lesson, -1
            self._timer.start()
            self.go_to(0)

        self._window.files.leave(begin)

    @Slot()
    def end(self) -> None:
        """Leave the lesson; the experiment stays open."""
        self._timer.stop()
        self.lesson = None
        self.panel.hide()
        self.pointer.point_at(None)

    @Slot()
    def _on_replaced(self) -> None:
        """End when the user opens something else: a lesson speaks of its own experiment."""
        if not self._is_own_change:
            self.end()

    def go_to(self, place: int) -> None:
        """Begin a step of the lesson; one that has been done is only read again."""
        if self.lesson is None or not 0 <= place < len(self.lesson.steps):
            return
        is_new = place > self._furthest
        self.place, self.is_answered = place, not is_new
        self._furthest = max(place, self._furthest)
        step = self.lesson.steps[place]
        if is_new:
            self._do(step.do)
        self._text = ""
        self.panel.show_step(self.lesson, place, step.text)
        if step.point is not None and step.point.text.startswith("setting "):
            setting = step.point.text.removeprefix("setting ")
            QTimer.singleShot(0, self, partial(bring_into_view, self._window, setting))  # once the panel has its place
        self.look()

    @Slot()
    def show_me(self) -> None:
        """Do what the step waits for."""
        if self.step is not None:
            self._do(self.step.show_me)

    def _do(self, commands: tuple[Command, ...]) -> None:
        self._is_own_change = True
        try:
            for command in commands:
                perform(self._window, command)
        except BplabError as error:
            self.failed.emit(error)
        finally:
            self._is_own_change = False

    @Slot()
    def look(self) -> None:
        """Look whether the step is done, and point at what it speaks of, which may have moved."""
        step = self.step
        if step is None:
            return
        if self._window.document.experiment.missing is not None:
            self.end()
            return
        names = self.names()
        text = with_numbers(step.text, names)
        if text != self._text:
            self._text = text
            self.panel.text.setText(text)
        is_done = self.is_done(names)
        self.panel.allow_next(is_done)
        if step.question is None and step.wait:
            self.panel.say("Done. Go on with Next." if is_done else "Waiting for you.", "good" if is_done else "muted")
        self._point(step)

    def _point(self, step: LessonStep) -> None:
        try:
            self.pointer.point_at(None if step.point is None else target(self._window, step.point.text))
        except (BplabError, LookupError, ValueError):
            self.pointer.point_at(None)  # another network is open, without that place

    def is_done(self, names: dict[str, Callable[..., Any]]) -> bool:
        """Tell whether what the step waits for is there, and its question answered."""
        step = self.step
        assert step is not None
        if self.place < self._furthest:
            return True
        if step.question is not None and not self.is_answered:
            return False
        try:
            return not step.wait or bool(value_of(step.wait, names))
        except ExpressionError:
            return False  # such as a number of a step before there is one

    def names(self) -> dict[str, Callable[..., Any]]:
        """Return what the lesson can speak of now."""
        window, snapshot = self._window, self._window.player.snapshot
        experiment, record = window.document.experiment, snapshot.record if snapshot else None
        if record is not None and len(record.layers) != len(experiment.network.layers):
            record = None
        sample = window.canvas.scene().sample
        figures = Figures(experiment, record, snapshot.now if snapshot else Now(), sample)
        picks = {_place(pick) for pick in window.canvas.picks}
        trial = window.inspector.step.view.trial
        return figures.names | {
            "page": lambda: window.inspector.page.label.lower(),
            "playing": lambda: window.player.is_playing,
            "selected": lambda *place: place in picks if place else len(picks),
            "grain": lambda: window.player.grain,
            "trial": lambda: trial[0] if trial else 0.0,
        }

    @Slot()
    def _on_next(self) -> None:
        if self.lesson is None:
            return
        note = partial(note_progress, self.lesson.key, self.place + 1)
        self._window.document.background.do(note, failed=self._window.document.failed.emit)
        if self.place + 1 < len(self.lesson.steps):
            self.go_to(self.place + 1)
        else:
            self.end()

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        step = self.step
        if step is None or step.question is None:
            return
        try:
            is_right = self._is_right(step, answer)
        except ValueError:
            self.panel.say("Type a number, such as 0.25 or -1.5e-3.", "bad")
            return
        if is_right:
            self.is_answered = True
            self.panel.say(f"Right. {with_numbers(step.reveal, self.names())}".strip(), "good")
        else:
            self.panel.say(f"Not yet. {with_numbers(step.hint, self.names())}".strip(), "bad")
        self.look()

    def _is_right(self, step: LessonStep, answer: object) -> bool:
        asked = step.question
        assert asked is not None
        if asked.choices:
            return answer == asked.right
        typed = float(str(answer).strip().replace(",", ".").replace("−", "-"))
        try:
            return abs(typed - float(value_of(asked.number, self.names()))) <= asked.tolerance
        except ExpressionError:
            return False


def _place(pick: Selection) -> tuple[int, ...]:
    """Return layer, neuron and source as a lesson counts them."""
    place = (pick.layer, pick.neuron + 1)
    return place if pick.source is None else (*place, pick.source + 1)
