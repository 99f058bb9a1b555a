"""Every data set that comes with bplab can be chosen in the window, and trained."""

import pytest

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
