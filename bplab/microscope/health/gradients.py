"""Diseases of the gradient: it vanishes or explodes on its way back, the updates do not suit the weights, a NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.microscope.health.finding import Finding, Patient
from bplab.microscope.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.engine.record import LayerRecord, StepRecord

VANISHED = 1e-3  # of the size of a weight's gradient at the output layer
EXPLODED = 100.0  # times the size of the weights
UPDATE_RATIOS = (1e-4, 1e-2)  # of a healthy layer, about
FAR = 10.0  # times outside of them is ill
FRESH, FRESH_RATIO = 10, 1.0  # steps in which weights that were just drawn may move by as much as that


def update_ratio(layer: LayerRecord) -> float:
    """Return the size of a layer's update over that of its weights."""
    size = float(np.linalg.norm(layer.W))
    return float(np.linalg.norm(layer.update_W)) / size if size > 0 else float("nan")


def _typical(values: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(values)))) if values.size else 0.0


def vanishing(patient: Patient) -> list[Finding]:
    """Find the layer from which on the gradient is a thousandth of what it is at the output, or less."""
    record = patient.record
    if record is None or len(record.layers) < 2:
        return []
    sizes = [_typical(layer.dW) for layer in record.layers]
    ill = [n for n, size in enumerate(sizes[:-1], start=1) if sizes[-1] > 0 and size < VANISHED * sizes[-1]]
    dead_end = not np.isfinite(sizes).all() or not ill
    if dead_end:
        return []
    layer = max(ill)
    label = patient.network.layers[layer - 1].activation.label
    return [
        Finding(
            "Vanishing gradient",
            f"layer {ill[0]}" if len(ill) == 1 else f"layers {ill[0]} to {layer}",
            f"A weight's gradient in layer {ill[0]} is {sizes[ill[0] - 1] / sizes[-1]:.0e} of one at the output: on its"
            f" way back it was multiplied by small weights and by slopes of {label} below 1, layer after layer.",
            "Try ReLU with He initialization, skip connections, normalization, or fewer layers.",
            Selection(ill[0], 0),
        )
    ]


def exploding(patient: Patient) -> list[Finding]:
    """Find the layer whose gradient is a hundred times the size of its weights, or more."""
    record = patient.record
    if record is None:
        return []
    pairs = [(float(np.linalg.norm(layer.dW)), float(np.linalg.norm(layer.W))) for layer in record.layers]
    sizes = [gradient / size if size > 0 else 0.0 for gradient, size in pairs]
    layer = int(np.argmax(np.nan_to_num(sizes, nan=0.0))) + 1
    if not sizes[layer - 1] > EXPLODED:
        return []
    return [
        Finding(
            "Exploding gradient",
            f"layer {layer}",
            f"The gradient of layer {layer} is {sizes[layer - 1]:.0e} times the size of its weights: on its way back it"
            " was multiplied by weights and activations that are too large, layer after layer.",
            "Try smaller initial weights, gradient clipping, normalization, or a smaller learning rate.",
            Selection(layer, 0),
        )
    ]


def update_sizes(patient: Patient) -> list[Finding]:
    """Find layers whose updates are far too large or too small for their weights."""
    if patient.record is None:
        return []
    found = []
    low, high = UPDATE_RATIOS[0] / FAR, UPDATE_RATIOS[1] * FAR
    for number, layer in enumerate(patient.record.layers, start=1):
        ratio = update_ratio(layer)
        most = FRESH_RATIO if patient.record.step <= FRESH else high
        if not np.isfinite(ratio) or (low <= ratio <= most) or not layer.dW.any():
            continue
        small = ratio < low
        found.append(
            Finding(
                "Updates too small" if small else "Updates too large",
                f"layer {number}: update / weight {ratio:.0e}",
                f"One step moves its weights by {ratio:.1e} of their size; about {UPDATE_RATIOS[0]:g} to"
                f" {UPDATE_RATIOS[1]:g} lets a network learn without forgetting what it has learnt.",
                f"Try a {'larger' if small else 'smaller'} learning rate.",
                Selection(number, 0),
            )
        )
    return found


def not_finite(patient: Patient) -> list[Finding]:
    """Find the first value that is not finite, in the step that has failed: layer, neuron, sample."""
    if not patient.has_stopped:
        return []
    with np.errstate(all="ignore"):
        record = patient.next_step()
    place = _first(record)
    if place is None:
        return []
    what, layer, neuron, sample = place
    where = f"layer {layer}, neuron {neuron + 1}" + ("" if sample is None else f", number {sample + 1} of the batch")
    return [
        Finding(
            "Not finite",
            f"step {record.step:,}: {what} of {where}",
            f"The {what} of {where} became infinite or not a number in step {record.step:,}; what came after it cannot"
            " be trusted, so the step was taken back.",
            "Try a smaller learning rate, gradient clipping, or smaller initial weights.",
            Selection(layer, neuron),
            patient.step,
            sample,
        )
    ]


def _first(record: StepRecord) -> tuple[str, int, int, int | None] | None:
    """Return what is not finite first, in the order of the step, its layer and neuron, and the row of the batch."""
    for what, number, values in _in_order(record):
        if not np.isfinite(values).all():
            row, neuron = map(int, np.argwhere(~np.isfinite(values))[0])
            of_sample = len(values) == len(record.indices) and what in ("sum z", "activation", "error")
            return what, number, neuron, row if of_sample else None
    return None


def _in_order(record: StepRecord) -> Iterator[tuple[str, int, np.ndarray]]:
    """Yield everything that a step computes, in its order: rows are samples or sources, columns are neurons."""
    numbered = list(enumerate(record.layers, start=1))
    for number, layer in numbered:
        yield "sum z", number, layer.z
        yield "activation", number, layer.a
    for number, layer in reversed(numbered):
        yield "error", number, layer.delta
        yield "gradient", number, np.vstack([layer.dW.T, layer.db])
    for number, layer in numbered:
        yield "new weight", number, np.vstack([(layer.W + layer.update_W).T, layer.b + layer.update_b])
