"""Weights and history as tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.exports.export import package

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bplab.data.dataset import Floats
    from bplab.exports.export import Files
    from bplab.exports.subject import Part, Subject

WEIGHTS_HEADER = ("layer", "parameter", "to", "from", "to_name", "from_name", "value")
EPOCHS_HEADER = ("epoch", "step", "train_loss", "test_loss", "train_accuracy", "test_accuracy")
COUNTERS = ("epoch", "step")  # whole numbers


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV in UTF-8; floats keep every digit."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8", "replace")


def weights_csv(subject: Subject, stem: str) -> Files:
    """Return every parameter of the network, and every running statistic, one a row."""
    rows = (row for part in subject.parts for row in _rows(subject, part))
    return {f"{stem}.csv": csv_bytes(WEIGHTS_HEADER, rows)}


def _rows(subject: Subject, part: Part) -> Iterator[tuple[object, ...]]:
    """Neurons count from 1; those of hidden layers have no names."""
    layer, data = part.layer, subject.data
    sources = data.feature_names if part.number == 1 else ("",) * part.n_in
    targets = data.output_names if part.is_last else ("",) * len(layer)
    for j, (name, row) in enumerate(zip(targets, layer.W.tolist(), strict=True), start=1):
        for k, (source, value) in enumerate(zip(sources, row, strict=True), start=1):
            yield part.number, "weight", j, k, name, source, value
    for parameter in ("b", "gamma", "beta", "running_mean", "running_variance"):
        word = "bias" if parameter == "b" else parameter
        for j, value in enumerate(getattr(layer, parameter).tolist(), start=1):
            yield part.number, word, j, "", targets[j - 1], "", value


def history(subject: Subject) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """Return both tables of the history by name, each with its header; what does not apply is NaN."""
    norms = (f"gradient_norm_{part.number}" for part in subject.parts)
    return {"steps": (("step", "batch_loss", *norms), subject.steps), "epochs": (EPOCHS_HEADER, subject.epochs)}


def history_csv(subject: Subject, stem: str) -> Files:
    """Return the history of steps and that of epochs as CSV."""
    tables = history(subject).items()
    return {f"{stem}-{name}.csv": csv_bytes(header, _cells(header, rows)) for name, (header, rows) in tables}


def _cells(header: Sequence[str], rows: Floats) -> Iterator[list[object]]:
    whole = [name in COUNTERS for name in header]
    for row in rows.tolist():
        cells = zip(row, whole, strict=True)
        yield ["" if value != value else int(value) if counts else value for value, counts in cells]


def history_parquet(subject: Subject, stem: str) -> Files:
    """Return the history of steps and that of epochs as Parquet."""
    polars = package("polars", "The export to Parquet")
    return {f"{stem}-{name}.parquet": _parquet(polars, *table) for name, table in history(subject).items()}


def _parquet(polars: Any, header: Sequence[str], rows: Floats) -> bytes:
    frame = polars.DataFrame({name: _column(name, column) for name, column in zip(header, rows.T, strict=True)})
    stream = io.BytesIO()
    frame.fill_nan(None).write_parquet(stream)
    return stream.getvalue()


def _column(name: str, values: Floats) -> np.ndarray:
    return values.astype(np.int64) if name in COUNTERS else np.ascontiguousarray(values)
