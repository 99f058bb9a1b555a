"""Losses that measure how far off the outputs are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses.loss import Loss

if TYPE_CHECKING:
    from bplab.engine.activations import Array

_USUAL = ("sigmoid", "identity", "tanh")
_ANY = (*_USUAL, *(name for name in ACTIVATIONS if name not in _USUAL))


def _mse(a: Array, Y: Array) -> Array:
    return np.asarray(np.square(a - Y) / Y.shape[1])


def _mse_gradient(a: Array, Y: Array, out: Array) -> None:
    np.subtract(a, Y, out=out)
    np.multiply(out, 2.0 / Y.shape[1], out=out)


MSE = Loss(
    name="mse",
    label="mean squared error",
    doc="The squared error, mean over samples and outputs.",
    formula="L = sum_j (a_j - y_j)^2 / n_out,  dL/da_j = 2 (a_j - y_j) / n_out",
    source="Bishop, Pattern Recognition and Machine Learning, 2006, section 5.2; as PyTorch's MSELoss",
    share=_mse,
    gradient=_mse_gradient,
    outputs=_ANY,
)


def _half_squared_error(a: Array, Y: Array) -> Array:
    return np.square(a - Y) / 2.0


def _half_squared_error_gradient(a: Array, Y: Array, out: Array) -> None:
    np.subtract(a, Y, out=out)


HALF_SQUARED_ERROR = Loss(
    name="half_squared_error",
    label="half squared error",
    doc="Half the squared error, summed over outputs, mean over samples: the textbooks' loss.",
    formula="L = sum_j (a_j - y_j)^2 / 2,  dL/da_j = a_j - y_j",
    source="Nielsen, Neural Networks and Deep Learning, 2015, chapter 2",
    share=_half_squared_error,
    gradient=_half_squared_error_gradient,
    outputs=_ANY,
)


def _mae(a: Array, Y: Array) -> Array:
    return np.asarray(np.abs(a - Y) / Y.shape[1])


def _mae_gradient(a: Array, Y: Array, out: Array) -> None:
    np.subtract(a, Y, out=out)
    np.sign(out, out=out)
    np.multiply(out, 1.0 / Y.shape[1], out=out)


MAE = Loss(
    name="mae",
    label="mean absolute error",
    doc="The size of the error, mean over samples and outputs: far-off samples count less than with squares.",
    formula="L = sum_j |a_j - y_j| / n_out,  dL/da_j = sign(a_j - y_j) / n_out; at 0 it is taken as 0",
    source="PyTorch's L1Loss",
    share=_mae,
    gradient=_mae_gradient,
    outputs=_ANY,
    kink=np.subtract,
)


def _huber(a: Array, Y: Array, delta: float) -> Array:
    error = np.abs(a - Y)
    near = np.minimum(error, delta)
    return np.asarray((0.5 * near * near + delta * (error - near)) / Y.shape[1])


def _huber_gradient(a: Array, Y: Array, out: Array, delta: float) -> None:
    np.subtract(a, Y, out=out)
    np.clip(out, -delta, delta, out=out)
    np.multiply(out, 1.0 / Y.shape[1], out=out)


HUBER = Loss(
    name="huber",
    label="Huber",
    doc="Squared for small errors, straight for large ones: smooth near the target, calm far from it.",
    formula="L = sum_j h(a_j - y_j) / n_out,  h(e) = e^2 / 2 if |e| <= delta else delta (|e| - delta / 2)",
    source="Huber, Ann. Math. Statist. 35, 1964, doi:10.1214/aoms/1177703732; as PyTorch's HuberLoss",
    settings={"delta": Setting(1.0, 1e-6, 1e6, "The error from which on the loss is straight.")},
    share=_huber,
    gradient=_huber_gradient,
    outputs=_ANY,
)
