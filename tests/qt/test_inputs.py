"""The inputs of data in the plane are switched on and off in the window."""

import pytest
from PySide6.QtCore import Qt

from bplab import Experiment
from bplab.data.features import parse_inputs


def chip(window, text):
    return window.data_panel.inputs.chips[parse_inputs(text)[0]]


@pytest.fixture
def circle(open_window):
    return open_window(Experiment.new("circle"))


def test_a_click_gives_the_network_another_input_and_undo_takes_it(qtbot, circle):
    qtbot.mouseClick(chip(circle, "x1^2"), Qt.MouseButton.LeftButton)
    assert [str(i) for i in circle.document.spec.data.inputs] == ["x1", "x2", "x1^2"]
    assert circle.document.experiment.network.sizes[0] == 3
    circle.document.undo_stack.undo()
    assert circle.document.spec.data.inputs == ()
    assert not chip(circle, "x1^2").isChecked()
    assert chip(circle, "x1").isChecked()


def test_the_last_input_cannot_be_switched_off(qtbot, circle):
    qtbot.mouseClick(chip(circle, "x1"), Qt.MouseButton.LeftButton)
    assert [str(i) for i in circle.document.spec.data.inputs] == ["x2"]
    assert not chip(circle, "x2").isEnabled()
    qtbot.mouseClick(chip(circle, "sin(x1)"), Qt.MouseButton.LeftButton)
    assert chip(circle, "x2").isEnabled()


def test_inputs_are_offered_for_data_in_the_plane_alone(window, circle):
    assert not window.data_panel.inputs.isVisible()
    assert circle.data_panel.inputs.isVisible()


def test_a_curve_has_inputs_of_its_one_feature(open_window):
    window = open_window(Experiment.new("sine", inputs="x1,cos(x1)"))
    assert [str(i) for i in window.data_panel.inputs.chips] == ["x1", "x1^2", "sin(x1)", "cos(x1)"]
    assert chip(window, "cos(x1)").isChecked()
