"""What the samples of a batch have in common, and what of them cancels in their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bplab.engine.record import LayerRecord, StepRecord


def sample_norms(layer: LayerRecord) -> np.ndarray:
    """Return the length of each sample's own gradient of a layer's weights and biases, shape (batch,)."""
    own = layer.delta * len(layer.delta)
    came = np.einsum("ij,ij->i", layer.a_prev, layer.a_prev) + 1.0  # the bias hears a constant 1
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", own, own) * came))


def agreement(layer: LayerRecord) -> float:
    """Return the size of the mean gradient over the mean of the samples' sizes: 1 if all agree, 0 if all cancels."""
    together = float(np.sqrt(np.vdot(layer.dW, layer.dW) + np.vdot(layer.db, layer.db)))
    alone = float(sample_norms(layer).mean())
    return together / alone if alone > 0 else 1.0


def largest_of_samples(layer: LayerRecord) -> float:
    """Return the size of the largest weight gradient that any sample of the batch has of its own."""
    own = np.abs(layer.delta).max(axis=1) * len(layer.delta)
    return float(np.nan_to_num(own * np.abs(layer.a_prev).max(axis=1)).max(initial=0.0))


def gradient_pictures(record: StepRecord, rows: np.ndarray, layer: int) -> np.ndarray:
    """Return the own gradients of some samples of the batch for one layer, shape (rows, n_out, n_in)."""
    seen = record.layers[layer - 1]
    own = seen.delta[rows] * len(seen.delta)
    return np.asarray(own[:, :, None] * seen.a_prev[rows][:, None, :])
