"""Diseases that the loss shows: a learning rate that is too large, and overfitting."""

from __future__ import annotations

import numpy as np

from bplab.microscope.health.finding import Finding, Patient

LEAST_EPOCHS = 8
RISES = 1.15  # the test loss over its best
LEAST_STEPS = 24


def rate_too_large(patient: Patient) -> list[Finding]:
    """Find a loss that jumps about or rises instead of falling."""
    steps, epochs = patient.step_history, patient.epoch_history
    if len(steps) < LEAST_STEPS or len(epochs) < 4:
        return []
    train = epochs[-8:, 2]
    if not np.isfinite(train).all() or patient.has_stopped:
        rises = True
    else:
        moves = np.diff(train)
        wild = np.abs(moves).sum() > 4.0 * abs(train[-1] - train[0]) + 1e-12 and (moves > 0).mean() >= 0.4
        rises = bool(wild and train[-1] > 0.9 * epochs[: max(1, len(epochs) // 2), 2].min() and _is_rough(train))
        rises = rises or bool(train[-1] > 1.5 * epochs[0, 2])
    if not rises:
        return []
    rate = patient.settings.optimizer.values["learning_rate"]
    best = int(np.nanargmin(np.where(np.isfinite(epochs[:, 2]), epochs[:, 2], np.inf)))
    return [
        Finding(
            "Learning rate too large",
            f"training loss {train[-1]:.3g}, at its best {epochs[best, 2]:.3g}",
            f"At a rate of {rate:g} the steps go beyond the valley that the gradient points into: the loss jumps or"
            " rises instead of falling. See it under Why this step.",
            f"Try {rate / 10:.1g}, a schedule, or gradient clipping.",
            step=int(epochs[best, 1]),
        )
    ]


def _is_rough(losses: np.ndarray) -> bool:
    """Tell whether neighbouring losses differ by a good part of their size."""
    return bool(np.abs(np.diff(losses)).mean() > 0.1 * max(float(np.abs(losses).mean()), 1e-12))


def overfitting(patient: Patient) -> list[Finding]:
    """Find a test loss that has been rising for some time while the training loss went on falling."""
    rows = patient.epoch_history
    rows = rows[np.isfinite(rows[:, 3]) & np.isfinite(rows[:, 2])] if len(rows) else rows
    if len(rows) < LEAST_EPOCHS:
        return []
    best = int(rows[:, 3].argmin())
    last = rows[-3:]
    is_past = best < len(rows) - max(3, len(rows) // 5)
    rises = last[:, 3].min() > RISES * rows[best, 3]
    falls = last[:, 2].mean() < 0.9 * rows[best, 2]
    if not (is_past and rises and falls):
        return []
    return [
        Finding(
            "Overfitting",
            f"since epoch {int(rows[best, 0]):,}",
            f"The test loss was {rows[best, 3]:.3g} then and is {rows[-1, 3]:.3g} now, while the training loss went on"
            f" falling to {rows[-1, 2]:.3g}: the network learns its samples by heart.",
            "Try more data, fewer neurons, weight decay or dropout, or stop there.",
            step=int(rows[best, 1]),
        )
    ]
