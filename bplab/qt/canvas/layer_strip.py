"""The row of controls below the network: one column for each layer, and a plus between any two."""

from __future__ import annotations

import itertools
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from bplab.experiment import edits
from bplab.qt.canvas.layer_controls import WIDTH_PX, EndLayerLabel, HiddenLayerControls, LayerTab, tool_button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.qt.document import Document

STRIP_PX = 116
APART_PX = 8
PLUS_PX = 22


class LayerStrip(QWidget):
    """Follows the layers of the canvas; where they are too near for their controls, those of one layer are shown.

    Attributes
    ----------
    hidden_controls : list of HiddenLayerControls
    add_buttons : list of QToolButton
        One for each gap.
    tabs : list of LayerTab
        What is shown of a layer instead of its controls: a click brings them.
    """

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self._input = EndLayerLabel("input", "The input layer has one neuron a feature; it follows the data.", self)
        self._output = EndLayerLabel("output", "The output layer follows the data's target and the loss.", self)
        self.hidden_controls: list[HiddenLayerControls] = []
        self.add_buttons: list[QToolButton] = []
        self.tabs: list[LayerTab] = []
        self._places: Sequence[float] = ()
        self._current = 1
        self.refresh()

    def refresh(self) -> None:
        """Show what the spec says."""
        experiment = self._document.experiment
        hidden, sizes = experiment.spec.network.hidden, experiment.network.sizes
        if len(self.hidden_controls) != len(hidden) or len(self.add_buttons) != len(hidden) + 1:
            self._make(len(hidden))
        for layer, controls, tab in zip(hidden, self.hidden_controls, self.tabs, strict=True):
            controls.refresh(layer)
            tab.refresh(layer)
        self._input.refresh(_counted(sizes[0], "feature"))
        self._output.refresh(f"{_counted(sizes[-1], 'neuron')}\n{experiment.network.layers[-1].activation.label}")

    def show_layer(self, layer: int) -> None:
        """Show the controls of this layer, where there is no room for all."""
        if 1 <= layer <= len(self.hidden_controls) and layer != self._current:
            self._current = layer
            self.place(self._places)

    def place(self, places: Sequence[float]) -> None:
        """Put the controls of layers below these places of the view, input first."""
        self._places = places
        if len(places) != len(self.hidden_controls) + 2:
            return
        step = min((b - a for a, b in itertools.pairwise(places)), default=0.0)
        is_roomy = step >= WIDTH_PX + APART_PX
        self._current = min(self._current, len(self.hidden_controls))
        columns: list[QWidget] = [self._input, *self.hidden_controls, self._output]
        for number, (widget, x) in enumerate(zip(columns, places, strict=True)):
            widget.adjustSize()
            widget.move(round(x - widget.width() / 2), 28)
            is_end = number in (0, len(columns) - 1)
            widget.setVisible(self._has_room(x, step) if is_end else is_roomy or number == self._current)
        self._place_tabs(places[1:-1], step, is_roomy)
        self._place_current(is_roomy)
        for button, (x0, x1) in zip(self.add_buttons, pairwise(places), strict=True):
            size = int(min(PLUS_PX, max(14, (x1 - x0) / 2)))
            button.setFixedSize(size, size)
            button.move(round((x0 + x1) / 2 - size / 2), 2)
            button.setVisible(x1 - x0 >= 30)

    def _has_room(self, x: float, step: float) -> bool:
        """Whether input or output is far enough from the controls of the present layer."""
        if not self.hidden_controls or step >= WIDTH_PX + APART_PX:
            return True
        here = self._controls_box()
        own = QRect(round(x - WIDTH_PX / 2), 28, WIDTH_PX, 60)
        return not here.adjusted(-4, 0, 4, 0).intersects(own)

    def _controls_box(self) -> QRect:
        x = self._places[self._current]
        left = min(max(0.0, x - WIDTH_PX / 2), max(0.0, self.width() - WIDTH_PX))
        return QRect(round(left), 28, WIDTH_PX, STRIP_PX - 28)

    def _place_current(self, is_roomy: bool) -> None:
        if self.hidden_controls and not is_roomy:
            controls = self.hidden_controls[self._current - 1]
            controls.move(self._controls_box().topLeft())
            controls.raise_()

    def _place_tabs(self, places: Sequence[float], step: float, is_roomy: bool) -> None:
        here = self._controls_box() if self.hidden_controls and not is_roomy else QRect()
        for number, (tab, x) in enumerate(zip(self.tabs, places, strict=True), start=1):
            tab.setFixedWidth(int(max(18.0, min(WIDTH_PX, step - 4))))
            tab.move(round(x - tab.width() / 2), 28)
            near = here.adjusted(-2, 0, 2, 0).intersects(tab.geometry())
            tab.setVisible(not is_roomy and number != self._current and not near)

    def _make(self, count: int) -> None:
        for widget in (*self.hidden_controls, *self.add_buttons, *self.tabs):
            for part in (widget, *widget.findChildren(QObject)):
                part.blockSignals(True)  # a list of it that is open speaks of a layer that is gone
            widget.hide()
            widget.deleteLater()
        self.hidden_controls = [HiddenLayerControls(self._document, i, self._on_drop, self) for i in range(count)]
        self.add_buttons = [self._add_button(i) for i in range(count + 1)]
        self.tabs = [LayerTab(i, self.show_layer, self) for i in range(count)]

    def _on_drop(self, position: int, x: float) -> None:
        """Move a layer to the place that is nearest to where it was dropped."""
        inner = self._places[1:-1]
        if position >= len(inner):
            return
        target = min(range(len(inner)), key=lambda place: abs(inner[place] - x))
        if target != position:
            self._document.edit("Move layer", lambda spec: edits.move_layer(spec, position, target))

    def _add_button(self, position: int) -> QToolButton:
        def add() -> None:
            self._document.edit("Add layer", lambda spec: edits.add_layer(spec, position))

        name = f"Add a layer at place {position + 1}"
        button = tool_button("+", name, "Add a hidden layer of 4 neurons here.", add, self)
        button.setObjectName("plus")
        return button


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
