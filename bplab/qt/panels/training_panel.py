"""How the network is trained: loss, optimizer, regularization, initial weights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.experiment import edits
from bplab.experiment.spec import PARTS, TrainingSpec
from bplab.qt.panels.setting_widgets import (
    Form,
    OptionalNumberEdit,
    QuietCombo,
    heading,
    label_text,
    limits_of_field,
    limits_of_setting,
    number_edit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.catalogue import Choice
    from bplab.engine.class_weights import ClassWeights
    from bplab.qt.document import Document
    from bplab.qt.theme import Theme

USUAL = (
    ("optimizer", "Optimizer", "How a gradient becomes a step of the weights."),
    ("regularizer", "Regularization", "What keeps the weights small."),
    ("initializer", "Initializer", "How the first weights are drawn; a change starts anew."),
)
MORE = (
    ("schedule", "Schedule", "How the learning rate changes with the steps since it was chosen."),
    ("clipping", "Clipping", "What is done to a gradient that is too large."),
    ("bias_initializer", "Biases", "How the first biases are drawn; a change starts anew."),
)
STOPS = (
    ("stop_epochs", "Stop at epoch"),
    ("stop_loss", "Stop at loss"),
    ("stop_accuracy", "Stop at accuracy"),
    ("stop_patience", "Patience"),
)
WEIGHTS = (
    ("none", "alike", "The samples of all classes count alike."),
    ("balanced", "balanced", "The rarer a class is, the more each of its samples counts."),
)
DTYPES = (
    ("float64", "double", "Numbers with about 16 digits."),
    ("float32", "single", "Numbers with about 7 digits, as most libraries use; a change starts anew."),
)


class TrainingPanel(QWidget):
    """Shows and changes the training part of the design."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self._shown: object = None
        self.controls: dict[str, QWidget] = {}
        self._form, self._more_form = Form(), Form()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(heading("TRAINING"))
        column.addLayout(self._form)
        self.more_button = QToolButton()
        self.more_button.setText("More settings")
        self.more_button.setObjectName("disclosure")
        self.more_button.setCheckable(True)
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.setArrowType(Qt.ArrowType.RightArrow)
        self.more_button.setAccessibleName("More training settings")
        self.more_button.setToolTip("Schedule, clipping, biases, class weights, precision, and when to stop.")
        self.more_button.toggled.connect(self._on_more)
        column.addWidget(self.more_button)
        column.addLayout(self._more_form)
        document.spec_changed.connect(self._refresh)
        self.set_theme(theme)
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Nothing here has colours of its own."""

    def _refresh(self) -> None:
        training = self._document.spec.training
        shape = (
            [getattr(training, name).name for name in PARTS],
            self._losses(),
            self.more_button.isChecked(),
        )
        if shape != self._shown:
            self._shown = shape
            self._build()
        self._show_values()

    def _build(self) -> None:
        """Make the rows anew: another optimizer has other settings."""
        focus = next((name for name, widget in self.controls.items() if widget.hasFocus()), None)
        self._form.clear()
        self._more_form.clear()
        self.controls = {}
        self._add("loss", "Loss", self._combo("Loss", "What the training makes small.", self._on_loss))
        tip = "What the output layer does with its sums; automatic takes what suits loss and target."
        self._add("output", "Output", self._combo("Output activation", tip, self._on_output))
        self._add_settings("loss")
        for part, label, tip in USUAL:
            self._add_part(part, label, tip)
        self._number("seed", "seed", limits_of_field(TrainingSpec, "seed"), partial(self._on_field, "seed"))
        if self.more_button.isChecked():
            self._build_more()
        if focus in self.controls:
            self.controls[focus].setFocus()

    def _build_more(self) -> None:
        for part, label, tip in MORE:
            self._add_part(part, label, tip)
        limits = limits_of_field(TrainingSpec, "warmup_steps")
        self._number("warmup_steps", "warm-up steps", limits, partial(self._on_field, "warmup_steps"))
        weights = self._combo("Class weights", "How much the samples of each class count.", self._on_weights)
        self._add("class_weights", "Classes count", weights)
        precision = self._combo("Precision", "How exactly numbers are kept; a change starts anew.", self._on_dtype)
        self._add("dtype", "Precision", precision)
        for name, label in STOPS:
            self._add(name, label, self._optional(name, label))

    def _add_part(self, part: str, label: str, tip: str) -> None:
        self._add(part, label, self._combo(label, tip, partial(self._on_part, part)))
        self._add_settings(part)

    def _add_settings(self, part: str) -> None:
        choice: Choice = getattr(self._document.spec.training, part)
        for name, setting in PARTS[part][choice.name].settings.items():
            callback = partial(self._on_setting, part, name)
            self._number(f"{part}.{name}", name, limits_of_setting(setting), callback)

    def _optional(self, name: str, label: str) -> OptionalNumberEdit:
        edit = OptionalNumberEdit(label, limits_of_field(TrainingSpec, name))
        edit.changed.connect(partial(self._on_optional, name))
        edit.refused.connect(self._document.failed)
        return edit

    def _add(self, key: str, label: str, widget: QWidget) -> None:
        self.controls[key] = widget
        form = self._more_form if "seed" in self.controls and key != "seed" else self._form  # seed is the last of them
        form.row(label, widget)

    def _combo(self, name: str, tip: str, on_choice: Callable[[str], object]) -> QuietCombo:
        combo = QuietCombo(name, tip)
        combo.chosen.connect(on_choice)
        return combo

    def _number(self, key: str, name: str, limits: Any, on_edit: Callable[[float], object]) -> None:
        self._add(key, label_text(name), number_edit(name, limits, 0, on_edit, self._document.failed.emit))

    def _losses(self) -> list[str]:
        dataset = self._document.experiment.data.dataset
        return [name for name in LOSSES if edits.fits(LOSSES.choose(name), dataset)]

    def _show_values(self) -> None:
        spec = self._document.spec
        self._show("loss", [_row(LOSSES[name]) for name in self._losses()], spec.training.loss.name)
        chosen = spec.network.output_activation
        present = self._document.experiment.network.layers[-1].activation.label
        outputs = [_row(ACTIVATIONS[name]) for name in LOSSES[spec.training.loss.name].outputs]
        automatic = ("", "automatic", f"What suits loss and target; now {present}.")
        self._show("output", [automatic, *outputs], chosen.name if chosen else "")
        for part in PARTS:
            if part in self.controls:
                self._show_part(part, getattr(spec.training, part))
        for name in ("seed", "warmup_steps", *(name for name, _ in STOPS)):
            if name in self.controls:
                self.controls[name].show_value(getattr(spec.training, name))  # type: ignore[attr-defined]
        if self.more_button.isChecked():
            self._show("dtype", list(DTYPES), spec.network.dtype)
            self._show_weights(spec.training.class_weights)

    def _show_part(self, part: str, choice: Choice) -> None:
        if part != "loss":
            self._show(part, [_row(entry) for entry in PARTS[part].values()], choice.name)
        for name, value in choice.settings:
            self.controls[f"{part}.{name}"].show_value(value)  # type: ignore[attr-defined]

    def _show_weights(self, weights: ClassWeights) -> None:
        given = [] if isinstance(weights, str) else [("given", "as given", f"{', '.join(map(str, weights))}")]
        self._show("class_weights", [*WEIGHTS, *given], weights if isinstance(weights, str) else "given")
        self.controls["class_weights"].setEnabled(bool(self._document.experiment.data.class_names))

    def _show(self, key: str, choices: list[tuple[str, str, str]], present: str) -> None:
        combo = self.controls[key]
        assert isinstance(combo, QuietCombo)
        combo.show_choices(choices, present)

    def _change(self, text: str, changes: dict[str, object], mergeable: bool = False) -> None:
        self._document.edit(text, lambda spec: edits.change_training(spec, **changes), mergeable)

    def _on_loss(self, name: str) -> None:
        self._change("Change loss", {"loss": LOSSES.choose(name)})

    def _on_output(self, name: str) -> None:
        choice = ACTIVATIONS.choose(name) if name else None
        self._document.edit("Change output activation", lambda spec: edits.change_output(spec, choice))

    def _on_part(self, part: str, name: str) -> None:
        self._change(f"Change {label_text(part).lower()}", {part: PARTS[part].choose(name)})

    def _on_weights(self, name: str) -> None:
        if name != "given":
            self._change("Change class weights", {"class_weights": name})

    def _on_dtype(self, name: str) -> None:
        self._document.edit("Change precision", lambda spec: edits.change_network(spec, dtype=name))

    def _on_optional(self, name: str, value: float | None) -> None:
        whole = limits_of_field(TrainingSpec, name).whole
        number = int(value) if whole and value is not None else value
        self._change(f"Change {label_text(name).lower()}", {name: number}, mergeable=True)

    def _on_more(self, shown: bool) -> None:
        self.more_button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._refresh()

    def _on_setting(self, part: str, name: str, value: float) -> None:
        choice, catalogue = getattr(self._document.spec.training, part), PARTS[part]
        whole = catalogue[choice.name].settings[name].whole
        changed = catalogue.replace(choice, **{name: int(value) if whole else value})
        self._change(f"Change {label_text(name).lower()}", {part: changed}, mergeable=True)

    def _on_field(self, name: str, value: float) -> None:
        self._change(f"Change {name.replace('_', ' ')}", {name: int(value)}, mergeable=True)


def _row(entry: Any) -> tuple[str, str, str]:
    return entry.name, entry.label, f"{entry.doc}\n{entry.formula}"
