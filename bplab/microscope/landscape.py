"""The loss of a step's batch around the point at which the step was done: along a weight, over two, along the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.clipping import CLIPPINGS
from bplab.engine.regularizers import REGULARIZERS
from bplab.microscope import facts
from bplab.microscope.check import copy_of, place_of

if TYPE_CHECKING:
    from bplab.engine.backprop import Backprop
    from bplab.microscope.facts import Moment
    from bplab.microscope.selection import Selection

POINTS = 41
LEAST_REACH = 0.25  # of a weight, to both sides
REACH = 2.5  # steps


@dataclass(frozen=True, eq=False)
class Curve:
    """The loss along a line.

    Parameters
    ----------
    x, loss : ndarray of shape (points,)
        Where, and the loss of the batch there.
    at : float
        Where the step began.
    step : float
        How far it went.
    loss_before, loss_after : float
        The loss of the batch before the step and, the same batch, where this coordinate was moved by `step`.
    slope : float
        Of the tangent at `at`, as backpropagation found it.
    """

    x: np.ndarray
    loss: np.ndarray
    at: float
    step: float
    loss_before: float
    loss_after: float
    slope: float

    def tangent(self, x: float) -> float:
        """Return the height of the tangent."""
        return self.loss_before + self.slope * (x - self.at)


def along_weight(moment: Moment, chosen: Selection) -> Curve:
    """Return the loss along one weight, or a neuron's bias, all others being as they were before the step."""
    passes = copy_of(moment)
    p, place = passes.network.parameters, place_of(passes.network, chosen)
    done, at = facts.update(moment, chosen), float(p[place])
    reach = max(REACH * abs(done.change), LEAST_REACH, 0.5 * abs(at))
    x = np.linspace(at - reach, at + reach, POINTS)

    def loss_at(value: float) -> float:
        p[place] = value
        return _loss(passes)

    losses = np.array([loss_at(value) for value in x])
    return Curve(x, losses, at, done.change, loss_at(at), loss_at(at + done.change), done.gradient)


def along_step(moment: Moment, rates: np.ndarray | None = None) -> Curve:
    """Return the loss of the batch after the step, had its learning rate been another one; x is the learning rate.

    Parameters
    ----------
    rates : ndarray, optional
        The learning rates to try; default: from 0 to four times that of the step.

    Notes
    -----
    Every optimizer here moves by its learning rate times something that does not depend on it; a limit on the norm of
    weights, or a decay of its own, is scaled with it, which is then near, not exact: see `is_exact`.
    """
    rate = moment.record.learning_rate
    x = np.linspace(0.0, 4.0 * rate, POINTS) if rates is None else rates
    passes = copy_of(moment)
    p = passes.network.parameters
    before, update = p.copy(), flat(moment, "update_")

    def loss_at(value: float) -> float:
        np.copyto(p, before + update * (value / rate) if rate else before)
        return _loss(passes)

    losses = np.array([loss_at(float(value)) for value in x])
    slope = float(np.vdot(flat(moment, "d"), update)) / rate if rate else 0.0
    return Curve(x, losses, 0.0, rate, loss_at(0.0), loss_at(rate), slope)


def is_exact(moment: Moment) -> bool:
    """Tell whether `along_step` is what a step at another learning rate would really have come to."""
    rule = REGULARIZERS[moment.training.regularizer.name]
    return rule.project is None and rule.decay is None


def over_two(moment: Moment, first: Selection, second: Selection, side: int = 25) -> tuple[Curve, Curve, np.ndarray]:
    """Return the loss along each of two weights, and over both, shape (side, side): a row for each of the second."""
    across, up = along_weight(moment, first), along_weight(moment, second)
    passes = copy_of(moment)
    p = passes.network.parameters
    places = [place_of(passes.network, chosen) for chosen in (first, second)]
    losses = np.empty((side, side))
    for row, y in enumerate(np.linspace(up.x[0], up.x[-1], side)):
        for column, x in enumerate(np.linspace(across.x[0], across.x[-1], side)):
            p[places] = x, y
            losses[row, column] = _loss(passes)
    return across, up, losses


def flat(moment: Moment, prefix: str) -> np.ndarray:
    """Return gradients ("d") or updates ("update_") of all parameters as one vector, laid out like the network's."""
    names = ("W", "b", "gamma", "beta")
    found = np.zeros_like(moment.network.parameters)
    for views, seen in zip(moment.network.views(found), moment.record.layers, strict=True):
        for name in names:
            getattr(views, name)[...] = getattr(seen, prefix + name)
    return found


def wanted_gradient(moment: Moment, chosen: Selection) -> tuple[float, float]:
    """Return the gradient of one parameter after clipping, and the regularizer's part that is added to it."""
    done, clipping = facts.update(moment, chosen), moment.training.clipping
    if clipping.name == "none":
        return done.gradient, done.penalty
    total = flat(moment, "d")
    total[moment.network.frozen] = 0.0
    CLIPPINGS[clipping.name].clip(total, **clipping.values)
    return float(total[place_of(moment.network, chosen)]), done.penalty


def _loss(passes: Backprop) -> float:
    with np.errstate(all="ignore"):
        passes.forward()
        return passes.loss()
