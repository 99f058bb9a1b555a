"""What the inspector says of a selection at a moment: title, cards, rows and bars, made without widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.gradient_check import Derivative
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.microscope import facts
from bplab.microscope.facts import Moment
from bplab.microscope.selection import Selection
from bplab.microscope.words import Bars, Factor, Names, Row, number, subscript
from bplab.qt.inspector.lines import asked_row, check_row, made_row, sample_row, sum_row, update_row

if TYPE_CHECKING:
    from bplab.engine.network import Network

NO_STEP = "Make a step (key: full stop) to see its gradient."
NO_BARS = "One bar for each sample of the batch, and their mean."
NO_INPUT_BARS = "An input has no gradient to average: it is never changed."
INPUTS_STAY = "Inputs are never changed: training moves weights and biases only."
CheckMaker = Callable[[Moment, Selection], Derivative | None]


@dataclass(frozen=True, eq=False)
class Story:
    """Everything that is shown; a text between cards is what stands between them, `no_bars` why there are none."""

    title: str = ""
    sentence: str = ""
    cards: tuple[Factor | str, ...] = ()
    rows: tuple[Row, ...] = ()
    bars: Bars | None = None
    no_bars: str = NO_BARS


def story_without_step(network: Network, names: Names, chosen: Selection) -> Story:
    """Return what can be said before the first step."""
    if chosen.layer == 0:
        return Story(names.of(chosen), INPUTS_STAY, no_bars=NO_INPUT_BARS)
    layer = network.layers[chosen.layer - 1]
    value = layer.b[chosen.neuron] if chosen.source is None else layer.W[chosen.neuron, chosen.source]
    kind = "bias" if chosen.source is None else "weight"
    return Story(names.of(chosen), f"Its {kind} is {number(float(value))}. {NO_STEP}")


def story(moment: Moment, names: Names, chosen: Selection, make_check: CheckMaker) -> Story:
    """Return what is to be said of a selection; `make_check` may be costly and is called when its result is shown."""
    if chosen.layer == 0:
        return _input(moment, names, chosen)
    make = _neuron if chosen.source is None else _connection
    cards, rows = make(moment, names, chosen)
    if not moment.knows_error(chosen.layer):
        waits = f"Known when the backward pass has come to layer {chosen.layer}."
        return Story(names.of(chosen), "", cards, (*rows, update_row(moment, chosen)), no_bars=waits)
    made = made_row(moment, chosen)
    last = (*([made] if made else []), update_row(moment, chosen), check_row(make_check(moment, chosen)))
    return Story(names.of(chosen), "", cards, (*rows, *last), bars=_bars(moment, names, chosen))


def _bars(moment: Moment, names: Names, chosen: Selection) -> Bars:
    record = moment.record
    values = record.layers[chosen.layer - 1].sample_gradients(chosen.neuron, chosen.source)
    mean = facts.update(moment, chosen).gradient
    return Bars(np.asarray(values), lambda row: names.sample(record, row), mean)


def _input(moment: Moment, names: Names, chosen: Selection) -> Story:
    prepared = moment.record.X[moment.sample]
    raw = float(names.data.unscale(prepared[None, :])[0, chosen.neuron])
    symbol = "x" + subscript(chosen.neuron)
    cards = (
        Factor("raw value", raw, "as in the data", "plain", "The value of this sample in the data's own units."),
        "→",
        Factor(symbol, float(prepared[chosen.neuron]), "what the network sees", "input", "The value, scaled."),
    )
    return Story(
        names.of(chosen),
        "",
        cards,
        (sample_row(moment, names), Row("UPDATE", (INPUTS_STAY,), "muted")),
        no_bars=NO_INPUT_BARS,
    )


def _connection(moment: Moment, names: Names, chosen: Selection) -> tuple[tuple[Factor | str, ...], tuple[Row, ...]]:
    """Return gradient = what came in x error = what came in x (what the error is made of)."""
    assert chosen.source is not None
    layer, j, k = chosen.layer, chosen.neuron, chosen.source
    known = moment.knows_error(layer)
    a, delta = facts.activation(moment, layer - 1, k), facts.error(moment, layer, j)
    came = ("x" if layer == 1 else "a") + subscript(k)
    gradient = Factor(
        "∂L/∂w" + subscript(j, k), a * delta if known else None, "its gradient", "gradient",
        "How much this sample's loss rises for a small rise of the weight: what came in times the error.", chosen,
    )  # fmt: skip
    came_in = Factor(
        came, a if moment.knows_activation(layer - 1) else None, "what came in", "input",
        f"What {names.neuron(layer - 1, k)} gives for this sample.", Selection(layer - 1, k),
    )  # fmt: skip
    parts = _error_parts(moment, layer, j)
    opened: tuple[Factor | str, ...] = (f"= {came} × (", *parts, ")") if parts else ()
    return (gradient, "=", came_in, "×", _error_card(moment, layer, j, "error at its target"), *opened), (
        sample_row(moment, names),
    )


def _neuron(moment: Moment, names: Names, chosen: Selection) -> tuple[tuple[Factor | str, ...], tuple[Row, ...]]:
    """Return sum -> activation, and error; then who added what, and who asks for what."""
    layer, j = chosen.layer, chosen.neuron
    known, label = moment.knows_activation(layer), moment.network.layers[layer - 1].activation.label
    z, a = float(moment.record.layers[layer - 1].z[moment.sample, j]), facts.activation(moment, layer, j)
    plan, here = moment.network.plans[layer - 1], Selection(layer, j)
    passed = f"{label} of z" if plan.is_plain else f"{label}, and more"
    cards = (
        Factor("z" + subscript(j), z if known else None, "weighted sum + bias", "plain", "The sum, before f.", here),
        "→",
        Factor("a" + subscript(j), a if known else None, passed, "input", "What the neuron passes on.", here),
        "    ",
        _error_card(moment, layer, j, "its error"),
    )
    return cards, (sum_row(moment, names, layer, j), asked_row(moment, names, layer, j))


def _error_card(moment: Moment, layer: int, j: int, meaning: str) -> Factor:
    value = facts.error(moment, layer, j) if moment.knows_error(layer) else None
    tip = "How much this sample's loss rises for a small rise of the neuron's sum z: dL/dz."
    return Factor("δ" + subscript(j), value, meaning, "error", tip, Selection(layer, j))


def _error_parts(moment: Moment, layer: int, j: int) -> tuple[Factor | str, ...]:
    """Return what a neuron's error is made of: two cards and the sign between them."""
    known, index = moment.knows_error(layer), subscript(j)
    if facts.is_fused(moment, layer):
        return _difference(moment, layer, j)
    entry = ACTIVATIONS[moment.network.layers[layer - 1].choice.name]
    steepness = facts.slope(moment, layer, j)
    if steepness is None:
        return _softmax_parts(moment, layer, j) if entry.name == "softmax" else ()
    asked = facts.pull(moment, layer, j) if known else None
    shown = steepness if moment.knows_activation(layer) else None
    by_loss = layer == len(moment.network.layers)
    symbol, meaning = ("∂L/∂a" + index, "slope of the loss") if by_loss else ("Σ w δ", "asked by next layer")
    if facts.skip_requests(moment, layer, j):
        symbol, meaning = "Σ w δ + skip", "asked by later layers"
    tip = (
        f"How much the loss ({LOSSES[moment.training.loss.name].label}) rises for a small rise of this output."
        if by_loss
        else "The errors of the next layer, each times the weight that leads there: how the loss feels this neuron."
    )
    slope_tip = f"How strongly {entry.label} passes a small change of z on: {entry.formula}."
    normalization = moment.network.plans[layer - 1].normalization.name
    into = "z" if normalization == "none" else "u"
    here = Selection(layer, j)
    slope = Factor(f"f′({into}{index})", shown, f"slope of {entry.label}", "plain", slope_tip, here)
    end = () if into == "z" else (f"→ {NORMALIZATIONS[normalization].label}",)
    between = (*_mask(moment, layer, j), *_counted(moment, layer), "×")
    return Factor(symbol, asked, meaning, "pull", tip, here), *between, slope, *end


def _mask(moment: Moment, layer: int, j: int) -> tuple[Factor | str, ...]:
    mask = facts.mask(moment, layer, j)
    if mask is None:
        return ()
    tip = "Dropout: 0 for a neuron that is switched off for this sample, else 1 / (1 - dropout)."
    return "×", Factor("mask", mask, "dropout", "plain", tip)


def _counted(moment: Moment, layer: int) -> tuple[Factor | str, ...]:
    """Return how much the sample counts, where classes are weighted: at the output, from where it goes back with δ."""
    weight = facts.weight_of_sample(moment) if layer == len(moment.network.layers) else None
    if weight is None:
        return ()
    tip = "Samples of some classes count more than others: the weight of this one, compared with the mean of the batch."
    return "×", Factor("weight", weight, "of its class", "plain", tip)


def _difference(moment: Moment, layer: int, j: int) -> tuple[Factor | str, ...]:
    known, index = moment.knows_activation(layer), subscript(j)
    a, y = facts.activation(moment, layer, j), facts.target(moment, j)
    tip = "With this loss and this output activation the chain rule comes down to output minus target."
    smoothed = "the target" if y in (0.0, 1.0) else "smoothed target"
    parts = (
        Factor("a" + index, a if known else None, "the output", "pull", tip),
        "−",
        Factor("y" + index, y, smoothed, "plain", tip),
    )
    counted = _counted(moment, layer)
    return ("(", *parts, ")", *counted) if counted else parts


def _softmax_parts(moment: Moment, layer: int, j: int) -> tuple[Factor | str, ...]:
    known, index = moment.knows_error(layer), subscript(j)
    tip = "softmax ties the outputs together: only how much more than the average the loss feels this one counts."
    return (
        Factor("a" + index, facts.activation(moment, layer, j) if known else None, "the output", "plain", tip),
        "×",
        Factor(
            "g" + index + " − Σ a g", facts.centred_pull(moment, j) if known else None, "g: slope of loss", "pull", tip
        ),
    )
