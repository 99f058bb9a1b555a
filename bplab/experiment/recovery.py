"""Copies of unsaved work, for the case that the program ends before it is saved.

Each session, that is, each open experiment, has a folder of its own, locked as long as its process lives. In it are
the last three copies, each beside what is known of it; the newest whole one counts, by its number, not by its time.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from bplab.experiment.spec import Spec
from bplab.experiment.storage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bplab.experiment.storage import Piece, Stamp

GENERATIONS = 3
LARGEST_ABOUT = 2**16  # bytes
_LOCK = "lock"


class About(Spec):
    """What is known of a copy: of which file it is, what that file was, and when the copy was made."""

    path: str | None = Field(default=None, max_length=4096)
    original: tuple[int, int, str] | None = None  # a Stamp
    time: str = Field(max_length=40)


@dataclass(frozen=True)
class Copy:
    """Unsaved work that was left behind.

    Attributes
    ----------
    folder : Path
        Of the session.
    file : Path
        An experiment file.
    picture : Path
        A PNG of the network; it may not exist.
    """

    folder: Path
    file: Path
    picture: Path
    about: About

    @property
    def name(self) -> str:
        """What a list calls it."""
        return Path(self.about.path).name if self.about.path else "Untitled"


class Session:
    """The copies of one open experiment."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        from filelock import FileLock  # the first window does not wait for it

        self.folder = folder or root / uuid.uuid4().hex
        self._lock = FileLock(self.folder / _LOCK)
        self._number = max((number for number, _ in _files(self.folder)), default=0)

    def begin(self) -> bool:
        """Lock the folder for this process; False if another one has it. FileError and OSError may pass."""
        from filelock import Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def write(self, content: Iterable[Piece], path: Path | None, original: Stamp | None, picture: bytes | None) -> None:
        """Keep a copy, whose content comes in pieces, and forget the fourth last.

        Raises
        ------
        FileError
            If that is not possible; the copies that are there stay.
        """
        self._number += 1
        about = About(path=str(path) if path else None, original=original, time=_now())
        file = self.folder / f"{self._number:08}.bplab"
        if picture is not None:
            write_atomically(self.folder / "picture.png", picture)
        write_atomically(file.with_suffix(".json"), about.model_dump_json().encode())
        write_atomically(file, *content)
        for number, old in _files(self.folder):
            if number <= self._number - GENERATIONS:
                old.unlink(missing_ok=True)
                old.with_suffix(".json").unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget all copies: what was in them is saved, or was thrown away deliberately."""
        for _, file in _files(self.folder):
            file.unlink(missing_ok=True)
            file.with_suffix(".json").unlink(missing_ok=True)
        (self.folder / "picture.png").unlink(missing_ok=True)

    def end(self, keep: bool = False) -> None:
        """Give the folder up; unless the copies are to be kept, nothing of it stays."""
        self._lock.release()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def left_behind(root: Path) -> list[Copy]:
    """Return the newest whole copy of every session whose process is gone, the latest first."""
    from filelock import FileLock, Timeout

    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            continue
        copy = _newest(folder)
        lock.release()
        if copy is not None:
            found.append(copy)
        elif not _files(folder):
            shutil.rmtree(folder, ignore_errors=True)
    return sorted(found, key=lambda copy: copy.about.time, reverse=True)


def _newest(folder: Path) -> Copy | None:
    for _, file in sorted(_files(folder), reverse=True):
        about = _about(file.with_suffix(".json"))
        if about is not None:
            return Copy(folder, file, folder / "picture.png", about)
    return None


def _about(file: Path) -> About | None:
    try:
        with file.open("rb") as stream:
            return About.model_validate_json(stream.read(LARGEST_ABOUT))
    except (OSError, ValidationError):
        return None


def _files(folder: Path) -> list[tuple[int, Path]]:
    """Return the experiment files of a session with their numbers."""
    if not folder.is_dir():
        return []
    return [(int(file.stem), file) for file in folder.glob("*.bplab") if file.stem.isdecimal()]


def _now() -> str:
    return datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
