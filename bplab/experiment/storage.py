"""Bytes to and from the disk, so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from bplab.errors import FileError


def read_bytes(path: Path, cap: int) -> bytes:
    """Return a file's content.

    Raises
    ------
    FileError
        If it is missing, not a regular file, larger than `cap` bytes, or cannot be read.
    """
    if not path.exists():
        raise FileError(f"{path.name} does not exist.", "Check the path.")
    if not path.is_file():  # opening a device or a pipe might never end
        raise FileError(f"{path.name} is not a file.", "Choose a file saved by bplab.")
    try:
        with path.open("rb") as stream:
            content = stream.read(cap + 1)
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}.", "Check its permissions.") from None
    if len(content) > cap:
        raise FileError(f"{path.name} is larger than {cap // 2**20} MB.", "Choose a smaller file.")
    return content


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at `path` by `content`: temporary file beside it, fsync, read back, rename, fsync the folder.

    Raises
    ------
    FileError
        If that is not possible; the file that was there is then untouched.
    """
    target = path.resolve()  # a link keeps pointing at the file
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    temporary = Path(name)
    try:
        _fill(handle, content)
        if temporary.read_bytes() != content:
            raise OSError(0, "what was written could not be read back")
        _keep_permissions(target, temporary)
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _unwritable(path, error) from None
    _sync_folder(target.parent)


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _keep_permissions(target: Path, temporary: Path) -> None:
    if target.exists():
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "the file is read-only")
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


def _unwritable(path: Path, error: OSError) -> FileError:
    return FileError(
        f"{path.name} could not be saved: {error.strerror or error}.",
        "What was there before is unchanged; free some space or choose another place.",
    )
