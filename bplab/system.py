"""What differs between Linux, macOS and Windows."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from pathlib import Path

UNKNOWN = 4 * 2**30
IS_LINUX, IS_WINDOWS = sys.platform == "linux", sys.platform == "win32"
SCREENS = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
NICE = 10  # a tenth of the time that others have, where all want the same processor


def has_screen() -> bool:
    """Whether a window can be opened, as far as the system tells; also where the user chose to draw elsewhere."""
    return not IS_LINUX or any(os.environ.get(name) for name in SCREENS)


def uses_x11() -> bool:
    """Whether Qt will draw by its plugin for X, as far as the environment tells."""
    return IS_LINUX and not any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"))


def give_way(is_all: bool = False) -> None:
    """Let threads that somebody waits for go before the one that calls this, and before those that it starts.

    Elsewhere than on Linux a thread has no such number, and a priority of Qt does the same.

    Parameters
    ----------
    is_all : bool
        Whether the whole process is to give way.
    """
    if IS_LINUX:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    elif is_all and not IS_WINDOWS:
        os.nice(NICE)


def is_running(process: int) -> bool | None:
    """Tell whether a process is there; None where it cannot be asked without harm."""
    if IS_WINDOWS:
        return None
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; OSError if that fails. Windows has no such thing."""
    if IS_WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_owner(path: Path, like: os.stat_result) -> None:
    """Give a file the owner of another one, or at least its group, as far as this user may."""
    made = path.stat()
    if not IS_WINDOWS and (like.st_uid, like.st_gid) != (made.st_uid, made.st_gid):
        for owner in (like.st_uid, -1):  # who may not give a file away may still choose among their own groups
            with contextlib.suppress(OSError):
                os.chown(path, owner, like.st_gid)
                break


def free_memory() -> int:
    """Return the bytes that can be taken without taking them from others; 4 GB where the system does not tell."""
    try:
        if IS_WINDOWS:
            return _windows()
        if IS_LINUX:
            lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (OSError, ValueError, StopIteration, AttributeError):
        return UNKNOWN


def _windows() -> int:
    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *(
                (name, ctypes.c_ulonglong)
                for name in ("total", "free", "page_total", "page", "total_v", "free_v", "more")
            ),
        )

    status = Status()
    status.length = ctypes.sizeof(Status)
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.free)
