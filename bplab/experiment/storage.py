"""Bytes to and from the disk, so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from bplab.errors import FileError

CHUNK = 2**20  # bytes


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
            content = stream.read(cap + 1)
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


def write_atomically(path: Path, content: bytes) -> Stamp:
    """Replace the file at `path` by `content`: temporary file beside it, fsync, read back, rename, fsync the folder.

    Returns
    -------
    Stamp
        Of what is there now.

    Raises
    ------
    FileError
        If that is not possible; the file that was there is then untouched.
    """
    target = path.resolve()  # a link keeps pointing at the file
    digest = hashlib.sha256(content).hexdigest()
    temporary = _make_temporary(path, target)
    try:
        _fill(temporary, content)
        if _digest(temporary) != digest:
            raise OSError(0, "what was written could not be read back")
        _keep_permissions(target, temporary)
        seen = temporary.stat()
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _unwritable(path, error) from None
    _sync_folder(target.parent)
    return Stamp(len(content), seen.st_mtime_ns, digest)


def _make_temporary(path: Path, target: Path) -> Path:
    try:
        if target.exists() and not target.is_file():
            raise OSError(0, "it is not a file")
        handle, name = tempfile.mkstemp(prefix=".bplab-", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    os.close(handle)
    return Path(name)


def _fill(temporary: Path, content: bytes) -> None:
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _keep_permissions(target: Path, temporary: Path) -> None:
    if target.exists():
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        temporary.chmod(target.stat().st_mode & 0o777)
    else:
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no descriptor of a folder
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Free some space, or choose another place."),
    errno.EDQUOT: ("your share of the disk is full", "Free some space, or choose another place."),
    errno.EACCES: ("it may not be written", "Choose another place, or ask for permission."),
    errno.EPERM: ("it may not be written", "Choose another place, or ask for permission."),
    errno.EROFS: ("the disk is read-only", "Choose another place."),
    errno.ENOENT: ("its folder is gone", "Choose another place."),
    errno.ENOTDIR: ("its folder is gone", "Choose another place."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter one."),
    errno.EIO: ("the disk reports a fault", "Choose another disk, and have this one looked at."),
}


def _unwritable(path: Path, error: OSError) -> FileError:
    cause, advice = _CAUSES.get(error.errno or 0, (error.strerror or str(error), "Choose another place."))
    return FileError(f"{path.name} could not be saved: {cause}.", f"What was there before is unchanged. {advice}")
