"""How much memory is free, as far as the system tells."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

UNKNOWN = 4 * 2**30


def free_memory() -> int:
    """Return the bytes that can be taken without taking them from others; 4 GB where the system does not tell."""
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "linux":
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
