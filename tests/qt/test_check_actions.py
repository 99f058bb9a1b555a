"""Comparing with another file and verifying the run, from the window."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from bplab import Experiment
from bplab.experiment import edits
from bplab.qt.dialogs.findings import FindingsDialog


def found(qtbot, window):
    dialog = window.findChild(FindingsDialog)
    qtbot.waitUntil(dialog.copy_button.isEnabled)
    return dialog, dialog.text.toPlainText()


def test_another_file_is_compared_in_words(qtbot, window, tmp_path, monkeypatch):
    other = Experiment.new("iris", hidden=[6, 5])
    other.apply(edits.change_layer(other.spec, 0, size=9))
    other.save(tmp_path / "other.bplab")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "other.bplab"), ""))
    window.actions_by_name["Compare with…"].trigger()
    dialog, text = found(qtbot, window)
    assert text.startswith("This experiment → other.bplab\n\nNetwork\n  layer 1, size: 6 → 9\nResult\n")
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == text


def test_a_file_that_cannot_be_compared_says_why(qtbot, window, tmp_path, monkeypatch):
    (tmp_path / "bad.bplab").write_bytes(b"nothing")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "bad.bplab"), ""))
    window.actions_by_name["Compare with…"].trigger()
    assert "bad.bplab is not a bplab experiment" in found(qtbot, window)[1]


def test_the_run_is_verified_beside_the_window(qtbot, window):
    window.transport.choose_grain("epoch")
    for _ in range(3):
        with qtbot.waitSignal(window.player.snapshot_taken):
            window.player.step()
    window.actions_by_name["Verify the run…"].trigger()
    dialog, text = found(qtbot, window)
    assert "36 steps were done again" in text
    assert "all parameters are the same" in text
    assert dialog.bar.maximum() == 36


def test_closing_the_dialog_ends_the_verification(qtbot, window):
    window.transport.choose_grain("epoch")
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()
    window.actions_by_name["Verify the run…"].trigger()
    window.findChild(FindingsDialog).reject()
    qtbot.waitUntil(lambda: not window.checks._background.is_busy)
    assert not window.message_bar.isVisible()
