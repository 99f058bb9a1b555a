"""The zip that a .bplab file is: members by their names, and no trust in what it says about itself."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from bplab.errors import FileError
from bplab.experiment.header import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bplab.experiment.storage import Piece

DOCUMENT = "experiment.json"
MOST_MEMBERS = 2000
QUICKLY = 1  # the level of packing: others take five times as long for a tenth less
_STAMP = (1980, 1, 1, 0, 0, 0)  # equal experiments give equal files


class _Pieces:
    """A file in memory that keeps what is written as it is.

    Copying it into one piece would hold the interpreter, and with it the window, for ten milliseconds and more.
    """

    def __init__(self) -> None:
        self.by_place: dict[int, Piece] = {}
        self._place = 0

    def write(self, piece: Piece) -> int:
        if piece:
            self.by_place[self._place] = piece  # in the place of what was there: zipfile writes a header twice
            self._place += len(piece)
        return len(piece)

    def seek(self, place: int) -> int:
        self._place = place
        return place

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        pass


def pack(members: Mapping[str, Piece]) -> tuple[Piece, ...]:
    """Return a zip of these members, in pieces; arrays are stored as they are, text is deflated."""
    pieces = _Pieces()
    with zipfile.ZipFile(cast("IO[bytes]", pieces), "w") as archive:
        for name, content in members.items():
            packed = zipfile.ZIP_STORED if name.endswith(".bin") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, packed, QUICKLY)
    return tuple(pieces.by_place.values())


class Archive:
    """The members of a file; `name` is the file's, for messages."""

    def __init__(self, name: str, members: zipfile.ZipFile) -> None:
        self.name = name
        self._members = members
        self.names = members.namelist()
        if len(set(self.names)) != len(self.names):
            raise damaged(name, "two of its members have the same name")
        if DOCUMENT not in self.names:
            raise FileError(f"{name} is a zip file, but not a bplab experiment.", "Choose a file saved by bplab.")

    def __contains__(self, member: str) -> bool:
        return member in self.names

    def read(self, member: str, cap: int) -> bytes:
        """Return a member's content, never taking in more than `cap` bytes of it; FileError if it has more."""
        if member not in self.names:
            raise damaged(self.name, f"{member} is missing")
        if self._members.getinfo(member).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(self.name, f"{member} is packed in a way that bplab does not use")
        try:
            with self._members.open(member) as stream:
                content = stream.read(cap + 1)
        except FAULTS as error:
            raise damaged(self.name, f"{member} cannot be read ({str(error)[:100]})") from None
        if len(content) > cap:
            raise damaged(self.name, f"{member} is larger than it may be")
        return content

    def stored_size(self, member: str) -> int:
        """Return how many bytes of the file are a member that is not packed; -1 where there is none."""
        found = self._members.NameToInfo.get(member)
        plain = found is not None and found.compress_type == zipfile.ZIP_STORED
        return found.file_size if plain and found is not None else -1


@contextmanager
def opened(name: str, content: bytes) -> Iterator[Archive]:
    """Yield the members of a file's content; a FileError says what is wrong with them."""
    if not content:
        raise damaged(name, "it is empty")
    if not content.startswith(b"PK"):
        raise FileError(f"{name} is not a bplab experiment.", "Choose a file saved by bplab.")
    if _count(content) > MOST_MEMBERS:  # before anything is made for each of them
        raise damaged(name, "it holds too many members")
    try:
        members = zipfile.ZipFile(io.BytesIO(content))
    except FAULTS as error:
        raise damaged(name, f"it is cut off, or its directory cannot be read ({str(error)[:100]})") from None
    with members:
        yield Archive(name, members)


def _count(content: bytes) -> int:
    """Return how many members the zip's last record promises; see PKWARE's APPNOTE.TXT, 4.3.16."""
    place = content.rfind(_END, max(0, len(content) - 2**16 - 22))
    if place < 0 or len(content) < place + 12:
        return 0
    return int(struct.unpack_from("<H", content, place + 10)[0])


_END = b"PK\x05\x06"
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    struct.error,
    LookupError,
    MemoryError,
)
