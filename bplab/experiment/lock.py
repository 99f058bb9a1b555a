"""Who has a file open: a lock that ends with its owner, however that ends."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
from datetime import datetime
from pathlib import Path

LONGEST_OWNER = 1000  # bytes


class Lock:
    """A hidden file beside `path`, held by the operating system for this process.

    The owner is written into a second file, for on Windows nobody can read one that is locked.

    Attributes
    ----------
    owner : str
        Who else holds it, in words; nothing where nobody does.
    is_held : bool
        Whether this process holds it.
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock  # the first window does not wait for it

        target = path.resolve()
        self._lock = FileLock(target.with_name(f".{target.name}.lock"))
        self._note = target.with_name(f".{target.name}.owner")
        self.owner = ""

    @property
    def is_held(self) -> bool:
        """Whether this process holds the lock."""
        return bool(self._lock.is_locked)

    def acquire(self) -> bool:
        """Take the lock; False if somebody else has it, or if the folder cannot be written."""
        from filelock import Timeout

        self.owner = ""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self.owner = self._read_owner()
            return False
        except (OSError, NotImplementedError):  # a read-only folder, or a file system without locks
            return False
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)  # whatever it was: a link must not be followed
            with self._note.open("x", encoding="utf-8") as stream:
                stream.write(json.dumps(_me()))
        return True

    def release(self) -> None:
        """Give the lock up, and leave nothing behind."""
        if not self.is_held:
            return
        for file in (self._note, Path(self._lock.lock_file)):
            with contextlib.suppress(OSError):  # Windows removes the lock's file when it is closed
                file.unlink(missing_ok=True)
        self._lock.release()

    def _read_owner(self) -> str:
        try:
            with self._note.open("rb") as stream:
                who = json.loads(stream.read(LONGEST_OWNER))
            return f"{who['user']} on {who['host']} (process {int(who['process'])}, since {who['since']})"[:200]
        except (OSError, ValueError, KeyError, TypeError):
            return "somebody else"


def _me() -> dict[str, object]:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name
        user = "somebody"
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")
    return {"user": user, "host": platform.node(), "process": os.getpid(), "since": since}
