"""A layered network whose whole state is one flat vector of parameters, and one of running statistics."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bplab.catalogue import Choice
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from bplab.engine.layer import Layer, LayerPlan, Parameters
from bplab.engine.normalization import NORMALIZATIONS
from bplab.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.activations import Array

Places: TypeAlias = tuple[np.ndarray, np.ndarray]
ZERO_BIASES = BIAS_INITIALIZERS.choose("zeros")


class Network:
    """Dense layers over an input of `sizes[0]` values.

    Parameters
    ----------
    sizes : sequence of int
        Neurons of the input layer, then of each dense layer.
    plans : sequence of LayerPlan or Choice
        One for each dense layer; the choice of an activation stands for a layer of nothing else.
    dtype : str
        "float64" or "float32".

    Attributes
    ----------
    parameters : ndarray of shape (n_parameters,)
        Everything that training changes: W row by row, then b, then gamma and beta of a normalization, layer by layer.
    statistics : ndarray of shape (n_statistics,)
        Running mean, then running variance, of each layer with batch norm.
    layers : tuple of Layer
        The dense layers; index 0 is layer 1 of the picture.
    frozen : ndarray of int
        Positions in `parameters` that training leaves as they are; none, unless they are set.

    Raises
    ------
    SettingError
        If a layer cannot be where it is.
    """

    def __init__(self, sizes: Sequence[int], plans: Sequence[LayerPlan | Choice], dtype: str = "float64") -> None:
        self.sizes = tuple(sizes)
        self.plans = tuple(LayerPlan(plan) if isinstance(plan, Choice) else plan for plan in plans)
        _check(self.sizes, self.plans)
        self._shapes = tuple(
            (n_out, n_in, n_out if plan.normalization.name != "none" else 0)
            for (n_in, n_out), plan in zip(itertools.pairwise(self.sizes), self.plans, strict=True)
        )
        count = sum(n_out * (n_in + 1) + 2 * normalized for n_out, n_in, normalized in self._shapes)
        self.parameters: Array = np.zeros(count, dtype=dtype)
        running = [len(_running(plan)) * size for plan, size in zip(self.plans, self.sizes[1:], strict=True)]
        self.statistics: Array = np.zeros(sum(running), dtype=dtype)
        self.layers = self._layers(running)
        self.frozen: np.ndarray = np.empty(0, dtype=np.intp)
        self.reset_statistics()

    def views(self, vector: Array) -> tuple[Parameters, ...]:
        """Return each layer's part of a flat vector of shape (n_parameters,), without copying."""
        parts, start = [], 0
        for n_out, n_in, normalized in self._shapes:
            ends = list(itertools.accumulate((n_out * n_in, n_out, normalized, normalized), initial=start))
            W, b, gamma, beta = (vector[first:last] for first, last in itertools.pairwise(ends))
            parts.append(Parameters(W.reshape(n_out, n_in), b, gamma, beta))
            start = ends[-1]
        return tuple(parts)

    def initialize(self, initializer: Choice, seed: int, biases: Choice = ZERO_BIASES) -> None:
        """Draw all weights, then all biases, from `seed`; every gamma becomes 1 and every beta 0."""
        rng = np.random.default_rng([seed, 0])
        for layer in self.layers:
            layer.W[:] = INITIALIZERS[initializer.name].draw(rng, layer.W.shape, **initializer.values)
        for layer in self.layers:
            layer.b[:] = BIAS_INITIALIZERS[biases.name].draw(rng, layer.b.shape, **biases.values)
            layer.gamma[:], layer.beta[:] = 1.0, 0.0
        self.reset_statistics()

    def reset_statistics(self) -> None:
        """Set every running mean to 0 and every running variance to 1."""
        for layer in self.layers:
            layer.running_mean[:], layer.running_variance[:] = 0.0, 1.0

    def forward(self, X: Array) -> list[tuple[Array, Array]]:
        """Return z and a of every layer, as they are in prediction, for inputs of shape (batch, n_in)."""
        result: list[tuple[Array, Array]] = []
        outputs: list[Array] = [np.asarray(X, dtype=self.parameters.dtype)]
        with np.errstate(all="ignore"):
            for number, layer in enumerate(self.layers, start=1):
                z = outputs[-1] @ layer.W.T + layer.b
                skip = layer.plan.skip
                outputs.append(layer.predict(z, outputs[number - skip] if skip else None))
                result.append((z, outputs[-1]))
        return result

    def predict(self, X: Array) -> Array:
        """Return the output, shape (batch, n_out), for prepared inputs of shape (batch, n_in)."""
        return self.forward(X)[-1][1]

    def _layers(self, running: list[int]) -> tuple[Layer, ...]:
        made, start = [], 0
        for part, plan, size in zip(self.views(self.parameters), self.plans, running, strict=True):
            mean, variance = self.statistics[start : start + size].reshape(2, -1)
            made.append(Layer(*part, mean, variance, plan, ACTIVATIONS[plan.activation.name]))
            start += size
        return tuple(made)


def _running(plan: LayerPlan) -> tuple[str, ...]:
    return ("mean", "variance") if NORMALIZATIONS[plan.normalization.name].running else ()


def _check(sizes: tuple[int, ...], plans: tuple[LayerPlan, ...]) -> None:
    for number, plan in enumerate(plans, start=1):
        last = number == len(plans)
        if last and not plan.is_plain:
            raise SettingError(
                "The output layer cannot have normalization, dropout or a skip connection.", "Use a hidden layer."
            )
        if not last and ACTIVATIONS[plan.activation.name].output_only:
            raise SettingError(
                f"Layer {number} cannot have the activation '{plan.activation.name}'.",
                "It makes sense at the output layer alone.",
            )
        _check_dropout(number, plan.dropout)
        _check_skip(number, plan, sizes)


def _check_dropout(number: int, share: float) -> None:
    if not 0.0 <= share < 1.0:
        raise SettingError(f"The dropout of layer {number} is {share:g}.", "Give a share from 0 to below 1.")


def _check_skip(number: int, plan: LayerPlan, sizes: tuple[int, ...]) -> None:
    if not 0 <= plan.skip <= number:
        raise SettingError(
            f"Layer {number} cannot skip {plan.skip} layers.", f"There are {number} layers before it, with the input."
        )
    before, own = sizes[number - plan.skip], sizes[number]
    if before != own:
        name = f"layer {number - plan.skip}" if plan.skip < number else "the input layer"
        raise SettingError(
            f"The skip connection from {name} to layer {number} joins {before} and {own} neurons.",
            "Give both layers the same number of neurons, or remove the skip connection.",
        )


def transplant(old: Parameters, new: Parameters, neurons: Places, inputs: Places | None) -> None:
    """Copy every weight of `old` that still has a place in `new`; the others stay as they are.

    Parameters
    ----------
    neurons, inputs : pair of ndarray of int
        Of the layer's own neurons, and of those it hears from, that are kept: where they were, and where they are now.
        `inputs` is None where it hears from another layer: then only what belongs to a neuron itself has a place.
    """
    were, are = neurons
    for was, now in zip(old[1:], new[1:], strict=True):
        if was.size and now.size:
            now[are] = was[were]
    if inputs is not None:
        new.W[np.ix_(are, inputs[1])] = old.W[np.ix_(were, inputs[0])]
