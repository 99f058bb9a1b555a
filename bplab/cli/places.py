"""Places to save to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.errors import BplabError

if TYPE_CHECKING:
    from pathlib import Path


def check_place(out: Path, may_replace: bool = True) -> None:
    """Refuse a place that cannot be saved to, or holds a file that stays, before the work is done, not after it."""
    if not out.parent.is_dir():
        raise BplabError(f"There is no folder {out.parent}.", "Make it, or choose another place.")
    if out.is_dir():
        raise BplabError(f"{out} is a folder.", "Add the name of a file, such as experiment.bplab.")
    if out.exists() and not may_replace:
        raise BplabError(f"{out.name} exists already.", "Choose another name, or replace it with --force.")
