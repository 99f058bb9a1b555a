"""Checkpoints of a run: training is deterministic, so any step is the nearest checkpoint and a short replay."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.monitor import Monitor

MOST_CHECKPOINTS = 128
MOST_BYTES = 64 * 2**20
MOST_SPACING, LEAST_SPACING = 64, 16  # steps between the first checkpoints: many where a step is quick
QUICK = 2**18  # parameters times steps that are done again in a moment


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything that training changes.

    Attributes
    ----------
    step, epoch : int
        Updates done, and whole passes over the training data done.
    cursor : int
        Samples of the present epoch that were used.
    updates : int
        Updates since the optimizer's slots were empty.
    optimizer : str
        The optimizer that the slots belong to.
    parameters : ndarray of shape (n_parameters,)
    slots : ndarray of shape (n_slots, n_parameters)
    statistics : ndarray of shape (n_statistics,)
        Running statistics of the network.
    monitor : Monitor
        What was seen of the losses.
    """

    step: int
    epoch: int
    cursor: int
    updates: int
    optimizer: str
    parameters: Array
    slots: Array
    statistics: Array
    monitor: Monitor


class Timeline:
    """A bounded number of checkpoints, spaced wider as the run gets longer."""

    def __init__(self, first: Checkpoint) -> None:
        self._kept = [first]
        self._spacing = first_spacing(first.parameters.size)
        size = first.parameters.nbytes + first.slots.nbytes + first.statistics.nbytes
        self.most = min(MOST_CHECKPOINTS, max(8, MOST_BYTES // max(size, 1)))

    @property
    def first(self) -> Checkpoint:
        """The earliest state that can be reached."""
        return self._kept[0]

    @property
    def next_wanted(self) -> int:
        """The step at which the next checkpoint should be added."""
        return self._kept[-1].step + self._spacing

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint that is later than all others; drop every second one when there are too many."""
        self._kept.append(checkpoint)
        if len(self._kept) > self.most:
            self._kept = self._kept[:1] + self._kept[2::2]
            self._spacing *= 2

    def nearest(self, step: int) -> Checkpoint:
        """Return the last checkpoint at or before `step`."""
        position = bisect_right([kept.step for kept in self._kept], step)
        return self._kept[max(0, position - 1)]

    def nearest_epoch(self, epoch: int) -> Checkpoint:
        """Return the last checkpoint at or before the beginning of `epoch`."""
        position = bisect_right([(kept.epoch, kept.cursor) for kept in self._kept], (epoch, 0))
        return self._kept[max(0, position - 1)]

    def truncate(self, step: int) -> None:
        """Forget what came after `step`."""
        self._kept = [kept for kept in self._kept if kept.step <= step] or self._kept[:1]


def first_spacing(n_parameters: int) -> int:
    """Return how many steps the first checkpoints of a network are apart."""
    return max(LEAST_SPACING, min(MOST_SPACING, QUICK // max(n_parameters, 1)))
