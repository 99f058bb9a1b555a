"""What a run was before its network last changed: enough to do all of it again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.settings import Stretch
    from bplab.experiment.spec import NetworkSpec

MOST_CHAPTERS = 1000


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
    changed : tuple of (int, float)
        The parameters that were set by hand when it began, by their places in the flat vector.
    """

    network: NetworkSpec
    log: tuple[Stretch, ...]
    end: int
    given: Array | None = None
    changed: tuple[tuple[int, float], ...] = ()


def ended(chapter: Chapter, step: int) -> Chapter:
    """Return a chapter as it is when the network changes at `step`: what came later never counted."""
    kept = tuple(stretch for stretch in chapter.log if stretch.step < step)
    return dataclasses.replace(chapter, log=kept or chapter.log[:1], end=step)


def begun_again(chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """Return chapters as a reset leaves them: each edit of the network, but no step, for they all begin at step 0 then.

    What was set by hand later than at step 0 is not among the weights that a reset goes to.
    """
    starts = (0, *(chapter.end for chapter in chapters))
    return tuple(
        dataclasses.replace(
            chapter,
            log=(chapter.log[-1]._replace(step=0, origin=0, path="numpy"),),
            end=0,
            changed=chapter.changed if begin == 0 else (),
        )
        for chapter, begin in zip(chapters, starts, strict=False)
    )
