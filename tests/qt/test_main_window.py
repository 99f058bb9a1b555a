"""What the window does with keys, whatever has the focus, and that nothing is left behind."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QMenu


def test_space_presses_the_button_that_has_the_focus_and_plays_elsewhere(qtbot, window):
    plus = window.canvas.hidden_controls[0].more
    plus.setFocus()
    qtbot.keyClick(plus, Qt.Key.Key_Space)
    assert window.document.spec.network.hidden[0].size == 7
    assert not window.player.is_playing
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert window.player.is_playing
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert not window.player.is_playing


CLICKED = {
    "data set": lambda window: window.data_panel.thumbnails["sine"],
    "plus": lambda window: window.canvas.hidden_controls[0].more,
    "check box": lambda window: window.plots.findChild(QCheckBox),
}


@pytest.mark.parametrize("name", CLICKED)
def test_space_plays_after_a_click_on_a_button(qtbot, window, name):
    control = CLICKED[name](window)
    qtbot.mouseClick(control, Qt.MouseButton.LeftButton)
    spec = window.document.spec
    qtbot.keyClick(control, Qt.Key.Key_Space)
    assert window.player.is_playing
    assert window.document.spec == spec


def test_space_plays_also_when_a_choice_by_mouse_makes_the_controls_anew(qtbot, window):
    seed = window.training_panel.controls["seed"]
    qtbot.mouseClick(seed, Qt.MouseButton.LeftButton)
    optimizer = window.training_panel.controls["optimizer"]
    optimizer.setFocus()  # as its popup does
    optimizer.chosen.emit("adam")
    anew = window.training_panel.controls["optimizer"]
    assert anew is not optimizer
    qtbot.waitUntil(anew.hasFocus)
    qtbot.keyClick(anew, Qt.Key.Key_Space)
    assert window.player.is_playing


def test_space_presses_a_button_after_tab(qtbot, window):
    thumbnails = window.data_panel.thumbnails
    qtbot.mouseClick(thumbnails["circle"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(thumbnails["circle"], Qt.Key.Key_Tab)
    assert thumbnails["xor"].hasFocus()
    qtbot.keyClick(thumbnails["xor"], Qt.Key.Key_Space)
    assert window.document.experiment.data.dataset.name == "xor"
    assert not window.player.is_playing


def test_the_window_is_not_asked_about_events_of_others(qtbot, window, monkeypatch):
    window.canvas.setFocus()
    asked = []
    monkeypatch.setattr(type(window), "eventFilter", lambda _self, watched, _event: asked.append(watched) or False)
    stranger = QObject()
    QApplication.sendEvent(stranger, QEvent(QEvent.Type.User))
    QApplication.sendEvent(window.transport, QEvent(QEvent.Type.User))
    assert stranger not in asked
    assert window.transport not in asked


def test_a_layers_menu_leaves_no_menus_behind(qtbot, window):
    options = window.canvas.hidden_controls[0].options.options
    for _ in range(3):
        options.aboutToShow.emit()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(options.findChildren(QMenu)) == 3
