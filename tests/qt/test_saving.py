"""What is saved, where, and that the title says so."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from bplab import Experiment


def answer_with(monkeypatch, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))


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


def test_saving_during_play_counts_what_is_in_the_file_as_saved(qtbot, window, tmp_path):
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 5)
    assert window.document.save(tmp_path / "x.bplab")
    qtbot.waitUntil(lambda: not window.document.is_saved)
    window.player.pause()


def test_a_name_without_the_suffix_gets_it(window, tmp_path, monkeypatch):
    answer_with(monkeypatch, tmp_path / "try 1.5")
    assert window.save_as()
    assert window.document.path == tmp_path / "try 1.5.bplab"
    assert Experiment.open(window.document.path).spec == window.document.spec


def test_a_file_that_gets_its_suffix_afterwards_is_not_replaced_unasked(window, tmp_path, monkeypatch):
    (tmp_path / "x.bplab").write_bytes(b"dear")
    answer_with(monkeypatch, tmp_path / "x")
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Cancel)
    assert not window.save_as()
    assert (tmp_path / "x.bplab").read_bytes() == b"dear"
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Yes)
    assert window.save_as()
    assert Experiment.open(tmp_path / "x.bplab").spec == window.document.spec
