"""Which data, and how they are prepared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bplab.catalogue import Choice
from bplab.data.scale import SCALINGS
from bplab.data.sources import SOURCES
from bplab.experiment import edits
from bplab.experiment.spec import DataSpec, TrainingSpec
from bplab.qt.data.changes import DataChanges
from bplab.qt.panels.data_thumbnail import Thumbnail
from bplab.qt.panels.input_chips import InputChips
from bplab.qt.panels.setting_widgets import (
    Form,
    QuietCombo,
    QuietSlider,
    heading,
    label_text,
    limits_of_field,
    limits_of_setting,
    number_edit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.data.features import Input
    from bplab.qt.document import Document
    from bplab.qt.theme import Theme

COLUMNS = 3
AS_PICTURES = 9  # data sets that are shown at once; the others are in a menu


class DataPanel(QWidget):
    """Data sets to choose from, and what is done with them before training.

    Signals
    -------
    import_wanted, prepare_wanted, look_wanted, draw_wanted :
        Another window is asked for.
    """

    import_wanted = Signal()
    prepare_wanted = Signal()
    look_wanted = Signal()
    draw_wanted = Signal()

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document, self._theme = document, theme
        self.changes = DataChanges(document, self)
        self.changes.began.connect(self._on_began)
        self.changes.ended.connect(self._refresh)
        self.import_button = QPushButton("Import…")
        self.import_button.setToolTip(
            "Use a table of your own: CSV with a header line, Excel, Parquet, ARFF, npz, npy or SNNS."
        )
        self.import_button.clicked.connect(self.import_wanted)
        self.thumbnails = {name: Thumbnail(name, SOURCES[name].doc, theme) for name in list(SOURCES)[:AS_PICTURES]}
        self.more = self._more_button()
        self.own = Thumbnail("table", "Your own table.", theme)
        for name, thumbnail in self.thumbnails.items():
            thumbnail.clicked.connect(partial(self._choose, name))
        self.inputs = InputChips(self._on_inputs)
        self._settings = Form()
        self._shown_source: str | None = None
        self.controls: dict[str, QWidget] = {}
        self._split_text = QLabel()
        self._make_fixed_controls()
        self._lay_out()
        document.spec_changed.connect(self._refresh)
        self._refresh()

    def load_thumbnails(self) -> None:
        """Draw all data sets; before that, only the one in use has a picture."""
        for thumbnail in self.thumbnails.values():
            QTimer.singleShot(0, thumbnail, thumbnail.load)

    def set_theme(self, theme: Theme) -> None:
        """Draw the thumbnails in other colours."""
        self._theme = theme
        for thumbnail in (*self.thumbnails.values(), self.own):
            thumbnail.set_theme(theme)

    def _more_button(self) -> QToolButton:
        """Return a button whose menu has the data sets without a picture of their own."""
        button = QToolButton(self)
        button.setAccessibleName("More data sets")
        button.setToolTip("More data sets that come with bplab, made and measured.")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for name in list(SOURCES)[AS_PICTURES:]:
            action = menu.addAction(SOURCES[name].label)
            action.setToolTip(SOURCES[name].doc)
            action.triggered.connect(partial(self._choose, name))
        button.setMenu(menu)
        return button

    def _make_fixed_controls(self) -> None:
        self.split = QuietSlider(
            "Share of test samples", "How many samples are kept for testing, never for training.", 0, 90
        )
        self.split.setSingleStep(5)
        self.batch = QuietSlider("Batch size", "How many samples are averaged for one update of the weights.", 1, 100)
        self.scaling = QuietCombo("Inputs scaled to", DataSpec.model_fields["scaling"].description or "")
        self.prepare_button = _button("Prepare…", "Split, folds, scaling, balance, noise, and more inputs.")
        self.look_button = _button("Look at it…", "As a table, in pictures, and sample by sample.")
        self.draw_button = _button("Draw…", "Paint samples of your own with the mouse.")
        self.prepare_button.clicked.connect(self.prepare_wanted)
        self.look_button.clicked.connect(self.look_wanted)
        self.draw_button.clicked.connect(self.draw_wanted)
        self.split.valueChanged.connect(lambda value: self._change("Change split", True, test_fraction=value / 100))
        self.batch.valueChanged.connect(self._on_batch)
        self.scaling.chosen.connect(lambda name: self._change("Change scaling", scaling=name))
        batch = limits_of_field(TrainingSpec, "batch_size")
        self.batch_edit = number_edit("batch_size", batch, 10, self._on_batch, self._document.failed.emit)
        self.batch_edit.setFixedWidth(72)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(8)
        column.addLayout(_pair(heading("DATA"), self.import_button))
        grid = QGridLayout()
        grid.setSpacing(6)
        for place, thumbnail in enumerate((*self.thumbnails.values(), self.own)):
            grid.addWidget(thumbnail, place // COLUMNS, place % COLUMNS)
        column.addLayout(grid)
        column.addWidget(self.more)
        column.addWidget(self.inputs)
        column.addLayout(self._settings)
        column.addLayout(_pair(_muted("Train / test split"), self._split_text))
        column.addWidget(self.split)
        column.addLayout(_pair(_muted("Batch size"), self.batch_edit))
        column.addWidget(self.batch)
        scaling = Form()
        scaling.row("Inputs scaled", self.scaling)
        column.addLayout(scaling)
        buttons = QHBoxLayout()
        for button in (self.prepare_button, self.look_button, self.draw_button):
            buttons.addWidget(button)
        column.addLayout(buttons)

    def _choose(self, name: str, _checked: bool = False) -> None:
        self._change(f"Choose {name}", source=SOURCES.choose(name))

    def _change(self, text: str, mergeable: bool = False, **changes: object) -> None:
        self.changes.change(text, mergeable, **changes)
        self._refresh()

    def _on_began(self) -> None:
        self._split_text.setText("preparing…")

    def _on_batch(self, value: float) -> None:
        self._document.edit("Change batch size", lambda spec: edits.change_training(spec, batch_size=int(value)), True)

    def _refresh(self) -> None:
        spec = self._document.spec
        data, source = spec.data, spec.data.source
        dataset, missing = self._document.experiment.data.dataset, self._document.experiment.missing
        chosen = source.name if isinstance(source, Choice) else None
        for name, thumbnail in self.thumbnails.items():
            thumbnail.show_dataset(dataset if name == chosen else None, name == chosen)
        is_other = chosen not in self.thumbnails
        self.own.setVisible(is_other)
        if is_other:
            name = dataset.name if chosen is None else SOURCES[chosen].label
            self.own.rename(name if missing is None else f"{missing.name} is missing")
        self.own.show_dataset(dataset if is_other and missing is None else None, is_other)
        self.more.setText("More data sets" if chosen is None or not is_other else SOURCES[chosen].label)
        self.inputs.show_inputs(data.inputs, dataset.feature_names)
        self._refresh_settings(data)
        share = round(data.test_fraction * 100)
        size = len(self._document.experiment.data.X_train)
        for slider, value in ((self.split, share), (self.batch, spec.training.batch_size)):
            with QSignalBlocker(slider):
                if slider is self.batch:
                    slider.setMaximum(max(2, min(size, 256), value))
                slider.setValue(value)
        self.scaling.show_choices([(name, *said) for name, said in SCALINGS.items()], data.scaling)
        self.split.setEnabled(data.split in ("stratified", "random", "in_order"))
        self.batch_edit.show_value(spec.training.batch_size)
        n_test = len(self._document.experiment.data.X_test)
        self._split_text.setText(f"{100 - share} : {share}" if self.split.isEnabled() else f"{size:,} : {n_test:,}")

    def _refresh_settings(self, data: DataSpec) -> None:
        source = data.source
        name = source.name if isinstance(source, Choice) else "table"
        if name != self._shown_source:
            self._shown_source = name
            self._settings.clear()
            self.controls = {}
            settings = SOURCES[name].settings if isinstance(source, Choice) else {}
            for key, setting in settings.items():
                self._add(key, limits_of_setting(setting), partial(self._on_setting, key))
            self._add("seed", limits_of_field(DataSpec, "seed"), self._on_seed)
        values = source.values if isinstance(source, Choice) else {}
        for key, value in {**values, "seed": data.seed}.items():
            self.controls[key].show_value(value)  # type: ignore[attr-defined]

    def _add(self, key: str, limits: Any, on_edit: Callable[[float], object]) -> None:
        widget = number_edit(key, limits, 0, on_edit, self._document.failed.emit)
        self.controls[key] = widget
        self._settings.row("Data seed" if key == "seed" else label_text(key), widget)

    def _on_setting(self, key: str, value: float) -> None:
        source = self._document.spec.data.source
        assert isinstance(source, Choice)
        whole = SOURCES[source.name].settings[key].whole
        self._change(f"Change {key}", True, source=SOURCES.replace(source, **{key: int(value) if whole else value}))

    def _on_inputs(self, inputs: tuple[Input, ...]) -> None:
        self._change("Change inputs", inputs=inputs)

    def _on_seed(self, value: float) -> None:
        self._change("Change data seed", True, seed=int(value))

    def sizeHint(self) -> QSize:
        """Ask for the width of three thumbnails."""
        return QSize(248, super().sizeHint().height())


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def _pair(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(left)
    row.addStretch()
    row.addWidget(right)
    return row
