"""Schedules: how the learning rate changes with the steps since the schedule was chosen. PyTorch's definitions.

PyTorch's schedulers count how often they are called; here that is once a step, but for reduce on plateau, which is
told the loss once an epoch (see `monitor`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bplab.catalogue import Catalogue, Choice, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Schedule(Entry):
    """A factor on the learning rate.

    Parameters
    ----------
    factor : callable
        ``factor(t, **settings)`` gives the factor for step number `t`, counted from 0.
    watches_loss : bool
        Whether the factor also follows from the losses seen; `monitor.Monitor` then multiplies it in.
    """

    factor: Callable[..., float]
    watches_loss: bool = False


def factor(schedule: Choice, warmup_steps: int, t: int) -> float:
    """Return what the learning rate is multiplied by at step `t` of a schedule, counted from 0.

    The rate first grows in equal parts over `warmup_steps` steps, 1 / warmup_steps at the first; then the schedule
    starts.
    """
    if t < warmup_steps:
        return (t + 1) / warmup_steps
    return SCHEDULES[schedule.name].factor(t - warmup_steps, **schedule.values)


def _constant(t: int, **_: float) -> float:  # noqa: ARG001
    return 1.0


def _step(t: int, every: float, gamma: float) -> float:
    return float(gamma ** (t // int(every)))


def _exponential(t: int, gamma: float) -> float:
    return float(gamma**t)


def _cosine(t: int, steps: float, lowest: float) -> float:
    # Beyond its last step PyTorch's rate would rise again; here it stays.
    return lowest + (1.0 - lowest) * (1.0 + math.cos(math.pi * min(t, steps) / steps)) / 2.0


def _one_cycle(t: int, steps: float, rise: float, start_divisor: float, end_divisor: float) -> float:
    top = rise * steps - 1.0
    start, end = 1.0 / start_divisor, 1.0 / start_divisor / end_divisor
    if t <= top:
        return _between(start, 1.0, t / top)
    return _between(1.0, end, min(1.0, (t - top) / max(steps - 1.0 - top, 1e-9)))


def _between(first: float, last: float, share: float) -> float:
    return last + (first - last) / 2.0 * (1.0 + math.cos(math.pi * share))


_STEPS = Setting(1000, 1, 1e9, "How many steps it takes from first to last.", whole=True)

SCHEDULES: Catalogue[Schedule] = Catalogue(
    "schedule",
    Schedule(name="constant", label="constant", doc="The learning rate stays as it is.", formula="1", factor=_constant),
    Schedule(
        name="step",
        label="step",
        doc="The learning rate falls by a factor every so many steps.",
        formula="gamma^floor(t / every)",
        source="PyTorch's StepLR",
        settings={
            "every": Setting(300, 1, 1e9, "Steps from one fall to the next.", whole=True),
            "gamma": Setting(0.5, 0.0, 1.0, "What the rate is multiplied by."),
        },
        factor=_step,
    ),
    Schedule(
        name="exponential",
        label="exponential",
        doc="The learning rate falls by the same factor at every step.",
        formula="gamma^t",
        source="PyTorch's ExponentialLR",
        settings={"gamma": Setting(0.999, 0.0, 1.0, "What the rate is multiplied by at every step.")},
        factor=_exponential,
    ),
    Schedule(
        name="cosine",
        label="cosine",
        doc="The learning rate falls along half a wave: slowly, then fast, then slowly; then it stays.",
        formula="lowest + (1 - lowest) (1 + cos(pi t / steps)) / 2",
        source="Loshchilov and Hutter, ICLR 2017, arXiv:1608.03983; as in PyTorch's CosineAnnealingLR",
        settings={"steps": _STEPS, "lowest": Setting(0.0, 0.0, 1.0, "The last factor.")},
        factor=_cosine,
    ),
    Schedule(
        name="one_cycle",
        label="one cycle",
        doc="The learning rate rises to its full size, then falls far below where it began.",
        formula="half a wave from 1 / start_divisor to 1 in rise * steps, then to 1 / start_divisor / end_divisor",
        source="Smith and Topin, 2017, arXiv:1708.07120; as in PyTorch's OneCycleLR",
        settings={
            "steps": Setting(1000, 10, 1e9, "How many steps it takes from first to last.", whole=True),
            "rise": Setting(0.3, 0.2, 0.9, "The share of the steps in which the rate rises."),
            "start_divisor": Setting(25.0, 1.0, 1e6, "How many times smaller the first rate is."),
            "end_divisor": Setting(1e4, 1.0, 1e9, "How many times smaller than the first the last rate is."),
        },
        factor=_one_cycle,
    ),
    Schedule(
        name="reduce_on_plateau",
        label="reduce on plateau",
        doc="The learning rate falls when the loss (the test loss, if any) has not fallen for some epochs.",
        formula="* factor once more than `patience` epochs bring no loss below (1 - threshold) times the best",
        source="PyTorch's ReduceLROnPlateau",
        settings={
            "factor": Setting(0.1, 0.0, 1.0, "What the rate is multiplied by."),
            "patience": Setting(10, 0, 1e6, "Epochs without a better loss that are put up with.", whole=True),
            "threshold": Setting(1e-4, 0.0, 1.0, "The share by which a loss has to be better to count."),
        },
        factor=_constant,
        watches_loss=True,
    ),
)
