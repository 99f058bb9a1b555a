"""The wheel scrolls; it changes no setting that it passes over, nor takes the keys."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication


def turn(widget):
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


CONTROLS = {
    "activation": lambda window: window.canvas.hidden_controls[0].activation,
    "neurons": lambda window: window.canvas.hidden_controls[0].size_box,
    "optimizer": lambda window: window.training_panel.controls["optimizer"],
    "split": lambda window: window.data_panel.split,
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_wheel_changes_nothing(window, name):
    before, control = window.document.spec, CONTROLS[name](window)
    turn(control)
    assert window.document.spec == before
    assert not control.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
