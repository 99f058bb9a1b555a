"""What differs between two experiments, in words: design, data, training, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.catalogue import Catalogue, Choice
from bplab.data.sources import SOURCES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.normalization import NORMALIZATIONS
from bplab.experiment.environment import differences
from bplab.experiment.spec import PARTS, LayerSpec, TableSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.experiment.experiment import Experiment
    from bplab.experiment.spec import DataSpec, NetworkSpec, Spec

ARROW = "→"
LAYER_PARTS = {"activation": ACTIVATIONS, "normalization": NORMALIZATIONS}
NOT_TOLD = {"key", "neurons", "copies", "skip_from"}  # names for good; a skip is told by where it comes from


@dataclass(frozen=True)
class Difference:
    """Everything of one kind.

    Attributes
    ----------
    title : str
        "Data", "Network", "Training", "Notes", "Result" or "Environment".
    lines : tuple of str
        Each says what it is in the first experiment, and in the other.
    """

    title: str
    lines: tuple[str, ...]


def differences_of(one: Experiment, other: Experiment) -> tuple[Difference, ...]:
    """Return what differs; nothing where the two are equal in everything that a file holds of a design and its run."""
    parts = {
        "Data": _data(one, other),
        "Network": _network(one, other),
        "Training": _fields(one.spec.training, other.spec.training, PARTS),
        "Notes": iter(["The notes differ."] if one.spec.notes != other.spec.notes else []),
        "Result": _result(one, other),
        "Environment": _environment(one, other),
    }
    found = ((title, tuple(lines)) for title, lines in parts.items())
    return tuple(Difference(title, lines) for title, lines in found if lines)


def in_words(found: tuple[Difference, ...]) -> str:
    """Return what differs as text, a part after the other."""
    if not found:
        return "The two are equal."
    return "\n".join(f"{part.title}\n" + "\n".join(f"  {line}" for line in part.lines) for part in found)


def _fields(one: Spec, other: Spec, catalogues: Any, left_out: frozenset[str] = frozenset()) -> Iterator[str]:
    """Tell of every field that differs."""
    for name in type(one).model_fields:
        was, now = getattr(one, name), getattr(other, name)
        if was != now and name not in left_out:
            label = name.replace("_", " ")
            yield f"{label}: {_shown(was, catalogues.get(name))} {ARROW} {_shown(now, catalogues.get(name))}"


def _shown(value: object, catalogue: Catalogue[Any] | None) -> str:
    if isinstance(value, Choice):
        label = catalogue[value.name].label if catalogue is not None else value.name
        return ", ".join([label, *(f"{name.replace('_', ' ')} {number:g}" for name, number in value.settings)])
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "as they are"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _data(one: Experiment, other: Experiment) -> Iterator[str]:
    was, now = one.spec.data, other.spec.data
    if was.source != now.source:
        yield f"source: {_source(was)} {ARROW} {_source(now)}"
    yield from _fields(was, now, {}, frozenset({"source"}))
    for what, a, b in (
        ("training samples", len(one.data.X_train), len(other.data.X_train)),
        ("test samples", len(one.data.X_test), len(other.data.X_test)),
    ):
        if a != b:
            yield f"{what}: {a:,} {ARROW} {b:,}"


def _source(data: DataSpec) -> str:
    source = data.source
    if isinstance(source, TableSource):
        names = source.targets or [column.name for column in source.columns if column.role in ("class", "target")]
        targets = f", target {', '.join(names)}" if names else ""
        return f"the table {source.path} (SHA-256 {source.sha256[:12]}…{targets})"
    return _shown(source, SOURCES)


def _network(one: Experiment, other: Experiment) -> Iterator[str]:
    was, now = one.spec.network, other.spec.network
    yield from _hidden(was, now)
    yield from _fields(was, now, {"output_activation": ACTIVATIONS}, frozenset({"hidden", "frozen", "pruned"}))
    sizes, others = one.network.sizes, other.network.sizes
    for what, a, b in (
        ("frozen parameters", len(one.network.frozen), len(other.network.frozen)),
        ("pruned connections", len(was.pruned), len(now.pruned)),
        ("inputs", sizes[0], others[0]),
        ("outputs", sizes[-1], others[-1]),
    ):
        if a != b:
            yield f"{what}: {a:,} {ARROW} {b:,}"


def _hidden(was: NetworkSpec, now: NetworkSpec) -> Iterator[str]:
    for number, (a, b) in enumerate(zip_longest(was.hidden, now.hidden), start=1):
        if a is None or b is None:
            there = f"{_layer(b)}" if a is None else f"{_layer(a)}"
            yield f"layer {number}: {'absent' if a is None else there} {ARROW} {'absent' if b is None else there}"
            continue
        for line in _fields(a, b, LAYER_PARTS, frozenset(NOT_TOLD)):
            yield f"layer {number}, {line}"
        skips = _skip(was, a), _skip(now, b)
        if skips[0] != skips[1]:
            yield f"layer {number}, skip connection: {skips[0]} {ARROW} {skips[1]}"


def _layer(layer: LayerSpec) -> str:
    return f"{layer.size} {ACTIVATIONS[layer.activation.name].label}"


def _skip(network: NetworkSpec, layer: LayerSpec) -> str:
    if layer.skip_from is None:
        return "none"
    keys = [0, *(part.key for part in network.hidden)]
    number = keys.index(layer.skip_from) if layer.skip_from in keys else 0
    return f"from layer {number}" if number else "from the input"


def _result(one: Experiment, other: Experiment) -> Iterator[str]:
    a, b = one.trainer(), other.trainer()
    for what, was, now in (("steps", a.step_count, b.step_count), ("epochs", a.epoch, b.epoch)):
        if was != now:
            yield f"{what}: {was:,} {ARROW} {now:,}"
    for name, was_score in a.scores()._asdict().items():
        now_score = getattr(b.scores(), name)
        if was_score != now_score and not (math.isnan(was_score) and math.isnan(now_score)):
            yield f"{name.replace('_', ' ')}: {was_score:.4g} {ARROW} {now_score:.4g}"
    yield from _weights(one, other)


def _weights(one: Experiment, other: Experiment) -> Iterator[str]:
    """Tell in which layer the weights differ most; nothing where the networks cannot be compared."""
    if one.network.sizes != other.network.sizes:
        return
    pairs = zip(one.network.layers, other.network.layers, strict=True)
    largest = [
        max(float(np.abs(a.W - b.W).max(initial=0.0)), float(np.abs(a.b - b.b).max(initial=0.0))) for a, b in pairs
    ]
    if any(largest):
        layer = int(np.argmax(largest)) + 1
        name = "the output layer" if layer == len(largest) else f"layer {layer}"
        yield f"weights and biases differ by at most {max(largest):.3g}, in {name}"


def _environment(one: Experiment, other: Experiment) -> Iterator[str]:
    known = [experiment.environments[-1] if experiment.environments else {} for experiment in (one, other)]
    if all(known):
        yield from differences(*known)
