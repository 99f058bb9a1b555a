"""Tables from files: cells under named columns, of which a user says what each is for.

Every fault is named with file, line and column. Nothing is skipped, filled or guessed in silence: rows read are rows
used and rows skipped, and those are listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from bplab.data.dataset import Classes, Dataset, Numbers, read_only
from bplab.data.tables import columns, roles
from bplab.data.tables.cells import Cells
from bplab.data.tables.checking import faults_in
from bplab.data.tables.columns import shown
from bplab.data.tables.delimited import read_rows
from bplab.data.tables.pictures import is_idx, read_pictures
from bplab.data.tables.progress import unwatched
from bplab.data.tables.reading import Reading
from bplab.data.tables.roles import Coding, Column
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bplab.data.dataset import Floats
    from bplab.data.tables.delimited import Rows
    from bplab.data.tables.progress import Advance

Kind: TypeAlias = Literal["auto", "classes", "numbers"]
MAX_CLASSES = 1000  # one output each


@dataclass(frozen=True)
class Report:
    """What became of the rows: those read are those used and those skipped, each of which has its line and reason."""

    read: int
    used: int
    skipped: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        text = f"{self.read:,} rows read, {self.used:,} used"
        if not self.skipped:
            return f"{text}, none skipped"
        some = "; ".join(f"line {line}: {why}" for line, why in self.skipped[:5])
        more = f"; and {len(self.skipped) - 5:,} more" if len(self.skipped) > 5 else ""
        return f"{text}, {len(self.skipped):,} skipped ({some}{more})"


def parse_table(name: str, data: bytes, reading: Reading | None = None, advance: Advance = unwatched) -> Table:
    """Return the table in `data`, the content of the file `name`.

    Raises
    ------
    DataError
        If it is not a table.
    """
    reading = reading or Reading()
    rows: Rows = read_pictures(name, data, reading) if is_idx(data) else read_rows(name, data, reading, advance)
    columns.check_header(f"{name}, line {rows.header_line}", rows.header)
    return Table(name, tuple(rows.header), rows)


class Table(Cells):
    """Named columns, of which a user says what each is for."""

    def propose(self, targets: Sequence[str] = (), kind: Kind = "auto") -> tuple[Column, ...]:
        """Return what each column is for, most likely; `targets` are by default the last column.

        A text of few different values is a category, one of many is left out; rows without a number that is needed
        are dropped. ``"auto"`` takes a target of text as a class, and one of at most 20 different whole numbers too
        when that is fewer than half as many as there are rows; everything else as numbers.

        Raises
        ------
        DataError
            If there is no such target, or several are to be classes.
        """
        targets = self.known(tuple(targets) or self.columns[-1:])
        if kind == "classes" and len(targets) > 1:
            raise DataError(f"{self.name}: {len(targets)} targets cannot be classes.", "Choose one target.")
        by_name = {name: self._target(name, kind if len(targets) == 1 else "numbers") for name in targets}
        others = [name for name in self.columns if name not in by_name]
        by_name |= {name: self._other(name) for name in others}
        ordered = [*targets, *others] if len(targets) > 1 else self.columns
        return tuple(by_name[name] for name in ordered)

    def _other(self, name: str) -> Column:
        if self.rows.all_numbers and not self.reading.missing:
            return roles.number_or_ignored(name)
        return roles.propose(name, partial(self.category_texts, name), self.numbers_of(name), self.missing(name))

    def strict(self, targets: Sequence[str] = (), kind: Kind = "auto") -> tuple[Column, ...]:
        """Return `targets` as targets and every other column as a number, of which none may be missing."""
        proposed = self.propose(targets, kind)
        kept = {
            column.name: replace(column, missing="refuse") for column in proposed if column.role in ("class", "target")
        }
        numbers = {name: Column(name, "number") for name in self.columns if name not in kept}
        return (*kept.values(), *numbers.values())

    def dataset(self, targets: Sequence[str] = (), kind: Kind = "auto") -> Dataset:
        """Return the data set with these targets, in which every other column is a number; errors as `imported`."""
        return self.imported(self.strict(targets, kind))[0]

    def imported(self, chosen: Sequence[Column]) -> tuple[Dataset, Report]:
        """Return the data set, and what became of the rows.

        Raises
        ------
        DataError
            If a value or the choice of columns does not allow it.
        """
        chosen = tuple(map(roles.checked, chosen))
        self._check(chosen)
        for column in chosen:
            for row, what in faults_in(self, column):
                raise self.fault(row, column.name, what)
        keep, skipped = self._kept(chosen)
        report = Report(self.n_rows + len(self.rows.skipped), int(keep.sum()), skipped)
        if not report.used:
            raise DataError(
                f"{self.name}: no row is left, {len(skipped):,} have a missing value.",
                "Fill them instead of dropping their rows.",
            )
        codings = tuple(self._coding(column, keep) for column in chosen if column.role in roles.INPUTS)
        X = read_only(self._inputs(codings, keep))
        names = tuple(name for coding in codings for name in coding.inputs)
        fills = tuple(self._fill_of(coding) for coding in codings for _ in coding.inputs)
        target = self._targets(chosen, keep)
        is_test = self._is_test(chosen, keep)
        coded = codings if any(coding != Coding(coding.column) for coding in codings) else ()
        stem = Path(self.name).stem
        return Dataset(
            stem, X, names, target, fills=fills if any(fills) else (), codings=coded, is_test=is_test
        ), report

    def features(self, codings: Sequence[Coding]) -> Floats:
        """Return the inputs that these columns give, shape (rows, inputs): NaN where one will be filled.

        Raises
        ------
        DataError
            If a column is missing, or a value in it, with its line and column.
        """
        self.known(tuple(coding.column for coding in codings))
        for coding in codings:
            role: roles.Role = "one_hot" if coding.one_hot else "ordinal" if coding.categories else "number"
            missing = "refuse" if coding.missing == "drop" else coding.missing  # no row that is asked for is left out
            for row, what in faults_in(self, Column(coding.column, role, missing, coding.categories)):
                raise self.fault(row, coding.column, what)
        return self._inputs(codings, np.ones(self.n_rows, dtype=bool))

    def numbers(self, names: tuple[str, ...]) -> Floats:
        """Return columns as numbers, shape (rows, names); DataError where one is missing, or a value in it."""
        return self.features([Coding(name) for name in names])

    def _check(self, chosen: Sequence[Column]) -> None:
        names = [column.name for column in chosen]
        self.known(tuple(names))
        if len(set(names)) != len(names):
            raise DataError(f"{self.name}: a column is chosen twice.", "Say once what it is for.")
        counts = {role: sum(column.role == role for column in chosen) for role in roles.ROLES}
        if counts["class"] > 1 or (counts["class"] and counts["target"]):
            raise DataError(
                f"{self.name}: several targets have to be numbers.",
                "Let one column be the class, or make all of them numbers.",
            )
        if not counts["class"] + counts["target"]:
            raise DataError(f"{self.name} has no column as the target.", "Say which column the network shall learn.")
        if not sum(counts[role] for role in roles.INPUTS):
            raise DataError(f"{self.name} has no column left as an input.", "At least one column has to be no target.")
        if counts["split"] > 1:
            raise DataError(f"{self.name}: two columns say which rows are for testing.", "Choose one.")

    def _kept(self, chosen: Sequence[Column]) -> tuple[np.ndarray, tuple[tuple[int, str], ...]]:
        """Return which rows are used, shape (rows,), and line and reason of those that are not."""
        keep, reasons = np.ones(self.n_rows, dtype=bool), dict(self.rows.skipped)
        for column in chosen:
            if column.missing == "drop" and column.role != "ignored":
                for row in np.flatnonzero(self.missing(column.name)).tolist():
                    keep[row] = False
                    reasons.setdefault(self.rows.line(row), f"no value in {shown(column.name)}")
        return keep, tuple(sorted(reasons.items()))

    def _coding(self, column: Column, keep: np.ndarray) -> Coding:
        if column.role == "number":
            return Coding(column.name, missing=column.missing)
        texts = [text for text, kept in zip(self.category_texts(column.name), keep, strict=True) if kept]
        found = roles.categories_of(texts, self.numbers_of(column.name)[keep], column.order)
        if column.role == "one_hot" and len(found) > roles.MOST_CATEGORIES:
            raise DataError(
                f"{self.name}, column {shown(column.name)}: {len(found)} different values are too many categories.",
                f"Ignore it; at most {roles.MOST_CATEGORIES} can be inputs.",
            )
        return Coding(column.name, found, column.role == "one_hot", column.missing)

    def _inputs(self, codings: Sequence[Coding], keep: np.ndarray) -> Floats:
        if all(not coding.categories for coding in codings):
            X = self.rows.matrix([self.place(coding.column) for coding in codings])
        else:
            X = np.hstack([self._coded(coding) for coding in codings])
        if any(coding.missing in ("mean", "median") for coding in codings):
            X, place = np.array(X), 0
            for coding in codings:
                if coding.missing in ("mean", "median"):
                    X[self.missing(coding.column), place] = np.nan
                place += len(coding.inputs)
        return X if keep.all() else X[keep]

    def _coded(self, coding: Coding) -> Floats:
        if not coding.categories:
            return self.numbers_of(coding.column)[:, None]
        return coding.encode(self.category_texts(coding.column))

    @staticmethod
    def _fill_of(coding: Coding) -> Literal["", "mean", "median"]:
        return coding.missing if coding.missing in ("mean", "median") else ""

    def _is_test(self, chosen: Sequence[Column], keep: np.ndarray) -> NDArray[np.bool_] | None:
        for column in chosen:
            if column.role == "split":
                marks = np.array([bool(roles.marks_test(text)) for text in self.texts(column.name)], dtype=np.bool_)
                return np.asarray(marks[keep])
        return None

    def _targets(self, chosen: Sequence[Column], keep: np.ndarray) -> Classes | Numbers:
        classes = [column for column in chosen if column.role == "class"]
        if classes:
            return self._classes(classes[0].name, keep)
        names = tuple(column.name for column in chosen if column.role == "target")
        return Numbers(self.rows.matrix([self.place(name) for name in names])[keep], names)

    def _classes(self, column: str, keep: np.ndarray) -> Classes:
        values = self.numbers_of(column)[keep]
        texts = (
            [] if np.isfinite(values).all() else [t for t, kept in zip(self.texts(column), keep, strict=True) if kept]
        )
        labels, names = columns.classes(texts, values)
        if len(names) == 1:
            message = f"{self.name}, column {shown(column)}: there is only one class, {shown(names[0])}"
            raise DataError(f"{message}; there is nothing to learn.", "Choose another target.")
        if len(names) > MAX_CLASSES:
            message = f"{self.name}, column {shown(column)}: there are {len(names)} classes."
            raise DataError(message, f"Choose a target with at most {MAX_CLASSES} classes.")
        return Classes(labels, names)

    def _target(self, name: str, kind: str) -> Column:
        is_missing = self.missing(name)
        missing: roles.Missing = "drop" if is_missing.any() else "refuse"
        is_class = kind == "classes" or (kind == "auto" and roles.holds_classes(self.numbers_of(name), is_missing))
        return Column(name, "class" if is_class else "target", missing)
