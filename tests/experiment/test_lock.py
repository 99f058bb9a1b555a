"""One owner at a time, who is told to others, and who leaves nothing behind."""

import os
import subprocess
import sys

import pytest

from bplab.experiment.lock import Lock

HOLD = """
import sys, pathlib
from bplab.experiment.lock import Lock
lock = Lock(pathlib.Path(sys.argv[1]))
assert lock.acquire()
print("held", flush=True)
input()
"""


@pytest.fixture
def elsewhere(tmp_path):
    """Another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "x.bplab")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_owner_is_told_and_the_lock_ends_with_its_process(tmp_path, elsewhere):
    lock = Lock(tmp_path / "x.bplab")
    assert not lock.acquire()
    assert f"process {elsewhere.pid}, since 2" in lock.owner
    elsewhere.kill()
    elsewhere.wait()
    assert lock.acquire()
    assert lock.owner == ""
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_taken_given_up_and_taken_again(tmp_path):
    lock = Lock(tmp_path / "x.bplab")
    for _ in range(3):
        assert lock.acquire()
        assert lock.is_held
        lock.release()
        assert not lock.is_held
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_says_nothing_useful_is_no_error(tmp_path, elsewhere):
    (tmp_path / ".x.bplab.owner").write_bytes(b"\xff[[")
    lock = Lock(tmp_path / "x.bplab")
    assert not lock.acquire()
    assert lock.owner == "somebody else"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_needs_no_lock(tmp_path):
    tmp_path.chmod(0o500)
    lock = Lock(tmp_path / "x.bplab")
    assert not lock.acquire()
    assert lock.owner == ""
    tmp_path.chmod(0o700)


def test_a_folder_that_is_gone_needs_no_lock(tmp_path):
    lock = Lock(tmp_path / "nowhere" / "x.bplab")
    assert not lock.acquire() or lock.is_held
    lock.release()


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
@pytest.mark.parametrize("kind", ["lock", "owner"])
def test_a_link_in_place_of_its_own_files_is_not_followed(tmp_path, kind):
    """Else a folder from somebody else could have any file of the user's overwritten by opening an experiment."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / f".x.bplab.{kind}").symlink_to(precious)
    lock = Lock(tmp_path / "x.bplab")
    lock.acquire()
    lock.release()
    assert precious.read_text() == "mine"
