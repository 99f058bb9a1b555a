"""What the network says of every row of a table of new samples, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.exports.tables import csv_bytes

if TYPE_CHECKING:
    from bplab.data.dataset import Floats
    from bplab.data.tables.table import Table
    from bplab.exports.subject import Subject


def predictions(subject: Subject, table: Table) -> bytes:
    """Return the table as CSV, with columns for the predictions behind its own.

    Parameters
    ----------
    table : Table
        With a column for each feature of the experiment's data, by its name; others are carried along.

    Raises
    ------
    DataError
        If a column is missing, or a value in it, with its line and column.
    """
    dataset = subject.data.dataset
    raw = table.features(dataset.codings) if dataset.codings else table.numbers(dataset.feature_names)
    header, columns = said(subject, subject.predict(raw))
    taken = set(table.columns)
    names = [name if name not in taken else f"{name} (bplab)" for name in header]
    rows = [[*own, *more] for own, more in zip(table.preview(table.n_rows), zip(*columns, strict=True), strict=True)]
    return csv_bytes([*table.columns, *names], rows)


def said(subject: Subject, outputs: Floats) -> tuple[list[str], list[list[object]]]:
    """Return the names and the columns of predictions: class and outputs, or numbers in the target's units.

    Parameters
    ----------
    outputs : ndarray of shape (samples, n_out)
        As `Subject.predict` gives them.
    """
    data = subject.data
    numbers: list[list[object]] = [column.tolist() for column in outputs.T]
    if not data.class_names:
        return [f"predicted {name}" for name in data.output_names], numbers
    single = outputs.shape[1] == 1
    places = (outputs[:, 0] > subject.threshold).astype(int) if single else np.argmax(outputs, axis=1)
    names = [f"output {data.class_names[1]}"] if single else [f"output {name}" for name in data.class_names]
    return ["predicted", *names], [[data.class_names[place] for place in places], *numbers]
