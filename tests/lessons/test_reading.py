"""Lesson files: what is read, and what is said of a wrong line."""

import pytest

from bplab import resources
from bplab.errors import BplabError
from bplab.lessons.expression import ExpressionError, value_of
from bplab.lessons.figures import NAMES, WINDOW_NAMES
from bplab.lessons.progress import note_progress, progress
from bplab.lessons.reading import COMMANDS, LineError, experiment_of, lesson_files, parse, read_lesson, with_numbers
from bplab.qt.lessons.actions import ACTIONS

HEAD = "---\ntitle: T\nabout: A.\nexperiment: iris\n---\n"


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_every_lesson_is_read_and_its_experiment_made(path):
    lesson = read_lesson(path)
    assert lesson.key == path.stem
    assert lesson.about.endswith(".")
    assert experiment_of(lesson.experiment).trainer().step_count == 0
    for step in lesson.steps:
        assert step.title
        assert step.text
        assert bool(step.wait) == bool(step.show_me), f"{step.title}: what is waited for can be shown"
        assert step.question is None or step.reveal, f"{step.title}: predicted, then revealed"


def test_there_are_ten_lessons_or_more_and_most_have_claims():
    lessons = [read_lesson(path) for path in lesson_files()]
    assert len(lessons) >= 10
    assert all(any(step.claims for step in lesson.steps) for lesson in lessons)
    assert all(any(step.question for step in lesson.steps) for lesson in lessons)


WRONG = {
    "no header": ("# Hello", 1, "begins with a header"),
    "no end": ("---\ntitle: T", 2, "does not end"),
    "no title": ("---\nabout: A.\nexperiment: iris\n---\n## S\ntext", 4, "no title"),
    "no step": (HEAD + "text", 6, "no step"),
    "unknown command": (HEAD + "## S\ntext\n@jump 3", 8, "'@jump' is not known"),
    "empty command": (HEAD + "## S\n@wait", 7, "says nothing"),
    "bad expression": (HEAD + "## S\n@wait step( > 3", 7, "not an expression"),
    "unknown name": (HEAD + "## S\n@claim sin(1) > 0", 7, "'sin', which is not known"),
    "two right ones": (HEAD + "## S\n@right a\n@right b", 7, "one answer of several"),
    "none of one": (HEAD + "## S\n@right a", 7, "one answer of several"),
    "no tolerance": (HEAD + "## S\n@number loss()", 7, "how near"),
    "both kinds": (HEAD + "## S\n@number loss() within 1\n@right a\n@choice b", 7, "number or for a choice"),
    "window name in a claim": (HEAD + "## S\n@claim playing()", 7, "'playing', which is not known"),
    "bad number in the text": (HEAD + "## S\nIt is {= los() }.", 6, "'los', which is not known"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_line(case, tmp_path):
    text, line, words = WRONG[case]
    with pytest.raises(LineError) as found:
        parse(text, "x")
    assert found.value.line == line
    assert words in found.value.message
    path = tmp_path / "x.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BplabError, match=f"x.md, line {line}: ") as told:
        read_lesson(path)
    assert told.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__",
        "[1][0]",
        "(lambda: 1)()",
        "'a' * 10",
        "2 ** 9999",
        "max(key=abs)",
        "f'{1}'",
        "1 if 1 else 2",
        "a.b",
        "x" * 400,
        "((((" * 200,
    ],
)
def test_an_expression_is_arithmetic_and_nothing_else(text):
    with pytest.raises(ExpressionError):
        value_of(text, {"x": lambda: 1, "a": lambda: 1})


def test_expressions_have_the_values_of_arithmetic():
    names = {"a": lambda layer, j: 10.0 * layer + j, "phase": lambda: "loss"}
    assert value_of("abs(-a(1, 2)) / 4 + 1", names) == 4.0
    assert value_of("1 < a(1, 2) <= 12 and not phase() == 'update'", names) is True
    assert value_of("phase() == 'update' or max(1, 2) == 2", names) is True
    with pytest.raises(ExpressionError, match="has no value"):
        value_of("1 / (a(1, 2) - 12)", names)


def test_numbers_in_a_text_are_live_and_a_dash_while_unknown():
    assert with_numbers("z is {= z(1, 2) :.2f}, {= z(1, 2)}.", {"z": lambda *_: 1 / 3}) == "z is 0.33, 0.3333."
    assert with_numbers("z is {= z(1) }.", {"z": lambda *_: [][0]}) == "z is –."


@pytest.mark.parametrize("text", ["iris colour=red", "iris learning_rate=fast", "nothing.csv", "iris hidden=x"])
def test_an_experiment_that_cannot_be_made_is_told(text):
    if text == "iris hidden=x":
        assert experiment_of(text).network.sizes == (4, 3)
        return
    with pytest.raises(BplabError):
        experiment_of(text)


def test_progress_never_goes_back(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_STATE", str(tmp_path))
    assert progress() == {}
    note_progress("01", 3)
    note_progress("01", 2)
    note_progress("02", 1)
    assert progress() == {"01": 3, "02": 1}
    (tmp_path / "lessons.json").write_text("{[", encoding="utf-8")
    assert progress() == {}


def test_the_page_for_teachers_knows_every_name_and_every_line():
    page = resources.path("LESSONS.md").read_text(encoding="utf-8")
    for name in NAMES | WINDOW_NAMES:
        assert f"{name}(" in page, name
    for command in COMMANDS:
        assert f"@{command}" in page, command
    for action in ACTIONS:
        assert f"`{action}" in page or f"@do {action}" in page, action
    example = page.split("```")[1].strip()
    assert parse(example, "x").steps[0].claims == ("wish(3, 2) > 0",)
