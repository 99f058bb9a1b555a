"""The canvas: designer and live picture in one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from bplab.data.images import image_shape
from bplab.exports.subject import Subject
from bplab.microscope.selection import Selection
from bplab.qt.canvas.annotations import LEGEND_HEIGHT_PX, LEGEND_PX, draw_legend
from bplab.qt.canvas.camera import Camera, fitting
from bplab.qt.canvas.flow import Flow
from bplab.qt.canvas.images import Images, neuron_images
from bplab.qt.canvas.layer_controls import tool_button
from bplab.qt.canvas.layer_strip import STRIP_PX, LayerStrip
from bplab.qt.canvas.layout import Layout, Wish, arrange
from bplab.qt.canvas.mouse import Mouse
from bplab.qt.canvas.painter import curve, paint
from bplab.qt.canvas.picture import Picture
from bplab.qt.canvas.pointing import group_at, part_at
from bplab.qt.canvas.reading import Reading
from bplab.qt.canvas.scale import keep
from bplab.qt.canvas.scene import Scene, marks_of
from bplab.qt.canvas.telling import describe
from bplab.qt.exports.still import LABELS_PX, Still, layer_names, usual_size
from bplab.qt.in_turn import InTurn

if TYPE_CHECKING:
    from PySide6.QtWidgets import QToolButton

    from bplab.qt.canvas.layer_controls import HiddenLayerControls
    from bplab.qt.canvas.scale import Kept
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.snapshot import Snapshot
    from bplab.qt.theme import Theme

LEGEND_ROW_PX = 44
ZOOM_STEP = 1.25
IMAGES_EVERY = 6  # pictures, while playing: answers everywhere take longer than drawing


class Canvas(QWidget):
    """Shows the network of a document and lets the user change it.

    ``selected`` carries the `Selection` that the rest of the window should speak of, or None; ``picks`` has all.
    ``hovered`` carries what is under the mouse, or None. ``reading_changed`` carries the `Reading` that holds now.
    """

    selected = Signal(object)
    hovered = Signal(object)
    reading_changed = Signal(object)

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Network")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(360, 300)
        self.picks: tuple[Selection, ...] = ()
        self.reading = Reading()
        self.document = document
        self._player, self._theme = player, theme
        self._sample = self._painted = 0
        self._last_images: Images = []
        self._wish = Wish(bottom=STRIP_PX + LEGEND_ROW_PX)
        self._layout = Layout((), (), 1.0, 1.0)
        self._camera: Camera | None = None  # None: all of it
        self._kept: Kept | None = None
        self._hovered: Selection | None = None
        self._lights: tuple[Selection, ...] = ()
        self._shown: Picture | None = None
        self._is_painted = False  # since numbers were read
        self._is_all_wanted = False  # the controls are to be painted too
        # Reading the numbers of a large network and drawing them take a frame each.
        self._drawing = InTurn(self, self._read_numbers, self._update_network)
        self._mouse = Mouse(self)
        self.flow = Flow(player, self)
        self.strip = LayerStrip(document, self)
        self.zoom_buttons = self._make_zoom_buttons()
        document.spec_changed.connect(self._on_spec_changed)
        player.snapshot_taken.connect(self._on_snapshot)
        self._rebuild()

    @property
    def selection(self) -> Selection | None:
        """The neuron or connection that the rest of the window speaks of."""
        return self.picks[-1] if self.picks else None

    @property
    def hidden_controls(self) -> list[HiddenLayerControls]:
        """The controls of each hidden layer."""
        return self.strip.hidden_controls

    @property
    def add_buttons(self) -> list[QToolButton]:
        """The plus of each gap."""
        return self.strip.add_buttons

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.redraw()

    def set_reading(self, **changes: object) -> None:
        """Read the picture in another way: fields of `Reading`."""
        before, self.reading = self.reading, replace(self.reading, **changes)  # type: ignore[arg-type]
        if self.reading.range != before.range or self.reading.color_by != before.color_by:
            self._kept = keep(self.scene(), self.reading.color_by) if self.reading.range != "automatic" else None
        if self.reading.has_matrices != before.has_matrices:
            self._wish = replace(self._wish, has_matrices=self.reading.has_matrices)
            self._arrange()
        self._last_images = []
        self.redraw()
        self.reading_changed.emit(self.reading)

    @Slot(int)
    def set_sample(self, row: int) -> None:
        """Show the values of another sample of the batch."""
        self._sample = row
        self.redraw()

    def select(self, selection: Selection | None) -> None:
        """Pick a neuron or connection alone, or nothing."""
        self.pick(() if selection is None else (selection,))

    def pick(self, picks: tuple[Selection, ...]) -> None:
        """Pick neurons and connections; the window speaks of the last one. What is not there (any more) is left out."""
        sizes = self.document.experiment.network.sizes
        picks = tuple(pick for pick in picks if _exists(pick, sizes))
        if picks == self.picks:
            return
        self.picks = picks
        if self.selection is not None:
            self.strip.show_layer(self.selection.layer)
            self._scroll_to(self.selection)
        self.selected.emit(self.selection)
        self._point(self._hovered)

    def toggle(self, selection: Selection) -> None:
        """Pick one more, or one less."""
        others = tuple(pick for pick in self.picks if pick != selection)
        self.pick(others if selection in self.picks else (*others, selection))

    @property
    def last_layer(self) -> int:
        """The number of the output layer."""
        return len(self._layout.columns) - 1

    @property
    def camera(self) -> Camera:
        """How the picture is brought into the view."""
        return self._camera or fitting((self._layout.width, self._layout.height), (self.width(), self.height()))

    def neuron_place(self, layer: int, neuron: int) -> QPointF:
        """Return where a neuron stands, in pixels of this widget."""
        column = self._layout.columns[layer]
        x = column.x if column.grid is None else float(column.right[neuron])
        return QPointF(*self.camera.to_view(x, float(column.y[neuron])))

    def connection_place(self, selection: Selection) -> QPointF:
        """Return a point, in pixels of this widget, at which a click picks this connection and no other."""
        assert selection.source is not None
        path = curve(self._layout, selection.layer, selection.neuron, selection.source)
        points = [path.pointAtPercent(share / 40) for share in range(1, 40)]
        places = [QPointF(*self.camera.to_view(point.x(), point.y())) for point in points]
        picked = (place for place in places if self.part_at(QPointF(place.toPoint())) == selection)
        return next(picked, places[20])

    def scene(self) -> Scene:
        """Return what there is to be shown now."""
        experiment, snapshot = self.document.experiment, self._fitting_snapshot()
        record, data = snapshot.record if snapshot else None, experiment.data
        return Scene(
            network=experiment.network,
            snapshot=snapshot,
            sample=min(self._sample, len(record.indices) - 1) if record else 0,
            slots=experiment.trainer().slots,
            marks=self._marks,
            inputs=data.feature_names,
            outputs=data.output_names,
            classes=data.class_names,
            unscale=data.unscale,
        )

    def still(self, theme: Theme, is_clear: bool = False) -> Still:
        """Return what is shown as a picture that stays, with copies of what training changes."""
        experiment = self.document.experiment
        with self._player.exclusive():
            scene = self.scene()
            network = Subject.of(experiment).network
            slots = {name: slot.copy() for name, slot in scene.slots.items()}
        scene = replace(scene, network=network, slots=slots)
        size = QSize(max(self.width(), usual_size(network.sizes).width()), self.height() - self.strip.height())
        return Still(
            scene=scene,
            reading=self.reading,
            theme=theme,
            names=layer_names(experiment.spec, scene),
            size=size,
            wish=replace(self._wish, bottom=LABELS_PX),
            kept=self._kept,
            is_clear=is_clear,
        )

    def picture(self) -> Picture:
        """Return what is painted now."""
        if self._shown is None:
            self._shown = Picture(
                scene=self.scene(),
                reading=self.reading,
                layout=self._layout,
                theme=self._theme,
                camera=self.camera,
                kept=self._kept,
                picks=self.picks,
                hovered=self._hovered,
                lights=self._lights,
                images=self._images(),
                is_on_screen=True,
            )
        return self._shown

    def _images(self) -> Images:
        if self.reading.neurons in ("value", "error"):
            return []
        if not self._player.is_playing or self._painted % IMAGES_EVERY == 0 or not self._last_images:
            data, scene = self.document.experiment.data, self.scene()
            self._last_images = neuron_images(scene, self.reading, self._layout, data, self._theme)
        return self._last_images

    def _fitting_snapshot(self) -> Snapshot | None:
        snapshot = self._player.snapshot
        if snapshot and snapshot.record and len(snapshot.record.layers) != len(self._layout.columns) - 1:
            return None
        return snapshot

    def redraw(self) -> None:
        """Draw what may have changed."""
        self._shown = None
        self._is_all_wanted = True
        self._drawing.start()

    def _point(self, hovered: Selection | None) -> None:
        """Draw other picks and another thing under the mouse, of the same moment."""
        self._hovered = hovered
        if self._shown is not None:
            self._shown = self._shown.pointed(self.picks, hovered, self._lights)
        self.update()

    def _make_zoom_buttons(self) -> list[QToolButton]:
        made = []
        for text, name, tip, do in (
            ("−", "Zoom out", "See more of it: Ctrl and minus, or the wheel.", lambda: self.zoom(1 / ZOOM_STEP)),
            ("Fit", "See all of the network", "See all of it: Ctrl and 0.", lambda: self.look_from(None)),
            ("+", "Zoom in", "Go nearer: Ctrl and plus, or the wheel.", lambda: self.zoom(ZOOM_STEP)),
        ):
            button = tool_button(text, name, tip, do, self)
            button.setObjectName("plus")
            button.setFixedSize(36 if text == "Fit" else 24, 24)
            made.append(button)
        return made

    def _on_spec_changed(self) -> None:
        self._rebuild()

    def _on_snapshot(self) -> None:
        # Only what changes while training: drawing the controls again would take as long as the network.
        if not self._player.is_turn(0, of=2):
            return
        self._shown = None
        self._painted += 1
        self._drawing.start()

    def _read_numbers(self) -> None:
        if self._is_painted:  # else nobody sees it
            self.picture().read()
        self._is_painted = False

    def _update_network(self) -> None:
        if self._is_all_wanted:
            self.update()
        else:
            self.update(0, 0, self.width(), self.strip.y())
            self.update(self.width() - LEGEND_PX - 16, self.height() - LEGEND_ROW_PX, LEGEND_PX + 16, LEGEND_ROW_PX)
        self._is_all_wanted = False

    def _rebuild(self) -> None:
        experiment = self.document.experiment
        sizes = experiment.network.sizes
        self._marks = marks_of(experiment.spec, experiment.network)
        self._last_images = []
        self._hovered, self._lights = None, ()
        self._wish = replace(self._wish, image=image_shape(experiment.data.feature_names))
        self.strip.refresh()
        picks = tuple(pick for pick in self.picks if _exists(pick, sizes))
        self._arrange()
        self.pick(picks)
        self.redraw()

    def _arrange(self) -> None:
        self._layout = arrange(self.document.experiment.network.sizes, self.width(), self.height(), self._wish)
        self.strip.setGeometry(1, self.height() - LEGEND_ROW_PX - STRIP_PX, self.width() - 2, STRIP_PX)
        left = 16
        for button in self.zoom_buttons:
            button.move(left, self.height() - LEGEND_ROW_PX + 10)
            left += button.width() + 4
        self.look_from(self._camera)

    def look_from(self, camera: Camera | None) -> None:
        """Look from elsewhere; None to see all of it."""
        if camera is not None:
            size, view = (self._layout.width, self._layout.height), (self.width(), self.height())
            least = fitting(size, view)
            camera = None if camera.zoom <= least.zoom * 1.001 else camera.within(size, view)
        self._camera = camera
        self.strip.place([self.camera.to_view(column.x, 0.0)[0] for column in self._layout.columns])
        self.redraw()

    def zoom(self, factor: float, place: QPointF | None = None) -> None:
        """Go nearer or further, about a place of the view or its middle."""
        at = place or QPointF(self.width() / 2, (self.height() - STRIP_PX) / 2)
        least = fitting((self._layout.width, self._layout.height), (self.width(), self.height())).zoom
        self.look_from(self.camera.zoomed(factor, at.x(), at.y(), least))

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by so many pixels."""
        self.look_from(self.camera.moved(dx, dy))

    def reveal(self, layer: int) -> None:
        """Bring a layer into the view, if it is outside."""
        if layer < len(self._layout.columns):
            x, _ = self.camera.to_view(self._layout.columns[layer].x, 0.0)
            if not 40 <= x <= self.width() - 40:
                self.pan(self.width() / 2 - x, 0.0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay everything out for the new size."""
        super().resizeEvent(event)
        self._arrange()
        self._drawing.stop()  # all of it is painted after this

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the network."""
        # No lock: a weight that changes while it is read is one frame newer, and waiting would cost the frame.
        self._is_painted = True
        painter = QPainter(self)
        try:
            picture, theme = self.picture(), self._theme
            painter.setClipRect(QRect(0, 0, self.width(), self.strip.y()))
            paint(painter, picture, QRectF(self.rect()))
            self.flow.draw(painter, picture)
            self._mouse.draw(painter, theme)
            painter.setClipping(False)
            row = QRectF(0, self.height() - LEGEND_ROW_PX, self.width(), LEGEND_ROW_PX)
            painter.fillRect(row, theme.color("canvas"))
            draw_legend(painter, picture, QPointF(self.width() - 16, row.top() + 2 + LEGEND_HEIGHT_PX))
            if self.hasFocus() and not self.picks:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
                painter.setPen(theme.color("action"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        finally:
            painter.end()

    def part_at(self, place: QPointF) -> Selection | None:
        """Return what is at a place of the view."""
        return part_at(self.picture(), *self.camera.to_picture(place.x(), place.y()))

    def layer_at(self, place: QPointF) -> int:
        """Return the layer that is nearest to a place of the view."""
        return self._layout.layer_at(self.camera.to_picture(place.x(), place.y())[0])

    @property
    def layout_now(self) -> Layout:
        """Where everything stands."""
        return self._layout

    def hover(self, place: QPointF | None) -> None:
        """Light up what is under the mouse."""
        found = None if place is None else self.part_at(place)
        if found != self._hovered:
            self._point(found)
            self.hovered.emit(found)

    @Slot(object)
    def light(self, places: tuple[Selection, ...]) -> None:
        """Light up what is spoken of elsewhere in the window."""
        self._lights = tuple(place for place in places if _exists(place, self.document.experiment.network.sizes))
        self._point(self._hovered)

    def turn_fold(self, layer: int) -> None:
        """Open a folded layer, or fold it again."""
        self._wish = replace(self._wish, opened=self._wish.opened ^ {layer})
        self._arrange()

    def scroll_layer(self, layer: int, neurons: int) -> bool:
        """Show other neurons of a folded layer; False if all of them are shown."""
        column = self._layout.columns[layer]
        if not column.groups:
            return False
        first = min(max(column.first + neurons, 0), column.size - column.shown)
        kept = {**dict(self._wish.scrolled), layer: first}
        self._wish = replace(self._wish, scrolled=tuple(sorted(kept.items())))
        self._arrange()
        return True

    def _scroll_to(self, chosen: Selection) -> None:
        """Unfold so much that the chosen neuron is among those that are shown."""
        column = self._layout.columns[chosen.layer]
        if chosen.source is None and column.groups and not column.first <= chosen.neuron < column.last:
            shift = chosen.neuron - (column.first if chosen.neuron < column.first else column.last - 1)
            self.scroll_layer(chosen.layer, shift)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick what is under the mouse; the right button's menu is about it."""
        self.setFocus()
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what is under the mouse, or go on with what was begun."""
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what was begun."""
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Type the weight or bias that is under the mouse."""
        found = self.part_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.select(found)
            for action in self.actions():
                if action.objectName() == "set value" and action.isEnabled():
                    action.trigger()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through a folded layer under the mouse; anywhere else, go nearer or further."""
        steps = event.angleDelta()
        layer, place = self.layer_at(event.position()), event.position()
        column = self._layout.columns[layer]
        is_near = abs(self.camera.to_picture(place.x(), place.y())[0] - column.x) < 24
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if steps.x() and not steps.y():
            self.pan(steps.x() / 2, 0.0)
        elif not control and is_near and self.scroll_layer(layer, -round(steps.y() / 40)):
            pass
        else:
            self.zoom(ZOOM_STEP ** (steps.y() / 120), place)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys; with Shift, up and down go through a neuron's incoming connections."""
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        move = moves.get(Qt.Key(event.key()))
        pages = {Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        layer = self.selection.layer if self.selection else 0
        if event.key() == Qt.Key.Key_Escape:
            self.select(None)
        elif event.key() in pages:
            self.scroll_layer(layer, pages[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_O and self._layout.columns[layer].groups:
            self.turn_fold(layer)
        elif move is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move_source(move[1])
        else:
            self._move_neuron(*move)

    def pick_layer(self) -> None:
        """Pick all neurons of the layer that is spoken of, or of the first hidden one."""
        layer = self.selection.layer if self.selection else 1
        here = self.selection.neuron if self.selection and not self.selection.is_connection else 0
        every = [neuron for neuron in range(self._layout.columns[layer].size) if neuron != here]
        self.pick(tuple(Selection(layer, neuron) for neuron in [*every, here]))

    def _move_neuron(self, sideways: int, down: int) -> None:
        here = self.selection
        if here is None:
            self.select(Selection(1, 0))
            return
        layer = min(max(here.layer + sideways, 0), self.last_layer)
        neuron = min(max(here.neuron + down, 0), self._layout.columns[layer].size - 1)
        self.select(Selection(layer, neuron))
        self.reveal(layer)

    def _move_source(self, down: int) -> None:
        here = self.selection
        if here is not None and here.layer > 0:
            source = 0 if here.source is None else here.source + down
            last = self._layout.columns[here.layer - 1].size - 1
            self.select(Selection(here.layer, here.neuron, min(max(source, 0), last)))

    def event(self, event: QEvent) -> bool:
        """Show what is under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """Return what the tooltip says at a place of the view."""
        found = self.part_at(place)
        if found is not None:
            return self.describe(found)
        group = group_at(self._layout, *self.camera.to_picture(place.x(), place.y()))
        if group is None:
            return ""
        return f"{group[1].last - group[1].first:,} more neurons: click to open, the wheel goes through them."

    def describe(self, found: Selection) -> str:
        """Return in words what a neuron or connection is, and its numbers."""
        return describe(self.document.experiment.spec, self.picture().scene, found)


def _exists(chosen: Selection, sizes: tuple[int, ...]) -> bool:
    in_layer = chosen.layer < len(sizes) and chosen.neuron < sizes[chosen.layer]
    return in_layer and (chosen.source is None or chosen.source < sizes[chosen.layer - 1])
