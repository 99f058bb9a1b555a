"""Activations that keep their values within limits, and the identity."""

from __future__ import annotations

import numpy as np

from bplab.engine.activations.activation import Activation, Array


def _tanh(z: Array, out: Array) -> None:
    np.tanh(z, out=out)


def _tanh_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.multiply(a, a, out=out)
    np.subtract(1.0, out, out=out)


TANH = Activation(
    name="tanh",
    label="tanh",
    doc="Squashes the sum into -1 to 1; steepest at 0, flat far from it.",
    formula="f(z) = tanh(z),  f'(z) = 1 - f(z)^2",
    source="LeCun et al., Efficient BackProp, 1998, doi:10.1007/3-540-49430-8_2",
    value=_tanh,
    slope=_tanh_slope,
)


def sigmoid(z: Array, out: Array) -> None:
    """Write 1 / (1 + exp(-z)) into `out`."""
    # exp may overflow to infinity; 1 / (1 + inf) = 0 is then the right answer, and small values stay accurate.
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    np.reciprocal(out, out=out)


def _sigmoid_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.subtract(1.0, a, out=out)
    np.multiply(out, a, out=out)


SIGMOID = Activation(
    name="sigmoid",
    label="sigmoid",
    doc="Squashes the sum into 0 to 1, to be read as a probability.",
    formula="f(z) = 1 / (1 + exp(-z)),  f'(z) = f(z) (1 - f(z))",
    source="Rumelhart, Hinton and Williams, Nature 323, 1986, doi:10.1038/323533a0",
    value=sigmoid,
    slope=_sigmoid_slope,
)


def _softsign(z: Array, out: Array) -> None:
    np.abs(z, out=out)
    np.add(out, 1.0, out=out)
    np.divide(z, out, out=out)


def _softsign_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.abs(z, out=out)
    np.add(out, 1.0, out=out)
    np.multiply(out, out, out=out)
    np.reciprocal(out, out=out)


SOFTSIGN = Activation(
    name="softsign",
    label="softsign",
    doc="Like tanh, but it flattens more slowly.",
    formula="f(z) = z / (1 + |z|),  f'(z) = 1 / (1 + |z|)^2",
    source="Glorot and Bengio, AISTATS 2010",
    value=_softsign,
    slope=_softsign_slope,
)


def _hardtanh(z: Array, out: Array) -> None:
    np.clip(z, -1.0, 1.0, out=out)


def _hardtanh_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.less(np.abs(z), 1.0, out=out, casting="unsafe")


HARDTANH = Activation(
    name="hardtanh",
    label="hard tanh",
    doc="Passes sums from -1 to 1 unchanged and cuts off the rest: tanh made of straight lines.",
    formula="f(z) = min(1, max(-1, z)),  f'(z) = 1 if -1 < z < 1 else 0; at -1 and 1 it is taken as 0",
    source="Collobert, Large Scale Machine Learning, 2004; as in PyTorch's Hardtanh",
    value=_hardtanh,
    slope=_hardtanh_slope,
    kinks=(-1.0, 1.0),
)


def _sine(z: Array, out: Array) -> None:
    np.sin(z, out=out)


def _sine_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.cos(z, out=out)


SINE = Activation(
    name="sine",
    label="sine",
    doc="A wave: good at repeating patterns, and never flat for long.",
    formula="f(z) = sin(z),  f'(z) = cos(z)",
    source="Sitzmann et al., NeurIPS 2020, arXiv:2006.09661",
    value=_sine,
    slope=_sine_slope,
)


def _identity(z: Array, out: Array) -> None:
    np.copyto(out, z)


def _identity_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    out.fill(1.0)


IDENTITY = Activation(
    name="identity",
    label="identity",
    doc="Passes the sum unchanged: a linear layer.",
    formula="f(z) = z,  f'(z) = 1",
    source="Nielsen, Neural Networks and Deep Learning, 2015, chapter 6",
    value=_identity,
    slope=_identity_slope,
)


def _softmax(z: Array, out: Array) -> None:
    # Subtracting the largest z changes nothing in the ratio and keeps exp from overflowing.
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, out.sum(axis=1, keepdims=True), out=out)


def _softmax_pull_back(z: Array, a: Array, grad: Array, out: Array) -> None:  # noqa: ARG001
    # dL/dz_j = a_j (g_j - sum_i a_i g_i): the softmax Jacobian diag(a) - a a^T applied to g.
    np.multiply(a, grad, out=out)
    np.subtract(grad, out.sum(axis=1, keepdims=True), out=out)
    np.multiply(out, a, out=out)


SOFTMAX = Activation(
    name="softmax",
    label="softmax",
    doc="Turns the sums of all outputs into probabilities that add up to 1.",
    formula="f(z)_j = exp(z_j) / sum_i exp(z_i),  dL/dz_j = a_j (dL/da_j - sum_i a_i dL/da_i)",
    source="Bridle, Probabilistic Interpretation of Feedforward Network Outputs, 1990",
    value=_softmax,
    pull_back=_softmax_pull_back,
    output_only=True,
)
