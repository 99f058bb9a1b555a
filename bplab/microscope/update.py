"""What an update was made of, for one weight or bias: gradient, regularization, the optimizer's memory, the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bplab.engine.optimizers import OPTIMIZERS, Part
from bplab.engine.regularizers import REGULARIZERS
from bplab.microscope import facts
from bplab.microscope.check import place_of
from bplab.microscope.landscape import wanted_gradient

if TYPE_CHECKING:
    from bplab.microscope.facts import Moment
    from bplab.microscope.selection import Selection


@dataclass(frozen=True)
class Made:
    """The parts of an update.

    Parameters
    ----------
    gradient, penalty : float
        The gradient that the optimizer got, after clipping, and the regularizer's share of it.
    is_clipped : bool
        Whether clipping has changed the gradient.
    parts : tuple of Part
        The optimizer's own numbers, its step among them.
    others : float
        What else moved the parameter: a decay or limit of the regularizer, or that it is frozen.
    """

    gradient: float
    penalty: float
    is_clipped: bool
    parts: tuple[Part, ...]
    others: float


def made_of(moment: Moment, chosen: Selection) -> Made | None:
    """Return what the update of one parameter was made of; None where the optimizer's memory is not known."""
    if moment.memory is None:
        return None
    done, (gradient, penalty) = facts.update(moment, chosen), wanted_gradient(moment, chosen)
    place, optimizer = place_of(moment.network, chosen), moment.training.optimizer
    values = optimizer.values | {"learning_rate": moment.record.learning_rate}
    before, decay = done.before, REGULARIZERS[moment.training.regularizer.name].decay
    if decay is not None and chosen.source is not None:
        W = moment.record.layers[chosen.layer - 1].W[chosen.neuron : chosen.neuron + 1].copy()
        decay(W, moment.record.learning_rate, **moment.training.regularizer.values)
        before = float(W[0, chosen.source])
    slots = [float(slot[place]) for slot in moment.memory.slots]
    parts = OPTIMIZERS[optimizer.name].parts(before, gradient + penalty, slots, moment.memory.updates, **values)
    step = next(part.value for part in parts if part.symbol == "step")
    return Made(gradient, penalty, gradient != done.gradient, parts, done.change - step)
