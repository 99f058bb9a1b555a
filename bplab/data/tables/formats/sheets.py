"""Excel's sheets and Parquet, read by the libraries that are made for them."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.tables.formats.arff import Found

MOST_CELLS = 2_000_000
LARGEST_XML = 256 * 2**20
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+\d+):([A-Z]+\d+)"')
_NO_VALUE = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*>\s*<f[^>]*>[^<]*</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')


def excel(name: str, data: bytes) -> Found:
    """Return the first sheet with anything in it; formulas as the values they had when it was saved.

    The value of merged cells counts for each of them.
    """
    openpyxl = _package("openpyxl", name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows: list[list[str]] = []
        for sheet in book.worksheets:
            rows, first = _filled(name, sheet)
            if rows:
                if not all(map(all, rows)):
                    _look_closer(name, rows, first, _xml(data, sheet))
                break
        book.close()
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - a foreign library says in many ways that a file is damaged
        raise DataError(f"{name} cannot be read: {str(error)[:80]}.", "Save it again as .xlsx, or as CSV.") from None
    if not rows:
        raise DataError(f"{name} has no sheet with anything in it.", "Choose a workbook with a table.")
    return rows[0], rows[1:]


def _filled(name: str, sheet: Any) -> tuple[list[list[str]], int]:
    """Return the cells of a sheet as text, from the first row with anything in it to the last, and its number."""
    rows: list[list[str]] = []
    cells, empty, first = 0, 0, 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [_text(cell) for cell in row]
        if not any(texts):
            empty += 1
            continue
        first = first or number
        width = max(place for place, text in enumerate(texts) if text) + 1
        if rows:
            rows += [[]] * min(empty, MOST_CELLS - len(rows))
        rows.append(texts[:width])
        cells, empty = cells + width, 0
        if cells > MOST_CELLS or len(rows) >= MOST_CELLS:
            raise DataError(f"{name} has more than {MOST_CELLS:,} cells.", "Choose fewer rows or columns.")
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows], first


def _xml(data: bytes, sheet: Any) -> bytes:
    """Return what a file says of a sheet: openpyxl tells of merged cells and formulas only at many times the cost."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(sheet._worksheet_path.lstrip("/")) as member:
        return member.read(LARGEST_XML)


def _look_closer(name: str, rows: list[list[str]], first: int, xml: bytes) -> None:
    """Give merged cells their value; refuse a formula whose value is not there, it would pass for a missing one."""
    for match in _MERGED.finditer(xml):
        begin, end = _place(match[1], first), _place(match[2], first)
        if 0 <= begin[0] < len(rows) and begin[1] < len(rows[0]):
            value = rows[begin[0]][begin[1]]
            for row in rows[begin[0] : end[0] + 1]:
                row[begin[1] : end[1] + 1] = [value] * len(row[begin[1] : end[1] + 1])
    if missing := _NO_VALUE.search(xml):
        raise DataError(
            f"{name}, cell {missing[1].decode()}: the value of its formula is not in the file.",
            "Open it in a spreadsheet program, and save it again.",
        )


def _place(cell: bytes, first: int) -> tuple[int, int]:
    """Return row and column, from 0, of a cell such as B7 in a table that begins in row `first`."""
    letters = cell.rstrip(b"0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + letter - ord("A") + 1
    return int(cell[len(letters) :]) - first, column - 1


def parquet(name: str, data: bytes) -> Found:
    """Return the columns of a Parquet file that are numbers, texts or truth values."""
    polars = _package("polars", name)
    try:
        frame = polars.read_parquet(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001 - a foreign library says in many ways that a file is damaged
        raise DataError(f"{name} cannot be read: {str(error)[:80]}.", "Save it again as Parquet, or as CSV.") from None
    if frame.height * frame.width > MOST_CELLS:
        raise DataError(f"{name} has more than {MOST_CELLS:,} cells.", "Choose fewer rows or columns.")
    return list(frame.columns), [[_text(cell) for cell in row] for row in frame.iter_rows()]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()
    return str(cell)


def _package(package: str, name: str) -> Any:
    try:
        return importlib.import_module(package)
    except ImportError:
        raise DataError(
            f"{name} needs the package '{package}', which is not installed.", f"Install it: pip install {package}"
        ) from None
