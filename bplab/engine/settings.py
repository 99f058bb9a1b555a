"""What a trainer needs to know about how to train, and from which step on it held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from bplab.catalogue import Choice
    from bplab.engine.class_weights import ClassWeights

Path: TypeAlias = Literal["numpy", "compiled"]


class Settings(Protocol):
    """What a trainer needs to know, read at the beginning of each step.

    The stop conditions are None for none; loss and accuracy are those of the test data, where there are any.
    """

    @property
    def loss(self) -> Choice: ...  # noqa: D102
    @property
    def optimizer(self) -> Choice: ...  # noqa: D102
    @property
    def schedule(self) -> Choice: ...  # noqa: D102
    @property
    def warmup_steps(self) -> int: ...  # noqa: D102
    @property
    def regularizer(self) -> Choice: ...  # noqa: D102
    @property
    def clipping(self) -> Choice: ...  # noqa: D102
    @property
    def class_weights(self) -> ClassWeights: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def shuffle(self) -> bool: ...  # noqa: D102
    @property
    def stop_epochs(self) -> int | None: ...  # noqa: D102
    @property
    def stop_loss(self) -> float | None: ...  # noqa: D102
    @property
    def stop_accuracy(self) -> float | None: ...  # noqa: D102
    @property
    def stop_patience(self) -> int | None: ...  # noqa: D102


class Stretch(NamedTuple):
    """From which step on which settings held, on which path, and from which step the schedule counts."""

    step: int
    settings: Settings
    path: Path = "numpy"
    origin: int = 0


class RunLog:
    """How a run was trained, from its first step to its newest, so that any step can be done again."""

    def __init__(self, stretches: list[Stretch]) -> None:
        self._stretches = stretches

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The stretches, in their order."""
        return tuple(self._stretches)

    @property
    def last(self) -> Stretch:
        """The stretch that holds now."""
        return self._stretches[-1]

    def at(self, step: int) -> Stretch:
        """Return the stretch of the step after `step`."""
        return next(s for s in reversed(self._stretches) if s.step <= step)

    def end_of(self, stretch: Stretch) -> int | None:
        """Return the first step that no longer belongs to a stretch, or None for the last one."""
        return next((s.step for s in self._stretches if s.step > stretch.step), None)

    def same_from(self, step: int, settings: Settings) -> bool:
        """Tell whether everything from the step after `step` on was done with these settings."""
        return self.at(step).settings == settings and all(
            s.settings == settings for s in self._stretches if s.step > step
        )

    def add(self, step: int, settings: Settings, path: Path) -> None:
        """Let other settings, or another path, hold from here on; what came after `step` is forgotten."""
        before = [s for s in self._stretches if s.step < step]
        old = before[-1] if before else self._stretches[0]  # which may have begun in an earlier part of the run
        same = _schedule(old.settings) == _schedule(settings)
        origin = min(old.origin, step) if same else step
        self._stretches = [*before, Stretch(step, settings, path, origin)]


def _schedule(settings: Settings) -> tuple[object, int]:
    return settings.schedule, settings.warmup_steps
