"""Bad tables end in right data or in a message with row and column: ``python -m tests.soak.bad_tables --count 500``.

A table is made from cells that are known, written in some dialect, and spoiled. What bplab reads of it is compared with
what polars reads of the unspoiled cells, written plainly; what it refuses has to be named with its line, and its column
where one cell is to blame. Rows read are always rows used and rows skipped.
"""

from __future__ import annotations

import io
import random
import sys
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np
import polars as pl

from bplab.data.dataset import Classes
from bplab.data.tables.table import parse_table
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.data.dataset import Dataset
    from bplab.data.tables.table import Report, Table

PLANTS = ("swallows-rows", "loses-columns", "no-lines")
WORDS = ("rot", "grün", "blau", "a;b", 'say "x"', "müd", "x,y", "two words")
NAMES = ("alpha", "größe", "x1", "some name", "y;z", "w,v")


class Made(NamedTuple):
    """A table, and what should come of it: no fault, or the line and perhaps the column of one."""

    content: bytes
    plain: bytes
    fault: str
    line: int
    column: str


class Sheet:
    """The cells of a table and how they are written."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        n = rng.randint(4, 30)
        self.header = [*rng.sample(NAMES, rng.randint(1, 4)), "class"]
        numbers = [[self._number() for _ in range(n)] for _ in self.header[:-1]]
        labels = [rng.choice(WORDS[:4]) for _ in range(n)]
        labels[:2] = WORDS[:2]
        self.rows = [list(row) for row in zip(*numbers, labels, strict=True)]
        self.delimiter = rng.choice(",;\t|")
        self.comma = self.delimiter != "," and rng.random() < 0.4
        self.end = rng.choice(("\n", "\r\n", "\r"))
        self.encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252"))
        self.quotes = rng.random() < 0.3

    def _number(self) -> str:
        return repr(
            self.rng.choice((self.rng.uniform(-5, 5), self.rng.uniform(-1e6, 1e6), self.rng.randint(-99, 99) + 0.5))
        )

    def written(self, row: list[str]) -> str:
        return self.delimiter.join(self._cell(cell) for cell in row)

    def _cell(self, cell: str) -> str:
        if self.comma and _is_number(cell):
            cell = cell.replace(".", ",")
        if self.quotes or any(sign in cell for sign in ('"', self.delimiter, "\n")):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def content(self, spoil: Callable[[list[str]], None] = lambda _: None) -> bytes:
        lines = [self.written(self.header), *map(self.written, self.rows)]
        spoil(lines)
        return self.end.join([*lines, ""]).encode(self.encoding)

    def plain(self) -> bytes:
        frame = pl.DataFrame(self.rows, schema=self.header, orient="row")
        return frame.write_csv().encode()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell_fault(sheet: Sheet, text: str, fault: str) -> Made:
    plain = sheet.plain()
    row, column = sheet.rng.randrange(len(sheet.rows)), sheet.rng.randrange(len(sheet.header) - 1)
    sheet.rows[row][column] = text
    return Made(sheet.content(), plain, fault, row + 2, sheet.header[column])


def _line_fault(sheet: Sheet, change: Callable[[str], str], fault: str) -> Made:
    row = sheet.rng.randrange(1, len(sheet.rows))

    def spoil(lines: list[str]) -> None:
        lines[row + 1] = change(lines[row + 1])

    return Made(sheet.content(spoil), sheet.plain(), fault, row + 2, "")


def make(seed: int) -> Made:
    """Return one table."""
    rng = random.Random(seed)
    sheet = Sheet(rng)
    extra = f"{sheet.delimiter}7"
    makers: tuple[Callable[[], Made], ...] = (
        lambda: Made(sheet.content(), sheet.plain(), "", 0, ""),
        lambda: Made(sheet.content(lambda lines: lines.insert(2, "")), sheet.plain(), "", 0, ""),
        lambda: _cell_fault(sheet, rng.choice(("abc", "1_000", "0x1F", "12 cm")), "cell"),
        lambda: _cell_fault(sheet, rng.choice(("inf", "-inf", "1e999", "-1e400")), "cell"),
        lambda: _cell_fault(sheet, rng.choice(("", "NA", "n/a", "NaN", "?", "null")), "missing"),
        lambda: _line_fault(sheet, lambda line: line + extra, "line"),
        lambda: _line_fault(
            sheet, lambda line: line.rpartition(sheet.delimiter)[0] if not sheet.quotes else line + extra, "line"
        ),
        lambda: _line_fault(sheet, lambda line: line + "\0", "line"),
        lambda: _line_fault(sheet, lambda line: f'"{line}', "quote"),
        lambda: Made(sheet.content(lambda lines: lines.__setitem__(slice(1, None), [])), b"", "whole", 0, ""),
        lambda: Made(sheet.content(lambda lines: lines.clear()), b"", "whole", 0, ""),
        lambda: _renamed(sheet, sheet.header[0]),
        lambda: _renamed(sheet, ""),
        lambda: _one_class(sheet),
    )
    return rng.choice(makers)()


def _renamed(sheet: Sheet, name: str) -> Made:
    sheet.header[-1] = name
    return Made(sheet.content(), b"", "header", 1, "")


def _one_class(sheet: Sheet) -> Made:
    for row in sheet.rows:
        row[-1] = "same"
    return Made(sheet.content(), b"", "column", 0, sheet.header[-1])


def check(made: Made, plant: str = "") -> str:
    """Return what is wrong with what bplab makes of a table; nothing if all is well."""
    try:
        table = parse_table("t.csv", made.content)
        _spoil(table, plant)
        data, report = table.imported(table.propose(kind="classes"))
    except DataError as error:
        if made.fault == "missing" and "only one class" in str(error):  # the others went with the row
            return ""
        return _check_error(made, str(error) if plant != "no-lines" else "t.csv cannot be read.")
    return _check_rows(made, data, report) or _check_values(made, data, [line for line, _ in report.skipped])


def _check_rows(made: Made, data: Dataset, report: Report) -> str:
    """Return what is wrong with the rows that were used, and with those that were not."""
    if report.read != report.used + len(report.skipped) or report.used != len(data.X):
        return f"{report.read} rows read, {report.used} used, {len(report.skipped)} skipped, {len(data.X)} there"
    if made.fault not in ("", "missing"):
        return f"read in silence, though line {made.line}, column {made.column!r} is wrong ({made.fault})"
    skipped = [line for line, _ in report.skipped]
    return "" if skipped == ([made.line] if made.fault else []) else f"lines {skipped} were skipped"


def _check_values(made: Made, data: Dataset, skipped: list[int]) -> str:
    """Return where values are not what polars reads of the unspoiled cells."""
    expected = pl.read_csv(io.BytesIO(made.plain), infer_schema_length=None)
    rows = [row for row in range(expected.height) if row + 2 not in skipped]
    if data.X.shape != (len(rows), expected.width - 1):
        return f"the shape is {data.X.shape}"
    if not np.array_equal(data.X, expected[:, :-1].to_numpy().astype(float)[rows]):
        return "the numbers are not those of polars"
    assert isinstance(data.target, Classes)
    found = [data.target.names[label] for label in data.target.labels]
    return "" if found == [expected[row, -1] for row in rows] else "the classes are not those of polars"


def _spoil(table: Table, plant: str) -> None:
    if plant == "swallows-rows":
        table.rows.cells.pop()  # type: ignore[attr-defined]
    if plant == "loses-columns":
        cells = table.rows.cells  # type: ignore[attr-defined]
        cells[:] = [(row[0][:-1] or "0", *row[1:]) for row in cells]


def _check_error(made: Made, text: str) -> str:
    wanted = {
        "cell": (f"line {made.line}", repr(made.column)),
        "line": (str(made.line),),
        "quote": ("line ",),
        "header": ("line 1",),
        "column": (repr(made.column),),
        "whole": ("t.csv",),
    }.get(made.fault)
    if wanted is None:
        return f"refused: {text}"
    missing = [word for word in wanted if word not in text]
    return f"says '{text}' without {missing}" if missing else ""


def soak(count: int, first: int = 0, plant: str = "") -> list[str]:
    """Return the findings."""
    return [f"seed {seed}: {fault}" for seed in range(first, first + count) if (fault := check(make(seed), plant))]


@click.command()
@click.option("--count", default=500, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, plant: str | None) -> None:
    """Read bad tables."""
    findings = soak(count, seed, plant or "")
    click.echo(f"{count} tables, {len(findings)} findings")
    for finding in findings[:20]:
        click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
