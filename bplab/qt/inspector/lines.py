"""The inspector's lines of live numbers: sum, requests, update and check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.microscope import facts
from bplab.microscope.now import so_far
from bplab.microscope.update import made_of
from bplab.microscope.words import Names, Row, number, subscript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.gradient_check import Derivative
    from bplab.microscope.facts import Moment, Term
    from bplab.microscope.selection import Selection

MOST_TERMS = 6
MOST_TIP_TERMS = 16


def sample_row(moment: Moment, names: Names) -> Row:
    """Return whose values the cards show."""
    name, count = names.sample(moment.record, moment.sample), len(moment.record.indices)
    place = f"number {moment.sample + 1} of {count} in the batch"
    return Row(
        "SAMPLE", (f"{name}: the cards show {place}, the update takes the mean of all", f"{name}, {place}", name)
    )


def sum_row(moment: Moment, names: Names, layer: int, j: int) -> Row:
    """Return ``z = b + sum of w * a`` with its largest terms."""
    growing = _growing_sum(moment, layer, j)
    if growing is not None:
        return growing
    if not moment.knows_activation(layer):
        return Row("SUM", (f"Known when the forward pass has come to layer {layer}.",), "muted")
    seen = moment.record.layers[layer - 1]
    z, bias = number(float(seen.z[moment.sample, j])), number(float(seen.b[j]))
    terms = facts.sum_terms(moment, layer, j)
    said = [f"{number(t.weight, 3)}×{number(t.value, 3)}" for t in terms[:MOST_TERMS]]
    texts = [f"z{subscript(j)} = {bias} (b)  {listed}  = {z}" for listed in _listed(said, terms)]
    named = [
        f"{names.neuron(layer - 1, t.neuron)}: {number(t.weight)} × {number(t.value)}" for t in terms[:MOST_TIP_TERMS]
    ]
    return Row("SUM", tuple(texts), "text", "Weight × activation of the layer before:\n" + "\n".join(named))


def _growing_sum(moment: Moment, layer: int, j: int) -> Row | None:
    """Return the sum as far as it has come, its newest term last; None where it is not being made."""
    operation = moment.now.operation
    if operation is None or operation.kind not in ("term", "bias") or moment.now.layer != layer:
        return None
    sum_now = so_far(moment.network, moment.record, moment.sample, moment.now)
    assert sum_now is not None
    seen, end = moment.record.layers[layer - 1], number(float(sum_now[j]))
    count = seen.W.shape[1] if operation.kind == "bias" or operation.neuron is None else operation.neuron + 1
    pairs = zip(seen.W[j, :count], seen.a_prev[moment.sample, :count], strict=True)
    said = [f"{number(float(w), 3)}×{number(float(a), 3)}" for w, a in pairs]
    bias = f"  {number(float(seen.b[j]), 3)} (b)" if operation.kind == "bias" else ""
    name = f"z{subscript(j)}" if operation.kind == "bias" else "sum so far"
    texts = [f"{name} = {'… ' if cut else ''}{'  '.join(said[cut:])}{bias} = {end}" for cut in range(len(said))]
    return Row("SUM", tuple(texts))


def asked_row(moment: Moment, names: Names, layer: int, j: int) -> Row:
    """Return who asks this neuron to rise or fall, and how strongly."""
    if not moment.knows_error(layer):
        return Row("ASKED BY", (f"Known when the backward pass has come to layer {layer}.",), "muted")
    if layer == len(moment.record.layers):
        loss, wish = LOSSES[moment.training.loss.name].label, _wish(facts.error(moment, layer, j))
        return Row("ASKED BY", (f"the loss ({loss}): this output {wish}",))
    terms, total = facts.requests(moment, layer, j), facts.pull(moment, layer, j)
    said = [f"{names.within_layer(layer + 1, t.neuron)}: {number(t.product, 3)}" for t in terms[:MOST_TERMS]]
    skips = facts.skip_requests(moment, layer, j)
    more = "".join(f"  and by skip from layer {m}: {number(value, 3)}" for m, value in skips)
    end = f"{'together' if skips else 'Σ w δ'} = {number(total)}: it {_wish(total)}"
    texts = [f"{listed}{more};  {end}" for listed in _listed(said, terms)]
    named = [
        f"{names.neuron(layer + 1, t.neuron)}: {number(t.weight)} × {number(t.value)}" for t in terms[:MOST_TIP_TERMS]
    ]
    return Row("ASKED BY", tuple(texts), "text", "Weight × error of the next layer:\n" + "\n".join(named))


def update_row(moment: Moment, chosen: Selection) -> Row:
    """Return how the step moved a weight, or the bias of a neuron."""
    symbol, done = ("b" if chosen.source is None else "w"), facts.update(moment, chosen)
    before, after = number(done.before), number(done.after)
    if moment.record.is_look:
        return Row("UPDATE", (f"{symbol} = {before}: it stays, this sample is only looked at.",), "muted")
    if not moment.knows_update:
        return Row("UPDATE", (f"{symbol} = {before} until the update, which comes after the backward pass.",), "muted")
    optimizer = moment.training.optimizer
    if optimizer.name != "sgd" or not _is_plain(moment):
        label, step = OPTIMIZERS[optimizer.name].label, number(done.change)
        end = f"{symbol} + step = {before} {step} = {after}"
        return Row("UPDATE", (f"step ({label}) = {step},  {symbol} ← {end}", f"{symbol} ← {before} {step} = {after}"))
    rate, regularizer = moment.record.learning_rate, moment.training.regularizer
    words, gradient = "mean gradient", number(done.gradient)
    if regularizer.name != "none" and chosen.source is not None:
        words = f"(mean gradient + {REGULARIZERS[regularizer.name].label})"
        gradient = f"{gradient} {number(done.penalty)}"
    end = f"{before} − {rate:g} × ({gradient}) = {after}"
    return Row("UPDATE", (f"{symbol} ← {symbol} − learning rate × {words} = {end}", f"{symbol} ← {end}"))


def made_row(moment: Moment, chosen: Selection) -> Row | None:
    """Return what the optimizer made the step of; None where it is the gradient times the rate, or not known."""
    made = made_of(moment, chosen) if moment.knows_update else None
    if made is None or not (made.parts[:-1] or made.penalty or made.is_clipped or made.others):
        return None
    gradient = f"g {number(made.gradient, 3)}{' (clipped)' if made.is_clipped else ''}"
    if made.penalty:
        gradient += f" {number(made.penalty, 3)} ({REGULARIZERS[moment.training.regularizer.name].label})"
    parts = [f"{part.symbol} {number(part.value, 3)}" for part in made.parts]
    others = ""
    if abs(made.others) > 1e-9 * max(abs(facts.update(moment, chosen).change), 1e-300):
        others = f"   {_other_mover(moment)} {number(made.others, 3)}"
    label = OPTIMIZERS[moment.training.optimizer.name].label
    words = [f"{part.symbol} = {part.words} = {number(part.value)}" for part in made.parts]
    texts = [f"{label}: {'   '.join([gradient, *parts])}{others}", f"{'   '.join([gradient, *parts])}{others}"]
    return Row("OPTIMIZER", (*texts, f"{gradient}   …   {parts[-1]}{others}"), tip="\n".join([label, gradient, *words]))


def _other_mover(moment: Moment) -> str:
    rule = REGULARIZERS[moment.training.regularizer.name]
    return rule.label if rule.decay is not None or rule.project is not None else "being frozen"


def _is_plain(moment: Moment) -> bool:
    """Tell whether the step is the gradient, with a penalty's, times the rate, and nothing else."""
    rule = REGULARIZERS[moment.training.regularizer.name]
    return moment.training.clipping.name == "none" and rule.decay is None and rule.project is None


def check_row(found: Derivative | None) -> Row:
    """Return what the gradient check found; None where it was not made."""
    if found is None:
        return Row("CHECK", ("The gradient check, by finite differences, waits for a pause.",), "muted")
    numerical, backprop = number(found.numerical), number(found.backprop)
    apart = f"difference {found.difference:.0e}"
    values = f"finite difference {numerical}, backprop {backprop}, {apart}"
    if found.agrees and not found.kink:
        shorter = f"✓ finite difference {numerical}, backprop {backprop}"
        return Row("CHECK", (f"Gradient check ✓ {values}", f"✓ {values}", shorter, f"✓ {apart}"), "rise")
    if found.kink:
        return Row("CHECK", (f"{values}: at a kink ({found.kink}) there is no one slope",), "muted")
    return Row("CHECK", (f"Gradient check ✗ {values}",), "fall")


def _wish(pulled: float) -> str:
    if pulled == 0 or pulled != pulled:
        return "may stay as it is"
    return "should fall" if pulled > 0 else "should rise"


def _listed(said: Sequence[str], terms: Sequence[Term]) -> list[str]:
    """Return the list with fewer and fewer terms, the others summed up."""
    texts = []
    for count in range(len(said), 0, -1):
        left = terms[count:]
        more = f"  and {len(left)} more {number(sum(t.product for t in left), 3)}" if left else ""
        texts.append("  ".join(said[:count]) + more)
    return texts
