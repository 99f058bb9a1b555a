"""How the network is trained: loss, optimizer, regularization, initial weights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.initializers import INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.experiment import edits
from bplab.experiment.spec import TrainingSpec
from bplab.qt.panels.setting_widgets import (
    Form,
    QuietCombo,
    heading,
    label_text,
    limits_of_field,
    limits_of_setting,
    number_edit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.catalogue import Catalogue, Choice
    from bplab.qt.document import Document
    from bplab.qt.theme import Theme

PARTS: tuple[tuple[str, str, Catalogue[Any], str], ...] = (
    ("optimizer", "Optimizer", OPTIMIZERS, "How a gradient becomes a step of the weights."),
    ("regularizer", "Regularization", REGULARIZERS, "A penalty that keeps the weights small."),
    ("initializer", "Initializer", INITIALIZERS, "How the first weights are drawn; a change starts anew."),
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
        self._form = Form()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(heading("TRAINING"))
        column.addLayout(self._form)
        document.spec_changed.connect(self._refresh)
        self.set_theme(theme)
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Nothing here has colours of its own."""

    def _refresh(self) -> None:
        training = self._document.spec.training
        shape = (
            [getattr(training, name).name for name, *_ in PARTS],
            self._losses(),
            training.loss.name,
        )
        if shape != self._shown:
            self._shown = shape
            self._build()
        self._show_values()

    def _build(self) -> None:
        """Make the rows anew: another optimizer has other settings."""
        focus = next((name for name, widget in self.controls.items() if widget.hasFocus()), None)
        self._form.clear()
        self.controls = {}
        self._add("loss", "Loss", self._combo("Loss", "What the training makes small.", self._on_loss))
        tip = "What the output layer does with its sums; automatic takes what suits loss and target."
        self._add("output", "Output", self._combo("Output activation", tip, self._on_output))
        for part, label, catalogue, tip in PARTS:
            self._add(part, label, self._combo(label, tip, partial(self._on_part, part, catalogue)))
            choice: Choice = getattr(self._document.spec.training, part)
            for name, setting in catalogue[choice.name].settings.items():
                callback = partial(self._on_setting, part, catalogue, name)
                self._number(f"{part}.{name}", name, limits_of_setting(setting), callback)
        self._number("seed", "seed", limits_of_field(TrainingSpec, "seed"), partial(self._on_field, "seed"))
        if focus in self.controls:
            self.controls[focus].setFocus()

    def _add(self, key: str, label: str, widget: QWidget) -> None:
        self.controls[key] = widget
        self._form.row(label, widget)

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
        for part, _, catalogue, _ in PARTS:
            choice: Choice = getattr(spec.training, part)
            self._show(part, [_row(entry) for entry in catalogue.values()], choice.name)
            for name, value in choice.settings:
                self.controls[f"{part}.{name}"].show_value(value)  # type: ignore[attr-defined]
        self.controls["seed"].show_value(spec.training.seed)  # type: ignore[attr-defined]

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

    def _on_part(self, part: str, catalogue: Catalogue[Any], name: str) -> None:
        self._change(f"Change {part}", {part: catalogue.choose(name)})

    def _on_setting(self, part: str, catalogue: Catalogue[Any], name: str, value: float) -> None:
        choice: Choice = getattr(self._document.spec.training, part)
        whole = catalogue[choice.name].settings[name].whole
        changed = catalogue.replace(choice, **{name: int(value) if whole else value})
        self._change(f"Change {label_text(name).lower()}", {part: changed}, mergeable=True)

    def _on_field(self, name: str, value: float) -> None:
        self._change(f"Change {name.replace('_', ' ')}", {name: int(value)}, mergeable=True)


def _row(entry: Any) -> tuple[str, str, str]:
    return entry.name, entry.label, f"{entry.doc}\n{entry.formula}"
