"""The short forms of the soaks of failing saves, and that they find what they look for."""

import shutil

import pytest

from tests.soak.full_disk import PAGE, can_mount
from tests.soak.full_disk import soak as on_a_full_disk

needs_disk = pytest.mark.skipif(not can_mount(), reason="a small disk cannot be mounted here")
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")


@needs_disk
def test_a_full_disk_leaves_the_old_file_and_says_so():
    tried, saved, findings = on_a_full_disk(PAGE)
    assert findings == []
    assert 0 < saved < tried


@needs_disk
def test_writing_in_place_is_found_on_a_full_disk():
    assert on_a_full_disk(PAGE, plant="in-place")[2]


@needs_strace
def test_a_call_that_fails_leaves_the_old_file_and_says_so():
    from tests.soak.system_calls import soak

    count, findings = soak(ways=("EIO",), only=("rename", "fsync", "write"))
    assert count >= 4
    assert findings == []


@needs_strace
@pytest.mark.parametrize("bug", ["in-place", "silent", "no-fsync"])
def test_a_planted_bug_is_found(bug):
    from tests.soak.system_calls import soak

    assert soak(bug, ways=("EIO",), only=("write",))[1]
