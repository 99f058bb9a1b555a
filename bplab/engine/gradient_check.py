"""The gradient found again without the chain rule, by central differences, to check backpropagation by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.backprop import Backprop

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.catalogue import Choice
    from bplab.engine.activations import Array
    from bplab.engine.network import Network

WIDTHS = (1e-5, 1e-6, 1e-4, 1e-7)  # tried in this order until one agrees
RELATIVE, ABSOLUTE = 1e-5, 1e-9


@dataclass(frozen=True)
class Derivative:
    """One derivative, found twice.

    Attributes
    ----------
    numerical, backprop : float
    tolerance : float
        How far apart rounding, and the bend of the loss, may bring the two.
    kink : str
        Why a difference says nothing here: "relu of layer 1, neuron 2" changes its side within it; else empty.
    """

    numerical: float
    backprop: float
    tolerance: float
    kink: str

    @property
    def difference(self) -> float:
        """How far the two are apart."""
        return abs(self.numerical - self.backprop)

    @property
    def agrees(self) -> bool:
        """Whether they are the same but for rounding."""
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class CheckedPart:
    """The check of one layer's `W`, `b`, `gamma` or `beta`.

    ``skipped`` holds, for each parameter that lies on a kink, its place and the reason; ``failed`` the places of those
    that are wrong.
    """

    layer: int
    symbol: str
    count: int
    largest_difference: float
    failed: tuple[tuple[int, ...], ...]
    skipped: tuple[tuple[tuple[int, ...], str], ...]


def check_gradients(passes: Backprop, advance: Callable[[int], object] = lambda _: None) -> tuple[CheckedPart, ...]:
    """Check every parameter of a network on the batch that is loaded in `passes`, in float64.

    Parameters
    ----------
    passes : Backprop
        With a batch, and with masks where there is dropout. The network is as before afterwards.
    advance : callable
        Is told how many parameters were done.
    """
    backprop = _gradient_of(passes)
    parts, first = [], 0
    for number, layer in enumerate(passes.network.views(passes.network.parameters), start=1):
        for symbol, values in layer._asdict().items():
            found = [derivative(passes, first + i, float(backprop[first + i])) for i in range(values.size)]
            first += values.size
            advance(values.size)
            if found:
                parts.append(_part(number, symbol, values.shape, found))
    return tuple(parts)


def _part(layer: int, symbol: str, shape: tuple[int, ...], found: list[Derivative]) -> CheckedPart:
    places = [tuple(int(i) for i in np.unravel_index(n, shape)) for n in range(len(found))]
    pairs = list(zip(places, found, strict=True))
    compared = [one for one in found if not one.kink]
    return CheckedPart(
        layer,
        symbol,
        len(found),
        max((one.difference for one in compared), default=0.0),
        tuple(place for place, one in pairs if not one.kink and not one.agrees),
        tuple((place, one.kink) for place, one in pairs if one.kink),
    )


def derivative(passes: Backprop, index: int, backprop: float) -> Derivative:
    """Compare dL/dparameters[index] as backpropagation found it with a central difference.

    Where a kink lies within the difference, or the two disagree, other widths are tried: a kink may lie outside a
    narrower one, and a strong bend matters less in it. A wrong gradient agrees with none.
    """
    found = None
    for width in WIDTHS:
        now = _difference(passes, index, backprop, width)
        if now.agrees and not now.kink:
            return now
        if found is None or (found.kink and not now.kink):
            found = now
    assert found is not None
    return found


def _difference(passes: Backprop, index: int, backprop: float, width: float) -> Derivative:
    """``(L(p + h) - L(p - h)) / 2h``, with ``h = width * max(1, |p|)``; the network is as before afterwards."""
    p, kept = passes.network.parameters, float(passes.network.parameters[index])
    h = width * max(1.0, abs(kept))
    try:
        above, right, upper = _loss_at(passes, index, kept + h)
        below, left, lower = _loss_at(passes, index, kept - h)
    finally:
        p[index] = kept
    numerical = (above - below) / (right - left)
    # A difference rounds by about 1e-16 of the loss, divided by its width.
    rounding = ABSOLUTE * max(1.0, abs(above)) * max(1.0, WIDTHS[0] / width)
    tolerance = RELATIVE * max(abs(numerical), abs(backprop)) + rounding
    return Derivative(numerical, backprop, tolerance, _kink_between(upper, lower))


def _loss_at(passes: Backprop, index: int, value: float) -> tuple[float, float, dict[str, np.ndarray]]:
    passes.network.parameters[index] = value
    with np.errstate(all="ignore"):
        passes.forward()
        return passes.loss(), float(passes.network.parameters[index]), sides(passes)


def sides(passes: Backprop) -> dict[str, np.ndarray]:
    """Return on which side of its kinks everything that has one is, each of shape (batch, n_out), by name."""
    found = {}
    for number, layer in enumerate(passes.network.layers, start=1):
        if layer.activation.kinks:
            side = sum(np.sign(passes.u[number - 1] - kink) for kink in layer.activation.kinks)
            found[f"{layer.activation.label} of layer {number}"] = np.asarray(side)
    loss = passes.criterion.entry
    if loss.kink is not None:
        found[f"{loss.label} loss"] = np.sign(loss.kink(passes.a[-1], passes.Y))
    return found


def _kink_between(upper: dict[str, np.ndarray], lower: dict[str, np.ndarray]) -> str:
    for name, side in upper.items():
        _, neurons = np.nonzero(side != lower[name])
        if len(neurons):
            return f"{name}, neuron {neurons[0] + 1}"
    return ""


def _gradient_of(passes: Backprop) -> Array:
    with np.errstate(all="ignore"):
        passes.forward()
        passes.backward()
    return passes.gradient.copy()


def loaded(network: Network, loss: Choice, X: Array, Y: Array) -> Backprop:
    """Return the passes of a network with all rows of X (samples, n_in) and Y (samples, n_out) as the batch."""
    passes = Backprop(network, loss, len(X))
    passes.load(np.asarray(X, passes.X.dtype), np.asarray(Y, passes.Y.dtype), np.arange(len(X)))
    return passes


def gradient(network: Network, loss: Choice, X: Array, Y: Array) -> Array:
    """Return dL/dparameters by backpropagation, shape (n_parameters,)."""
    return _gradient_of(loaded(network, loss, X, Y))
