"""Activation functions: value and derivative side by side.

Every function works on whole arrays and writes into ``out``, so that a training step allocates nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Activation(Entry):
    """An activation ``a = f(z)``.

    Parameters
    ----------
    value : callable
        ``value(z, out, **settings)`` writes f(z), shape (batch, n_out), into `out`.
    slope : callable, optional
        ``slope(z, a, out, **settings)`` writes f'(z), element by element. None where every output depends on every z.
    pull_back : callable, optional
        ``pull_back(z, a, grad, out, **settings)`` writes dL/dz for ``grad = dL/da``; only where `slope` is None.
    output_only : bool
        Whether it makes sense at the output layer alone.
    """

    value: Callable[..., object]
    slope: Callable[..., object] | None = None
    pull_back: Callable[..., object] | None = None
    output_only: bool = False

    def backward(self, z: Array, a: Array, grad: Array, out: Array, **settings: float) -> None:
        """Write ``dL/dz``, given ``grad = dL/da``, into `out`: the chain rule through this activation."""
        if self.slope is None:
            assert self.pull_back is not None
            self.pull_back(z, a, grad, out, **settings)
        else:
            self.slope(z, a, out, **settings)
            np.multiply(out, grad, out=out)


def _identity(z: Array, out: Array) -> None:
    np.copyto(out, z)


def _identity_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    out.fill(1.0)


def _sigmoid(z: Array, out: Array) -> None:
    # exp may overflow to infinity; 1 / (1 + inf) = 0 is then the right answer, and small values stay accurate.
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    np.reciprocal(out, out=out)


def _sigmoid_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.subtract(1.0, a, out=out)
    np.multiply(out, a, out=out)


def _tanh(z: Array, out: Array) -> None:
    np.tanh(z, out=out)


def _tanh_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.multiply(a, a, out=out)
    np.subtract(1.0, out, out=out)


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0.0, out=out)


def _relu_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.greater(z, 0.0, out=out, casting="unsafe")


def _leaky_relu(z: Array, out: Array, negative_slope: float) -> None:
    np.multiply(z, negative_slope, out=out)
    np.copyto(out, z, where=z > 0)


def _leaky_relu_slope(z: Array, a: Array, out: Array, negative_slope: float) -> None:  # noqa: ARG001
    out.fill(negative_slope)
    np.copyto(out, 1.0, where=z > 0)


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


ACTIVATIONS: Catalogue[Activation] = Catalogue(
    "activation",
    Activation(
        name="tanh",
        label="tanh",
        doc="Squashes the sum into -1 to 1; steepest at 0, flat far from it.",
        formula="f(z) = tanh(z),  f'(z) = 1 - f(z)^2",
        source="LeCun et al., Efficient BackProp, 1998, doi:10.1007/3-540-49430-8_2",
        value=_tanh,
        slope=_tanh_slope,
    ),
    Activation(
        name="relu",
        label="relu",
        doc="Passes positive sums unchanged and cuts the others to 0.",
        formula="f(z) = max(0, z),  f'(z) = 1 if z > 0 else 0; the derivative at 0 is taken as 0",
        source="Nair and Hinton, Rectified Linear Units, ICML 2010",
        value=_relu,
        slope=_relu_slope,
    ),
    Activation(
        name="leaky_relu",
        label="leaky relu",
        doc="Like relu, but negative sums keep a small slope, so that a neuron cannot die.",
        formula="f(z) = z if z > 0 else s z,  f'(z) = 1 if z > 0 else s",
        source="Maas et al., Rectifier Nonlinearities, ICML 2013",
        settings={"negative_slope": Setting(0.01, 0.0, 1.0, "The slope for sums below 0.")},
        value=_leaky_relu,
        slope=_leaky_relu_slope,
    ),
    Activation(
        name="sigmoid",
        label="sigmoid",
        doc="Squashes the sum into 0 to 1, to be read as a probability.",
        formula="f(z) = 1 / (1 + exp(-z)),  f'(z) = f(z) (1 - f(z))",
        source="Rumelhart, Hinton and Williams, Nature 323, 1986, doi:10.1038/323533a0",
        value=_sigmoid,
        slope=_sigmoid_slope,
    ),
    Activation(
        name="identity",
        label="identity",
        doc="Passes the sum unchanged: a linear layer.",
        formula="f(z) = z,  f'(z) = 1",
        value=_identity,
        slope=_identity_slope,
    ),
    Activation(
        name="softmax",
        label="softmax",
        doc="Turns the sums of all outputs into probabilities that add up to 1.",
        formula="f(z)_j = exp(z_j) / sum_i exp(z_i)",
        source="Bridle, Probabilistic Interpretation of Feedforward Network Outputs, 1990",
        value=_softmax,
        pull_back=_softmax_pull_back,
        output_only=True,
    ),
)
