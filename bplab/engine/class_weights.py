"""Class weights: samples of some classes count more, so that a rare class is not drowned out.

The loss of a batch is then the weighted mean over its samples, ``sum_i w_i L_i / sum_i w_i``, as in PyTorch. With label
smoothing PyTorch also weights each smoothed class; here a sample has one weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from bplab.engine.metrics import predicted_classes

if TYPE_CHECKING:
    from bplab.engine.activations import Array

ClassWeights: TypeAlias = Literal["none", "balanced"] | tuple[float, ...]


def weights_of_classes(Y: Array, chosen: ClassWeights) -> Array | None:
    """Return one weight for each class, shape (classes,), or None where all count alike.

    "balanced" is ``samples / (classes * samples of the class)``, as in scikit-learn, over the rows of the one-hot or
    single-column `Y`, shape (samples, n_out); a class without samples counts as if it had one.
    """
    if chosen == "none":
        return None
    if chosen == "balanced":
        counts = np.bincount(predicted_classes(Y), minlength=max(2, Y.shape[1]))
        return len(Y) / (len(counts) * np.maximum(counts, 1.0))
    return np.array(chosen, dtype=np.float64)


def weights_of_samples(Y: Array, of_classes: Array | None) -> Array | None:
    """Return one weight for each row of `Y`, shape (samples, 1), or None where all count alike."""
    return None if of_classes is None else of_classes[predicted_classes(Y)].astype(Y.dtype)[:, None]
