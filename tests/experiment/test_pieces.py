"""The zip of a file, made in pieces."""

import io
import zipfile
from typing import ClassVar
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from bplab.experiment import archive


class Whole(io.BytesIO):
    by_place: ClassVar[dict[int, bytes]] = {}


@given(st.dictionaries(st.sampled_from(["a.json", "b.bin", "c.csv", "d.bin"]), st.binary(max_size=300)))
def test_pieces_are_the_zip_that_zipfile_makes_of_one_file_and_arrays_are_not_copied(members):
    views = {name: memoryview(content) for name, content in members.items()}
    pieces, buffer = archive.pack(views), Whole()
    with mock.patch.object(archive, "_Pieces", return_value=buffer):
        archive.pack(views)
    assert b"".join(pieces) == buffer.getvalue()
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as found:
        assert {name: found.read(name) for name in found.namelist()} == members
    kept = [piece.obj for piece in pieces if isinstance(piece, memoryview)]
    arrays = [content for name, content in members.items() if name.endswith(".bin") and content]
    assert all(any(one is content for one in kept) for content in arrays)
