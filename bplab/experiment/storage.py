"""Bytes to and from the disk, so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bplab.errors import FileError
from bplab.experiment.causes import reasons
from bplab.system import give_owner, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Piece: TypeAlias = bytes | memoryview

CHUNK = 2**18  # bytes: the interpreter is held while they are copied
STALE_S = 3600
_PREFIX, _SUFFIX = ".bplab-", ".tmp"


class Stamp(NamedTuple):
    """What tells one content of a file from another: its size, when it was written, and its SHA-256."""

    size: int
    mtime_ns: int
    sha256: str


class ChangedError(FileError):
    """A file that another program has changed since it was opened or saved here."""


def read_bytes(path: Path, cap: int) -> bytes:
    """Return a file's content.

    Raises
    ------
    FileError
        If it is missing, not a regular file, larger than `cap` bytes, or cannot be read.
    """
    try:
        if not path.exists():
            raise FileError(f"{path.name} does not exist.", "Check the path.")
        if not path.is_file():  # opening a device or a pipe might never end
            raise FileError(f"{path.name} is not a file.", "Choose a file saved by bplab.")
        if path.stat().st_size > cap:
            raise FileError(f"{path.name} is larger than {cap // 2**20} MB.", "Choose a smaller file.")
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            content = stream.read(min(before.st_size, cap) + 1)  # memory for what is there, not for what may be
            after = os.fstat(stream.fileno())
    except (OSError, ValueError) as error:
        raise FileError(f"{path.name} cannot be read: {_reason(error)}.", "Check its permissions.") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(content) != after.st_size:
        raise FileError(f"{path.name} was changed by another program while it was read.", "Open it again.")
    return content


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def stamp_of(path: Path, content: bytes) -> Stamp | None:
    """Return the stamp of a file that has this content, or None if it is gone."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return Stamp(len(content), seen.st_mtime_ns, hashlib.sha256(content).hexdigest())


def check_unchanged(path: Path, known: Stamp) -> None:
    """Raise `ChangedError` if the file is there, but no longer what it was."""
    try:
        seen = path.stat()
        if (seen.st_size, seen.st_mtime_ns) == known[:2] or _digest(path) == known.sha256:
            return
    except OSError:
        return  # it is gone, or cannot be read: saving says what there is to say
    raise ChangedError(
        f"{path.name} was changed on disk since it was opened.",
        "Overwrite it, save under another name, or open it again and lose the changes here.",
    )


def write_atomically(path: Path, *pieces: Piece) -> Stamp:
    """Replace the file at `path`: temporary file beside it, fsync, read back, rename, fsync the folder.

    Parameters
    ----------
    *pieces : bytes or memoryview
        Its content, one after the other; they are not copied.

    Raises
    ------
    FileError
        If that is not possible; the file that was there is then untouched.
    """
    try:
        target = _target(path)
        handle, temporary = _make_temporary(target)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unwritable(path, error) from None
    try:
        with ThreadPoolExecutor(1) as beside:  # the disk and the processor work at the same time
            digest = beside.submit(_digest_of, pieces)
            _fill(handle, pieces)
            if not _holds(temporary, pieces):
                raise OSError(0, "what was written could not be read back")
        _keep_permissions(target, temporary)
        seen = temporary.stat()
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _unwritable(path, error) from None
    _sync_folder(target.parent, path)
    _tidy(target.parent, seen.st_mtime)
    return Stamp(sum(map(len, pieces)), seen.st_mtime_ns, digest.result())


def _target(path: Path) -> Path:
    """Return the file itself: a link keeps pointing at it."""
    target = path.resolve()
    if target.is_symlink():
        raise OSError(errno.ELOOP, "")
    if target.exists() and not target.is_file():
        raise OSError(0, "it is not a file")
    return target


def _make_temporary(target: Path) -> tuple[int, Path]:
    """Make an empty file beside the target: one that others may read only if that is what a new file would be."""
    temporary = target.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(temporary, flags, 0o600 if target.exists() else 0o666), temporary


def _fill(handle: int, pieces: Iterable[Piece]) -> None:
    with os.fdopen(handle, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def _holds(path: Path, pieces: Iterable[Piece]) -> bool:
    """Tell whether a file has this content, byte for byte."""
    with path.open("rb") as stream:
        for piece in pieces:
            for place in range(0, len(piece), CHUNK):
                chunk = bytes(piece[place : place + CHUNK])  # views are compared item by item
                if stream.read(len(chunk)) != chunk:
                    return False
        return not stream.read(1)


def _digest_of(pieces: Iterable[Piece]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _keep_permissions(target: Path, temporary: Path) -> None:
    """Give a file that replaces another one its owner, as far as this user may, and its permissions."""
    if not target.exists():
        return
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only")
    there = target.stat()
    give_owner(temporary, there)
    temporary.chmod(there.st_mode & 0o777)


def _tidy(folder: Path, now: float) -> None:
    """Remove temporary files of programs that were killed while they saved; no save takes as long as that.

    Parameters
    ----------
    now : float
        By the clock of that disk, which may be another computer's.
    """
    with contextlib.suppress(OSError):
        for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            if now - left.stat().st_mtime > STALE_S:
                left.unlink(missing_ok=True)


def _sync_folder(folder: Path, path: Path) -> None:
    try:
        sync_folder(folder)
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT):  # others: there are disks that do not offer it
            cause, advice = reasons(error)
            raise FileError(
                f"{path.name} was saved, but perhaps not for good: {cause}.", f"A power cut may undo it. {advice}"
            ) from None


def _unwritable(path: Path, error: Exception) -> FileError:
    cause, advice = reasons(error)
    return FileError(f"{path.name} could not be saved: {cause}.", f"What was there before is unchanged. {advice}")
