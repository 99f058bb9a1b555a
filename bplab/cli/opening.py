"""Opening the window; what would make Qt end the program is found out first."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bplab.errors import BplabError
from bplab.system import has_screen, uses_x11

if TYPE_CHECKING:
    from collections.abc import Iterator

QT_LIBRARIES = (
    "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 fonts-dejavu-core "
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1"
)


def open_window(path: Path | None) -> None:
    """Open the window and leave the program when it is closed."""
    if path is not None and not path.exists():
        raise BplabError(f"{path} does not exist.", "Check the path, or make it with 'bplab new'.")
    with system_libraries("The window"):
        _check_screen()
        from bplab.qt.app import main
    _leave(main(path))


@contextmanager
def system_libraries(what: str) -> Iterator[None]:
    """Say which system library is missing for `what`, and how to get it."""
    try:
        yield
    except (ImportError, OSError) as error:
        if ".so" not in str(error):
            raise
        raise BplabError(f"{what} needs a system library: {error}.", f"On Debian: apt install {QT_LIBRARIES}") from None


def _leave(code: int) -> NoReturn:
    """End at once: all is written and closed, and to take Qt, numba and numpy apart would take most of a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _check_screen() -> None:
    """Find out first what would make Qt abort the program: no screen, or no library that its plugin for X needs."""
    if not has_screen():
        raise BplabError("There is no screen to open the window on.", "Start it on a desktop; see also 'bplab --help'.")
    if not uses_x11():
        return
    found = importlib.util.find_spec("PySide6")
    plugin = Path(found.origin if found and found.origin else "").parent / "Qt/plugins/platforms/libqxcb.so"
    if plugin.exists():
        ctypes.CDLL(str(plugin))
