"""The one place that knows where resources/ is, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from bplab.errors import FileError

_PACKAGE = Path(__file__).parent


def path(*parts: str) -> Path:
    """Return the path of a shipped file or folder, such as ``path("data", "iris.csv")``.

    Raises
    ------
    FileError
        If the installation does not have it.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        found = root.joinpath(*parts)
        if found.exists():
            return found
    raise FileError(f"bplab's own file {'/'.join(parts)} is missing.", "Install bplab again.")
