"""How far each lesson has come, kept for the user between two starts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bplab import resources
from bplab.errors import BplabError
from bplab.experiment.storage import read_bytes, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 2**20  # bytes


def progress() -> dict[str, int]:
    """Return how many steps of each lesson have been done, by its key; what cannot be read counts as nothing."""
    try:
        found = json.loads(read_bytes(_file(), LARGEST))
    except (BplabError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): count for key, count in found.items() if isinstance(count, int) and count >= 0}


def note_progress(key: str, steps: int) -> None:
    """Keep that so many steps of a lesson have been done; never fewer than before."""
    known = progress()
    if steps > known.get(key, 0):
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_file(), json.dumps(known | {key: steps}, indent=1).encode())


def _file() -> Path:
    return resources.state_folder() / "lessons.json"
