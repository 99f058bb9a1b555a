"""From a Markdown file to a lesson; whatever is wrong is told with its line. The format is in resources/LESSONS.md."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bplab import resources
from bplab.errors import BplabError, FileError
from bplab.experiment.experiment import Experiment
from bplab.experiment.storage import read_bytes
from bplab.lessons.expression import ExpressionError, check, value_of
from bplab.lessons.figures import NAMES, WINDOW_NAMES
from bplab.lessons.lesson import Command, Lesson, LessonStep, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LARGEST = 2**20  # bytes
COMMANDS = ("point", "do", "wait", "show", "number", "choice", "right", "reveal", "hint", "claim")
MADE_WITH = {
    "activation": str, "batch_size": int, "hidden": str, "initializer": str, "l2": float, "learning_rate": float,
    "loss": str, "momentum": float, "normalization": str, "optimizer": str, "output": str, "seed": int, "skip": int,
}  # fmt: skip
NUMBER = re.compile(r"\{=\s*([^{}:]+?)\s*(?::([^{}]{1,8}))?\}")


def lesson_files() -> list[Path]:
    """Return the lessons that come with bplab, in their order."""
    return sorted(resources.path("lessons").glob("*.md"))


def read_lesson(path: Path) -> Lesson:
    """Read a lesson.

    Raises
    ------
    FileError
        Saying in which line what is wrong.
    """
    try:
        text = read_bytes(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(f"{path.name} is not text in UTF-8.", "Save it as UTF-8.") from None
    try:
        return parse(text, path.stem)
    except LineError as error:
        raise FileError(f"{path.name}, line {error.line}: {error.message}", error.hint) from None


class LineError(BplabError):
    """What is wrong in a line of a lesson."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.line = line


def parse(text: str, key: str) -> Lesson:
    """Return the lesson in a text; `LineError` if there is none."""
    lines = text.splitlines()
    header, first = _header(lines)
    starts = [number for number, line in enumerate(lines) if number >= first and line.startswith("## ")]
    if not starts:
        raise LineError(first + 1, "there is no step.", 'Begin each step with a line "## Title".')
    ends = [*starts[1:], len(lines)]
    steps = tuple(_step(lines[start:end], start + 1) for start, end in zip(starts, ends, strict=True))
    return Lesson(key, header["title"], header["about"], header["experiment"], steps)


def _header(lines: list[str]) -> tuple[dict[str, str], int]:
    if not lines or lines[0].strip() != "---":
        raise LineError(1, "a lesson begins with a header.", 'Write "---", the header, and "---" again.')
    found: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == "---":
            for name in ("title", "about", "experiment"):
                if not found.get(name):
                    raise LineError(number, f"the header has no {name}.", f'Add a line "{name}: …".')
            return found, number
        name, colon, value = line.partition(":")
        if not colon:
            raise LineError(number, f"'{line}' is not a line of a header.", 'Write "name: value".')
        found[name.strip()] = value.strip()
    raise LineError(len(lines), "the header does not end.", 'End it with a line "---".')


def _step(lines: list[str], first: int) -> LessonStep:
    commands, text = [], []
    for number, line in enumerate(lines[1:], start=first + 1):
        if line.startswith("@"):
            commands.append(_command(line, number))
        else:
            text.append(line)
    step = LessonStep(lines[0][3:].strip(), "\n".join(text).strip(), first)
    for found in NUMBER.finditer(step.text):
        _checked(found.group(1), first)
    for command in commands:
        step = _with(step, command)
    return replace(step, question=_question(commands))


def _command(line: str, number: int) -> Command:
    name, _, text = line[1:].partition(" ")
    if name not in COMMANDS:
        raise LineError(number, f"'@{name}' is not known.", f"There are: {', '.join('@' + c for c in COMMANDS)}.")
    if not text.strip():
        raise LineError(number, f"'@{name}' says nothing.", f'Write "@{name} …".')
    return Command(name, text.strip(), number)


def _with(step: LessonStep, command: Command) -> LessonStep:
    if command.name == "point":
        return replace(step, point=command)
    if command.name in ("do", "show"):
        field = "do" if command.name == "do" else "show_me"
        done = Command(command.words[0], " ".join(command.words[1:]), command.line)
        return replace(step, **{field: (*getattr(step, field), done)})  # type: ignore[arg-type]
    if command.name in ("reveal", "hint"):
        return replace(step, **{command.name: command.text})  # type: ignore[arg-type]
    if command.name == "wait":
        _checked(command.text, command.line, WINDOW_NAMES)
        return replace(step, wait=command.text)
    if command.name == "claim":
        _checked(command.text, command.line)
        return replace(step, claims=(*step.claims, command.text))
    return step


def _question(commands: list[Command]) -> Question | None:
    numbers = [command for command in commands if command.name == "number"]
    choices = [command for command in commands if command.name in ("choice", "right")]
    if numbers and choices:
        raise LineError(numbers[0].line, "a step asks for a number or for a choice.", "Make two steps of it.")
    if numbers:
        expression, _, within = numbers[0].text.partition(" within ")
        _checked(expression, numbers[0].line)
        try:
            return Question(number=expression, tolerance=float(within))
        except ValueError:
            hint = 'Write "@number loss() within 0.001".'
            raise LineError(numbers[0].line, "it is not said how near an answer has to be.", hint) from None
    if not choices:
        return None
    right = [place for place, command in enumerate(choices) if command.name == "right"]
    if len(right) != 1 or len(choices) < 2:
        hint = 'Write one "@right …", and the others as "@choice …".'
        raise LineError(choices[0].line, "one answer of several has to be right.", hint)
    return Question(choices=tuple(command.text for command in choices), right=right[0])


def _checked(text: str, line: int, more: frozenset[str] = frozenset()) -> None:
    try:
        check(text, NAMES | more)
    except ExpressionError as error:
        raise LineError(line, error.message, error.hint) from None


def with_numbers(text: str, names: Mapping[str, Callable[..., Any]]) -> str:
    """Return a text with the numbers in place of its expressions; a dash for what is not known yet."""

    def number(found: re.Match[str]) -> str:
        try:
            value = value_of(found.group(1), names)
            return format(value, found.group(2) or ".4g")
        except (ExpressionError, ValueError, TypeError):
            return "–"

    return NUMBER.sub(number, text)


def experiment_of(text: str) -> Experiment:
    """Return the experiment that a lesson begins with; BplabError if it is not possible."""
    name, *settings = text.split()
    examples = {path.stem: path for path in resources.path("examples").glob("*.bplab")}
    if not settings and name in examples:
        return Experiment.open(examples[name])
    given: dict[str, Any] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in MADE_WITH:
            raise BplabError(f"'{setting}' is not known.", f"There are: {', '.join(MADE_WITH)}.")
        try:
            given[key] = MADE_WITH[key](value)
        except ValueError:
            raise BplabError(f"'{setting}' is not a number.", "Write it as name=number.") from None
    if "hidden" in given:
        given["hidden"] = [int(size) for size in given["hidden"].split(",") if size.isdigit() and int(size)]
    return Experiment.new(name, **given)
