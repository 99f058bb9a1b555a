"""Looking at one sample with the present weights: forward, loss and backward, and no step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.backprop import Backprop
from bplab.engine.record import StepRecord, record_of

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.engine.settings import Settings


def can_look(network: Network) -> bool:
    """Tell whether a sample alone means anything: batch normalization needs the others of its batch."""
    return all(plan.normalization.name != "batch_norm" for plan in network.plans)


def look_at(
    network: Network, settings: Settings, sample: tuple[Array, Array], index: int, counters: tuple[int, int]
) -> StepRecord:
    """Return the record of one sample, in which nothing is dropped and nothing is updated.

    Parameters
    ----------
    sample : tuple of ndarray
        Its inputs and targets as the network sees them, shapes (n_in,) and (n_out,).
    index : int
        What the record calls it; see `StepRecord.indices`.
    counters : tuple of int
        Step and epoch at which it is looked at.
    """
    passes = Backprop(network, settings.loss, 1)
    X, Y = (part[None, :] for part in sample)
    passes.load(X, Y, np.zeros(1, dtype=np.intp), None)
    passes.forward()
    passes.backward()
    before = network.parameters.copy()
    return replace(record_of(passes, before, settings, np.array([index]), counters, 0.0), is_look=True)
