"""Each lesson from its start to its end in the real window: it waits, it checks, and what it says is true."""

import pytest
from PySide6.QtCore import Qt

from bplab import Experiment
from bplab.lessons.expression import value_of
from bplab.lessons.progress import progress
from bplab.lessons.reading import lesson_files, with_numbers


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def settle(qtbot, window):
    """Wait until what was asked for has been done."""
    window.player.refresh()
    for _ in range(3):
        with qtbot.waitSignal(window.player.snapshot_taken, timeout=5000):
            window.player.refresh()
    window.tutor.look()


def answer(qtbot, window, step):
    panel, asked = window.tutor.panel, step.question
    if asked.choices:
        click(qtbot, panel.choices[(asked.right + 1) % len(asked.choices)])
        assert not window.tutor.is_answered
        assert panel.state.text().startswith("Not yet.")
        click(qtbot, panel.choices[asked.right])
    else:
        right = value_of(asked.number, window.tutor.names())
        qtbot.keyClicks(panel.answer, f"{right + max(2.5 * asked.tolerance, 1.0):.9g}")
        qtbot.keyClick(panel.answer, Qt.Key.Key_Return)
        assert not window.tutor.is_answered
        panel.answer.clear()
        qtbot.keyClicks(panel.answer, "about one")
        qtbot.keyClick(panel.answer, Qt.Key.Key_Return)
        assert "Type a number" in panel.state.text()
        panel.answer.clear()
        qtbot.keyClicks(panel.answer, f"{right:.9g}".replace(".", ","))
        click(qtbot, panel.check)
    assert window.tutor.is_answered
    assert panel.state.text().startswith("Right.")
    assert "–" not in panel.state.text()


def waits_and_points(window, step):
    tutor = window.tutor
    if step.wait:
        assert not value_of(step.wait, tutor.names()), f"{step.title} waits for nothing"
    if step.wait or step.question:
        assert not tutor.panel.next.isEnabled(), f"{step.title} does not wait"
    if step.point is not None:
        assert not tutor.pointer.shown.isEmpty(), f"{step.title} points nowhere"
        assert window.rect().contains(tutor.pointer.shown.center()), step.title


def holds(window, step):
    names = window.tutor.names()
    for claim in step.claims:
        assert value_of(claim, names), f"{step.title}: {claim} does not hold"
    assert "–" not in with_numbers(step.text, names), step.title


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_a_lesson_from_start_to_end(open_window, qtbot, path, tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_STATE", str(tmp_path))
    window = open_window()
    tutor, panel = window.tutor, window.tutor.panel
    failures = []
    tutor.failed.connect(failures.append)
    window.document.mark_saved()
    title = next(name for name in window.actions_by_name if name.startswith(f"{int(path.stem[:2])}. "))
    window.actions_by_name[title].trigger()
    assert tutor.lesson.key == path.stem
    for place, step in enumerate(tutor.lesson.steps):
        assert tutor.place == place
        settle(qtbot, window)
        waits_and_points(window, step)
        if step.wait:
            click(qtbot, panel.show_me)
            settle(qtbot, window)
            qtbot.waitUntil(lambda step=step: bool(value_of(step.wait, tutor.names())), timeout=10_000)
        if step.question:
            answer(qtbot, window, step)
        tutor.look()
        holds(window, step)
        assert panel.next.isEnabled()
        click(qtbot, panel.next)
    assert tutor.lesson is None
    assert not panel.isVisible()
    assert not failures
    qtbot.waitUntil(lambda: progress().get(path.stem) == place + 1)
    window.document.mark_saved()


def test_going_back_reads_again_and_loses_nothing(open_window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_STATE", str(tmp_path))
    window = open_window()
    window.tutor.start(lesson_files()[0])
    panel = window.tutor.panel
    click(qtbot, panel.next)
    click(qtbot, panel.show_me)
    qtbot.waitUntil(panel.next.isEnabled)
    click(qtbot, panel.back)
    assert window.tutor.place == 0
    assert panel.next.isEnabled()
    click(qtbot, panel.next)
    assert window.tutor.place == 1
    assert window.player.snapshot.phase == "forward"
    click(qtbot, panel.end)
    assert window.tutor.lesson is None
    assert window.tutor.pointer.isHidden()


def test_a_teachers_own_lesson_is_opened_and_a_wrong_one_told(window, qtbot, tmp_path):
    path = tmp_path / "own.md"
    path.write_text(
        "---\ntitle: Own\nabout: Mine.\nexperiment: xor hidden=3\n---\n## One\nLook.\n@point loss\n", encoding="utf-8"
    )
    window.tutor.start(path)
    assert window.document.experiment.network.sizes == (2, 3, 1)
    assert window.tutor.panel.title.full_text == "One"
    window.tutor.end()
    path.write_text("---\ntitle: Own\nabout: Mine.\nexperiment: xor\n---\n## One\n@wait stop()\n", encoding="utf-8")
    window.tutor.start(path)
    assert "own.md, line 7" in window.message_bar.label.text()
    assert window.tutor.lesson is None


def test_the_menu_shows_how_far_each_lesson_has_come(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_STATE", str(tmp_path))
    (tmp_path / "lessons.json").write_text('{"01-forward": 7, "02-loss": 2}', encoding="utf-8")
    (learn,) = [action.menu() for action in window.menuBar().actions() if action.text() == "&Learn"]
    learn.aboutToShow.emit()
    texts = [action.text() for action in learn.actions()]
    assert texts[0] == "1. Forward propagation ✓"
    assert texts[1] == "2. The loss  (2 of 5)"


def test_a_lesson_ends_when_something_else_is_opened(window, qtbot):
    window.document.mark_saved()
    window.tutor.start(lesson_files()[9])
    assert window.tutor.lesson is not None
    window.tutor.go_to(5)  # where the lesson itself begins with another network
    assert window.tutor.lesson is not None
    window.document.replace(Experiment.new("xor", hidden=[3]), None)
    assert window.tutor.lesson is None
    assert not window.tutor.panel.isVisible()


def test_a_setting_that_a_lesson_points_at_is_scrolled_to(open_window, qtbot):
    window = open_window()
    window.resize(1280, 800)
    window.document.mark_saved()
    window.tutor.start(lesson_files()[8])
    window.tutor.go_to(5)
    qtbot.waitUntil(lambda: not window.tutor.pointer.shown.isEmpty())
    control = window.training_panel.controls["initializer"]
    qtbot.waitUntil(lambda: not control.visibleRegion().isEmpty())
