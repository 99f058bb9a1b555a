"""What a run was before its network last changed: enough to do all of it again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.settings import Stretch
    from bplab.experiment.spec import NetworkSpec

MOST_CHAPTERS = 10_000


@dataclass(frozen=True, eq=False)
class Chapter:
    """A part of a run in which the network kept its shape.

    Attributes
    ----------
    network : NetworkSpec
        The network of this part.
    log : tuple of Stretch
        How it was trained.
    end : int
        The step at which the network was changed, or the newest step of the run.
    given : ndarray of shape (n_parameters,), optional
        The parameters that it began with, where the seed did not draw them.
    """

    network: NetworkSpec
    log: tuple[Stretch, ...]
    end: int
    given: Array | None = None


def ended(chapter: Chapter, step: int) -> Chapter:
    """Return a chapter as it is when the network changes at `step`: what came later never counted."""
    kept = tuple(stretch for stretch in chapter.log if stretch.step < step)
    return dataclasses.replace(chapter, log=kept or chapter.log[:1], end=step)


def begun_again(chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """Return chapters as a reset leaves them: each edit, but no step, for they were all at step 0 then."""
    return tuple(
        dataclasses.replace(c, log=(c.log[-1]._replace(step=0, origin=0, path="numpy"),), end=0) for c in chapters
    )
