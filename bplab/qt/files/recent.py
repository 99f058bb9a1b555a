"""The experiments that were open last."""

from __future__ import annotations

import json
from pathlib import Path

from bplab import resources
from bplab.errors import BplabError
from bplab.experiment.storage import read_bytes, write_atomically

MOST = 10
LARGEST_LIST = 2**20  # bytes


def recent_files() -> list[Path]:
    """Return the paths, the last one first; none where the list cannot be read."""
    try:
        names = json.loads(read_bytes(_list(), LARGEST_LIST))
    except (BplabError, ValueError, RecursionError):
        return []
    return [Path(name) for name in names if isinstance(name, str)][:MOST] if isinstance(names, list) else []


def note_recent(path: Path) -> None:
    """Put a path at the head of the list."""
    path = path.absolute()
    _write([path, *(other for other in recent_files() if other != path)])


def forget_recent(path: Path | None = None) -> None:
    """Take a path off the list, or all of them."""
    _write([other for other in recent_files() if path is not None and other != path.absolute()])


def _write(paths: list[Path]) -> None:
    try:
        _list().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_list(), json.dumps([str(path) for path in paths[:MOST]]).encode())
    except (BplabError, OSError):
        return  # a list of recent files is not worth a message


def _list() -> Path:
    return resources.state_folder() / "recent.json"
