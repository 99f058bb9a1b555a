"""Activations that let positive sums through and hold negative ones back."""

from __future__ import annotations

import math

import numpy as np

from bplab.catalogue import Setting
from bplab.engine.activations.activation import Activation, Array
from bplab.engine.activations.squashing import sigmoid


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0.0, out=out)


def _relu_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    np.greater(z, 0.0, out=out, casting="unsafe")


RELU = Activation(
    name="relu",
    label="relu",
    doc="Passes positive sums unchanged and cuts the others to 0.",
    formula="f(z) = max(0, z),  f'(z) = 1 if z > 0 else 0; the derivative at 0 is taken as 0",
    source="Nair and Hinton, Rectified Linear Units, ICML 2010",
    value=_relu,
    slope=_relu_slope,
    kinks=(0.0,),
)


def _leaky_relu(z: Array, out: Array, negative_slope: float) -> None:
    np.multiply(z, negative_slope, out=out)
    np.copyto(out, z, where=z > 0)


def _leaky_relu_slope(z: Array, a: Array, out: Array, negative_slope: float) -> None:  # noqa: ARG001
    out.fill(negative_slope)
    np.copyto(out, 1.0, where=z > 0)


LEAKY_RELU = Activation(
    name="leaky_relu",
    label="leaky relu",
    doc="Like relu, but negative sums keep a small slope, so that a neuron cannot die.",
    formula="f(z) = z if z > 0 else s z,  f'(z) = 1 if z > 0 else s",
    source="Maas et al., Rectifier Nonlinearities, ICML 2013",
    settings={"negative_slope": Setting(0.01, 0.0, 1.0, "The slope for sums below 0.")},
    value=_leaky_relu,
    slope=_leaky_relu_slope,
    kinks=(0.0,),
)


def _elu(z: Array, out: Array, alpha: float) -> None:
    np.minimum(z, 0.0, out=out)
    np.expm1(out, out=out)
    np.multiply(out, alpha, out=out)
    np.copyto(out, z, where=z > 0)


def _elu_slope(z: Array, a: Array, out: Array, alpha: float) -> None:  # noqa: ARG001
    np.minimum(z, 0.0, out=out)
    np.exp(out, out=out)
    np.multiply(out, alpha, out=out)
    np.copyto(out, 1.0, where=z > 0)


ELU = Activation(
    name="elu",
    label="elu",
    doc="Like relu, but negative sums level off smoothly below 0.",
    formula="f(z) = z if z > 0 else alpha (exp(z) - 1),  f'(z) = 1 if z > 0 else alpha exp(z)",
    source="Clevert et al., ICLR 2016, arXiv:1511.07289",
    settings={"alpha": Setting(1.0, 0.0, 100.0, "How far below 0 it levels off.")},
    value=_elu,
    slope=_elu_slope,
    kinks=(0.0,),
)

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def _selu(z: Array, out: Array) -> None:
    _elu(z, out, SELU_ALPHA)
    np.multiply(out, SELU_SCALE, out=out)


def _selu_slope(z: Array, a: Array, out: Array) -> None:
    _elu_slope(z, a, out, SELU_ALPHA)
    np.multiply(out, SELU_SCALE, out=out)


SELU = Activation(
    name="selu",
    label="selu",
    doc="An elu so scaled that signals keep mean 0 and variance 1 through many layers, with LeCun's weights.",
    formula="f(z) = 1.0507 elu(z, alpha = 1.6733),  f'(z) = 1.0507 elu'(z)",
    source="Klambauer et al., NIPS 2017, arXiv:1706.02515",
    value=_selu,
    slope=_selu_slope,
    kinks=(0.0,),
)

_erf = np.frompyfunc(math.erf, 1, 1)  # numpy has none


def _normal_cdf(z: Array, out: Array) -> None:
    """Write the share of a standard normal distribution that lies below z."""
    np.multiply(z, math.sqrt(0.5), out=out)
    _erf(out, out=out, casting="unsafe")
    np.add(out, 1.0, out=out)
    np.multiply(out, 0.5, out=out)


def _gelu(z: Array, out: Array) -> None:
    _normal_cdf(z, out)
    np.multiply(out, z, out=out)


def _gelu_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    _normal_cdf(z, out)
    np.add(out, z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi), out=out)


GELU = Activation(
    name="gelu",
    label="gelu",
    doc="Lets a sum through in proportion to how large it is among normal ones; a smooth relu.",
    formula="f(z) = z P(z),  f'(z) = P(z) + z exp(-z^2 / 2) / sqrt(2 pi),  P(z) = (1 + erf(z / sqrt(2))) / 2",
    source="Hendrycks and Gimpel, 2016, arXiv:1606.08415; the exact form",
    value=_gelu,
    slope=_gelu_slope,
)


def _silu(z: Array, out: Array) -> None:
    sigmoid(z, out)
    np.multiply(out, z, out=out)


def _silu_slope(z: Array, a: Array, out: Array) -> None:
    # f' = s + z s (1 - s) = s + a (1 - s)
    sigmoid(z, out)
    np.add(out, a * (1.0 - out), out=out)


SILU = Activation(
    name="silu",
    label="silu",
    doc="The sum times its own sigmoid: a smooth relu with a small dip below 0; also called swish.",
    formula="f(z) = z s(z),  f'(z) = s(z) + f(z) (1 - s(z)),  s(z) = 1 / (1 + exp(-z))",
    source="Elfwing et al., Neural Networks 107, 2018, doi:10.1016/j.neunet.2017.12.012",
    value=_silu,
    slope=_silu_slope,
)


def _softplus(z: Array, out: Array) -> None:
    np.logaddexp(0.0, z, out=out)


def _softplus_slope(z: Array, a: Array, out: Array) -> None:  # noqa: ARG001
    sigmoid(z, out)


SOFTPLUS = Activation(
    name="softplus",
    label="softplus",
    doc="A relu with a rounded corner; always above 0.",
    formula="f(z) = ln(1 + exp(z)),  f'(z) = 1 / (1 + exp(-z))",
    source="Dugas et al., NIPS 2000",
    value=_softplus,
    slope=_softplus_slope,
)
