"""Why a file cannot be written, in words, and what can be done about it."""

from __future__ import annotations

import errno

_ELSEWHERE, _RENAME = "Choose another place.", "Choose another name."
_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Free some space, or choose another place."),
    errno.EDQUOT: ("your share of the disk is full", "Free some space, or choose another place."),
    errno.EACCES: ("it may not be written", "Choose another place, or ask for permission."),
    errno.EPERM: ("it may not be written", "Choose another place, or ask for permission."),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
    errno.ENOENT: ("its folder is gone", _ELSEWHERE),
    errno.ENOTDIR: ("its folder is gone", _ELSEWHERE),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter one."),
    errno.ELOOP: ("it is a link to itself", _RENAME),
    errno.EIO: ("the disk reports a fault", "Choose another disk, and have this one looked at."),
}


def reasons(error: Exception) -> tuple[str, str]:
    """Return what the cause of an error is, and advice."""
    if isinstance(error, OSError):
        return _CAUSES.get(error.errno or 0, (error.strerror or str(error), _ELSEWHERE))
    if isinstance(error, RuntimeError):  # how Python 3.11 tells of a link to itself
        return _CAUSES[errno.ELOOP]
    return "no file can have such a name", _RENAME
