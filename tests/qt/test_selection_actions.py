"""What is picked can be changed from the Network menu, the context menu and the keyboard."""

import pytest
from PySide6.QtCore import Qt

from bplab.experiment.templates import TEMPLATES
from bplab.microscope.selection import Selection
from bplab.qt.canvas.value_editor import ValueEditor


def seen(window):
    return [action.text() for action in window.selection_actions.actions if action.isVisible()]


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, key, modifier)


def test_nothing_is_offered_for_nothing(window):
    assert seen(window) == []


def test_a_key_prunes_the_connection_that_is_picked_and_brings_it_back(qtbot, window):
    window.activateWindow()
    window.canvas.select(Selection(1, 0, 2))
    network = window.document.experiment.network
    before = network.layers[0].W[0, 2]
    press(qtbot, window, Qt.Key.Key_P)
    assert window.document.experiment.network.layers[0].W[0, 2] == 0
    assert window.document.undo_stack.undoText() == "Prune connection"
    assert "Bring connection back" in seen(window)
    assert "pruned" in window.canvas.describe(Selection(1, 0, 2))
    press(qtbot, window, Qt.Key.Key_P)
    assert window.document.experiment.network.layers[0].W[0, 2] == before


def test_the_delete_key_removes_the_neuron_that_is_picked(qtbot, window):
    window.activateWindow()
    window.canvas.select(Selection(1, 2))
    press(qtbot, window, Qt.Key.Key_Delete)
    assert window.document.experiment.network.sizes == (4, 5, 5, 3)


def test_a_letter_in_a_field_is_a_letter(qtbot, window):
    window.canvas.select(Selection(1, 0, 2))
    before = window.document.spec
    field = window.training_panel.findChildren(type(window.data_panel.batch_edit))[0]
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_P)
    assert window.document.spec == before


def test_a_copied_layer_is_pasted_after_the_one_that_is_picked(window):
    actions = {action.text(): action for action in window.selection_actions.actions}
    window.canvas.select(Selection(1, 0))
    assert "Paste layer" not in seen(window)
    actions["Copy layer"].trigger()
    window.canvas.select(Selection(2, 0))
    actions["Paste layer"].trigger()
    assert window.document.experiment.network.sizes == (4, 6, 5, 6, 3)


def type_value(qtbot, window):
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Return)
    field = window.canvas.findChild(ValueEditor)
    assert field.isVisible()
    return field


def test_escape_leaves_a_weight_as_it_is(qtbot, window):
    window.canvas.select(Selection(1, 3, 1))
    field = type_value(qtbot, window)
    field.setText("3")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert not window.document.undo_stack.canUndo()


def test_a_double_click_types_the_weight_under_it(qtbot, window):
    place = window.canvas.connection_place(Selection(2, 1, 3)).toPoint()
    qtbot.mouseDClick(window.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert window.canvas.findChild(ValueEditor).isVisible()
    assert window.canvas.selection == Selection(2, 1, 3)


@pytest.mark.parametrize(("pick", "what"), [(Selection(1, 3, 1), "weight"), (Selection(2, 4), "bias")])
def test_a_weight_or_bias_is_typed_in_its_place(qtbot, window, pick, what):
    window.canvas.select(pick)
    assert f"Set {what}…" in seen(window)
    field = type_value(qtbot, window)
    before = field.text()
    field.selectAll()
    qtbot.keyClicks(field, "-0.125")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not field.isVisible()
    layer = window.document.experiment.network.layers[pick.layer - 1]
    assert (layer.W[3, 1] if what == "weight" else layer.b[4]) == -0.125
    assert window.document.undo_stack.undoText() == f"Set {what}"
    window.document.undo_stack.undo()
    layer = window.document.experiment.network.layers[pick.layer - 1]
    assert float(layer.W[3, 1] if what == "weight" else layer.b[4]) == float(before)


@pytest.mark.parametrize("text", ["", "much", "nan", "inf"])
def test_what_is_no_weight_is_refused_in_words(qtbot, window, text):
    window.canvas.select(Selection(1, 3, 1))
    before = window.document.experiment.network.parameters.copy()
    field = type_value(qtbot, window)
    field.setText(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.message_bar.isVisible()
    assert (window.document.experiment.network.parameters == before).all()


def test_the_right_button_picks_what_its_menu_is_about(qtbot, window):
    qtbot.mousePress(window.canvas, Qt.MouseButton.RightButton, pos=window.canvas.neuron_place(1, 2).toPoint())
    assert window.canvas.selection == Selection(1, 2)
    assert "Clone neuron" in seen(window)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_in_the_menu_and_can_be_undone(window, name):
    before = window.document.spec
    window.actions_by_name[TEMPLATES[name].label].trigger()
    assert window.document.spec != before
    window.document.undo_stack.undo()
    assert window.document.spec == before
