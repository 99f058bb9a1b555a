"""The actions on what is picked: the same in the Network menu, in the canvas' context menu, and by its keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from bplab.errors import SettingError
from bplab.experiment.naming import part_at, places
from bplab.qt.canvas.network_actions import NetworkAction, network_actions
from bplab.qt.canvas.value_editor import ValueEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.experiment.spec import ExperimentSpec, LayerSpec
    from bplab.microscope.selection import Selection
    from bplab.qt.canvas.canvas import Canvas
    from bplab.qt.document import Document


class SelectionActions(QObject):
    """Keeps one QAction for each `NetworkAction`; only what is possible now can be seen.

    Attributes
    ----------
    actions : list of QAction
        In the order of a menu.
    """

    def __init__(self, document: Document, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._document, self._canvas = document, canvas
        self._copied: LayerSpec | None = None
        self._changes: list[NetworkAction] = []
        self._set = self._action("Set weight…", "Return", "Type a weight, or a neuron's bias.", self._set_weight)
        self._set.setObjectName("set value")  # a double click asks for it too
        self._editor = ValueEditor(canvas)
        self._copy = self._action("Copy layer", "Ctrl+C", "Remember the layer, to paste it.", self._copy_layer)
        self._edits = [
            self._action(action.text, action.key, action.tip, partial(self._do, place))
            for place, action in enumerate(network_actions(document.experiment, ()))
        ]
        self.actions = [self._set, *self._edits, self._copy]
        canvas.addActions(self.actions)
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        canvas.selected.connect(self._refresh)
        document.spec_changed.connect(self._refresh)
        self._refresh()

    def _action(self, text: str, key: str, tip: str, do: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # elsewhere these keys are for typing
        action.setToolTip(tip)
        action.triggered.connect(lambda _checked=False: do())
        return action

    def _refresh(self) -> None:
        picked = self._canvas.selection
        self._changes = list(network_actions(self._document.experiment, self._canvas.picks, self._copied))
        for action, change in zip(self._edits, self._changes, strict=True):
            action.setText(change.text)
            action.setToolTip(change.tip)
            _allow(action, change.change is not None)
        _allow(self._set, picked is not None and picked.layer > 0)
        self._set.setText("Set weight…" if picked is not None and picked.is_connection else "Set bias…")
        _allow(self._copy, self._layer() is not None)

    def _do(self, place: int) -> None:
        action = self._changes[place]
        if action.change is not None:
            self._document.edit(action.text, action.change)

    def _layer(self) -> LayerSpec | None:
        picked, hidden = self._canvas.selection, self._document.spec.network.hidden
        return hidden[picked.layer - 1] if picked is not None and 1 <= picked.layer <= len(hidden) else None

    def _copy_layer(self) -> None:
        self._copied = self._layer()
        self._refresh()

    def _set_weight(self) -> None:
        picked, experiment = self._canvas.selection, self._document.experiment
        if picked is None or picked.layer == 0:
            return
        part = part_at(experiment.spec, experiment.network.sizes, picked.layer, picked.neuron, picked.source)
        if picked.source is None:
            part = part.model_copy(update={"source": 0})
        place = int(places(experiment.spec, experiment.network, [part])[0])
        what = "weight" if picked.is_connection else "bias"
        now = float(experiment.network.parameters[place])
        at = (
            self._canvas.connection_place(picked)
            if picked.is_connection
            else self._canvas.neuron_place(*_neuron(picked))
        )
        name = f"{what.capitalize()} of {self._canvas.describe(picked).splitlines()[0]}"
        self._editor.ask(at, name, now, partial(self._take, place, f"Set {what}"))

    def _take(self, place: int, title: str, text: str) -> None:
        try:
            value = float(text)
        except ValueError:
            error = SettingError(f"'{text[:40]}' is not a number.", "Write it as in -0.25.")
            self._document.failed.emit(error)
            return
        self._document.edit(title, _as_it_is, weights={place: value})


def _neuron(picked: Selection) -> tuple[int, int]:
    return picked.layer, picked.neuron


def _as_it_is(spec: ExperimentSpec) -> ExperimentSpec:
    return spec


def _allow(action: QAction, possible: bool) -> None:
    action.setVisible(possible)
    action.setEnabled(possible)
