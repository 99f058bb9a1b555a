"""Unsaved work outlives the program."""

import os
import signal
import sys
import threading
import time
from functools import partial

import pytest
from PySide6.QtWidgets import QPushButton

from bplab import Experiment, resources
from bplab.errors import FileError
from bplab.experiment.recovery import Session, left_behind
from bplab.experiment.writing import take, to_pieces
from bplab.qt.app import offer_recovery
from bplab.qt.ending import EndingBySignal
from bplab.qt.files import questions
from bplab.qt.files.recovery_dialog import RecoveryDialog
from bplab.qt.reporter import Reporter
from tests.qt.test_saving import held


def folder():
    return resources.state_folder() / "recovery"


def edit(window, size=9):
    window.canvas.hidden_controls[0].size_box.setValue(size)


def copied(qtbot, window):
    """Let a copy be made now."""
    window.autosave.copy()
    qtbot.waitUntil(lambda: not window.autosave._is_writing)


def files():
    return sorted(path.name for path in folder().glob("*/*.bplab"))


def left(experiment=None, path=None, original=None):
    """Copies of a session whose process is gone."""
    session = Session(folder())
    session.begin()
    session.write(to_pieces(take(experiment or Experiment.new("moons", hidden=[7]))), path, original, None)
    session.end(keep=True)
    return session.folder


def test_nothing_is_copied_while_nothing_is_unsaved(qtbot, window):
    copied(qtbot, window)
    assert not folder().exists()


def test_what_was_saved_is_not_offered_though_its_copies_were_still_to_be_removed(qtbot, window, tmp_path):
    edit(window)
    copied(qtbot, window)
    assert files() == ["00000001.bplab"]
    begun = threading.Event()
    window.autosave._background.do(lambda: (begun.set(), time.sleep(0.5)))
    qtbot.waitUntil(begun.is_set)
    window.document.save(tmp_path / "a.bplab")
    qtbot.waitUntil(lambda: window.document.is_saved)
    assert files() == ["00000001.bplab"]
    window.close_keeping_copies()
    assert files() == []


def test_an_edit_is_copied_within_two_seconds(qtbot, window):
    edit(window)
    qtbot.waitUntil(lambda: files() == ["00000001.bplab"], timeout=2000)
    (path,) = folder().glob("*/*.bplab")
    assert Experiment.open(path).spec == window.document.spec
    assert (path.parent / "picture.png").stat().st_size > 1000


def test_training_is_copied_again_and_again_and_three_copies_are_kept(qtbot, window):
    window.autosave._timer.stop()  # or it makes others in between
    window.player.play()
    for _ in range(5):
        before = window.document.experiment.trainer().step_count
        qtbot.waitUntil(lambda before=before: window.document.experiment.trainer().step_count > before)
        copied(qtbot, window)
    window.player.pause()
    assert files() == ["00000003.bplab", "00000004.bplab", "00000005.bplab"]


def test_what_has_not_changed_is_not_copied_again(qtbot, window):
    edit(window)
    copied(qtbot, window)
    copied(qtbot, window)
    assert files() == ["00000001.bplab"]


def test_a_save_makes_the_copies_unnecessary(qtbot, window, tmp_path):
    edit(window)
    copied(qtbot, window)
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "x.bplab")
    qtbot.waitUntil(lambda: files() == [])


def test_what_is_discarded_and_what_is_closed_in_order_leaves_nothing(qtbot, window, monkeypatch):
    edit(window)
    copied(qtbot, window)
    monkeypatch.setattr(questions, "ask_to_save", lambda *_: "discard")
    window.files.new()
    qtbot.waitUntil(lambda: files() == [])
    edit(window)
    copied(qtbot, window)
    assert window.close()
    assert list(folder().iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_once(qtbot, window, monkeypatch):
    def fail(*_):
        raise FileError("The disk is full.")

    told = []
    window.document.noted.connect(told.append)
    monkeypatch.setattr(Session, "write", fail)
    for size in (7, 8, 9):
        edit(window, size)
        copied(qtbot, window)
    assert [error.message for error in told] == ["No copy of the unsaved work can be kept. The disk is full."]


def test_copies_that_were_left_behind_are_offered_and_opened(qtbot, window, tmp_path):
    own = left(path=tmp_path / "x.bplab")
    offer_recovery(window)
    (dialog,) = window.findChildren(RecoveryDialog)
    ((copy, row),) = dialog.rows.items()
    assert copy.name == "x.bplab"
    with qtbot.waitSignal(window.document.recovered):
        row.findChildren(QPushButton)[0].click()
    assert window.document.experiment.network.sizes == (2, 7, 1)
    assert window.windowTitle() == "x.bplab — edited — bplab"
    assert not dialog.isVisible()
    assert own.exists()  # until it is saved
    assert left_behind(folder()) == []  # but nobody else is offered it
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "x.bplab")
    qtbot.waitUntil(lambda: files() == [])


def test_later_keeps_them_and_discard_removes_them(window):
    own = left()
    offer_recovery(window)
    (dialog,) = window.findChildren(RecoveryDialog)
    dialog.reject()
    assert len(left_behind(folder())) == 1
    dialog._discard(next(iter(dialog.rows)))
    assert not own.exists()
    assert not dialog.isVisible()


def test_a_recovered_experiment_whose_file_was_changed_since_says_so(qtbot, window, tmp_path):
    path = tmp_path / "x.bplab"
    Experiment.new("xor").save(path)
    left(path=path, original=(1, 2, "0" * 64))
    (copy,) = left_behind(folder())
    with qtbot.waitSignal(window.document.recovered):
        window.files.recover(copy)
    assert "x.bplab was changed on disk" in window.message_bar.label.text()


def test_a_copy_that_cannot_be_read_stays_and_changes_nothing(qtbot, window):
    own = left()
    next(own.glob("*.bplab")).write_bytes(b"PK")
    (copy,) = left_behind(folder())
    before = window.document.experiment
    with qtbot.waitSignal(window.document.failed):
        window.files.recover(copy)
    assert window.document.experiment is before
    assert own.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_a_signal_to_end_closes_the_window_and_keeps_the_work(qtbot, window):
    ending = EndingBySignal(window)
    edit(window)
    os.kill(os.getpid(), signal.SIGTERM)
    qtbot.waitUntil(lambda: not window.isVisible())
    ending.close()
    (copy,) = left_behind(folder())
    assert Experiment.open(copy.file).network.sizes[1] == 9


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_a_signal_to_end_closes_the_window_where_no_copy_can_be_kept_too(qtbot, window, monkeypatch):
    def fail(*_):
        raise FileError("The disk is full.")

    monkeypatch.setattr(Session, "write", fail)
    ending = EndingBySignal(window)
    edit(window)
    os.kill(os.getpid(), signal.SIGTERM)
    qtbot.waitUntil(lambda: not window.isVisible())
    ending.close()


def test_the_last_state_is_kept_even_if_its_copy_was_only_asked_for(qtbot, window, monkeypatch):
    edit(window)
    monkeypatch.setattr(window.autosave._background, "do", lambda *_: None)  # it has not begun when the end comes
    window.autosave.copy()
    window.close_keeping_copies()
    (copy,) = left_behind(folder())
    assert Experiment.open(copy.file).network.sizes[1] == 9


def test_copies_do_not_wait_for_a_file_on_a_slow_disk(qtbot, window):
    slow = threading.Event()
    window.document.background.do(slow.wait, lambda _: None, lambda _: None)
    try:
        edit(window)
        copied(qtbot, window)
        assert files() == ["00000001.bplab"]
    finally:
        slow.set()


def test_an_unexpected_error_is_told_once_logged_and_the_work_copied(qtbot, window, capsys):
    told = []
    window.document.noted.connect(told.append)
    reporter = Reporter(window)
    edit(window)
    for _ in range(2):
        try:
            raise RuntimeError("surprise")
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    reporter.close()
    assert len(told) == 1
    assert "RuntimeError: surprise" in told[0].message
    assert "RuntimeError: surprise" in (resources.state_folder() / "bplab.log").read_text(encoding="utf-8")
    qtbot.waitUntil(lambda: files() == ["00000001.bplab"])


def test_a_copy_is_made_though_something_else_fails_or_holds_the_experiment(qtbot, window):
    def fail():
        raise ValueError("something else")

    edit(window)
    player = window.player
    copy = partial(window.autosave._copy, None)
    player._waiting = dict.fromkeys((fail, copy), 0.0)  # late: it waits for whoever holds
    window.autosave._is_writing = True
    with pytest.raises(ValueError, match="something else"):
        player._serve()
    qtbot.waitUntil(lambda: files() == ["00000001.bplab"])
    qtbot.waitUntil(lambda: not window.autosave._is_writing)
    edit(window, 7)
    with held(window, 0.6):
        window.autosave.copy()
        assert files() == ["00000001.bplab"]
        qtbot.waitUntil(lambda: len(files()) == 2)
