"""Painting samples with the mouse: points of classes or of a curve; erased and dragged, also while it trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QIcon,
    QImage,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QShortcut,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bplab.data.drawn import CLASSES, REACH, Drawing, along
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.qt.data.drawn_changes import DrawnChanges
    from bplab.qt.theme import Theme

GAP_PX, REACH_PX, POINT_PX = 9.0, 14.0, 4.0
MARGIN_PX = 8
ERASE, MOVE = "erase", "move"


class Board(QWidget):
    """The plane in which points are painted; each stroke is one edit.

    Signals
    -------
    drawn : Drawing, str
        A stroke has ended, and what it did.
    """

    drawn = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.drawing = Drawing.empty()
        self.tool: int | str = 0  # a class, or what else the mouse does
        self.ground: QImage | None = None
        self.curve: np.ndarray | None = None
        self._at: np.ndarray | None = None
        self._held: np.ndarray = np.empty(0, dtype=np.intp)
        self._before = self.drawing
        self.setMinimumSize(QSize(360, 360))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Plane to draw in")
        self.setToolTip("Press and pull: what happens depends on the button above.")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_drawing(self, drawing: Drawing) -> None:
        """Show other points."""
        self.drawing = drawing
        self.update()

    def square(self) -> QRectF:
        """Return where the plane is."""
        side = max(1.0, min(self.width(), self.height()) - 2 * MARGIN_PX)
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _scale(self) -> float:
        return self.square().width() / (2 * REACH)

    def place_of(self, point: QPointF) -> np.ndarray:
        """Return where in the plane a point of the widget is, shape (2,)."""
        square = self.square()
        x, y = point.x() - square.center().x(), square.center().y() - point.y()
        return np.clip(np.array([x, y]) / self._scale(), -REACH, REACH)

    def point_of(self, place: np.ndarray) -> QPointF:
        """Return where on the widget a place of the plane is."""
        centre = self.square().center()
        return QPointF(centre.x() + place[0] * self._scale(), centre.y() - place[1] * self._scale())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._at, self._before = self.place_of(event.position()), self.drawing
        if self.tool == MOVE:
            self._held = self.drawing.near(self._at, REACH_PX / self._scale())
        elif self.tool == ERASE:
            self._erase(self._at)
        else:
            self.drawing = self.drawing.added(self._at[None, :], self._label)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        if self._at is None:
            return
        place = self.place_of(event.position())
        if self.tool == MOVE:
            self.drawing = self.drawing.moved(self._held, place - self._at)
            self._at = place
        elif self.tool == ERASE:
            self._erase(place)
            self._at = place
        else:
            points = along(self._at, place, GAP_PX / self._scale())
            if len(points):
                self.drawing, self._at = self.drawing.added(points, self._label), points[-1]
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        """End it: it becomes an edit."""
        if self._at is None:
            return
        self._at = None
        if self.drawing is not self._before:
            names = {ERASE: "Erase points", MOVE: "Move points"}
            self.drawn.emit(self.drawing, names.get(str(self.tool), "Draw points"))

    @property
    def _label(self) -> int:
        return self.tool if isinstance(self.tool, int) else 0

    def _erase(self, place: np.ndarray) -> None:
        erased = self.drawing.erased(place, REACH_PX / self._scale())
        if len(erased.points) < len(self.drawing.points):
            self.drawing = erased

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw what the network says, axes, and points."""
        theme, square, painter = self._theme, self.square(), QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(square, theme.color("canvas"))
            if self.ground is not None:
                painter.drawImage(square, self.ground)
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawRect(square)
            painter.drawLine(QPointF(square.left(), square.center().y()), QPointF(square.right(), square.center().y()))
            painter.drawLine(QPointF(square.center().x(), square.top()), QPointF(square.center().x(), square.bottom()))
            painter.setPen(QPen(theme.color("canvas"), 1))
            colors = [QColor(theme.classes[label % len(theme.classes)]) for label in range(len(CLASSES))]
            for place, label in zip(self.drawing.points, self.drawing.labels.tolist(), strict=True):
                painter.setBrush(colors[label])
                painter.drawEllipse(self.point_of(place), POINT_PX, POINT_PX)
            if self.curve is not None:
                painter.setClipRect(square)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("action"), 2))
                painter.drawPolyline([self.point_of(place) for place in self.curve])
            if not len(self.drawing.points):
                painter.setPen(theme.color("muted"))
                painter.drawText(square, Qt.AlignmentFlag.AlignCenter, "Press the mouse and pull.")
        finally:
            painter.end()


class DrawWindow(QDialog):
    """Does not keep the other window from being used; what is drawn is learned at once."""

    def __init__(self, changes: DrawnChanges, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Draw data")
        self._changes, self._theme = changes, theme
        self.board = Board(theme)
        self.board.drawn.connect(self._on_drawn)
        self.tools = QButtonGroup(self)
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.kind = QToolButton()
        self.kind.setText("Curve")
        self.kind.setCheckable(True)
        self.kind.setToolTip("Draw a curve instead of classes: y is learned from x. Begins anew.")
        self.kind.toggled.connect(self._on_kind)
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Begin with an empty plane; what was drawn can be had back by undo.")
        self.clear.setAutoDefault(False)
        self.clear.clicked.connect(lambda: self._begin(Drawing.empty(self.board.drawing.is_curve)))
        self._lay_out()
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, changes.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Redo), self, changes.redo)
        changes.changed.connect(self.refresh)
        changes.asked.connect(self._on_asked)
        self.refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.buttons: dict[int | str, QToolButton] = {}
        for label, name in enumerate(CLASSES):
            self._add(
                row, label, "", f"Class {name}", f"Paint points of class {name}. Key {label + 1}.", str(label + 1)
            )
        self._add(row, ERASE, "Erase", "Erase", "Rub points out. Key E.", "E")
        self._add(row, MOVE, "Move", "Move", "Drag points that are near the mouse. Key M.", "M")
        row.addWidget(self.kind)
        row.addStretch()
        row.addWidget(self.clear)
        self.buttons[0].setChecked(True)
        self.told.setFont(number_font(9))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.board, 1)
        column.addWidget(self.told)
        self.resize(560, 640)

    def _add(self, row: QHBoxLayout, tool: int | str, text: str, name: str, tip: str, key: str) -> None:
        button = QToolButton()
        button.setCheckable(True)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        if isinstance(tool, int):
            button.setIcon(_dot(self._theme.classes[tool]))
            button.setProperty("role", "swatch")
        else:
            button.setText(text)
        button.toggled.connect(lambda on: self._choose(tool) if on else None)
        QShortcut(QKeySequence(key), self, button.click)
        self.tools.addButton(button)
        self.buttons[tool] = button
        row.addWidget(button)

    def _choose(self, tool: int | str) -> None:
        self.board.tool = tool

    def _on_kind(self, on: bool) -> None:
        if on != self.board.drawing.is_curve:
            self._begin(Drawing.empty(on))

    def _begin(self, drawing: Drawing) -> None:
        self.buttons[0].setChecked(True)
        self.board.show_drawing(drawing)
        self._show()

    def _on_drawn(self, drawing: Drawing, what: str) -> None:
        if not drawing.fault:
            self._changes.take(drawing, what)
        self._show()

    def _on_asked(self) -> None:
        drawing = self.board.drawing
        self.board.ground = None if drawing.is_curve else self._changes.ground
        self.board.curve = self._changes.curve if drawing.is_curve else None
        self.board.update()

    def refresh(self) -> None:
        """Show the points of the present data, as far as they can be drawn, and what the network says."""
        drawing = self._changes.drawing()
        if drawing is not None:
            self.board.show_drawing(drawing)
        self._show()

    def _show(self) -> None:
        drawing = self.board.drawing
        self.kind.blockSignals(True)
        self.kind.setChecked(drawing.is_curve)
        self.kind.blockSignals(False)
        there = 0 if not len(drawing.points) else int(drawing.labels.max()) + 1  # classes are used one after the other
        for tool, button in self.buttons.items():
            if isinstance(tool, int) and tool:
                button.setEnabled(not drawing.is_curve and tool <= there)
        if isinstance(self.board.tool, int) and not self.buttons[self.board.tool].isEnabled():
            self.buttons[0].setChecked(True)
        n = len(drawing.points)
        self.told.setText(
            f"{n:,} point{'' if n == 1 else 's'}. {drawing.fault or 'What is drawn is what is trained on.'}"
        )
        self.board.update()


def _dot(color: str) -> QIcon:
    picture = QPixmap(32, 32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(QRectF(6, 6, 20, 20))
    painter.end()
    return QIcon(picture)
