"""The canvas: designer and live picture in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QMoveEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolButton, QToolTip, QWidget

from bplab.experiment import edits
from bplab.experiment.naming import part_at, places
from bplab.qt.canvas.annotations import LEGEND_PX
from bplab.qt.canvas.layer_controls import WIDTH_PX, EndLayerLabel, HiddenLayerControls, tool_button
from bplab.qt.canvas.layout import MARGIN_BOTTOM_PX, Layout, arrange, least_width
from bplab.qt.canvas.painter import curve, paint
from bplab.qt.canvas.picture import Picture
from bplab.qt.canvas.scale import ColorBy, ScaleKind, connections
from bplab.qt.selection import Selection

if TYPE_CHECKING:
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.snapshot import Snapshot
    from bplab.qt.theme import Theme

CONTROLS_PX = 112  # above the lower edge
PICK_PX = 6.0


class Canvas(QWidget):
    """Shows the network of a document and lets the user change it.

    ``selected`` carries the `Selection` that the user picked, or None.
    """

    selected = Signal(object)

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Network")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(340)
        self.selection: Selection | None = None
        self._document, self._player, self._theme = document, player, theme
        self._sample = 0
        self._color_by: ColorBy = "gradient magnitude"
        self._scale: ScaleKind = "log"
        self._input = EndLayerLabel("input", "The input layer has one neuron a feature; it follows the data.", self)
        self._output = EndLayerLabel("output", "The output layer follows the data's target and the loss.", self)
        self.hidden_controls: list[HiddenLayerControls] = []
        self.add_buttons: list[QToolButton] = []
        self._layout = Layout((), (), ())
        document.spec_changed.connect(self._on_spec_changed)
        player.snapshot_taken.connect(self._on_snapshot)
        self._rebuild()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def set_color_by(self, color_by: ColorBy) -> None:
        """Choose what the colours of connections mean."""
        self._color_by = color_by
        self.update()

    def set_scale(self, scale: ScaleKind) -> None:
        """Choose a logarithmic or linear colour scale."""
        self._scale = scale
        self.update()

    @Slot(int)
    def set_sample(self, row: int) -> None:
        """Show the values of another sample of the batch."""
        self._sample = row
        self.update()

    def select(self, selection: Selection | None) -> None:
        """Pick a neuron or connection, or nothing."""
        if selection != self.selection:
            self.selection = selection
            self.selected.emit(selection)
            self.update()

    @property
    def last_layer(self) -> int:
        """The number of the output layer."""
        return len(self._layout.x) - 1

    def neuron_place(self, layer: int, neuron: int) -> QPointF:
        """Return where a neuron stands, in pixels of this widget."""
        return QPointF(self._layout.x[layer], self._layout.y[layer][neuron])

    def connection_place(self, selection: Selection) -> QPointF:
        """Return a point, in pixels of this widget, at which a click picks this connection and no other."""
        assert selection.source is not None
        path = curve(self._layout, selection.layer, selection.neuron, selection.source)
        points = [path.pointAtPercent(share / 40) for share in range(1, 40)]
        picked = (point for point in points if self._at(QPointF(point.toPoint())) == selection)
        return next(picked, points[20])

    def picture(self) -> Picture:
        """Return what would be painted now."""
        network, data = self._document.experiment.network, self._document.experiment.data
        snapshot = self._fitting_snapshot()
        record = snapshot.record if snapshot else None
        sample = min(self._sample, len(record.indices) - 1) if record else 0
        alone = sample if snapshot and snapshot.sample is not None else None
        return Picture(
            network=network,
            layout=self._layout,
            theme=self._theme,
            snapshot=snapshot,
            sample=sample,
            connections=connections(network, record, self._color_by, self._scale, alone),
            color_by=self._color_by,
            selection=self.selection,
            inputs=data.feature_names,
            outputs=data.output_names,
            classes=data.class_names,
        )

    def _fitting_snapshot(self) -> Snapshot | None:
        snapshot = self._player.snapshot
        if snapshot and snapshot.record and len(snapshot.record.layers) != len(self._layout.x) - 1:
            return None
        return snapshot

    def _on_spec_changed(self) -> None:
        self._rebuild()

    def _on_snapshot(self) -> None:
        # Only what changes while training: drawing the controls again would take as long as the network.
        if not self._player.is_turn(0, of=2):
            return
        bottom = self.height() - MARGIN_BOTTOM_PX
        self.update(0, 0, self.width(), bottom)
        self.update(self._view().right() - LEGEND_PX, self.height() - 32, LEGEND_PX + 1, 32)

    def _view(self) -> QRect:
        """Return the part of the canvas that is scrolled into sight."""
        parent = self.parentWidget()
        seen = self.rect() if parent is None else QRect(-self.pos(), parent.size()) & self.rect()
        return seen if not seen.isEmpty() else self.rect()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Draw again what stays in sight while the network scrolls."""
        super().moveEvent(event)
        self.update()

    def _rebuild(self) -> None:
        hidden = self._document.spec.network.hidden
        if len(self.hidden_controls) != len(hidden) or len(self.add_buttons) != len(hidden) + 1:
            self._make_controls(len(hidden))
        for layer, controls in zip(hidden, self.hidden_controls, strict=True):
            controls.refresh(layer)
        sizes = self._document.experiment.network.sizes
        self._input.refresh(_counted(sizes[0], "feature"))
        output = self._document.experiment.network.layers[-1]
        self._output.refresh(f"{_counted(sizes[-1], 'neuron')}\n{output.activation.label}")
        self.setMinimumWidth(least_width(len(sizes)))
        if self.selection and not self._exists(self.selection, sizes):
            self.select(None)
        self._arrange()
        self.update()

    def _exists(self, chosen: Selection, sizes: tuple[int, ...]) -> bool:
        in_layer = chosen.layer < len(sizes) and chosen.neuron < sizes[chosen.layer]
        return in_layer and (chosen.source is None or chosen.source < sizes[chosen.layer - 1])

    def _make_controls(self, count: int) -> None:
        for widget in (*self.hidden_controls, *self.add_buttons):
            widget.hide()
            widget.deleteLater()
        self.hidden_controls = [HiddenLayerControls(self._document, i, self) for i in range(count)]
        self.add_buttons = [self._add_button(i) for i in range(count + 1)]
        for widget in (*self.hidden_controls, *self.add_buttons):
            widget.show()

    def _add_button(self, position: int) -> QToolButton:
        def add() -> None:
            self._document.edit("Add layer", lambda spec: edits.add_layer(spec, position))

        name = f"Add a layer at place {position + 1}"
        button = tool_button("+", name, "Add a hidden layer of 4 neurons here.", add, self)
        button.setFixedSize(24, 24)
        return button

    def _arrange(self) -> None:
        self._layout = arrange(self._document.experiment.network.sizes, self.width(), self.height())
        top = self.height() - CONTROLS_PX
        columns = [self._input, *self.hidden_controls, self._output]
        for widget, x in zip(columns, self._layout.x, strict=True):
            widget.adjustSize()
            widget.move(round(x - WIDTH_PX / 2), top)
        for button, x0, x1 in zip(self.add_buttons, self._layout.x, self._layout.x[1:], strict=False):
            button.move(round((x0 + x1) / 2 - button.width() / 2), top - 28)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay everything out for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the network."""
        # No lock: a weight that changes while it is read is one frame newer, and waiting would cost the frame.
        painter = QPainter(self)
        try:
            paint(painter, self.picture(), QRectF(self.rect()), QRectF(self._view()))
            if self.hasFocus() and self.selection is None:
                painter.setPen(self._theme.color("action"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        finally:
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick what is under the mouse; the right button's menu is about it."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.setFocus()
            self.select(self._at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys; with Shift, up and down go through a neuron's incoming connections."""
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        move = moves.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.select(None)
        elif move is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move_source(move[1])
        else:
            self._move_neuron(*move)

    def _move_neuron(self, sideways: int, down: int) -> None:
        here = self.selection
        if here is None:
            self.select(Selection(1, 0))
            return
        layer = min(max(here.layer + sideways, 0), len(self._layout.x) - 1)
        neuron = min(max(here.neuron + down, 0), len(self._layout.y[layer]) - 1)
        self.select(Selection(layer, neuron))

    def _move_source(self, down: int) -> None:
        here = self.selection
        if here is not None and here.layer > 0:
            source = 0 if here.source is None else here.source + down
            last = len(self._layout.y[here.layer - 1]) - 1
            self.select(Selection(here.layer, here.neuron, min(max(source, 0), last)))

    def event(self, event: QEvent) -> bool:
        """Show what is under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._describe(found) if found else "", self)
            return True
        return super().event(event)

    def _at(self, place: QPointF) -> Selection | None:
        neuron = self._layout.nearest_neuron(place.x(), place.y())
        if neuron is not None:
            return Selection(*neuron)
        return self._connection_at(place)

    def _connection_at(self, place: QPointF) -> Selection | None:
        """Return the connection that passes nearest below or above the point, if any is near."""
        layout = self._layout
        for layer in range(1, len(layout.x)):
            x0, x1 = layout.x[layer - 1] + layout.radius[layer - 1], layout.x[layer] - layout.radius[layer]
            if x0 < place.x() < x1:
                share = (place.x() - x0) / (x1 - x0)
                rise = self._rise(share)
                y0, y1 = np.array(layout.y[layer - 1]), np.array(layout.y[layer])
                distance = np.abs(y0[None, :] + (y1[:, None] - y0[None, :]) * rise - place.y())
                neuron, source = np.unravel_index(int(distance.argmin()), distance.shape)
                if distance[neuron, source] <= PICK_PX:
                    return Selection(layer, int(neuron), int(source))
        return None

    def _rise(self, share: float) -> float:
        """Return how far a connection has risen at that share of its way, curved or straight as it is drawn."""
        if self._layout.is_dense:
            return share
        t = np.linspace(0.0, 1.0, 101)
        bend = 0.45
        x = 3 * (1 - t) ** 2 * t * bend + 3 * (1 - t) * t**2 * (1 - bend) + t**3
        return float(np.interp(share, x, 3 * (1 - t) * t**2 + t**3))

    def _describe(self, found: Selection) -> str:
        network, snapshot = self._document.experiment.network, self._fitting_snapshot()
        record = snapshot.record if snapshot else None
        if found.layer == 0:
            return f"Input {found.neuron + 1}"
        layer = network.layers[found.layer - 1]
        kept = self._kept(found)
        if found.source is None:
            return f"Layer {found.layer}, neuron {found.neuron + 1}: bias {layer.b[found.neuron]:+.4g}{kept}"
        text = f"weight {layer.W[found.neuron, found.source]:+.4g}{kept}"
        if record is not None:
            seen = record.layers[found.layer - 1]
            text += f", gradient {seen.dW[found.neuron, found.source]:+.4g}"
            text += f", update {seen.update_W[found.neuron, found.source]:+.4g}"
        return text

    def _kept(self, found: Selection) -> str:
        """Return in words whether training leaves it as it is."""
        experiment = self._document.experiment
        spec, network = experiment.spec, experiment.network
        part = part_at(spec, network.sizes, found.layer, found.neuron, found.source)
        if part.name in {pruned.name for pruned in spec.network.pruned}:
            return ", pruned"
        return ", frozen" if np.isin(places(spec, network, [part]), network.frozen).all() else ""


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
