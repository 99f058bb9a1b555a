"""What training does when it sees its own loss at the end of an epoch: reduce the rate on a plateau, and stop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from bplab.engine.schedules import SCHEDULES

if TYPE_CHECKING:
    from bplab.engine.metrics import Scores
    from bplab.engine.settings import Settings, Stretch


class Monitor(NamedTuple):
    """What is remembered of the losses seen.

    Attributes
    ----------
    origin : float
        The step from which the schedule counts, to begin anew with another one.
    best, bad, scale : float
        Reduce on plateau: the best loss, the epochs since then that brought none, and the factor on the rate.
    lowest, waited : float
        Early stopping: the lowest loss, and the epochs since.
    loss, accuracy : float
        Those of the last epoch.
    met_epochs, met_loss, met_accuracy : float
        The stop conditions that were met last: none stops twice, so that one can go on beyond it.
    """

    origin: float = 0.0
    best: float = math.inf
    bad: float = 0.0
    scale: float = 1.0
    lowest: float = math.inf
    waited: float = 0.0
    loss: float = math.inf
    accuracy: float = -math.inf
    met_epochs: float = math.nan
    met_loss: float = math.nan
    met_accuracy: float = math.nan


def watches(settings: Settings) -> bool:
    """Tell whether the losses have to be known at the end of each epoch."""
    wanted = (settings.stop_loss, settings.stop_accuracy, settings.stop_patience)
    return SCHEDULES[settings.schedule.name].watches_loss or any(value is not None for value in wanted)


def begun(monitor: Monitor, stretch: Stretch) -> Monitor:
    """Return the monitor for a stretch: a schedule that has just been chosen begins anew."""
    if monitor.origin == stretch.origin:
        return monitor
    return monitor._replace(origin=float(stretch.origin), best=math.inf, bad=0.0, scale=1.0)


def after_epoch(monitor: Monitor, settings: Settings, scores: Scores) -> Monitor:
    """Return the monitor after an epoch with these scores."""
    loss = scores.train_loss if math.isnan(scores.test_loss) else scores.test_loss
    accuracy = scores.train_accuracy if math.isnan(scores.test_accuracy) else scores.test_accuracy
    better = loss < monitor.lowest
    seen = monitor._replace(
        lowest=min(loss, monitor.lowest), waited=0.0 if better else monitor.waited + 1, loss=loss, accuracy=accuracy
    )
    return _reduced(seen, loss, **settings.schedule.values) if _on_plateau(settings) else seen


def _on_plateau(settings: Settings) -> bool:
    return SCHEDULES[settings.schedule.name].watches_loss


def _reduced(monitor: Monitor, loss: float, factor: float, patience: float, threshold: float) -> Monitor:
    if loss < monitor.best * (1.0 - threshold):
        return monitor._replace(best=loss, bad=0.0)
    if monitor.bad + 1 > patience:
        return monitor._replace(bad=0.0, scale=monitor.scale * factor)
    return monitor._replace(bad=monitor.bad + 1)


def stop(monitor: Monitor, settings: Settings, epoch: int) -> tuple[Monitor, str]:
    """Return the monitor, and why training stops at the end of an epoch, or nothing."""
    epochs, loss, accuracy = settings.stop_epochs, settings.stop_loss, settings.stop_accuracy
    if epochs is not None and epoch >= epochs != monitor.met_epochs:
        return monitor._replace(met_epochs=float(epochs)), f"{epoch} epochs are done."
    if loss is not None and monitor.loss <= loss != monitor.met_loss:
        return monitor._replace(met_loss=loss), f"The loss, {monitor.loss:.4g}, has reached {loss:g}."
    if accuracy is not None and monitor.accuracy >= accuracy != monitor.met_accuracy:
        return monitor._replace(
            met_accuracy=accuracy
        ), f"The accuracy, {monitor.accuracy:.1%}, has reached {accuracy:.1%}."
    if settings.stop_patience is not None and monitor.waited >= settings.stop_patience:
        said = f"The loss has not fallen for {monitor.waited:.0f} epochs; its lowest was {monitor.lowest:.4g}."
        return monitor._replace(waited=0.0), said
    return monitor, ""
