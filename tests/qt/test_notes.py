"""Notes: typed in the window, one step of undo, in the file and in the report."""

from PySide6.QtCore import Qt

from bplab import Experiment


def test_notes_are_typed_undone_and_saved(qtbot, window, tmp_path):
    panel = window.notes_panel
    window.actions_by_name["Write notes"].trigger()
    assert panel.text.hasFocus()
    qtbot.keyClicks(panel.text, "two layers")
    qtbot.waitUntil(lambda: window.document.spec.notes == "two layers")
    qtbot.keyClicks(panel.text, " are enough")
    qtbot.waitUntil(lambda: window.document.spec.notes == "two layers are enough")
    assert not window.document.is_saved
    assert window.document.undo_stack.count() == 1
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "a.bplab")
    assert Experiment.open(tmp_path / "a.bplab").spec.notes == "two layers are enough"
    window.document.undo_stack.undo()
    assert panel.text.toPlainText() == ""
    window.document.undo_stack.redo()
    assert panel.text.toPlainText() == "two layers are enough"


def test_typing_notes_does_not_disturb_training(qtbot, window):
    window.transport.choose_grain("batch")
    for _ in range(3):
        with qtbot.waitSignal(window.player.snapshot_taken):
            window.player.step()
    record = window.player.snapshot.record
    window.notes_panel.text.setPlainText("x")
    window.notes_panel.take()
    assert window.player.snapshot.record is record
    assert len(window.document.experiment.trainer().log) == 1


def test_what_was_just_typed_is_saved_too(qtbot, window, tmp_path):
    qtbot.keyClicks(window.notes_panel.text, "last words")
    window.document.path = tmp_path / "a.bplab"
    with qtbot.waitSignal(window.document.saved):
        window.files.save()
    assert Experiment.open(tmp_path / "a.bplab").spec.notes == "last words"


def test_space_is_a_letter_in_the_notes(qtbot, window):
    window.notes_panel.text.setFocus()
    qtbot.keyClick(window.notes_panel.text, Qt.Key.Key_Space)
    assert window.notes_panel.text.toPlainText() == " "
    assert not window.player.is_playing
    window.notes_panel.take()
