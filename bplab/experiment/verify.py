"""Doing a whole run again, from its first weights through every edit, and comparing it with what was saved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.errors import BplabError, DivergedError
from bplab.experiment import run as runs
from bplab.experiment.edits import replace
from bplab.experiment.environment import differences, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bplab.engine.activations import Array
    from bplab.engine.trainer import Trainer
    from bplab.experiment.build import Tables
    from bplab.experiment.experiment import Experiment
    from bplab.experiment.past import Chapter
    from bplab.experiment.run import Run

TOLERANCE = 1e-6  # relative, where the environment differs
SLICE_S = 0.1


class Verified(NamedTuple):
    """What came of doing a run again.

    Attributes
    ----------
    steps, chapters : int
        How many steps were done again, through how many shapes of the network.
    compared : int
        How many numbers were compared: parameters, and losses of the history.
    given : bool
        Whether the run began with weights that were given, not drawn by its seed.
    parameters, losses : float
        The largest differences, relative to the largest number of their kind (at least 1); 0 for the same bits.
    environment : tuple of str
        What differs between here and where it was trained; nothing where the bits have to be the same.
    """

    steps: int
    chapters: int
    compared: int
    given: bool
    parameters: float
    losses: float
    environment: tuple[str, ...]

    @property
    def tolerance(self) -> float:
        """How much may differ: nothing, unless the environment does."""
        return TOLERANCE if self.environment else 0.0

    @property
    def is_repeated(self) -> bool:
        """Whether the run came out as it was saved."""
        return max(self.parameters, self.losses) <= self.tolerance


def verify(experiment: Experiment, advance: Callable[[int], object] = lambda _: None) -> Verified:
    """Train again from the beginning, through the whole edit log, and compare every parameter and every loss.

    Parameters
    ----------
    advance : callable
        Is told how many steps were done.

    Raises
    ------
    BplabError
        If it is not known how the run began.
    """
    run, chapters = experiment.run, experiment.run.chapters
    if chapters is None:
        raise BplabError(
            f"What happened before step {run.trainer.earliest} is not known: an earlier version of bplab "
            "wrote the file, or its network was changed too often.",
            "Reset it and train anew; from then on every step is kept.",
        )
    again = repeat(run, chapters, experiment.tables, advance)
    again.trainer.seek(run.trainer.step_count)
    losses = _losses(run.trainer)
    known = [line for there in experiment.environments for line in differences(there, environment())]
    return Verified(
        steps=run.trainer.newest,
        chapters=len(chapters),
        compared=len(run.network.parameters) + int(np.isfinite(losses).sum()),
        given=any(chapter.given is not None for chapter in chapters),
        parameters=_distance(again.network.parameters, run.network.parameters),
        losses=_distance(_losses(again.trainer), losses),
        environment=tuple(dict.fromkeys(known)),
    )


def in_words(found: Verified) -> str:
    """Return the result in a few lines."""
    begin = "from the weights that it was given" if found.given else "from its seed"
    shapes = f", through {found.chapters} shapes of the network" if found.chapters > 1 else ""
    lines = [f"{found.steps:,} steps were done again {begin}{shapes}; {found.compared:,} numbers were compared."]
    if not found.environment:
        lines.append("The environment is the one it was trained in: every bit has to be the same.")
    else:
        lines.append(f"The environment differs ({'; '.join(found.environment)}): {found.tolerance:g} is tolerated.")
    result = "The run is repeated" if found.is_repeated else "The run is NOT repeated"
    return "\n".join(
        [*lines, f"{result}: {_largest('parameters', found.parameters)}, {_largest('losses', found.losses)}."]
    )


def _largest(what: str, difference: float) -> str:
    if math.isinf(difference):
        return f"the {what} are not of the same steps, or not finite"
    return f"the {what} differ by at most {difference:.3g}" if difference else f"all {what} are the same"


def repeat(run: Run, chapters: tuple[Chapter, ...], tables: Tables, advance: Callable[[int], object]) -> Run:
    """Return a run that is made anew from chapters, and trained to its newest step."""
    *_, last = repeated(run, chapters, tables, advance)
    return last


def repeated(
    run: Run, chapters: tuple[Chapter, ...], tables: Tables, advance: Callable[[int], object] = lambda _: None
) -> Iterator[Run]:
    """Make a run anew from chapters, and give it at the end of each: its trainer can go back to the chapter's begin."""
    again = None
    for chapter in chapters:
        training = chapter.log[0].settings
        spec = replace(run.spec, network=chapter.network, training=training)
        again = runs.start(spec, tables) if again is None else again
        if chapter.given is not None:
            again = runs.with_weights(again, chapter.given)
        again = runs.follow(again, spec, tables, dict(chapter.changed))
        _train(again.trainer, chapter, advance)
        yield again


def _train(trainer: Trainer, chapter: Chapter, advance: Callable[[int], object]) -> None:
    """Train as a chapter was trained: with its settings, on its paths."""
    ends = [*(stretch.step for stretch in chapter.log[1:]), chapter.end]
    for stretch, end in zip(chapter.log, ends, strict=True):
        trainer.settings, trainer.path = stretch.settings, stretch.path
        while (before := trainer.step_count) < end:
            try:
                trainer.run(end - before, SLICE_S)
            except DivergedError as error:
                raise BplabError(f"Done again, the run does not come as far as it did. {error}") from None
            advance(trainer.step_count - before)


def _losses(trainer: Trainer) -> Array:
    """Return every loss and accuracy of the history, each row with the step or epoch it is of, shape (rows, 6)."""
    steps, epochs = trainer.history.steps[:, :2], trainer.history.epochs
    rows = np.full((len(steps) + len(epochs), 6), np.nan)
    rows[: len(steps), :2] = steps
    rows[len(steps) :] = epochs
    return rows


def _distance(one: Array, other: Array) -> float:
    """Return the largest difference, relative to the largest number; infinite where the two are not alike."""
    if one.shape != other.shape or not np.array_equal(np.isnan(one), np.isnan(other)):
        return np.inf
    difference = np.nanmax(np.abs(one - other), initial=0.0)
    return float(difference / max(1.0, np.nanmax(np.abs(other), initial=0.0)))
