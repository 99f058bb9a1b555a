"""What an export declares, and the files that it makes."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bplab.catalogue import Entry
from bplab.errors import BplabError
from bplab.experiment.storage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bplab.exports.subject import Subject

Files = dict[str, bytes]
PIP_NAMES = {"PIL": "pillow", "imageio_ffmpeg": "imageio-ffmpeg"}


class MissingPackageError(BplabError):
    """A package that is not installed with bplab itself."""


@dataclass(frozen=True, kw_only=True)
class Export(Entry):
    """A form in which an experiment leaves bplab.

    Parameters
    ----------
    ending : str
        What follows the experiment's name in the usual name of the file, such as ``"-weights.csv"``.
    make : callable
        ``make(subject, stem)`` gives the content of each file by its name; every name begins with `stem`.
    """

    ending: str
    make: Callable[[Subject, str], Files]

    @property
    def suffix(self) -> str:
        """The kind of file, such as ".csv"."""
        return self.ending[self.ending.rindex(".") :]

    def files(self, subject: Subject, path: Path) -> dict[Path, bytes]:
        """Return the content of each file by its place; `path` names the first, its suffix is added if need be."""
        stem = path.name.removesuffix(self.suffix) or path.name
        return {path.parent / name: content for name, content in self.make(subject, stem).items()}


def save(files: Mapping[Path, bytes]) -> None:
    """Write all files, each whole or not at all; FileError says which one could not be written."""
    for path, content in files.items():
        write_atomically(path, content)


def package(name: str, purpose: str) -> Any:
    """Return a package that not everybody needs: of the extras ``export`` and ``record``.

    Raises
    ------
    MissingPackageError
        If it is not installed; `purpose` says what it was needed for.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.partition(".")[0]
        message = f"{purpose} needs the package '{top}', which is not installed."
        raise MissingPackageError(message, f"Install it with: pip install {PIP_NAMES.get(top, top)}") from None
