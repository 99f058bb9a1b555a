"""Sums taken apart: which terms make a neuron's sum, who asks it for how much, which paths make a gradient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from bplab.engine.losses import LOSSES
from bplab.microscope import facts
from bplab.microscope.paths import paths_to_loss, why_not
from bplab.microscope.selection import Selection
from bplab.microscope.words import Names, number, subscript

if TYPE_CHECKING:
    from bplab.microscope.facts import Moment, Term

MOST_BARS = 8
Kind = Literal["sum", "asked", "paths"]
KINDS: dict[Kind, tuple[str, str]] = {
    "sum": ("Forward sum", "What comes in, each times its weight, and the bias: z, term by term."),
    "asked": ("Who asks", "Who asks this neuron to rise or fall, for how much, and through which weight."),
    "paths": ("Paths to the loss", "Every way from here to the loss: the products of their factors make the gradient."),
}


@dataclass(frozen=True)
class Bar:
    """A term: its name, its factors, what it adds, and what it is on the canvas."""

    label: str
    factors: str
    value: float
    places: tuple[Selection, ...] = ()


@dataclass(frozen=True)
class Waterfall:
    """Terms that add up to a total; `note` says what is not listed, or why nothing is."""

    title: str = ""
    bars: tuple[Bar, ...] = ()
    total: str = ""
    value: float = 0.0
    note: str = ""


def kinds_for(chosen: Selection | None) -> tuple[Kind, ...]:
    """Return what can be taken apart for a selection."""
    if chosen is None or chosen.layer == 0:
        return ()
    return ("paths",) if chosen.source is not None else ("asked", "sum", "paths")


def waterfall(moment: Moment, names: Names, chosen: Selection, kind: Kind) -> Waterfall:
    """Return the terms of what is selected."""
    make = {"sum": _sum, "asked": _asked, "paths": _paths}
    return make[kind](moment, names, chosen)


def _sum(moment: Moment, names: Names, chosen: Selection) -> Waterfall:
    layer, j = chosen.layer, chosen.neuron
    title = f"The sum z{subscript(j)} of {names.neuron(layer, j)}: the bias, and each weight × what came in"
    if not moment.now.knows_sum(layer):
        return Waterfall(title, note=f"Known when the forward pass has come to layer {layer}.")
    seen = moment.record.layers[layer - 1]
    bias = Bar("bias", "b", float(seen.b[j]), (Selection(layer, j),))
    terms = facts.sum_terms(moment, layer, j)
    bars = [_bar(t, names.neuron(layer - 1, t.neuron), Selection(layer, j, t.neuron)) for t in terms]
    return _cut(title, [bias, *bars], f"z{subscript(j)}", float(seen.z[moment.sample, j]))


def _asked(moment: Moment, names: Names, chosen: Selection) -> Waterfall:
    layer, j, last = chosen.layer, chosen.neuron, len(moment.record.layers)
    title = f"Who asks {names.neuron(layer, j)}, weight × error: a positive sum means that it should fall"
    if layer == last:
        loss = LOSSES[moment.training.loss.name].label
        if not moment.knows_error(layer):
            return Waterfall(title, note="Known when the backward pass has begun.")
        delta = facts.error(moment, layer, j)
        return Waterfall(title, (Bar(f"the loss: {loss}", "δ", delta),), f"δ{subscript(j)}", delta)
    if not _is_asked(moment, layer):
        return Waterfall(title, note=f"Known when the backward pass has come to layer {layer}.")
    terms = facts.requests(moment, layer, j)
    bars = [_bar(t, names.neuron(layer + 1, t.neuron), Selection(layer + 1, t.neuron, j)) for t in terms]
    skips = facts.skip_requests(moment, layer, j)
    bars += [Bar(f"skip connection to layer {m}", "", value, (Selection(m, j),)) for m, value in skips]
    return _cut(title, bars, "Σ w δ" if not skips else "together", facts.pull(moment, layer, j))


def _is_asked(moment: Moment, layer: int) -> bool:
    """Tell whether what a hidden layer is asked for is complete: its own slope may be still to come."""
    operation = moment.now.operation
    slope = moment.now.layer == layer and operation is not None and operation.kind == "slope"
    return moment.knows_error(layer) or slope


def _paths(moment: Moment, names: Names, chosen: Selection) -> Waterfall:
    what = "bias of " if chosen.source is None else ""
    title = f"Paths from the {what}{names.of(chosen)} to the loss of this sample"
    reason = why_not(moment.network, chosen.layer)
    if reason:
        return Waterfall(title, note=reason)
    if not moment.knows_error(chosen.layer):
        return Waterfall(title, note=f"Known when the backward pass has come to layer {chosen.layer}.")
    found = paths_to_loss(moment, chosen, MOST_BARS)
    bars = []
    for path in found.listed:
        label = " → ".join(f"{n + 1}" for n in path.neurons[:-1])
        end = names.within_layer(names.layers, path.neurons[-1])
        steps = enumerate(pairwise(path.neurons), start=chosen.layer + 1)
        places = [chosen, *(Selection(layer, there, here) for layer, (here, there) in steps)]
        bars.append(Bar(f"{label} → {end}" if label else end, "", path.product, tuple(places)))
    symbol = "∂L/∂b" + subscript(chosen.neuron)
    if chosen.source is not None:
        symbol = "∂L/∂w" + subscript(chosen.neuron, chosen.source)
    rest = found.gradient - sum(bar.value for bar in bars)
    left = found.count - len(bars)
    note = ""
    if left:
        bars.append(Bar(f"{left:,} more paths", "", rest))
        weak = "; beginnings that were weak were not followed further" if found.is_cut else ""
        note = f"The {len(bars) - 1} strongest of {found.count:,} paths{weak}."
    return Waterfall(title, tuple(bars), symbol, found.gradient, note)


def _bar(term: Term, label: str, place: Selection) -> Bar:
    return Bar(label, f"{number(term.weight, 3)}×{number(term.value, 3)}", term.product, (place,))


def _cut(title: str, bars: list[Bar], total: str, value: float) -> Waterfall:
    """Return at most so many terms, the others as one."""
    if len(bars) <= MOST_BARS + 1:
        return Waterfall(title, tuple(bars), total, value)
    left = bars[MOST_BARS:]
    rest = Bar(f"{len(left):,} more", "", sum(bar.value for bar in left))
    return Waterfall(title, (*bars[:MOST_BARS], rest), total, value, f"The {MOST_BARS} largest of {len(bars):,} terms.")
