"""What else a hidden layer may have: normalization, dropout, and a skip connection; in a menu on the layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from bplab.engine.normalization import NORMALIZATIONS
from bplab.experiment import edits

if TYPE_CHECKING:
    from bplab.experiment.spec import ExperimentSpec, LayerSpec
    from bplab.qt.document import Document

DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.5)
NO_SKIP = "none"


class LayerMenu(QToolButton):
    """The button of the hidden layer number `position`, from 0, and its menu, which is made when it opens."""

    def __init__(self, document: Document, position: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._position = document, position
        self.setText("⋮")
        self.setAccessibleName(f"Options of layer {position + 1}")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.options = QMenu(self)
        self.options.setToolTipsVisible(True)
        self.options.aboutToShow.connect(self._fill)
        self.setMenu(self.options)

    def refresh(self, layer: LayerSpec) -> None:
        """Show whether the layer has any of it."""
        has = described(self._document.spec, layer)
        self.setCheckable(True)
        self.setChecked(bool(has))
        now = f"Now: {', '.join(has)}." if has else "Now: none of them."
        self.setToolTip(f"Normalization, dropout and skip connection of this layer. {now}")

    def _fill(self) -> None:
        self.options.clear()
        for menu in self.options.findChildren(QMenu):  # they belong to the menu, not to the entries that are gone
            menu.setParent(None)
            menu.deleteLater()
        hidden = self._document.spec.network.hidden
        if self._position >= len(hidden):  # the layer has gone while its menu was about to open
            return
        layer = hidden[self._position]
        normalization = self._submenu("Normalization")
        for name, entry in NORMALIZATIONS.items():
            change: dict[str, object] = {"normalization": NORMALIZATIONS.choose(name)}
            self._choice(normalization, entry.label, entry.doc, layer.normalization.name == name, change)
        dropout = self._submenu("Dropout")
        for share in sorted({*DROPOUTS, layer.dropout}):
            tip = f"Switch off {share:.0%} of the neurons at each step." if share else "Every neuron takes part."
            label = f"{share:.0%}" if share else "none"
            self._choice(dropout, label, tip, layer.dropout == share, {"dropout": share})
        skip = self._submenu("Skip connection")
        self._choice(skip, NO_SKIP, "The layer hands on its own output.", layer.skip_from is None, {"skip_from": None})
        for key, name, size in _sources(self._document, self._position):
            tip = f"Add the output of the {name} to that of this layer; both need {layer.size} neurons."
            action = self._choice(skip, f"from {name}", tip, layer.skip_from == key, {"skip_from": key})
            action.setEnabled(size == layer.size)

    def _submenu(self, title: str) -> QMenu:
        menu = self.options.addMenu(title)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        group.setObjectName(title)
        return menu

    def _choice(self, menu: QMenu, label: str, tip: str, chosen: bool, change: dict[str, object]) -> QAction:
        action = menu.addAction(label)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.setToolTip(tip)
        group = menu.findChild(QActionGroup)
        assert group is not None
        group.addAction(action)
        text, position = f"Change {menu.title().lower()}", self._position
        action.triggered.connect(
            lambda: self._document.edit(text, lambda spec: edits.change_layer(spec, position, **change))
        )
        return action


def described(spec: ExperimentSpec, layer: LayerSpec) -> list[str]:
    """Return in words what a layer has beside its activation."""
    found = []
    if layer.normalization.name != "none":
        found.append(NORMALIZATIONS[layer.normalization.name].label)
    if layer.dropout:
        found.append(f"{layer.dropout:.0%} dropout")
    if layer.skip_from is not None:
        keys = [0, *(other.key for other in spec.network.hidden)]
        number = keys.index(layer.skip_from) if layer.skip_from in keys else 0
        found.append(f"skip connection from {f'layer {number}' if number else 'the input'}")
    return found


def _sources(document: Document, position: int) -> list[tuple[int, str, int]]:
    """Return key, name and size of every layer before a hidden one."""
    hidden = document.spec.network.hidden[:position]
    inputs = document.experiment.network.sizes[0]
    return [(0, "input", inputs), *((layer.key, f"layer {i}", layer.size) for i, layer in enumerate(hidden, start=1))]
