"""The small controls below each layer: activation, number of neurons, remove, and plus between layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bplab.engine.activations import ACTIVATIONS
from bplab.experiment import edits
from bplab.qt.canvas.layer_menu import LayerMenu
from bplab.qt.panels.setting_widgets import QuietCombo, QuietSpinBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent

    from bplab.experiment.spec import LayerSpec
    from bplab.qt.document import Document

WIDTH_PX = 112


def tool_button(text: str, name: str, tip: str, on_click: Callable[[], object], parent: QWidget) -> QToolButton:
    """Return a small button with an accessible name and a tooltip."""
    button = QToolButton(parent)
    button.setText(text)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.clicked.connect(on_click)
    return button


class HiddenLayerControls(QWidget):
    """Controls of the hidden layer number `position`, from 0.

    Parameters
    ----------
    on_drop : callable
        ``on_drop(position, x)`` is told where, in pixels of the parent, the layer was dragged to.
    """

    def __init__(
        self, document: Document, position: int, on_drop: Callable[[int, float], object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._position = position
        number = position + 1
        tip = "What each neuron of this layer does with its sum."
        self.activation = QuietCombo(f"Activation of layer {number}", tip, self)
        for name, entry in ACTIVATIONS.items():
            if not entry.output_only:
                self.activation.addItem(entry.label, name)
                self.activation.setItemData(self.activation.count() - 1, entry.doc, Qt.ItemDataRole.ToolTipRole)
        self.size_box = QuietSpinBox(self)
        self.size_box.setRange(1, 4096)
        self.size_box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.size_box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.size_box.setKeyboardTracking(False)
        self.size_box.setAccessibleName(f"Neurons of layer {number}")
        self.size_box.setToolTip("How many neurons the layer has: type a number. The others keep their weights.")
        self.fewer = tool_button(
            "−", f"Remove a neuron from layer {number}", "Take the last neuron away.", self._fewer, self
        )
        self.more = tool_button("+", f"Add a neuron to layer {number}", "Add a neuron below.", self._more, self)
        self.remove = tool_button(
            "✕", f"Remove layer {number}", "Remove this layer; undo brings it back.", self._remove, self
        )
        self.options = LayerMenu(document, position, self)
        self.grip = LayerGrip(position, on_drop, self)
        self.name = self._name_field(number)
        self._lay_out()
        self.activation.activated.connect(self._on_activation)
        self.size_box.valueChanged.connect(self._on_size)
        self.size_box.lineEdit().returnPressed.connect(self.size_box.clearFocus)

    def _name_field(self, number: int) -> QLineEdit:
        field = QLineEdit(self)
        field.setObjectName("name")
        field.setMaxLength(60)
        field.setPlaceholderText(f"layer {number}")
        field.setAccessibleName(f"Name of layer {number}")
        field.setToolTip("What this layer is called: type a name.")
        field.editingFinished.connect(self._on_name)
        field.returnPressed.connect(field.clearFocus)
        return field

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.grip)
        head.addWidget(self.name, 1)
        head.addWidget(self.options)
        head.addWidget(self.remove)
        grid.addLayout(head, 0, 0, 1, 3)
        grid.addWidget(self.activation, 1, 0, 1, 3)
        for column, widget in enumerate((self.fewer, self.size_box, self.more)):
            grid.addWidget(widget, 2, column)
        grid.setColumnStretch(1, 1)
        for button in (self.fewer, self.more):
            button.setFixedSize(26, 24)
        for button in (self.remove, self.options):
            button.setObjectName("plus")
            button.setFixedSize(20, 22)
        self.setFixedWidth(WIDTH_PX)

    def refresh(self, layer: LayerSpec) -> None:
        """Show what the spec says."""
        size, activation = layer.size, layer.activation
        if self.name.text() != layer.name:
            self.name.setText(layer.name)
            self.name.setCursorPosition(0)
        self.options.refresh(layer)
        with QSignalBlocker(self.size_box), QSignalBlocker(self.activation):
            self.size_box.setValue(size)
            self.activation.setCurrentIndex(self.activation.findData(activation.name))
        self.fewer.setEnabled(size > 1)

    def _change(self, text: str, **changes: object) -> None:
        self._document.edit(text, lambda spec: edits.change_layer(spec, self._position, **changes))

    def _on_name(self) -> None:
        name = self.name.text().strip()
        if name != self._document.spec.network.hidden[self._position].name:
            self._change("Rename layer", name=name)

    def _on_size(self, size: int) -> None:
        self._change("Change the number of neurons", size=size)

    def _on_activation(self) -> None:
        self._change("Change activation", activation=ACTIVATIONS.choose(self.activation.currentData()))

    def _fewer(self) -> None:
        self._change("Remove neuron", size=self.size_box.value() - 1)

    def _more(self) -> None:
        self._change("Add neuron", size=self.size_box.value() + 1)

    def _remove(self) -> None:
        self._document.edit("Remove layer", lambda spec: edits.remove_layer(spec, self._position))


class LayerGrip(QLabel):
    """What a layer is dragged by to another place."""

    def __init__(self, position: int, on_drop: Callable[[int, float], object], parent: QWidget) -> None:
        super().__init__("⠿", parent)
        self._position, self._on_drop = position, on_drop
        self.setProperty("role", "muted")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(f"Move layer {position + 1}")
        self.setToolTip("Drag the layer to another place; Alt with left and right does it too.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put the layer where the mouse is."""
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        controls = self.parentWidget()
        strip = controls.parentWidget() if controls else None
        if strip is not None:
            self._on_drop(self._position, float(self.mapTo(strip, event.position().toPoint()).x()))


class EndLayerLabel(QWidget):
    """What stands below input and output layer, which follow the data."""

    def __init__(self, title: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._text = QLabel(title, self), QLabel(self)
        self._title.setStyleSheet("font-weight: 600")
        self._text.setProperty("role", "muted")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 3, 0, 0)
        column.setSpacing(8)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addStretch()
        self.setToolTip(tip)
        self.setFixedWidth(WIDTH_PX)

    def refresh(self, text: str) -> None:
        """Show the second line."""
        self._text.setText(text)


class LayerTab(QToolButton):
    """What stands for hidden layer number `position`, from 0, where there is no room for its controls."""

    def __init__(self, position: int, on_click: Callable[[int], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._number = position + 1
        self.setObjectName("tab")
        self.setFixedHeight(44)
        self.clicked.connect(lambda: on_click(self._number))

    def refresh(self, layer: LayerSpec) -> None:
        """Show number, size and activation."""
        label = ACTIVATIONS[layer.activation.name].label
        self.setText(f"{self._number}\n{layer.size}")
        self.setAccessibleName(f"Layer {self._number}: {layer.size} neurons, {label}")
        self.setToolTip(f"{layer.name or f'Layer {self._number}'}: {layer.size} neurons, {label}. Click to change it.")
