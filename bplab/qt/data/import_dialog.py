"""The import window: how a table is read, what its columns are for, and what comes of it, all of it live."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from bplab.data.dataset import Classes
from bplab.data.tables.folder import SIDE
from bplab.data.tables.reading import COMMENTS, DELIMITERS, ENCODINGS, QUOTES, Reading
from bplab.qt.background import Background
from bplab.qt.data.import_job import Loaded, Subject, Tried, advance_of, attempt, load
from bplab.qt.data.import_models import GAPS, ROLE, ChoiceDelegate, PreviewModel, RolesModel
from bplab.qt.dialogs.progress import Progress
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.errors import BplabError
    from bplab.qt.theme import Theme

RAGGED = {"refuse": "are an error", "skip": "are skipped", "fill": "are filled or cut"}
HEADERS = {True: "the names of the columns", False: "values already"}
DECIMALS = {".": "a point", ",": "a comma"}
LISTED = 50  # problems
MOST_SAMPLED = 1_000_000  # rows
POLITE_S = 5e-5


class ImportDialog(QDialog):
    """Shows a table, and becomes a data set when it is accepted.

    Signals
    -------
    finished_with : Loaded, Tried
        What was imported.
    """

    finished_with = Signal(object, object)

    def __init__(self, subject: Subject, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Import {subject.name}")
        self.setSizeGripEnabled(True)
        self._subject, self._reading = subject, Reading()
        self._loaded: Loaded | None = None
        self._tried: Tried | None = None
        self._ticket = 0
        self._background, self._progress = Background(self), Progress()
        self.preview, self.roles = PreviewModel(theme, self), RolesModel(self)
        self.roles.changed.connect(self._try)
        self._make_controls()
        self.pages = QStackedWidget()
        self.pages.addWidget(self._waiting_page())
        self.pages.addWidget(self._table_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.pages, 1)
        column.addWidget(self.buttons)
        self.resize(1000, 720)
        self._load()

    @property
    def is_ready(self) -> bool:
        """Whether there is a data set to be taken."""
        return self._tried is not None and self._tried.dataset is not None

    def done(self, result: int) -> None:
        """Close; what is still being done is not wanted any more."""
        self._progress.is_wanted = False
        self._ticket += 1
        self._background.leave()
        super().done(result)
        if result and self._loaded is not None and self._tried is not None:
            self.finished_with.emit(self._loaded, self._tried)

    # ---- what is shown

    def _make_controls(self) -> None:
        self.target = QComboBox()
        self.target.setAccessibleName("Target column")
        self.target.setToolTip("The column that the network learns to predict; the others are inputs or ignored.")
        self.target.activated.connect(lambda _: self.roles.set_target(self.target.currentText()))
        self.encoding = self._choice("Encoding", "How the characters are stored.", ENCODINGS, "encoding")
        self.delimiter = self._choice("Delimiter", "What stands between two values.", DELIMITERS, "delimiter")
        self.decimal = self._choice("Decimal mark", "What stands before the fraction of a number.", DECIMALS, "decimal")
        self.header = self._choice("First line", "What the first line holds.", HEADERS, "header")
        signs = {"": "none", **{sign: f"begin with {sign}" for sign in COMMENTS}}
        self.comment = self._choice("Comment lines", "Which lines are left out.", signs, "comment")
        self.quote = self._choice(
            "Quotation marks", "What stands around texts that hold the delimiter.", QUOTES, "quote"
        )
        self.ragged = self._choice("Uneven rows", "Rows with too few or too many values.", RAGGED, "ragged")
        self.missing = QLineEdit()
        self.missing.setAccessibleName("Words for a missing value")
        self.missing.setToolTip("Separated by spaces; an empty cell always is a missing value.")
        self.missing.editingFinished.connect(self._on_missing)
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.problems.setAccessibleName("Problems")
        self.problems.setMaximumHeight(96)
        self.problems.hide()
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText("Import")
        self.ok.setToolTip("Use these data. It can be undone.")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _choice(self, name: str, tip: str, choices: dict[Any, str], key: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setToolTip(tip)
        for value, label in choices.items():
            box.addItem(label, value)
        box.activated.connect(lambda _: self._read_as(**{key: box.currentData()}))
        return box

    def _waiting_page(self) -> QWidget:
        page = QWidget()
        self.doing = QLabel(f"Reading {self._subject.name}…")
        self.doing.setTextFormat(Qt.TextFormat.PlainText)
        self.doing.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of reading")
        self._progress.advanced.connect(self.bar.setValue)
        column = QVBoxLayout(page)
        column.addStretch()
        column.addWidget(self.doing)
        column.addWidget(self.bar)
        column.addStretch()
        return page

    def _table_page(self) -> QWidget:
        page = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        pairs: list[tuple[str, QWidget]] = [
            ("Target", self.target),
            ("Delimiter", self.delimiter),
            ("Decimal mark", self.decimal),
            ("Encoding", self.encoding),
            ("First line holds", self.header),
            ("Comments", self.comment),
            ("Quotes", self.quote),
            ("Uneven rows", self.ragged),
            ("Missing values are", self.missing),
        ]
        for place, (text, widget) in enumerate(pairs):
            label = QLabel(text)
            label.setProperty("role", "muted")
            label.setBuddy(widget)
            row, column = divmod(place, 3)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(widget, row, 2 * column + 1)
        for column in (1, 3, 5):
            grid.setColumnStretch(column, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._roles_view())
        splitter.addWidget(self._preview_view())
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        column_layout = QVBoxLayout(page)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(12)
        column_layout.addLayout(grid)
        column_layout.addWidget(splitter, 1)
        column_layout.addWidget(self.summary)
        column_layout.addWidget(self.problems)
        return page

    def _roles_view(self) -> QWidget:
        self.roles_view = QTableView()
        view = self.roles_view
        view.setModel(self.roles)
        view.setAccessibleName("What each column is for")
        view.verticalHeader().hide()
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        view.clicked.connect(lambda index: view.edit(index) if index.column() in (ROLE, GAPS) else None)
        delegate = ChoiceDelegate(view)
        view.setItemDelegateForColumn(ROLE, delegate)
        view.setItemDelegateForColumn(GAPS, delegate)
        head = view.horizontalHeader()
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for section, width in ((0, 200), (ROLE, 150), (GAPS, 140)):
            view.setColumnWidth(section, width)
        return view

    def _preview_view(self) -> QWidget:
        view = QTableView()
        view.setModel(self.preview)
        view.setAccessibleName("First rows of the table")
        view.setFont(number_font(9))
        view.horizontalHeader().setDefaultSectionSize(112)
        return view

    # ---- reading

    def _read_as(self, **changes: Any) -> None:
        if self._loaded is not None:
            said = {key: value for key in changes if (value := getattr(self._reading, key)) is not None}
            now = replace(self._loaded.table.reading, **said)
            chosen = {key: value for key, value in changes.items() if getattr(now, key) != value}
            if chosen:
                self._reading = replace(self._reading, **chosen)
                self._load()

    def _on_missing(self) -> None:
        words = tuple(sorted(set(self.missing.text().split())))
        self._read_as(missing=words)

    def _load(self) -> None:
        self._tried = None
        self.ok.setEnabled(False)
        self.bar.setValue(0)
        self.pages.setCurrentIndex(0)
        self._do(
            partial(load, self._subject, self._reading, advance_of(self._progress)), self._on_loaded, self._on_failed
        )

    def _do(self, job: Any, then: Any, failed: Any) -> None:
        """Do a job in the other thread; what an older one brings is not looked at."""
        self._ticket += 1
        ticket = self._ticket
        self._background.do(
            partial(_politely, job),
            lambda result: then(result) if ticket == self._ticket else None,
            lambda error: failed(error) if ticket == self._ticket else None,
        )

    def _on_failed(self, error: BplabError) -> None:
        """Say why it cannot be read; if it could be read before, let that be changed further."""
        text = f"{error.message}\n{error.hint}"
        if self._loaded is None and not self._offers_more():
            self.doing.setText(text)
            self.bar.hide()
            return
        self.pages.setCurrentIndex(1)
        self.preview.show_use((), ())
        self._show_problems(text)

    def _offers_more(self) -> bool:
        """Tell whether another way to read it may be tried, though none has worked yet."""
        self.target.setEnabled(self._loaded is not None)
        self.roles_view.setEnabled(self._loaded is not None)
        return self._subject.content is not None or self._subject.path.is_file()

    def _on_loaded(self, loaded: Loaded) -> None:
        said = self.roles.said if self._loaded is not None else {}
        self._loaded, self._subject = loaded, loaded.subject
        self.setWindowTitle(f"Import {loaded.subject.name}")
        self._offers_more()
        self.preview.show_table(loaded.table)
        self.roles.show_columns(loaded, {name: said[name] for name in said if name in loaded.table.columns})
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItems(list(loaded.table.columns))
        reading = loaded.table.reading
        for box, value in (
            (self.encoding, reading.encoding),
            (self.delimiter, reading.delimiter),
            (self.decimal, reading.decimal),
            (self.header, reading.header),
            (self.comment, reading.comment),
            (self.ragged, reading.ragged),
            (self.quote, reading.quote),
        ):
            box.setCurrentIndex(box.findData(value))
        self.missing.setText(" ".join(reading.missing or ()))
        self.pages.setCurrentIndex(1)
        self._try()

    # ---- what comes of it

    def _try(self) -> None:
        if self._loaded is None:
            return
        self._tried = None
        self.ok.setEnabled(False)
        targets = self.roles.targets
        self.target.setCurrentIndex(self.target.findText(targets[0]) if len(targets) == 1 else -1)
        self._do(partial(attempt, self._loaded, tuple(self.roles.columns)), self._on_tried, self._on_failed)

    def _on_tried(self, tried: Tried) -> None:
        self._tried = tried
        self.ok.setEnabled(self.is_ready)
        if self.is_ready:
            self.ok.setDefault(True)
            if isinstance(self.focusWidget(), QPushButton | None):  # not away from what is being typed or chosen
                self.ok.setFocus()
        self.preview.show_use(tried.columns, tried.faults)
        if tried.error is not None:
            self._show_problems(f"{tried.error.message}\n{tried.error.hint}")
        elif tried.faults:
            lines = [f"line {fault.line}, column {fault.column}: {fault.what}" for fault in tried.faults[:LISTED]]
            more = [f"and {len(tried.faults) - LISTED} more"] if len(tried.faults) > LISTED else []
            hint = "Ignore the column, drop the rows, or add the word to those for a missing value."
            self._show_problems("\n".join([*lines, *more, hint]))
        else:
            self.problems.hide()
            self.summary.setText(self._told(tried))

    def _show_problems(self, text: str) -> None:
        self.problems.setPlainText(text)
        self.problems.show()
        self.summary.setText("It cannot be used yet:")
        self.ok.setEnabled(False)

    @staticmethod
    def _told(tried: Tried) -> str:
        dataset, report = tried.dataset, tried.report
        assert dataset is not None
        target = dataset.target
        if isinstance(target, Classes):
            some = ", ".join(target.names[:6]) + (", …" if len(target.names) > 6 else "")
            what = f"{len(target.names)} classes ({some})"
        else:
            what = "a number" if len(target.names) == 1 else f"{len(target.names)} numbers"
        n, known = len(dataset.feature_names), "\n".join(("", *tried.remarks))
        return f"{report}.\n{n:,} input{'' if n == 1 else 's'}; target: {what}.{known}"


def _politely(job: Callable[[], object]) -> object:
    """Do a job that hands the interpreter over at once: painting a table asks for it hundreds of times."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(POLITE_S)
    try:
        return job()
    finally:
        sys.setswitchinterval(before)


class FolderPage(QDialog):
    """Asks to which size images are scaled."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Import {name}")
        text = QLabel("Every folder in it is a class. The images become grey, and are scaled to squares.")
        self.side = QSpinBox()
        self.side.setRange(4, 64)
        self.side.setValue(SIDE)
        self.side.setAccessibleName("Side in pixels")
        self.side.setToolTip("How many pixels a side has: each pixel is an input of the network.")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        _lay_out(self, text, "Side in pixels", self.side, buttons)


class LargeFilePage(QDialog):
    """Asks before a large file is read: all of it, or a sample of its rows."""

    def __init__(self, name: str, said: str, can_all: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Import {name}")
        text = QLabel(said)
        text.setTextFormat(Qt.TextFormat.PlainText)
        self.rows = QSpinBox()
        self.rows.setRange(2, MOST_SAMPLED)
        self.rows.setValue(10_000)
        self.rows.setAccessibleName("Rows of the sample")
        self.rows.setToolTip("How many rows are drawn by chance; they travel with the experiment.")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.all = self.buttons.addButton("Read all of it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.all.setEnabled(can_all)
        self.sample = self.buttons.addButton("Read a sample", QDialogButtonBox.ButtonRole.AcceptRole)
        self.wants_sample = False
        self.buttons.clicked.connect(self._on_clicked)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        _lay_out(self, text, "Rows of a sample", self.rows, self.buttons)

    def _on_clicked(self, button: QAbstractButton) -> None:
        self.wants_sample = button is self.sample


def _lay_out(page: QDialog, text: QLabel, name: str, field: QSpinBox, buttons: QDialogButtonBox) -> None:
    """Put a text, a number that is asked for, and buttons below each other."""
    text.setWordWrap(True)
    label = QLabel(name)
    label.setBuddy(field)
    row = QHBoxLayout()
    row.addWidget(label)
    row.addWidget(field, 1)
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(12)
    column.addWidget(text)
    column.addLayout(row)
    column.addWidget(buttons)
    page.resize(480, page.sizeHint().height())
