"""The lesson above the network: what it says, what it asks, and the way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bplab.qt.elided_label import ElidedLabel

if TYPE_CHECKING:
    from bplab.lessons.lesson import Lesson, LessonStep

HEIGHT_PX = 112
BUTTON_PX = 96


class LessonPanel(QFrame):
    """Shows one step of a lesson.

    ``answered`` carries the text of an answer, or the place of the chosen one; the others are buttons.
    """

    answered = Signal(object)
    back_wanted = Signal()
    next_wanted = Signal()
    show_wanted = Signal()
    end_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lesson")
        self.setAccessibleName("Lesson")
        self.setFixedHeight(HEIGHT_PX)
        self.heading = ElidedLabel("heading")
        self.title = ElidedLabel("strong")
        self.text, self.state = QLabel(), QLabel()
        self.answer = QLineEdit()
        self.check = QPushButton("Check")
        self.choices: list[QPushButton] = []
        self._asked = QHBoxLayout()
        self.back = self._button("Back", "To the step of the lesson before this one.", self.back_wanted)
        self.show_me = self._button("Show me", "Let the lesson do it.", self.show_wanted)
        self.next = self._button("Next", "On with the lesson.", self.next_wanted)
        self.end = self._button("End lesson", "Leave the lesson; the experiment stays open.", self.end_wanted)
        self._lay_out()
        self.hide()

    def _button(self, text: str, tip: str, signal: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setFixedWidth(BUTTON_PX)
        button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.MarkdownText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.answer.setAccessibleName("Answer")
        self.answer.setPlaceholderText("a number")
        self.answer.setFixedWidth(120)
        self.answer.returnPressed.connect(self._on_check)
        self.check.clicked.connect(self._on_check)
        area = QScrollArea()
        area.setWidget(self.text)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._put_together(area)

    def _put_together(self, area: QScrollArea) -> None:
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.heading, 2)
        top.addWidget(self.title, 3)
        self._asked.setSpacing(6)
        self._asked.addWidget(self.answer)
        self._asked.addWidget(self.check)
        self._asked.addWidget(self.state, 1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(top)
        words.addWidget(area, 1)
        words.addLayout(self._asked)
        self.next.setObjectName("next")
        buttons = QGridLayout()
        buttons.setSpacing(4)
        for place, button in enumerate((self.back, self.next, self.show_me, self.end)):
            buttons.addWidget(button, place // 2, place % 2)
        buttons.setRowStretch(2, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addLayout(buttons)

    def show_step(self, lesson: Lesson, place: int, text: str) -> None:
        """Show a step from its beginning."""
        step, last = lesson.steps[place], place == len(lesson.steps) - 1
        self.heading.say(f"LESSON · {lesson.title.upper()} · {place + 1} OF {len(lesson.steps)}", lesson.about)
        self.title.say(step.title)
        self.text.setText(text)
        self.next.setText("Finish" if last else "Next")
        self.back.setEnabled(place > 0)
        self.show_me.setEnabled(bool(step.show_me))
        self._ask(step)
        self.say("")
        self.show()

    def _ask(self, step: LessonStep) -> None:
        for button in self.choices:
            button.setParent(None)
            button.deleteLater()
        self.choices = []
        asked = step.question
        is_number = asked is not None and not asked.choices
        self.answer.setVisible(is_number)
        self.check.setVisible(is_number)
        self.answer.clear()
        for place, choice in enumerate(asked.choices if asked else ()):
            button = QPushButton(choice)
            button.setAccessibleName(f"Answer: {choice}")
            button.clicked.connect(lambda _checked=False, place=place: self.answered.emit(place))
            self._asked.insertWidget(place, button)
            self.choices.append(button)

    def _on_check(self) -> None:
        self.answered.emit(self.answer.text())

    def say(self, text: str, tone: str = "muted") -> None:
        """Say what is waited for, or what came of an answer."""
        self.state.setText(text)
        self.state.setProperty("role", tone)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)

    def allow_next(self, is_done: bool) -> None:
        """Open the way on, or keep it closed until the step is done."""
        self.next.setEnabled(is_done)
