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
    kind, targets = _target_of(source) if isinstance(source, TableSource) else ("auto", ())
    is_classes = kind == "classes" or (kind == "auto" and "numbers" not in LOSSES[spec.training.loss.name].tasks)
    count = max(2, n_out) if is_classes else n_out
    kept = 1.0 - (1.0 / spec.data.folds if spec.data.split == "k_fold" else spec.data.test_fraction)
    wanted = math.ceil((document.state.cursor + 2) / kept) + 4 * max(count, spec.data.folds)
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
    names = tuple(f"input {number}" for number in range(1, features + 1))
    return Dataset(name, rng.normal(size=(rows, features)), names, target, is_test=np.zeros(rows, dtype=bool))


def _target_of(source: TableSource) -> tuple[str, tuple[str, ...]]:
    """Return the kind and the columns of the target of a table."""
    if not source.columns:
        return source.kind, source.targets
    targets = tuple(column.name for column in source.columns if column.role in ("class", "target"))
    is_class = any(column.role == "class" for column in source.columns)
    return "classes" if is_class else "numbers", targets
