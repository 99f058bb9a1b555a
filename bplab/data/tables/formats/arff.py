"""Weka's attribute-relation files; see https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/ ."""

from __future__ import annotations

import csv
import re
from typing import TypeAlias

from bplab.errors import DataError

Found: TypeAlias = tuple[list[str], "list[list[str]]"]
ATTRIBUTE = re.compile(r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.+)""", re.IGNORECASE)


def arff(name: str, data: bytes) -> Found:
    """Return header and rows; what is missing, a question mark in the file, is empty."""
    lines = data.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    header: list[str] = []
    rows: list[list[str]] = []
    is_data = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("%"):
            continue
        where = f"{name}, line {number}"
        if is_data:
            rows.append(_row(where, text, len(header)))
        elif text.lower().startswith("@data"):
            is_data = True
        elif text.lower().startswith("@attribute"):
            header.append(_attribute(where, text))
        elif not text.lower().startswith("@relation"):
            raise DataError(f"{where}: '{text[:40]}' is not a declaration.", "Choose an ARFF file.")
    if not is_data:
        raise DataError(f"{name} has no @data.", "Choose an ARFF file with a table.")
    return header, rows


def _attribute(where: str, text: str) -> str:
    found = ATTRIBUTE.match(text)
    if found is None:
        raise DataError(f"{where}: an attribute needs a name and a type.", "Write '@attribute name numeric'.")
    return found.group(1).strip("'\"").replace("\\", "")


def _row(where: str, text: str, columns: int) -> list[str]:
    if text.startswith("{"):
        raise DataError(f"{where}: sparse rows are not read.", "Save the file without braces around its rows.")
    quote = "'" if text.count("'") >= text.count('"') else '"'
    cells = next(
        csv.reader([text.split("%")[0] if quote not in text else text], quotechar=quote, skipinitialspace=True)
    )
    if len(cells) != columns:
        raise DataError(f"{where}: {len(cells)} values for {columns} attributes.", "Give every row one for each.")
    return ["" if cell.strip() == "?" else cell.strip() for cell in cells]
