"""Pictures of one size with labels: the IDX files of MNIST, and what a folder of images becomes.

An experiment keeps them as one piece: the IDX file of the pictures, that of the labels behind it, and behind that,
where the labels are names, a line for each in UTF-8. Source of the format: http://yann.lecun.com/exdb/mnist/
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.data.tables.reading import Reading
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.data.dataset import Floats

PICTURES, LABELS = b"\0\0\x08\x03", b"\0\0\x08\x01"  # unsigned bytes in three dimensions, and in one
LABEL = "label"
LARGEST_SIDE = 1024
PICTURES_HINT = "Choose the IDX file of the pictures, such as train-images-idx3-ubyte, or download it again."


class Idx(NamedTuple):
    """One IDX file: its numbers, and where it ends."""

    values: np.ndarray
    end: int


def is_idx(data: bytes) -> bool:
    """Tell whether this is an IDX file of any kind."""
    return data[:2] == b"\0\0" and len(data) >= 4 and data[2] in (8, 9, 11, 12, 13, 14) and 1 <= data[3] <= 4


def read_idx(name: str, data: bytes, magic: bytes, start: int = 0) -> Idx:
    """Return the numbers in an IDX file that begins at `start`.

    Raises
    ------
    DataError
        If it begins with another number than `magic`, or has fewer numbers than it says.
    """
    what = "pictures" if magic == PICTURES else "labels"
    found = data[start : start + 4]
    if found != magic:
        message = (
            f"{name} begins with the number 0x{found.hex() or '0'}; an IDX file of {what} begins with 0x{magic.hex()}."
        )
        raise DataError(message, PICTURES_HINT)
    dimensions = magic[3]
    begin = start + 4 + 4 * dimensions
    if len(data) < begin:
        raise DataError(f"{name} ends within its first {begin - start} bytes.", PICTURES_HINT)
    shape = struct.unpack_from(f">{dimensions}I", data, start + 4)
    size = 1
    for length in shape:
        size *= length
    there = len(data) - begin
    if size > there:
        says = f"{shape[0]:,} {what}" + (f" of {shape[1]} x {shape[2]}" if dimensions == 3 else "")
        raise DataError(f"{name} says that it holds {says}, {size:,} bytes; it has {there:,}.", PICTURES_HINT)
    if not size or max(shape[1:], default=1) > LARGEST_SIDE:
        raise DataError(f"{name} holds no {what}, or too large ones: {' x '.join(map(str, shape))}.", PICTURES_HINT)
    return Idx(np.frombuffer(data, np.uint8, size, begin).reshape(shape), begin + size)


def joined(pictures_name: str, pictures: bytes, labels_name: str, labels: bytes) -> bytes:
    """Return the one piece that an experiment keeps.

    Raises
    ------
    DataError
        If one of them is damaged, or there are not as many labels as pictures.
    """
    values, end = read_idx(pictures_name, pictures, PICTURES)
    marks, labels_end = read_idx(labels_name, labels, LABELS)
    if len(values) != len(marks):
        raise DataError(
            f"{pictures_name} has {len(values):,} pictures, {labels_name} {len(marks):,} labels.",
            "Choose two files that belong together.",
        )
    return pictures[:end] + labels[:labels_end]


def packed(pictures: np.ndarray, labels: Sequence[int], names: Sequence[str]) -> bytes:
    """Return as one piece pictures of shape (n, rows, columns), numbers from 0 to 255, and the name of each label."""
    head = PICTURES + struct.pack(">3I", *pictures.shape)
    marks = LABELS + struct.pack(">I", len(labels)) + bytes(labels)
    return head + pictures.astype(np.uint8).tobytes() + marks + "\n".join(names).encode()


@dataclass(frozen=True, eq=False)
class PictureRows:
    """Pictures as rows of pixels, and the label; as `delimited.TextRows`."""

    pixels: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    header: list[str]
    reading: Reading
    header_line: int = 0
    skipped: tuple[tuple[int, str], ...] = ()

    @property
    def all_numbers(self) -> bool:
        """Whether every cell is a finite number."""
        return not self.names

    def __len__(self) -> int:
        return len(self.pixels)

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows as text."""
        rows = self.pixels[:count].astype(int).tolist()
        return [[*map(str, row), label] for row, label in zip(rows, self._label_texts(count), strict=True)]

    def texts(self, place: int) -> list[str]:
        """Return a column as text."""
        if place == self.pixels.shape[1]:
            return self._label_texts(len(self))
        return list(map(str, self.pixels[:, place].tolist()))

    def _label_texts(self, count: int) -> list[str]:
        labels = self.labels[:count].tolist()
        return [self.names[label] for label in labels] if self.names else list(map(str, labels))

    def numbers(self, place: int) -> Floats:
        """Return a column as numbers, shape (rows,), NaN where a cell is none."""
        if place < self.pixels.shape[1]:
            return self.pixels[:, place].astype(np.float64)
        return np.full(len(self), np.nan) if self.names else self.labels.astype(np.float64)

    def matrix(self, places: Sequence[int]) -> Floats:
        """Return columns as numbers, shape (rows, columns)."""
        width = self.pixels.shape[1]
        if list(places) == list(range(width)):
            return self.pixels.astype(np.float64)
        if all(place < width for place in places):
            return self.pixels[:, list(places)].astype(np.float64)
        return np.column_stack([self.numbers(place) for place in places])

    def line(self, row: int) -> int:
        """Return the number of a picture, from 1."""
        return row + 1


def read_pictures(name: str, data: bytes, reading: Reading) -> PictureRows:
    """Return the rows of what `joined` or `packed` made.

    Raises
    ------
    DataError
        If it is damaged.
    """
    values, end = read_idx(name, data, PICTURES)
    labels, end = read_idx(name, data, LABELS, end)
    try:
        names = tuple(data[end:].decode().split("\n")) if end < len(data) else ()
    except UnicodeDecodeError:
        raise DataError(f"{name} has names of classes that are no text.", PICTURES_HINT) from None
    if len(labels) != len(values) or (names and int(labels.max()) >= len(names)):
        raise DataError(f"{name} has pictures and labels that do not belong together.", PICTURES_HINT)
    n, rows, columns = values.shape
    header = [*(f"p{row}_{column}" for row in range(rows) for column in range(columns)), LABEL]
    plain = Reading("utf-8", ",", ".", header=False, comment="", missing=(), ragged=reading.ragged, quote='"')
    return PictureRows(values.reshape(n, rows * columns), labels, names, header, plain)
