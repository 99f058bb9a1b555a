"""Every data set that comes with bplab can be chosen in the window, and trained."""

import pytest
from PySide6.QtGui import QGuiApplication

from bplab import Experiment
from bplab.data.sources import SOURCES
from bplab.qt.panels.data_panel import AS_PICTURES


@pytest.mark.parametrize("name", list(SOURCES)[AS_PICTURES:])
def test_a_data_set_of_the_menu_is_chosen_and_trained(window, qtbot, name):
    panel = window.data_panel
    action = next(action for action in panel.more.menu().actions() if action.text() == SOURCES[name].label)
    action.trigger()
    assert window.document.spec.data.source.name == name
    assert panel.more.text() == SOURCES[name].label
    assert panel.own.isVisible()
    assert not any(thumbnail.isChecked() for thumbnail in panel.thumbnails.values())
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()
    assert window.player.snapshot.step == 0 or window.player.snapshot.record is not None
    window.canvas.grab()
    panel.thumbnails["iris"].click()
    assert panel.more.text() == "More data sets"
    assert not panel.own.isVisible()


def take(window, qtbot):
    """Wait for the import window to be ready, and say yes."""
    dialog = window.data_actions.importer.dialog
    qtbot.waitUntil(lambda: dialog.is_ready)
    dialog.ok.click()


def test_cells_copied_from_a_spreadsheet_become_the_data(window, qtbot, tmp_path):
    rows = "\n".join(f"{n},5\t{n * 2}\t{'ja' if n % 2 else 'nein'}" for n in range(20))
    QGuiApplication.clipboard().setText(f"Länge\tBreite\tgut\n{rows}\n")
    window.actions_by_name["Paste table…"].trigger()
    take(window, qtbot)
    data = window.document.experiment.data
    assert data.dataset.feature_names == ("Länge", "Breite")
    assert data.class_names == ("ja", "nein")
    assert data.dataset.X[3].tolist() == [3.5, 6.0]
    assert window.document.undo_stack.undoText() == "Paste table"
    window.document.save(tmp_path / "p.bplab")
    qtbot.waitUntil(lambda: not window.document.is_saving)
    assert Experiment.open(tmp_path / "p.bplab").data.class_names == ("ja", "nein")
    QGuiApplication.clipboard().setText("")
    window.actions_by_name["Paste table…"].trigger()
    assert "no text on the clipboard" in window.message_bar.label.text()
