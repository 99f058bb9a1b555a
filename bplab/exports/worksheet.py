"""A worksheet of one training step of a small network, to be filled in by hand, and its solution: as HTML.

It takes one sample: forward, loss, errors from right to left, gradients, and plain gradient descent.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.gradient_check import loaded
from bplab.engine.losses import LOSSES
from bplab.errors import BplabError
from bplab.exports.markup import printable
from bplab.microscope.words import subscript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.backprop import Backprop
    from bplab.exports.subject import Subject

MOST_PARAMETERS = 120
BLANK = "_______"
STYLE = """
body { font-family: sans-serif; font-size: 10pt; } h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 14px; }
table { border-collapse: collapse; }
td, th { border: 1px solid #999; padding: 3px 6px; text-align: right; white-space: nowrap; }
p { margin: 3px 0; } .n { font-family: monospace; }
"""


def worksheet(subject: Subject, is_solved: bool, picture: str = "") -> str:
    """Return a page of HTML.

    Parameters
    ----------
    is_solved : bool
        With the numbers, or with blanks for them.
    picture : str
        Address of a picture of the network, if there is one.

    Raises
    ------
    BplabError
        If the network is too large for a sheet of paper, or has layers that are not plain.
    """
    _check(subject)
    return _Sheet(subject, is_solved).page(picture)


def _check(subject: Subject) -> None:
    count = len(subject.network.parameters)
    if count > MOST_PARAMETERS:
        raise BplabError(
            f"A worksheet of {count:,} weights and biases would fill a book.",
            f"Take a network of at most {MOST_PARAMETERS}, such as Begin with > XOR net.",
        )
    plans = subject.network.plans
    if any(plan.skip or plan.dropout or plan.normalization.name != "none" for plan in plans):
        raise BplabError(
            "A worksheet is made for plain layers.", "Take out normalization, dropout and skip connections first."
        )


class _Sheet:
    """Writes one page."""

    def __init__(self, subject: Subject, is_solved: bool) -> None:
        self._subject, self._is_solved = subject, is_solved
        record, data = subject.record, subject.data
        X, Y = (record.X[:1], record.Y[:1]) if record is not None else (data.X_train[:1], data.Y_train[:1])
        self._passes: Backprop = loaded(subject.network, subject.spec.training.loss, X, Y)
        with np.errstate(all="ignore"):
            self._passes.forward()
            self._passes.backward()
        choice = subject.spec.training.optimizer
        self._rate = float(choice.values.get("learning_rate", 0.1))
        self._is_sgd = choice.name == "sgd"

    def page(self, picture: str) -> str:
        """Return all of it."""
        title = "One training step" + (": solution" if self._is_solved else "")
        parts = [f"<h1>{title}</h1>", self._given()]
        if picture:
            parts.append(f'<p><img src="{escape(picture)}" width="480"></p>')
        layers = range(1, len(self._passes.z) + 1)
        parts += [self._weights(layer) for layer in layers]
        parts += [self._forward(layer) for layer in layers]
        parts.append(self._loss())
        parts += [self._errors(layer) for layer in reversed(layers)]
        parts += [self._gradients(layer) for layer in reversed(layers)]
        parts += [self._update(layer) for layer in layers]
        return f"<html><head><meta charset='utf-8'><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"

    def _number(self, value: float) -> str:
        """Return what has to be found: the number, or a blank."""
        return f'<span class="n">{value:.4g}</span>' if self._is_solved else BLANK

    def _given(self) -> str:
        X, Y = self._passes.X[0], self._passes.Y[0]
        names, outputs = self._subject.data.feature_names, self._subject.data.output_names
        inputs = "".join(
            f"<p>x{subscript(k)} = {value:.4g} &nbsp; ({escape(printable(names[k]))})</p>" for k, value in enumerate(X)
        )
        targets = "".join(
            f"<p>y{subscript(j)} = {value:.4g} &nbsp; ({escape(printable(outputs[j]))})</p>"
            for j, value in enumerate(Y)
        )
        return f"<h2>Given: one sample and its target</h2>{inputs}{targets}"

    def _weights(self, layer: int) -> str:
        own = self._subject.network.layers[layer - 1]
        label = ACTIVATIONS[own.choice.name].label
        rows = [[f"{value:.4g}" for value in (own.b[j], *own.W[j])] for j in range(len(own.b))]
        return f"<h2>Given: layer {layer}, activation {escape(label)}</h2>{self._table(rows, own.W.shape[1], 'b', 'w')}"

    def _table(self, rows: Sequence[Sequence[str]], sources: int, bias: str, weight: str) -> str:
        head = "".join(f"<th>{weight}, {k + 1}</th>" for k in range(sources))
        body = "".join(
            f"<tr><th>{j + 1}</th>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for j, row in enumerate(rows)
        )
        return f"<table><tr><th>neuron</th><th>{bias}</th>{head}</tr>{body}</table>"

    def _forward(self, layer: int) -> str:
        own, before = self._subject.network.layers[layer - 1], "x" if layer == 1 else "a"
        z, a = self._passes.z[layer - 1][0], self._passes.a[layer - 1][0]
        label = escape(ACTIVATIONS[own.choice.name].label)
        lines = []
        for j in range(len(z)):
            terms = " + ".join(f"w{subscript(j, k)} {before}{subscript(k)}" for k in range(own.W.shape[1]))
            lines.append(
                f"<p>z{subscript(j)} = b{subscript(j)} + {terms} = {self._number(z[j])}"
                f" &nbsp; a{subscript(j)} = {label}(z) = {self._number(a[j])}</p>"
            )
        return f"<h2>Forward: layer {layer}</h2>{''.join(lines)}"

    def _loss(self) -> str:
        entry = LOSSES[self._subject.spec.training.loss.name]
        loss = self._number(self._passes.loss())
        return f"<h2>Loss: {escape(entry.label)}</h2><p>{escape(entry.formula)}</p><p>L = {loss}</p>"

    def _errors(self, layer: int) -> str:
        """Errors of the layer: at the output of the loss, elsewhere of what the next layer asks."""
        delta, last = self._passes.delta[layer - 1][0], len(self._passes.z)
        entry = LOSSES[self._subject.spec.training.loss.name]
        own = self._subject.network.layers[layer - 1].choice.name
        label, lines = escape(ACTIVATIONS[own].label), []
        for j, value in enumerate(delta):
            place = subscript(j)
            if layer < last:
                weights = self._passes.z[layer].shape[1]
                asked = " + ".join(f"w{subscript(o, j)} δ{subscript(o)}" for o in range(weights))
                pull = self._number(self._passes.pull[layer - 1][0, j])
                how = f"({asked}) × {label}′(z{place}) = {pull} × {self._number(self._slope(layer, j))}"
            elif own in entry.fused:
                how = f"a{place} − y{place}"
            else:
                how = f"∂L/∂a{place} × {label}′(z{place})"
            lines.append(f"<p>δ{place} = {how} = {self._number(value)}</p>")
        behind = "from the loss" if layer == last else f"w and δ of layer {layer + 1}"
        return f"<h2>Backward: errors of layer {layer} ({behind})</h2>{''.join(lines)}"

    def _slope(self, layer: int, j: int) -> float:
        own = self._subject.network.layers[layer - 1]
        out = np.empty_like(self._passes.z[layer - 1])
        assert own.activation.slope is not None
        own.activation.slope(self._passes.z[layer - 1], self._passes.a[layer - 1], out, **own.choice.values)
        return float(out[0, j])

    def _gradients(self, layer: int) -> str:
        gradient = self._passes.gradients[layer - 1]
        rows = [[self._number(value) for value in (gradient.b[j], *gradient.W[j])] for j in range(len(gradient.b))]
        formula = f"<p>∂L/∂w = δ × {'x' if layer == 1 else 'a of the layer before'}, ∂L/∂b = δ</p>"
        table = self._table(rows, gradient.W.shape[1], "∂L/∂b", "∂L/∂w")
        return f"<h2>Gradients of layer {layer}</h2>{formula}{table}"

    def _update(self, layer: int) -> str:
        own, gradient = self._subject.network.layers[layer - 1], self._passes.gradients[layer - 1]
        b, W = own.b - self._rate * gradient.b, own.W - self._rate * gradient.W
        rows = [[self._number(value) for value in (b[j], *W[j])] for j in range(len(b))]
        note = "" if self._is_sgd else " (plain gradient descent, whatever the experiment's optimizer does)"
        formula = f"<p>w ← w − {self._rate:g} × ∂L/∂w{note}</p>"
        return f"<h2>Update: layer {layer}</h2>{formula}{self._table(rows, own.W.shape[1], 'new b', 'new w')}"
