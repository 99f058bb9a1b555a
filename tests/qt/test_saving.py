"""What is saved, where, by whom, and that the title says so."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.exceptions import capture_exceptions

from bplab import Experiment
from bplab.experiment import edits, storage, writing
from bplab.qt.files import questions
from bplab.qt.files.recent import MOST, forget_recent, note_recent, recent_files
from tests.experiment.test_lock import HOLD


def answer_with(monkeypatch, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))


def save(qtbot, window, path):
    with qtbot.waitSignal(window.document.saved):
        window.document.save(path)


def opened(qtbot, window, path):
    with qtbot.waitSignal(window.document.replaced):
        window.files.open(path)


def edit(window, size=9):
    window.canvas.hidden_controls[0].size_box.setValue(size)


@contextmanager
def held(window, seconds):
    """Somebody else holds the experiment for some time."""
    has_begun, is_over = threading.Event(), threading.Event()

    def hold():
        with window.player._gate.worker():
            has_begun.set()
            is_over.wait(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    has_begun.wait(2)
    yield
    is_over.set()
    holder.join()


@pytest.fixture
def saved(qtbot, window, tmp_path):
    """A window whose experiment is in a file."""
    save(qtbot, window, tmp_path / "x.bplab")
    return window


def test_a_step_makes_the_title_say_edited_and_going_back_takes_it_away(qtbot, window):
    window.transport.choose_grain("batch")
    assert "edited" not in window.windowTitle()
    qtbot.mouseClick(window.transport.step_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "edited" in window.windowTitle())
    qtbot.mouseClick(window.transport.back_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "edited" not in window.windowTitle())


def test_the_title_says_edited_during_play(qtbot, window):
    window.player.play()
    qtbot.waitUntil(lambda: "edited" in window.windowTitle())
    assert window.player.is_playing
    window.player.pause()


def test_a_save_waits_for_the_end_of_a_step_without_the_window(qtbot, window, tmp_path):
    edit(window)
    with held(window, 5.0):
        window.document.save(tmp_path / "x.bplab")
        assert window.document.is_saving
        assert "saving" in window.windowTitle()
        assert not window.document.is_saved
    qtbot.waitUntil(lambda: window.document.is_saved)
    assert Experiment.open(tmp_path / "x.bplab").spec == window.document.spec


def test_a_save_does_not_wait_for_ever(qtbot, window, tmp_path):
    with held(window, 0.6), qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "x.bplab")


@pytest.mark.parametrize("then", ["another experiment", "another save", "the end"])
def test_a_save_that_waits_is_begun_before_anything_else(qtbot, window, tmp_path, then):
    before = window.document.spec
    with held(window, 0.3):
        window.document.save(tmp_path / "x.bplab")
        if then == "another experiment":
            window.document.replace(Experiment.new("moons"), None)
        elif then == "another save":
            window.document.save(tmp_path / "y.bplab")
        else:
            window.document.close()
    qtbot.waitUntil(lambda: (tmp_path / "x.bplab").exists())
    assert Experiment.open(tmp_path / "x.bplab").spec == before


def test_saving_during_play_counts_what_is_in_the_file_as_saved(qtbot, window, tmp_path):
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 5)
    save(qtbot, window, tmp_path / "x.bplab")
    qtbot.waitUntil(lambda: not window.document.is_saved)
    window.player.pause()


def test_saving_during_play_changes_no_bit_of_the_training(qtbot, window, tmp_path):
    alone = Experiment.new("iris", hidden=[6, 5])
    window.player.play()
    for number in range(5):
        save(qtbot, window, tmp_path / f"{number}.bplab")
        window.autosave.copy()
    window.player.pause()
    qtbot.waitUntil(lambda: not window.autosave._is_writing)
    trainer = window.document.experiment.trainer()
    with window.player.exclusive():  # the last slice has ended
        alone.trainer().run(trainer.step_count)
    assert (alone.network.parameters == window.document.experiment.network.parameters).all()
    assert (alone.trainer().history.steps == trainer.history.steps).all()


def test_the_title_says_saving_until_the_file_is_whole(qtbot, window, tmp_path):
    edit(window)
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "x.bplab")
        assert window.windowTitle() == "Untitled — saving… — bplab"
        assert not window.document.is_saved
    assert window.windowTitle() == "x.bplab — bplab"


def test_what_is_edited_while_it_is_saved_is_not_taken_for_saved(qtbot, window, tmp_path):
    edit(window, 8)
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "x.bplab")
        qtbot.waitUntil(lambda: window.document._asked is None)  # the state that is saved has been taken
        edit(window, 9)
    assert not window.document.is_saved
    window.document.undo_stack.undo()
    assert window.document.is_saved


def test_a_save_that_fails_says_so_and_the_work_stays_unsaved(qtbot, saved, monkeypatch):
    before = saved.document.path.read_bytes()
    edit(saved)
    monkeypatch.setattr(storage, "_fill", _no_space)
    with qtbot.waitSignal(saved.document.failed):
        saved.files.save()
    assert "the disk is full" in saved.message_bar.label.text()
    assert saved.windowTitle() == "x.bplab — edited — bplab"
    assert saved.document.path.read_bytes() == before


@pytest.mark.parametrize("where", ["take", "write"])
def test_a_save_that_fails_by_a_defect_does_not_say_saving_for_ever(qtbot, saved, monkeypatch, where):
    def fail(*_):
        raise MemoryError("no room for a copy")

    edit(saved)
    with monkeypatch.context() as patch, capture_exceptions() as raised:
        patch.setattr(writing, where, fail)
        with qtbot.waitSignal(saved.document.failed):
            QTimer.singleShot(0, saved.files.save)  # as from the menu: an error comes out of the event loop
        qtbot.waitUntil(lambda: len(raised) == 1)
    assert "no room for a copy" in saved.message_bar.label.text()
    assert saved.windowTitle() == "x.bplab — edited — bplab"
    save(qtbot, saved, saved.document.path)
    assert saved.document.is_saved


def _no_space(*_):
    raise OSError(28, "No space left on device")


def test_a_name_without_the_suffix_gets_it(qtbot, window, tmp_path, monkeypatch):
    answer_with(monkeypatch, tmp_path / "try 1.5")
    with qtbot.waitSignal(window.document.saved):
        window.files.save_as()
    assert window.document.path == tmp_path / "try 1.5.bplab"
    assert Experiment.open(window.document.path).spec == window.document.spec


def test_a_file_that_gets_its_suffix_afterwards_is_not_replaced_unasked(qtbot, window, tmp_path, monkeypatch):
    (tmp_path / "x.bplab").write_bytes(b"dear")
    answer_with(monkeypatch, tmp_path / "x")
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Cancel)
    window.files.save_as()
    assert not window.document.is_saving
    assert (tmp_path / "x.bplab").read_bytes() == b"dear"
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Yes)
    with qtbot.waitSignal(window.document.saved):
        window.files.save_as()
    assert Experiment.open(tmp_path / "x.bplab").spec == window.document.spec


# Leaving


@pytest.mark.parametrize(("answer", "stays"), [("cancel", True), ("discard", False)])
def test_new_asks_about_unsaved_work(window, monkeypatch, answer, stays):
    edit(window)
    before = window.document.experiment
    monkeypatch.setattr(questions, "ask_to_save", lambda *_: answer)
    window.files.new()
    assert (window.document.experiment is before) == stays


def test_closing_saves_first_when_that_is_the_answer(qtbot, saved, monkeypatch):
    edit(saved)
    monkeypatch.setattr(questions, "ask_to_save", lambda *_: "save")
    saved.close()
    qtbot.waitUntil(lambda: not saved.isVisible())
    assert Experiment.open(saved.document.path).network.sizes[1] == 9


def test_closing_is_given_up_when_the_save_fails(qtbot, saved, monkeypatch):
    edit(saved)
    monkeypatch.setattr(questions, "ask_to_save", lambda *_: "save")
    monkeypatch.setattr(storage, "_fill", _no_space)
    with qtbot.waitSignal(saved.document.failed):
        assert not saved.close()
    assert saved.isVisible()
    assert saved.player.is_running


def test_closing_waits_for_what_is_being_saved(qtbot, window, tmp_path):
    edit(window)
    window.document.save(tmp_path / "x.bplab")
    assert not window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert Experiment.open(tmp_path / "x.bplab").network.sizes[1] == 9


# The same file elsewhere


@pytest.mark.parametrize("answer", ["overwrite", "reload", "cancel", "save as"])
def test_a_file_that_was_changed_on_disk_is_not_overwritten_unasked(qtbot, saved, tmp_path, monkeypatch, answer):
    path = saved.document.path
    edit(saved)
    Experiment.new("moons").save(path)
    theirs = path.read_bytes()
    monkeypatch.setattr(questions, "ask_about_change", lambda *_: answer)
    answer_with(monkeypatch, tmp_path / "other.bplab")
    with qtbot.waitSignal(saved.document.failed):
        saved.files.save()
    if answer in ("overwrite", "save as"):
        qtbot.waitUntil(lambda: saved.document.is_saved)
        name = "x.bplab" if answer == "overwrite" else "other.bplab"
        assert Experiment.open(tmp_path / name).network.sizes[1] == 9
    elif answer == "reload":
        qtbot.waitUntil(lambda: saved.document.experiment.data.dataset.name == "moons")
    assert (path.read_bytes() == theirs) == (answer != "overwrite")


def test_a_file_that_was_only_touched_or_is_gone_is_saved(qtbot, saved):
    path = saved.document.path
    edit(saved, 7)
    os.utime(path, ns=(1, 1))
    save(qtbot, saved, path)
    path.unlink()
    edit(saved, 8)
    save(qtbot, saved, path)
    assert Experiment.open(path).network.sizes[1] == 8


def test_the_second_to_open_a_file_reads_it_only_and_is_told_who_has_it(qtbot, window, tmp_path, monkeypatch):
    path = tmp_path / "x.bplab"
    Experiment.new("moons").save(path)
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        opened(qtbot, window, path)
        assert window.windowTitle() == "x.bplab — read-only — bplab"
        assert f"process {other.pid}" in window.message_bar.label.text()
        edit(window)
        before = path.read_bytes()
        answer_with(monkeypatch, path)
        window.files.save()  # asks for another name
        assert not window.document.is_saving
        assert path.read_bytes() == before
        answer_with(monkeypatch, tmp_path / "mine.bplab")
        with qtbot.waitSignal(window.document.saved):
            window.files.save()
        assert window.windowTitle() == "mine.bplab — bplab"
        other.kill()


def test_a_window_gives_its_file_up_when_it_shows_another(qtbot, saved, tmp_path):
    assert saved.document.lock.is_held
    held = saved.document.lock
    saved.files.new()
    assert not held.is_held
    assert [path.name for path in tmp_path.iterdir()] == ["x.bplab"]


# Recent files


def test_the_last_ten_files_are_remembered_once_each(tmp_path):
    paths = [tmp_path / f"{number}.bplab" for number in range(12)]
    for path in (*paths, paths[5]):
        note_recent(path)
    assert recent_files() == [paths[5], *(path for path in reversed(paths[2:]) if path != paths[5])][:MOST]
    forget_recent(paths[11])
    assert paths[11] not in recent_files()
    forget_recent()
    assert recent_files() == []


def test_a_damaged_list_of_files_is_an_empty_one(tmp_path):
    note_recent(tmp_path / "a")
    list_file = Path(os.environ["BPLAB_STATE"]) / "recent.json"
    for content in (b"", b"{}", b"[1, null]", b"[" * 100_000, b"\xff"):
        list_file.write_bytes(content)
        assert recent_files() == []


def test_recent_files_open_from_the_menu_and_missing_ones_go(qtbot, saved):
    path = saved.document.path
    qtbot.waitUntil(lambda: recent_files() == [path])
    saved.files.new()
    menu = next(a.menu() for a in saved.menuBar().actions()[0].menu().actions() if a.text() == "Open recent")
    menu.aboutToShow.emit()
    with qtbot.waitSignal(saved.document.replaced):
        menu.actions()[0].trigger()
    assert saved.document.path == path
    saved.files.new()
    path.unlink()
    menu.aboutToShow.emit()
    with qtbot.waitSignal(saved.document.failed):
        menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: recent_files() == [])
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions() if action.text()] == [False]


# Another environment


def test_a_run_that_was_trained_elsewhere_says_that_it_goes_on_otherwise(qtbot, window, tmp_path):
    experiment = Experiment.new("iris")
    experiment.environments = ({"numpy": "1.0"},)
    experiment.trainer().run(1)
    experiment.save(tmp_path / "x.bplab")
    opened(qtbot, window, tmp_path / "x.bplab")
    assert "not bit for bit" in window.message_bar.label.text()
    assert "numpy 1.0 and" in window.message_bar.label.text()


# Damaged files


def flipped(path):
    """The file with one bit of a weight changed."""
    import zipfile

    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as z:
        info = z.getinfo("arrays/layer2.W.bin")
    content[info.header_offset + 30 + len(info.filename) + 3] ^= 1
    path.write_bytes(bytes(content))


def test_of_a_file_with_damaged_weights_the_design_is_offered(qtbot, window, tmp_path):
    Experiment.new("moons", hidden=[3, 4]).save(tmp_path / "x.bplab")
    flipped(tmp_path / "x.bplab")
    before = window.document.experiment
    window.files.open(tmp_path / "x.bplab")
    qtbot.waitUntil(window.message_bar.isVisible)
    assert "weights of layer 2 were changed after saving" in window.message_bar.label.text()
    assert window.document.experiment is before
    with qtbot.waitSignal(window.document.replaced):
        window.message_bar.action.click()
    assert window.document.experiment.network.sizes == (2, 3, 4, 1)
    assert window.windowTitle() == "Untitled — edited — bplab"


def test_a_table_that_is_not_there_can_be_located(qtbot, window, tmp_path, monkeypatch):
    monkeypatch.setattr("bplab.experiment.writing.LARGEST_EMBEDDED_TABLE", 10)
    table = tmp_path / "far" / "own.csv"
    table.parent.mkdir()
    table.write_text("a,b,kind\n" + "1,2,p\n3,4,q\n" * 10, encoding="utf-8")
    Experiment.new(table).save(tmp_path / "x.bplab")
    window.files.open(tmp_path / "x.bplab")
    qtbot.waitUntil(window.message_bar.isVisible)
    assert "needs the data file own.csv" in window.message_bar.label.text()
    assert window.message_bar.action.text() == "Locate own.csv…"
    assert window.document.path == tmp_path / "x.bplab"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    with qtbot.waitSignal(window.document.replaced):
        window.message_bar.action.click()
    assert window.document.experiment.data.class_names == ("p", "q")
    assert window.document.path == tmp_path / "x.bplab"


@pytest.fixture
def without_table(qtbot, window, tmp_path, monkeypatch):
    """A trained experiment, and the window on its file, whose table is somewhere else."""
    monkeypatch.setattr("bplab.experiment.writing.LARGEST_EMBEDDED_TABLE", 10)
    table, path = tmp_path / "own.csv", tmp_path / "x.bplab"
    table.write_text("a,b,kind\n" + "1,2,p\n3,4,q\n2,5,r\n" * 10, encoding="utf-8")
    experiment = Experiment.new(table, hidden=[5], optimizer="adam")
    experiment.trainer().run(31)
    experiment.save(path)
    table.rename(tmp_path / "elsewhere.csv")
    with qtbot.waitSignal(window.document.replaced):
        window.files.open(path)
    qtbot.waitUntil(window.message_bar.isVisible)
    return experiment


def test_without_its_table_an_experiment_can_be_looked_at_but_not_trained(qtbot, window, without_table):
    shown, bar = window.document.experiment, window.transport
    assert (shown.network.parameters == without_table.network.parameters).all()
    assert not any(b.isEnabled() for b in (bar.play_button, bar.step_button, bar.back_button, bar.reset_button))
    assert "own.csv" in bar.play_button.toolTip()
    assert bar.readouts["Train loss"].text() == f"{without_table.trainer().history.epochs[-1, 2]:.4f}"
    for act in (window.player.play, window.player.step, window.player.step_back, lambda: window.player.seek(3)):
        act()
    qtbot.wait(30)
    window.document.reset()
    assert not window.document.edit("Add layer", lambda spec: edits.add_layer(spec, 0))
    assert window.document.experiment.trainer().step_count == 31
    assert not window.plots.prediction.isVisible()


def test_without_its_table_an_experiment_is_saved_whole(qtbot, window, without_table, tmp_path):
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "again.bplab")
    (tmp_path / "elsewhere.csv").rename(tmp_path / "own.csv")
    back = Experiment.open(tmp_path / "again.bplab")
    assert back.missing is None
    assert (back.trainer().checkpoint().slots == without_table.trainer().checkpoint().slots).all()
    assert (back.trainer().history.epochs == without_table.trainer().history.epochs).all()
    for experiment in (back, without_table):
        experiment.trainer().run(20)
    assert (back.network.parameters == without_table.network.parameters).all()


def test_an_error_without_a_way_out_has_no_button(qtbot, window, tmp_path):
    window.files.open(tmp_path / "nowhere.bplab")
    qtbot.waitUntil(window.message_bar.isVisible)
    assert not window.message_bar.action.isVisible()
