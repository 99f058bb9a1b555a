"""The zip that a .bplab file is: members by their names, and no trust in what it says about itself."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bplab.errors import FileError
from bplab.experiment.header import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCUMENT = "experiment.json"
MOST_MEMBERS = 100_000
_STAMP = (1980, 1, 1, 0, 0, 0)  # equal experiments give equal files


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of these members; arrays are stored as they are, text is deflated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            packed = zipfile.ZIP_STORED if name.endswith(".bin") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, packed)
    return buffer.getvalue()


class Archive:
    """The members of a file; `name` is the file's, for messages."""

    def __init__(self, name: str, members: zipfile.ZipFile) -> None:
        self.name = name
        self._members = members
        names = members.namelist()
        if len(names) > MOST_MEMBERS or len(set(names)) != len(names):
            raise damaged(name, "it holds too many members, or two of the same name")
        if DOCUMENT not in names:
            raise FileError(f"{name} is a zip file, but not a bplab experiment.", "Choose a file saved by bplab.")

    def __contains__(self, member: str) -> bool:
        return member in self._members.namelist()

    def read(self, member: str, cap: int) -> bytes:
        """Return a member's content, never taking in more than `cap` bytes of it; FileError if it has more."""
        try:
            with self._members.open(member) as stream:
                content = stream.read(cap + 1)
        except KeyError:
            raise damaged(self.name, f"{member} is missing") from None
        if len(content) > cap:
            raise damaged(self.name, f"{member} is larger than it may be")
        return content


@contextmanager
def opened(name: str, content: bytes) -> Iterator[Archive]:
    """Yield the members of a file's content; whatever is wrong with them becomes a FileError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            yield Archive(name, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(name, f"it is cut off or is not a bplab file ({error})") from None
