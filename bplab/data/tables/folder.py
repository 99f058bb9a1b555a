"""A folder of small images, each class in a folder of its own: scaled to one size, in grey."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.data.tables.pictures import packed
from bplab.data.tables.progress import unwatched
from bplab.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from bplab.data.tables.progress import Advance

KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
SIDE = 16
MOST_BYTES = 8 * 2**20  # what travels inside an experiment's file
MOST_PIXELS = 50_000_000  # of one image, before it is scaled
MOST_CLASSES = 256


def read_folder(path: Path, side: int = SIDE, advance: Advance = unwatched) -> bytes:
    """Return the images in the folders of `path` as pictures of `side` x `side`; a folder's name is the class.

    Raises
    ------
    DataError
        If there are fewer than two classes with images, too many images, or one that cannot be read.
    """
    image = _pillow(path.name)
    classes = _classes(path)
    n = sum(map(len, classes.values()))
    if n * side * side > MOST_BYTES:
        most = MOST_BYTES // (side * side)
        raise DataError(
            f"{path.name} has {n:,} images; at most {most:,} of {side} x {side} can be used.", "Take fewer."
        )
    pictures = np.empty((n, side, side), dtype=np.uint8)
    labels: list[int] = []
    for label, files in enumerate(classes.values()):
        for file in files:
            pictures[len(labels)] = _read(image, file, side)
            labels.append(label)
            advance(len(labels) / n)
    return packed(pictures, labels, list(classes))


def _classes(path: Path) -> dict[str, list[Path]]:
    """Return the image files of each class, sorted."""
    found: dict[str, list[Path]] = {}
    try:
        folders = sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
        for folder in folders[: MOST_CLASSES + 1]:
            files = sorted(file for file in folder.iterdir() if file.suffix.lower() in KINDS and file.is_file())
            if files:
                found[" ".join(folder.name.split()) or "?"] = files
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", "Check the folder's permissions.") from error
    if not 2 <= len(found) <= MOST_CLASSES:
        raise DataError(
            f"{path.name} has {len(found) or 'no'} folder{'s' if len(found) != 1 else ''} with images.",
            f"Put the images of each class into a folder of its own, at least two and at most {MOST_CLASSES}.",
        )
    return found


def _read(image: Any, file: Path, side: int) -> np.ndarray:
    where = f"{file.parent.name}/{file.name}"
    try:
        with image.open(file) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise DataError(f"{where} has {opened.width} x {opened.height} pixels.", "Use a smaller image.")
            return np.asarray(opened.convert("L").resize((side, side), image.Resampling.BOX), dtype=np.uint8)
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - a foreign library says in many ways that a file is damaged
        raise DataError(f"{where} cannot be read: {str(error)[:80]}.", "Take it out of the folder.") from None


def _pillow(name: str) -> Any:
    try:
        return importlib.import_module("PIL.Image")
    except ImportError:
        raise DataError(f"{name} needs the package 'pillow'.", "Install it: pip install pillow") from None
