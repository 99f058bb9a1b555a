"""A lesson as it is read from its file: steps that show something, wait for something, and ask."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """A line such as ``@point neuron 1 2``: its first word, the rest, and the number of the line."""

    name: str
    text: str
    line: int

    @property
    def words(self) -> list[str]:
        """The rest, word by word."""
        return self.text.split()


@dataclass(frozen=True)
class Question:
    """What has to be answered: one of `choices`, or a number.

    Parameters
    ----------
    choices : tuple of str
        Empty for a number.
    right : int
        Place of the right choice.
    number : str
        An expression for the right number.
    tolerance : float
        How far from it an answer may be.
    """

    choices: tuple[str, ...] = ()
    right: int = 0
    number: str = ""
    tolerance: float = 0.0


@dataclass(frozen=True)
class LessonStep:
    """One thing to understand.

    Parameters
    ----------
    text : str
        Markdown; ``{= expression}`` is replaced by the number, ``{= expression :.2f}`` by it in that form.
    point : Command or None
        What is pointed at.
    do : tuple of Command
        What the lesson itself does when the step begins.
    wait : str
        An expression that has to become true before it goes on; nothing for at once.
    show_me : tuple of Command
        What makes it true: done by "Show me", and by the tests.
    question : Question or None
    reveal : str
        Said when the question was answered rightly.
    hint : str
        Said when it was not.
    claims : tuple of str
        Expressions that the text says are true when the step has been done; the tests check them.
    """

    title: str
    text: str
    line: int
    point: Command | None = None
    do: tuple[Command, ...] = ()
    wait: str = ""
    show_me: tuple[Command, ...] = ()
    question: Question | None = None
    reveal: str = ""
    hint: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Parameters
    ----------
    key : str
        What its progress is kept under: the name of its file.
    experiment : str
        The name of an example, or how to make one: ``iris hidden=6,5 learning_rate=0.1``.
    """

    key: str
    title: str
    about: str
    experiment: str
    steps: tuple[LessonStep, ...] = field(default=())
