"""How the data are prepared, all of it: split, scale, balance, noise, and what the network hears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from bplab.data.dataset import Classes
from bplab.data.features import FEATURES, Input, as_they_are, names_of
from bplab.data.prepare import BALANCES
from bplab.data.scale import SCALINGS
from bplab.data.split import SPLITS
from bplab.experiment import edits
from bplab.experiment.spec import DataSpec, TrainingSpec
from bplab.qt.panels.setting_widgets import (
    Form,
    OptionalNumberEdit,
    QuietCombo,
    heading,
    limits_of_field,
    number_edit,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.qt.data.changes import DataChanges
    from bplab.qt.document import Document

MOST_PAIRED = 12  # features whose squares, sines and products are offered
CHOICES: dict[str, dict[str, tuple[str, str]]] = {"split": SPLITS, "scaling": SCALINGS, "balance": BALANCES}
LABELS = {"split": "Test samples", "scaling": "Inputs scaled to", "balance": "Rare classes"}


class PrepareDialog(QDialog):
    """Does not keep the window from being used meanwhile; every change is an edit that can be undone."""

    def __init__(self, document: Document, changes: DataChanges, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Prepare the data")
        self._document, self._changes = document, changes
        self.combos = {name: self._combo(name) for name in CHOICES}
        self.edits = {name: self._edit(name) for name in ("test_fraction", "folds", "fold", "label_noise", "seed")}
        self.most = OptionalNumberEdit("most_samples", limits_of_field(DataSpec, "most_samples"))
        self.most.setPlaceholderText("all")
        self.most.setToolTip("Use only so many samples, drawn by the seed. Leave it empty for all.")
        self.most.changed.connect(self._on_most)
        self.most.refused.connect(document.failed)
        self.target = QCheckBox("Scale a target of numbers too")
        self.target.setToolTip("Give a target of numbers mean 0 and standard deviation 1.")
        self.target.toggled.connect(lambda on: self._changes.change("Change preparation", standardize_target=on))
        self.shuffle = QCheckBox("Shuffle in each epoch")
        self.shuffle.setToolTip(TrainingSpec.model_fields["shuffle"].description or "")
        self.shuffle.toggled.connect(self._on_shuffle)
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.inputs = QListWidget()
        self.inputs.setAccessibleName("What the network hears")
        self.inputs.setToolTip("What is checked is an input of the network: features as they are, or made of them.")
        self.inputs.itemChanged.connect(self._on_input)
        self._offered: tuple[Input, ...] = ()
        self._lay_out()
        document.spec_changed.connect(self.refresh)
        self.refresh()

    def _combo(self, name: str) -> QuietCombo:
        box = QuietCombo(LABELS[name], DataSpec.model_fields[name].description or "")
        box.setMinimumContentsLength(20)
        box.chosen.connect(lambda value: self._changes.change(f"Change {name}", **{name: value}))
        return box

    def _edit(self, name: str) -> Any:
        limits = limits_of_field(DataSpec, name)

        def on_edit(value: float) -> None:
            self._changes.change(f"Change {name}", True, **{name: int(value) if limits.whole else value})

        return number_edit(name, limits, 0, on_edit, self._document.failed.emit)

    def _lay_out(self) -> None:
        self._form = Form()
        rows: list[tuple[str, QWidget]] = [
            (LABELS["split"], self.combos["split"]),
            ("Share of them", self.edits["test_fraction"]),
            ("Folds", self.edits["folds"]),
            ("Fold that tests", self.edits["fold"]),
            ("Samples at most", self.most),
            (LABELS["scaling"], self.combos["scaling"]),
            (LABELS["balance"], self.combos["balance"]),
            ("Wrong targets", self.edits["label_noise"]),
            ("Data seed", self.edits["seed"]),
        ]
        for text, widget in rows:
            self._form.row(text, widget)
        self._form.setColumnMinimumWidth(0, 128)
        left = QVBoxLayout()
        left.addLayout(self._form)
        left.addWidget(self.target)
        left.addWidget(self.shuffle)
        left.addStretch()
        right = QVBoxLayout()
        right.addWidget(heading("WHAT THE NETWORK HEARS"))
        right.addWidget(self.inputs, 1)
        right.addLayout(self._buttons())
        both = QHBoxLayout()
        both.setSpacing(24)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(both, 1)
        column.addWidget(self.summary)
        column.addWidget(buttons)
        self.resize(720, 480)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for text, tip, kinds in (
            ("As they are", "Every feature as it is, and nothing else.", ("identity",)),
            ("Polynomial", "Every feature, its square, and all products of two.", ("identity", "square", "product")),
            ("Sines", "Every feature and its sine.", ("identity", "sine")),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, kinds=kinds: self._choose_kinds(kinds))
            row.addWidget(button)
        return row

    def refresh(self) -> None:
        """Show what holds now."""
        spec, data = self._document.spec.data, self._document.experiment.data
        is_classes = isinstance(data.dataset.target, Classes)
        for name, box in self.combos.items():
            choices = [(key, label, doc) for key, (label, doc) in CHOICES[name].items()]
            if data.dataset.is_test is None:
                choices = [choice for choice in choices if choice[0] != "by_column"]
            box.show_choices(choices, getattr(spec, name))
        for name, edit in self.edits.items():
            edit.show_value(getattr(spec, name))
        self.most.show_value(spec.most_samples)
        self.edits["test_fraction"].setEnabled(spec.split in ("stratified", "random", "in_order"))
        for name in ("folds", "fold"):
            self.edits[name].setEnabled(spec.split == "k_fold")
        self.combos["balance"].setEnabled(is_classes)
        self.target.setEnabled(not is_classes)
        with QSignalBlocker(self.target):
            self.target.setChecked(spec.standardize_target)
        with QSignalBlocker(self.shuffle):
            self.shuffle.setChecked(self._document.spec.training.shuffle)
        self._show_inputs(data.inputs, data.dataset.feature_names)
        self.summary.setText(_told(data))

    def _show_inputs(self, chosen: tuple[Input, ...], names: tuple[str, ...]) -> None:
        offered = tuple(dict.fromkeys((*_offered(len(names)), *chosen)))
        with QSignalBlocker(self.inputs):
            if offered != self._offered or self.inputs.count() != len(offered):
                self._offered = offered
                self.inputs.clear()
                self.inputs.addItems(list(names_of(offered, names)))
            for place, i in enumerate(offered):
                item = self.inputs.item(place)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Checked if i in chosen else Qt.CheckState.Unchecked)
                item.setToolTip(FEATURES[i.kind].doc)

    def _on_input(self, _item: QListWidgetItem) -> None:
        states = [self.inputs.item(place).checkState() for place in range(self.inputs.count())]
        self._choose([i for i, state in zip(self._offered, states, strict=True) if state == Qt.CheckState.Checked])

    def _choose_kinds(self, kinds: tuple[str, ...]) -> None:
        n = len(self._document.experiment.data.dataset.feature_names)
        self._choose([i for i in _offered(n) if i.kind in kinds])

    def _choose(self, chosen: Sequence[Input]) -> None:
        n = len(self._document.experiment.data.dataset.feature_names)
        if not chosen:  # there is always at least one
            self.refresh()
            return
        self._changes.change("Change inputs", inputs=() if tuple(chosen) == as_they_are(n) else tuple(chosen))

    def _on_shuffle(self, on: bool) -> None:
        self._document.edit("Change shuffling", lambda spec: edits.change_training(spec, shuffle=on))

    def _on_most(self, value: float | None) -> None:
        self._changes.change("Change samples", most_samples=None if value is None else int(value))


def _offered(n: int) -> tuple[Input, ...]:
    """Return the inputs that are offered for so many features."""
    columns = range(1, n + 1)
    plain = as_they_are(n)
    if n > MOST_PAIRED:
        return plain
    ones = [Input(kind, (column,)) for kind in ("square", "sine", "cosine") for column in columns]
    return (*plain, *ones, *(Input("product", (a, b)) for a in columns for b in columns if a < b))


def _told(data: Any) -> str:
    text = f"{len(data.X_train):,} samples train, {len(data.X_test):,} test."
    if data.class_names:
        labels = data.dataset.target.labels[data.train_indices]
        counts = np.bincount(labels, minlength=len(data.class_names)).tolist()
        pairs = [f"{name} {count:,}" for name, count in zip(data.class_names, counts, strict=True)]
        text += f" Of each class train: {', '.join(pairs[:8])}{', …' if len(pairs) > 8 else ''}."
    return text
