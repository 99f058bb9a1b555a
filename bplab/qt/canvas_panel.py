"""The canvas in its frame: the bar that says what the colours mean, and room to scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from bplab.qt.canvas.canvas import Canvas
from bplab.qt.canvas.scale import COLOR_BY

if TYPE_CHECKING:
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.snapshot import Snapshot
    from bplab.qt.theme import Theme


class CanvasPanel(QWidget):
    """Heading, choices and canvas."""

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = Canvas(document, player, theme)
        self.color_by = _combo(
            "Colour of connections", COLOR_BY, "What the colour of a connection shows; a dashed line is negative."
        )
        self.scale = _combo("Colour scale", ("log", "linear"), "A log scale also tells small values apart.")
        self.color_by.currentTextChanged.connect(self.canvas.set_color_by)
        self.scale.currentTextChanged.connect(self.canvas.set_scale)
        self._area = area = QScrollArea(self)
        area.setWidget(self.canvas)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        player.snapshot_taken.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addWidget(area)

    @Slot(object)
    def _follow(self, snapshot: Snapshot | None) -> None:
        """Keep the layer in the middle at which "now" is."""
        if snapshot is not None and snapshot.layer is not None and snapshot.layer <= self.canvas.last_layer:
            place = self.canvas.neuron_place(snapshot.layer, 0).toPoint()
            half = self._area.viewport().width() // 2
            self._area.ensureVisible(place.x(), self._area.verticalScrollBar().value(), half, 0)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        heading = QLabel("NETWORK")
        heading.setProperty("role", "heading")
        row.addWidget(heading)
        row.addSpacing(8)
        for text, combo in (("Colour", self.color_by), ("Scale", self.scale)):
            label = QLabel(text)
            label.setProperty("role", "muted")
            label.setBuddy(combo)
            row.addWidget(label)
            row.addWidget(combo)
        width = QLabel("width: size of the weight")
        width.setProperty("role", "muted")
        row.addStretch()
        row.addWidget(width)
        return row


def _combo(name: str, choices: tuple[str, ...], tip: str) -> QComboBox:
    combo = QComboBox()
    combo.addItems(list(choices))
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    return combo
