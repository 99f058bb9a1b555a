"""What a lesson can do in the window: the same as its user."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.initializers import INITIALIZERS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.errors import BplabError, DivergedError
from bplab.experiment import edits
from bplab.lessons.reading import experiment_of
from bplab.microscope.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.experiment.spec import ExperimentSpec
    from bplab.lessons.lesson import Command
    from bplab.qt.main_window import MainWindow


def perform(window: MainWindow, command: Command) -> None:
    """Do what a command says; BplabError if that is not possible."""
    if command.name not in ACTIONS:
        raise BplabError(f"A lesson cannot '{command.name}'.", f"There are: {', '.join(ACTIONS)}.")
    try:
        ACTIONS[command.name](window, command.words)
    except (ValueError, IndexError, KeyError, StopIteration):
        raise BplabError(f"'{command.name} {command.text}' is not possible.", "Check the lesson's file.") from None


def _press(window: MainWindow, words: list[str]) -> None:
    player = window.player
    buttons = {"play": player.play, "pause": player.pause, "step": player.step, "back": player.step_back}
    for _ in range(int(words[1]) if len(words) > 1 else 1):
        {**buttons, "reset": window.document.reset, "film": window.play_film}[words[0]]()


def _select(window: MainWindow, words: list[str]) -> None:
    if words == ["nothing"]:
        window.canvas.select(None)
    elif words[0] == "layer":
        window.canvas.select(Selection(int(words[1]), 0))
        window.canvas.pick_layer()
    else:
        layer, neuron, *source = map(int, words)
        window.canvas.select(Selection(layer, neuron - 1, source[0] - 1 if source else None))


def _page(window: MainWindow, words: list[str]) -> None:
    name = " ".join(words).lower()
    window.inspector.open(next(page for page in window.inspector.pages if page.label.lower() == name))


def _train(window: MainWindow, words: list[str]) -> None:
    """Go to a step, training as far as it has not been done."""
    player, goal = window.player, int(words[0])
    player.pause()
    with player.exclusive():
        trainer = window.document.experiment.trainer()
        try:
            if goal > trainer.newest:
                trainer.seek(trainer.newest)
                trainer.run(goal - trainer.step_count)
            else:
                trainer.seek(goal)
        except DivergedError:  # which some lessons are about
            goal = trainer.step_count
    player.seek(goal)


def _set(window: MainWindow, words: list[str]) -> None:
    name, value = words[0], words[1]
    window.document.edit(f"Change {name.replace('_', ' ')}", SETTINGS.get(name, _optimizer_setting(name))(value))


def _optimizer_setting(name: str) -> Callable[[str], Callable[[ExperimentSpec], ExperimentSpec]]:
    def make(value: str) -> Callable[[ExperimentSpec], ExperimentSpec]:
        def change(spec: ExperimentSpec) -> ExperimentSpec:
            choice = spec.training.optimizer
            changed = OPTIMIZERS.choose(choice.name, **(choice.values | {name: float(value)}))
            return edits.change_training(spec, optimizer=changed)

        return change

    return make


def _all_layers(value: str) -> Callable[[ExperimentSpec], ExperimentSpec]:
    def change(spec: ExperimentSpec) -> ExperimentSpec:
        for place in range(len(spec.network.hidden)):
            spec = edits.change_layer(spec, place, activation=ACTIVATIONS.parse(value))
        return spec

    return change


SETTINGS: dict[str, Callable[[str], Callable[[ExperimentSpec], ExperimentSpec]]] = {
    "activation": _all_layers,
    "batch_size": lambda value: lambda spec: edits.change_training(spec, batch_size=int(value)),
    "initializer": lambda value: lambda spec: edits.change_training(spec, initializer=INITIALIZERS.parse(value)),
    "optimizer": lambda value: lambda spec: edits.change_training(spec, optimizer=OPTIMIZERS.parse(value)),
    "regularizer": lambda value: lambda spec: edits.change_training(spec, regularizer=REGULARIZERS.parse(value)),
}


def _begin(window: MainWindow, words: list[str]) -> None:
    window.document.replace(experiment_of(" ".join(words)), None)


def _try(window: MainWindow, words: list[str]) -> None:
    """Put the slider of "What if" where it comes nearest to a rate."""
    view = window.inspector.step.view
    if view.landscape.step is not None:
        share = math.log10(float(words[0]) / view.landscape.step.step) / 2.0
        view.slider.setValue(round(share * view.slider.maximum()))


def _grain(window: MainWindow, words: list[str]) -> None:
    window.transport.grain_buttons[words[0]].click()  # type: ignore[index]


def _sample(window: MainWindow, words: list[str]) -> None:
    window.inspector.show_sample(int(words[0]) - 1)


def _terms(window: MainWindow, words: list[str]) -> None:
    window.inspector.terms.buttons[words[0]].click()  # type: ignore[index]


ACTIONS: dict[str, Callable[[MainWindow, list[str]], None]] = {
    "press": _press,
    "grain": _grain,
    "select": _select,
    "page": _page,
    "train": _train,
    "set": _set,
    "begin": _begin,
    "sample": _sample,
    "try": _try,
    "terms": _terms,
}
