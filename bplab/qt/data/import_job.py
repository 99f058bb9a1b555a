"""What the import window has done in another thread: reading a table, and trying what its columns shall be."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bplab.data.facts import remarks
from bplab.data.tables.checking import Fault, faults
from bplab.data.tables.files import sample_of, table_bytes
from bplab.data.tables.folder import SIDE
from bplab.data.tables.summary import summary
from bplab.data.tables.table import Table, parse_table
from bplab.errors import BplabError, DataError
from bplab.experiment.build import remember
from bplab.experiment.header import LARGEST_EMBEDDED_TABLE
from bplab.experiment.wishes import table_source

if TYPE_CHECKING:
    from pathlib import Path

    from bplab.data.dataset import Dataset
    from bplab.data.tables.progress import Advance
    from bplab.data.tables.reading import Reading
    from bplab.data.tables.roles import Column
    from bplab.data.tables.table import Report
    from bplab.experiment.spec import TableSource
    from bplab.qt.dialogs.progress import Progress


class NotWantedError(BplabError):
    """The job is not wanted any more."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is imported: a file, text that was pasted, or a folder of images, which are scaled to `side` pixels.

    Of a large file perhaps only some `rows` are taken.
    """

    path: Path
    content: bytes | None = None
    rows: int | None = None
    side: int = SIDE

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path.name

    def read(self, advance: Advance) -> Subject:
        """Return it with its content."""
        if self.content is not None:
            return self
        if self.rows is None:
            return dataclasses.replace(self, content=table_bytes(self.path, advance, self.side))
        content = sample_of(self.path, self.rows, advance=advance)
        if len(content) > LARGEST_EMBEDDED_TABLE:
            raise DataError(
                f"{self.rows:,} rows of {self.name} are more than 8 MB.", "Take fewer: they travel with the experiment."
            )
        return Subject(self.path.with_name(f"{self.path.stem}-{self.rows}-rows.csv"), content, self.rows)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A table that was read, what each column holds, and what it is for, most likely."""

    subject: Subject
    table: Table
    found: tuple[str, ...]
    proposed: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Tried:
    """What came of a choice of columns: a data set, or why there is none."""

    columns: tuple[Column, ...]
    faults: tuple[Fault, ...]
    error: BplabError | None = None
    dataset: Dataset | None = None
    report: Report | None = None
    source: TableSource | None = None
    remarks: tuple[str, ...] = ()


def advance_of(progress: Progress) -> Advance:
    """Return what tells a dialog how far reading has come, and ends it when it is not wanted."""

    def advance(done: float) -> None:
        if not progress.advance(round(100 * done)):
            raise NotWantedError("The import was cancelled.")

    return advance


def load(subject: Subject, reading: Reading | None, advance: Advance) -> Loaded:
    """Read a table; BplabError if that is not possible."""
    subject = subject.read(advance)
    assert subject.content is not None
    table = parse_table(subject.name, subject.content, reading, advance)
    found = []
    for place, name in enumerate(table.columns):
        found.append(summary(table, name))
        advance(0.9 + 0.1 * place / len(table.columns))
    return Loaded(subject, table, tuple(found), table.propose())


def attempt(loaded: Loaded, columns: tuple[Column, ...]) -> Tried:
    """Make a data set of a table, or find out why not."""
    table, content = loaded.table, loaded.subject.content
    assert content is not None
    try:
        found = tuple(faults(table, columns))
        if found:
            return Tried(columns, found)
        dataset, report = table.imported(columns)
        source = table_source(loaded.subject.path, content, table.reading, columns)
    except BplabError as error:
        return Tried(columns, (), error)
    remember(source, dataset, report)
    return Tried(columns, (), None, dataset, report, source, remarks(dataset))
