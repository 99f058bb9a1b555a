"""The main window: puts the panels together and owns the way things are closed."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from bplab.microscope.facts import largest_gradient
from bplab.qt.canvas.selection_actions import SelectionActions
from bplab.qt.canvas_panel import CanvasPanel
from bplab.qt.data.actions import DataActions
from bplab.qt.document import Document
from bplab.qt.files.autosave import Autosave
from bplab.qt.files.check_actions import CheckActions
from bplab.qt.files.export_actions import ExportActions
from bplab.qt.files.file_actions import SUFFIX, FileActions
from bplab.qt.files.import_actions import ImportActions
from bplab.qt.files.picture_actions import PictureActions
from bplab.qt.files.predict_actions import PredictActions
from bplab.qt.inspector.inspector import Inspector
from bplab.qt.lessons.tutor import Tutor
from bplab.qt.menus import build_menus
from bplab.qt.message_bar import MessageBar
from bplab.qt.panels.data_panel import DataPanel
from bplab.qt.panels.notes_panel import NotesPanel
from bplab.qt.panels.setting_widgets import NumberEdit
from bplab.qt.panels.training_panel import TrainingPanel
from bplab.qt.player import Player
from bplab.qt.theme import Theme, apply_theme
from bplab.qt.transport_bar import TransportBar

if TYPE_CHECKING:
    from bplab.experiment.experiment import Experiment
    from bplab.qt.plots.plots_panel import PlotsPanel

LEFT_PX = 296
FILM_PACE = 5.0  # phases a second, at most


class MainWindow(QMainWindow):
    """One window, one document."""

    def __init__(self, experiment: Experiment, path: Path | None, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.player = Player(self)
        self.document = Document(experiment, self.player, path)
        self.files = FileActions(self.document, self)
        self.exports, self.checks = ExportActions(self.document, self), CheckActions(self.document, self)
        self.imports = ImportActions(self.document, self.files, self)
        self.transport = TransportBar(self.document, self.player, theme)
        self.message_bar = MessageBar()
        self.data_panel = DataPanel(self.document, theme)
        self.training_panel = TrainingPanel(self.document, theme)
        self.notes_panel = NotesPanel(self.document)
        self.canvas_panel = CanvasPanel(self.document, self.player, theme)
        self.canvas = self.canvas_panel.canvas
        self.selection_actions = SelectionActions(self.document, self.canvas)
        self.data_actions = DataActions(self)
        self.pictures, self.predictions = PictureActions(self), PredictActions(self)
        self.inspector = Inspector(self.document, self.player, theme)
        self.plots: PlotsPanel | None = None
        self.tutor = Tutor(self, theme)
        self.autosave = Autosave(self.document, self.canvas.grab, self)
        self._may_close = self._is_asking = self._is_complete = False
        self._is_mouse_used = False  # rather than Tab, to get to a control
        self._upper = QSplitter(Qt.Orientation.Horizontal)  # canvas and plots
        self._put_together()
        self._connect()
        self.actions_by_name = build_menus(self)
        self.setAcceptDrops(True)
        self.canvas.setFocus()
        self._show_title()

    def _put_together(self) -> None:
        self._upper.addWidget(self.canvas_panel)
        self._upper.setStretchFactor(0, 1)
        rows = QSplitter(Qt.Orientation.Vertical)
        rows.addWidget(self._upper)
        rows.addWidget(self.inspector)
        rows.setStretchFactor(0, 1)
        rows.setSizes([720, 232])
        for splitter in (self._upper, rows):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        columns = QWidget()
        row = QHBoxLayout(columns)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addWidget(self._left())
        row.addWidget(rows, 1)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.transport)
        column.addWidget(self.message_bar)
        column.addWidget(self.tutor.panel)
        column.addWidget(columns, 1)
        self.setCentralWidget(centre)

    def _left(self) -> QScrollArea:
        content = QWidget()
        content.setObjectName("panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.data_panel)
        column.addWidget(self.training_panel)
        column.addWidget(self.notes_panel)
        column.addStretch()
        self._left_area = area = QScrollArea()
        area.setObjectName("panel")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(LEFT_PX)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _connect(self) -> None:
        self.document.failed.connect(self.message_bar.show_error)
        self.document.noted.connect(self.message_bar.show_error)
        self.exports.failed.connect(self.message_bar.show_error)
        self.pictures.failed.connect(self.message_bar.show_error)
        self.tutor.failed.connect(self.message_bar.show_error)
        self.files.offered.connect(self.message_bar.show_offer)
        self.files.saving.connect(self.notes_panel.take)
        self.player.failed.connect(self.message_bar.show_error)
        self.player.started.connect(self.message_bar.hide)
        self.document.spec_changed.connect(self._on_spec_changed)
        self.document.state_changed.connect(self._show_title)
        self.data_panel.import_wanted.connect(self.data_actions.import_table)
        self.data_panel.prepare_wanted.connect(self.data_actions.prepare)
        self.data_panel.look_wanted.connect(self.data_actions.look)
        self.data_panel.draw_wanted.connect(self.data_actions.draw)
        self.player.snapshot_taken.connect(self._show_title)  # every step is something to save
        self.canvas.selected.connect(lambda: self.inspector.select(self.canvas.picks))
        self.canvas.hovered.connect(self.inspector.cards.light)
        self.inspector.picked.connect(self.canvas.select)
        self.inspector.happening.connect(self.canvas_panel.caption.say)
        self.inspector.select(())  # so that the caption says something from the beginning
        self.inspector.pointed.connect(self.canvas.light)
        self.inspector.sample_chosen.connect(self.canvas.set_sample)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def load_plots(self) -> None:
        """Add the plots; pyqtgraph takes a quarter of a second to import, so the window is on the screen before."""
        if self.plots is None:
            from bplab.qt.plots.plots_panel import PlotsPanel

            plots = PlotsPanel(self.document, self.player, self.theme)
            self._upper.addWidget(plots)
            side = max(300, int(self.width() * 0.25))
            self._upper.setSizes([self._upper.width() - side, side])
            self.plots = plots

    def play_film(self) -> None:
        """Play one whole step slowly, phase by phase or by whatever finer grain is chosen."""
        if self.player.grain not in ("operation", "phase"):
            self.transport.choose_grain("phase")
        if math.isinf(self.player.rate) or self.player.rate > FILM_PACE:
            self.transport.choose_speed(FILM_PACE)
        self.player.play_one_step()

    def pick_largest(self) -> None:
        """Pick the connection at which the loss pulls most strongly in the step that is shown."""
        snapshot = self.player.snapshot
        if snapshot is not None and snapshot.record is not None and snapshot.now.knows_error(1):
            self.canvas.select(largest_gradient(snapshot.record))

    def reveal(self, control: QWidget) -> None:
        """Scroll the panel at the left to one of its controls."""
        self._left_area.ensureWidgetVisible(control)

    def write_notes(self) -> None:
        """Go to the notes."""
        self.reveal(self.notes_panel)
        self.notes_panel.text.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Change all colours."""
        self.theme = theme
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        panels = (self.transport, self.data_panel, self.training_panel, self.canvas, self.inspector)
        parts = (*panels, self.plots, self.tutor.pointer)
        for part in parts:
            if part is not None:
                part.set_theme(theme)
        self.data_actions.set_theme()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work, and wait for what is being saved; then stop both threads."""
        self.notes_panel.take()
        if not self._may_close and (self.document.is_saving or not self.document.is_saved):
            self._is_asking = True
            self.files.leave(self._close_now)
            self._is_asking = False
            if not self._may_close:
                event.ignore()
                return
        self.player.close()
        self.document.close()
        self.autosave.close()
        self.pictures.close()
        self.checks.close()
        self.data_actions.close()
        event.accept()

    def close_keeping_copies(self) -> None:
        """Close without asking: unsaved work is offered at the next start."""
        self.player.pause()
        self.autosave.keep()
        self._close_now()

    def _close_now(self) -> None:
        self._may_close = True
        if not self._is_asking:
            self.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open an experiment, or import a table."""
        path = next(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()
        take = self.files.open if path.suffix.lower() == SUFFIX else self.data_actions.import_table
        QTimer.singleShot(0, self, partial(take, path))  # a dialog must not keep the other program waiting

    def event(self, event: QEvent) -> bool:
        """Let training go on once everything that changed has been painted."""
        handled = super().event(event)
        if event.type() == QEvent.Type.UpdateRequest:
            self.player.note_drawn()
            if not self._is_complete:
                self._is_complete = True
                QTimer.singleShot(0, self, self._complete)
        return handled

    def _complete(self) -> None:
        """Add what the first frame does not wait for: reading the digits and importing pyqtgraph take 0.4 s."""
        self.load_plots()
        self.data_panel.load_thumbnails()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the space key to a button or list that Tab has gone to; else it plays, and ends typing a number."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._is_mouse_used = True
        elif isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._is_mouse_used = False
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            focus = QApplication.focusWidget()
            if isinstance(focus, QAbstractButton | QComboBox) and focus.parent() is not self.transport:
                event.setAccepted(not self._is_mouse_used)
                return True
            if isinstance(focus, NumberEdit | QSpinBox):
                focus.clearFocus()  # so that what was typed is taken
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _on_spec_changed(self, before: object, after: object) -> None:
        if after is not before:  # what was said before is past
            self.message_bar.hide()

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Watch the keys of what has the focus; a filter on the application would be asked about every event."""
        if now is not None and now.window() is self:
            now.installEventFilter(self)

    def _show_title(self) -> None:
        document = self.document
        state = "saving…" if document.is_saving else "" if document.is_saved else "edited"
        parts = (document.name, state, "read-only" if document.owner else "", "bplab")
        self.setWindowTitle(" — ".join(part for part in parts if part))
