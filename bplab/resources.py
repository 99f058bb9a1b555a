"""The one place that knows where the files that come with bplab are, and where it may keep files of its own."""

from __future__ import annotations

import os
from pathlib import Path

from bplab.errors import FileError

_PACKAGE = Path(__file__).parent


def path(*parts: str) -> Path:
    """Return the path of a resource, for example ``path("data", "iris.csv")``.

    Raises
    ------
    FileError
        If this installation does not have it.
    """
    found = _root().joinpath(*parts)
    if not found.exists():
        raise FileError(f"bplab's own file '{'/'.join(parts)}' is missing.", "Install bplab again.")
    return found


def cache_folder() -> Path:
    """Return the folder of the user for what can be made again; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("bplab", appauthor=False))


def state_folder() -> Path:
    """Return the folder of the user for what has to outlive the program; it may not exist yet.

    The environment variable BPLAB_STATE names another one.
    """
    import platformdirs

    chosen = os.environ.get("BPLAB_STATE")
    return Path(chosen) if chosen else Path(platformdirs.user_state_dir("bplab", appauthor=False))


def _root() -> Path:
    packaged = _PACKAGE / "_resources"  # in a wheel; a checkout keeps them beside the package
    return packaged if packaged.is_dir() else _PACKAGE.parent / "resources"
