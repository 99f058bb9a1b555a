"""What stands where data should be, for an experiment whose table is missing: its shape, and nothing to learn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import Classes, Dataset, Numbers
from bplab.engine.losses import LOSSES
from bplab.experiment.spec import TableSource

if TYPE_CHECKING:
    from bplab.experiment.header import Document

MOST_ROWS, MOST_VALUES = 1_000_000, 20_000_000


def stand_in(document: Document, name: str) -> Dataset:
    """Return a data set of the shape that the weights in a file are for; its values mean nothing."""
    spec, arrays = document.spec, document.arrays
    last = len(spec.network.hidden) + 1
    n_in, n_out = arrays["layer1.W"].shape[1], arrays[f"layer{last}.W"].shape[0]
    inputs = spec.data.inputs
    features = max(column for made in inputs for column in made.of) if inputs else n_in
    source = spec.data.source
    kind, targets = (source.kind, source.targets) if isinstance(source, TableSource) else ("auto", ())
    is_classes = kind == "classes" or (kind == "auto" and "numbers" not in LOSSES[spec.training.loss.name].tasks)
    count = max(2, n_out) if is_classes else n_out
    wanted = math.ceil((document.state.cursor + 2) / (1.0 - spec.data.test_fraction)) + 4 * count
    rows = min(wanted, MOST_ROWS)
    if rows * (features + n_out) > MOST_VALUES:
        raise ValueError("no such large data set is made up")
    rng = np.random.default_rng(1)
    labels = np.arange(rows) % count
    target: Classes | Numbers
    if is_classes:
        target = Classes(labels, tuple(f"class {number}" for number in range(1, count + 1)))
    else:
        names = targets if len(targets) == n_out else tuple(f"output {number}" for number in range(1, n_out + 1))
        target = Numbers(rng.normal(size=(rows, n_out)), names)
    return Dataset(name, rng.normal(size=(rows, features)), tuple(f"input {n}" for n in range(1, features + 1)), target)
