"""Excel's sheets and Parquet, read by the libraries that are made for them."""

from __future__ import annotations

import datetime as dt
import importlib
import io
from typing import TYPE_CHECKING, Any

from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.tables.formats.arff import Found

MOST_CELLS = 2_000_000


def excel(name: str, data: bytes) -> Found:
    """Return the first sheet with anything in it; formulas as the values they had when it was saved."""
    openpyxl = _package("openpyxl", name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows: list[list[str]] = []
        for sheet in book.worksheets:
            rows = _filled(name, sheet)
            if rows:
                break
        book.close()
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - a foreign library says in many ways that a file is damaged
        raise DataError(f"{name} cannot be read: {str(error)[:80]}.", "Save it again as .xlsx, or as CSV.") from None
    if not rows:
        raise DataError(f"{name} has no sheet with anything in it.", "Choose a workbook with a table.")
    return rows[0], rows[1:]


def _filled(name: str, sheet: Any) -> list[list[str]]:
    """Return the cells of a sheet as text, without what is empty at its end."""
    rows: list[list[str]] = []
    cells = 0
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
        if cells > MOST_CELLS:
            raise DataError(f"{name} has more than {MOST_CELLS:,} cells.", "Choose fewer rows or columns.")
        rows.append([_text(cell) for cell in row])
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell), default=0)
    return [row[:width] for row in rows if any(row)] if width else []


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
