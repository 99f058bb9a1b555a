"""The canvas in its frame: the bar with the choices of how to read it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from bplab.qt.canvas.canvas import Canvas
from bplab.qt.canvas.reading import OPTIONS, Options, Reading
from bplab.qt.elided_label import TwoLines
from bplab.qt.panels.setting_widgets import QuietCombo, QuietSpinBox

if TYPE_CHECKING:
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.snapshot import Snapshot
    from bplab.qt.theme import Theme

IN_BAR = ("color_by", "scale", "show")  # the others are in the menu beside them
MOST_STRONGEST = 9_999


class CanvasPanel(QWidget):
    """Heading, choices and canvas.

    Attributes
    ----------
    combos : dict of str to QComboBox
        By the field of `Reading` that they choose.
    menu : QMenu
        All choices; the same is in the View menu.
    """

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = Canvas(document, player, theme)
        self.combos = {options.field: self._combo(options) for options in OPTIONS if options.field in IN_BAR}
        self.strongest = QuietSpinBox(self)
        self.strongest.setRange(1, MOST_STRONGEST)
        self.strongest.setValue(self.canvas.reading.strongest)
        self.strongest.setAccessibleName("Number of strongest connections")
        self.strongest.setToolTip("How many of the strongest connections are drawn.")
        self.strongest.setKeyboardTracking(False)
        self.strongest.valueChanged.connect(lambda count: self.canvas.set_reading(strongest=count))
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self._actions = add_reading(self.menu, self.canvas)
        self.canvas.reading_changed.connect(self._show)
        player.snapshot_taken.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        self.caption = TwoLines()
        self.caption.setObjectName("caption")
        self.caption.setContentsMargins(16, 0, 16, 0)
        column.addWidget(self.caption)
        column.addWidget(self.canvas, 1)
        self._show(self.canvas.reading)

    @Slot(object)
    def _follow(self, snapshot: Snapshot | None) -> None:
        """Keep the layer in sight at which "now" is."""
        if snapshot is not None and snapshot.layer is not None:
            self.canvas.reveal(snapshot.layer)

    @Slot(object)
    def _show(self, reading: Reading) -> None:
        for field, combo in self.combos.items():
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(getattr(reading, field)))
        with QSignalBlocker(self.strongest):
            self.strongest.setValue(reading.strongest)
        self.strongest.setVisible(reading.show == "strongest")

    def _combo(self, options: Options) -> QuietCombo:
        combo = QuietCombo(f"{options.label} of connections", options.doc, self)
        for value, label, doc in options.values:
            combo.addItem(label, value)
            combo.setItemData(combo.count() - 1, doc, Qt.ItemDataRole.ToolTipRole)
        combo.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToContents)
        combo.activated.connect(lambda: self.canvas.set_reading(**{options.field: combo.currentData()}))
        return combo

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 4)
        row.setSpacing(8)
        heading = QLabel("NETWORK")
        heading.setProperty("role", "heading")
        row.addWidget(heading)
        for options in OPTIONS:
            if options.field in IN_BAR:
                combo = self.combos[options.field]
                label = QLabel(options.label)
                label.setProperty("role", "muted")
                label.setBuddy(combo)
                row.addWidget(label)
                row.addWidget(combo)
        row.addWidget(self.strongest)
        more = QToolButton(self)
        more.setText("More")
        more.setAccessibleName("More ways to read the network")
        more.setToolTip("Width, neurons, matrices, and where the scale ends.")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(self.menu)
        row.addWidget(more)
        row.addStretch()
        return row


def add_reading(menu: QMenu, canvas: Canvas) -> list[QAction]:
    """Add a submenu for each choice of how to read the canvas, and keep its mark where the choice is."""
    made: list[QAction] = []
    for options in OPTIONS:
        submenu = menu.addMenu(options.label)
        submenu.setToolTipsVisible(True)
        group = QActionGroup(submenu)
        for value, label, doc in options.values:
            action = submenu.addAction(label)
            action.setToolTip(doc)
            action.setCheckable(True)
            action.setData((options.field, value))
            action.triggered.connect(partial(_choose, canvas, options.field, value))
            group.addAction(action)
            made.append(action)
    mark = partial(_mark, made)
    canvas.reading_changed.connect(lambda reading: mark(reading))
    mark(canvas.reading)
    return made


def _choose(canvas: Canvas, field: str, value: object, _checked: bool = False) -> None:
    canvas.set_reading(**{field: value})


def _mark(actions: list[QAction], reading: Reading) -> None:
    for action in actions:
        field, value = action.data()
        action.setChecked(getattr(reading, field) == value)
