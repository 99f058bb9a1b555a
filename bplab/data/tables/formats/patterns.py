"""Pattern files of the Stuttgart Neural Network Simulator; see https://www.ra.cs.uni-tuebingen.de/SNNS/ ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.tables.formats.arff import Found

COUNT = re.compile(r"no\.?\s+of\s+(patterns|input units|output units)\s*:\s*(\d+)", re.IGNORECASE)


def snns(name: str, data: bytes) -> Found:
    """Return a column for each input and output unit, and a row for each pattern."""
    counts: dict[str, int] = {}
    numbers: list[str] = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        text = line.split("#")[0].strip()
        found = COUNT.match(text)
        if found is not None:
            counts[found.group(1).lower()] = int(found.group(2))
        elif len(counts) >= 2 and text:
            numbers += _numbers(f"{name}, line {number}", text)
    inputs, outputs = counts.get("input units", 0), counts.get("output units", 0)
    if not inputs or not outputs:
        raise DataError(
            f"{name} does not say how many input and output units there are.", "Choose a .pat file with targets."
        )
    width = inputs + outputs
    if not numbers or len(numbers) % width:
        raise DataError(f"{name}: {len(numbers)} numbers are no patterns of {width}.", "A pattern is not complete.")
    patterns = len(numbers) // width
    if counts.get("patterns", patterns) != patterns:
        raise DataError(
            f"{name} says {counts['patterns']} patterns and holds {patterns}.", "The file is cut off, or wrong."
        )
    header = [*(f"input {place + 1}" for place in range(inputs)), *(f"output {place + 1}" for place in range(outputs))]
    return header, [numbers[place * width : (place + 1) * width] for place in range(patterns)]


def _numbers(where: str, text: str) -> list[str]:
    words = text.split()
    for word in words:
        try:
            float(word)
        except ValueError:
            raise DataError(f"{where}: '{word[:20]}' is not a number.", "Choose a .pat file.") from None
    return words
