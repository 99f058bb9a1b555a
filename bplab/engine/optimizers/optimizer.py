"""What an optimizer declares."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bplab.catalogue import Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable


class Part(NamedTuple):
    """A number that a step is made of: its symbol, its value, and how it came about."""

    symbol: str
    value: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """A rule that moves the parameters. It works on flat vectors of all of them.

    Parameters
    ----------
    slots : tuple of str
        Names of what it remembers between steps, one row each, all 0 at first.
    update : callable
        ``update(p, g, slots, t, scratch, **settings)`` changes the parameters `p`, shape (n,), in place. `g` is the
        gradient, `slots` has shape (number of slots, n), `t` counts updates from 1, `scratch` is two rows of n.
    parts : callable
        ``parts(p, g, slots, t, **settings)`` tells, for one parameter `p` before the step, its gradient, and its slots
        after it, what the step was made of; the last part is the step itself.
    """

    slots: tuple[str, ...] = ()
    update: Callable[..., None]
    parts: Callable[..., tuple[Part, ...]]


def rate(default: float) -> Setting:
    """Return the setting of a learning rate."""
    return Setting(default, 0.0, sys.float_info.max, "How far each step goes along the gradient.")


def kept(default: float, of_what: str) -> Setting:
    """Return the setting of a running mean: which share of it is kept at each step."""
    return Setting(default, 0.0, 0.999999, f"How much of {of_what} is kept.")


def eps(default: float) -> Setting:
    """Return the setting of what keeps a division from blowing up."""
    return Setting(default, 0.0, 1.0, "Keeps the division from blowing up where gradients are tiny.")
