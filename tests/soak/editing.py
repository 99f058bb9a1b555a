"""Random edits of the design with undo and redo: ``python -m tests.soak.editing --count 1000000``.

The real document and its undo stack, without a window. After each edit, undo or redo the design has to be the one
that a plain list of designs says, valid as a file would have it, the network of its shape, every number finite, and
every pruned connection 0; undone at once, an edit gives back every bit of the weights. An edit that is refused changes
nothing. A finding is repeated by its seed: ``--seed N --count M``.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import suppress
from tempfile import mkdtemp

import click
import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("BPLAB_STATE", mkdtemp())

from PySide6.QtWidgets import QApplication

from bplab import Experiment
from bplab.data.sources import SOURCES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.errors import DivergedError
from bplab.experiment import edits
from bplab.experiment.naming import part_at, places
from bplab.experiment.spec import ExperimentSpec, Part, Pruned
from bplab.experiment.templates import TEMPLATES, apply_template
from bplab.microscope.selection import Selection
from bplab.qt.canvas.network_actions import network_actions
from bplab.qt.document import UNDO_LIMIT, Document
from bplab.qt.player import Player

LIFE = 2_000  # steps until another experiment is begun
MOST_NEURONS, MOST_LAYERS = 12, 6
HIDDEN_ACTIVATIONS = [name for name, entry in ACTIVATIONS.items() if not entry.output_only]
PLANTS = ("forgets-pruned", "loses-undo", "wrong-size")


class Editor:
    """Edits one document, and keeps what it should be."""

    def __init__(self, seed: int, plant: str = "") -> None:
        self.rng = random.Random(seed)
        self.plant = plant
        name = self.rng.choice(("iris", "circle", "sine"))
        self.player = Player()
        self.document = Document(Experiment.new(name, hidden=[4, 3]), self.player)
        self.specs, self.place = [self.document.spec], 0
        self.failures: list[object] = []
        self.document.failed.connect(self.failures.append)

    def close(self) -> None:
        """Stop both threads."""
        self.player.close()
        self.document.mark_saved()
        self.document.close()

    def step(self) -> str:
        """Do one thing; return what is wrong then, or nothing."""
        roll = self.rng.random()
        if roll < 0.15:
            return self._undo()
        if roll < 0.25:
            return self._redo()
        if roll < 0.32:
            with self.player.exclusive(), suppress(DivergedError):  # then it is back at its last finite step
                self.document.experiment.trainer().run(self.rng.randint(1, 3))
            return ""
        return self._edit()

    def _undo(self) -> str:
        if self.place == 0:
            return ""
        self.document.undo_stack.undo()
        if self.plant != "loses-undo" or self.rng.random() < 0.95:
            self.place -= 1
        return self._wrong("undo")

    def _redo(self) -> str:
        if self.place + 1 == len(self.specs):
            return ""
        self.document.undo_stack.redo()
        self.place += 1
        return self._wrong("redo")

    def _edit(self) -> str:
        name, change = self.rng.choice(EDITS)
        before, weights = self.document.spec, self.document.experiment.network.parameters.copy()
        values: dict[int, float] = {}
        if name == "set a weight":
            values = {self.rng.randrange(len(weights)): self.rng.uniform(-2, 2)}
        self.failures.clear()
        self.document.edit(name, lambda spec: change(self, spec), weights=values)
        after = self.document.spec
        if self.failures:
            return "" if after == before else f"{name}: refused, but something has changed"
        if self.plant == "forgets-pruned" and after.network.pruned:
            self.document.experiment.network.parameters[:] += 1.0
        if after == before and not values:
            return ""
        if not self.document.undo_stack.canUndo():
            return f"{name}: cannot be undone"
        if after != before or self.document.undo_stack.undoText() == name:
            self.specs = [*self.specs[: self.place + 1], after][-UNDO_LIMIT - 1 :]
            self.place = len(self.specs) - 1
        wrong = self._wrong(name)
        if wrong or self.rng.random() > 0.1:
            return wrong
        self.document.undo_stack.undo()
        exact = np.array_equal(self.document.experiment.network.parameters, weights)
        self.document.undo_stack.redo()
        return "" if exact else f"{name}: undone at once, the weights are others"

    def _wrong(self, doing: str) -> str:
        """Return what cannot be, or nothing."""
        spec, experiment = self.document.spec, self.document.experiment
        network, hidden = experiment.network, spec.network.hidden
        sizes = tuple(layer.size + (self.plant == "wrong-size") for layer in hidden)
        zeros = places(spec, network, spec.network.pruned)
        keys = [layer.key for layer in hidden]
        checks = {
            "the design is not the one of the list": spec == self.specs[self.place],
            "the network is not of the design": network.sizes[1:-1] == sizes,
            "a number is not finite": bool(np.isfinite(network.parameters).all()),
            "a pruned connection has a weight": bool((network.parameters[zeros] == 0).all()),
            "two layers have the same key": len(set(keys)) == len(keys),
            "a frozen part is outside": bool((network.frozen < len(network.parameters)).all()),
            "a skip comes from nowhere": all(
                layer.skip_from is None or layer.skip_from in [0, *keys[:number]] for number, layer in enumerate(hidden)
            ),
        }
        if self.rng.random() < 0.05:
            checks["it is not valid"] = ExperimentSpec.model_validate_json(spec.model_dump_json()) == spec
        return next((f"{doing}: {what}" for what, holds in checks.items() if not holds), "")

    def layer(self) -> int:
        """A hidden layer, from 0; sometimes one that is not there."""
        return self.rng.randint(0, len(self.document.spec.network.hidden))

    def part(self) -> Part | None:
        """Any layer, neuron or connection."""
        experiment = self.document.experiment
        sizes = experiment.network.sizes
        layer = self.rng.randint(1, len(sizes) - 1)
        source = self.rng.choice((None, self.rng.randrange(sizes[layer - 1])))
        return part_at(experiment.spec, sizes, layer, self.rng.randrange(sizes[layer]), source)

    def connection(self) -> Pruned:
        """A connection, with the weights that it would get back."""
        experiment = self.document.experiment
        sizes = experiment.network.sizes
        layer = self.rng.randint(1, len(sizes) - 1)
        part = part_at(
            experiment.spec, sizes, layer, self.rng.randrange(sizes[layer]), self.rng.randrange(sizes[layer - 1])
        )
        (place,) = places(experiment.spec, experiment.network, [part])
        weight, initial = experiment.network.parameters[place], experiment.run.initial[place]
        return Pruned(layer=part.layer, neuron=part.neuron, source=part.source, weight=weight, initial=initial)

    def action(self, spec: ExperimentSpec) -> ExperimentSpec:
        """One of the canvas' own actions on something that is picked."""
        sizes = self.document.experiment.network.sizes
        layer = self.rng.randint(1, len(sizes) - 1)
        picks = tuple(Selection(layer, self.rng.randrange(sizes[layer])) for _ in range(self.rng.randint(1, 2)))
        possible = [a for a in network_actions(self.document.experiment, tuple(dict.fromkeys(picks))) if a.change]
        return self.rng.choice(possible).change(spec) if possible else spec


def _small(spec: ExperimentSpec) -> bool:
    return len(spec.network.hidden) < MOST_LAYERS


def _data(editor: Editor, spec: ExperimentSpec) -> ExperimentSpec:
    data = edits.replace(spec.data, source=SOURCES.choose(editor.rng.choice(("iris", "circle", "sine", "xor"))))
    experiment = editor.document.experiment
    return edits.change_data(spec, data, experiment.data.dataset, experiment.dataset(data))


EDITS = (
    ("add a layer", lambda e, s: edits.add_layer(s, e.layer(), e.rng.randint(1, 5)) if _small(s) else s),
    ("duplicate a layer", lambda e, s: edits.duplicate_layer(s, e.layer()) if _small(s) else s),
    ("remove a layer", lambda e, s: edits.remove_layer(s, e.layer())),
    ("move a layer", lambda e, s: edits.move_layer(s, e.layer(), e.layer())),
    ("resize a layer", lambda e, s: edits.change_layer(s, e.layer(), size=e.rng.randint(0, MOST_NEURONS))),
    ("rename a layer", lambda e, s: edits.change_layer(s, e.layer(), name=e.rng.choice(("", "a", "β")))),
    ("change an activation", lambda e, s: edits.change_layer(
        s, e.layer(), activation=ACTIVATIONS.choose(e.rng.choice(HIDDEN_ACTIVATIONS)))),
    ("change a normalization", lambda e, s: edits.change_layer(
        s, e.layer(), normalization=NORMALIZATIONS.choose(e.rng.choice(list(NORMALIZATIONS))))),
    ("change dropout", lambda e, s: edits.change_layer(s, e.layer(), dropout=e.rng.choice((0.0, 0.3)))),
    ("change a skip", lambda e, s: edits.change_layer(s, e.layer(), skip_from=e.rng.choice((None, 0, 1, 2, 3)))),
    ("remove a neuron", lambda e, s: edits.remove_neuron(s, e.layer(), e.rng.randint(0, 2))),
    ("clone a neuron", lambda e, s: edits.clone_neuron(s, e.layer(), e.rng.randint(0, 2))
        if sum(layer.size for layer in s.network.hidden) < 60 else s),
    ("freeze", lambda e, s: edits.freeze(s, [e.part()])),
    ("unfreeze", lambda _, s: edits.unfreeze(s, s.network.frozen[:1])),
    ("prune", lambda e, s: edits.prune(s, [e.connection()])),
    ("bring back", lambda _, s: edits.bring_back(s, s.network.pruned[:1])),
    ("set a weight", lambda _, s: s),
    ("an action of the canvas", lambda e, s: e.action(s)),
    ("a template", lambda e, s: apply_template(
        s, e.rng.choice(list(TEMPLATES)), e.document.experiment.network.sizes[0])),
    ("change the optimizer", lambda e, s: edits.change_training(
        s, optimizer=OPTIMIZERS.choose(e.rng.choice(("sgd", "adam", "momentum"))))),
    ("change the batch", lambda e, s: edits.change_training(s, batch_size=e.rng.choice((4, 10, 32)))),
    ("choose data", _data),
)  # fmt: skip


def check(seed: int, count: int, plant: str = "") -> str:
    """Return what is wrong first in so many steps, with its number, or nothing."""
    editor = Editor(seed, plant)
    try:
        for number in range(count):
            wrong = editor.step()
            if wrong:
                return f"seed {seed}, step {number}: {wrong}"
    finally:
        editor.close()
    return ""


@click.command()
@click.option("--count", default=1_000_000, show_default=True, help="Steps.")
@click.option("--seed", default=1, show_default=True, help="Of the first experiment.")
def main(count: int, seed: int) -> None:
    """Edit, undo and redo at random."""
    _app = QApplication.instance() or QApplication([])
    began, findings = time.monotonic(), []
    for number in range(0, count, LIFE):
        found = check(seed + number // LIFE, min(LIFE, count - number))
        findings += [found] if found else []
        if number % (10 * LIFE) == 0 or found:
            took = time.monotonic() - began
            print(f"{number + LIFE:,} steps, {len(findings)} findings, {took:.0f} s  {found}", flush=True)
    print(f"{count:,} steps, {len(findings)} findings")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
