"""Copies of unsaved work: the newest whole one is found, and none is lost or offered twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from bplab.experiment import recovery
from bplab.experiment.recovery import GENERATIONS, Session, left_behind
from bplab.experiment.storage import Stamp

LEAVE = """
import sys, pathlib
from bplab.experiment.recovery import Session
session = Session(pathlib.Path(sys.argv[1]))
assert session.begin()
for number in range(int(sys.argv[2])):
    session.write([b"copy %d" % number], pathlib.Path("/home/me/a.bplab"), None, b"png")
print(session.folder, flush=True)
input()
"""


@pytest.fixture
def elsewhere(tmp_path):
    """Start a process that writes copies, and return it with its folder."""
    started = []

    def start(copies=1):
        process = subprocess.Popen(
            [sys.executable, "-c", LEAVE, str(tmp_path), str(copies)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def killed(process):
    process.kill()
    process.wait()


def test_what_a_killed_program_left_is_found_but_not_what_a_living_one_has(tmp_path, elsewhere):
    process, folder = elsewhere(5)
    assert left_behind(tmp_path) == []
    killed(process)
    (copy,) = left_behind(tmp_path)
    assert (copy.folder, copy.name) == (folder, "a.bplab")
    assert copy.file.read_bytes() == b"copy 4"
    assert copy.picture.read_bytes() == b"png"
    assert len(list(folder.glob("*.bplab"))) == GENERATIONS


def test_a_copy_without_what_is_known_of_it_is_passed_over(tmp_path, elsewhere):
    process, folder = elsewhere(3)
    killed(process)
    newest = max(folder.glob("*.json"))
    newest.write_bytes(b"{")
    (copy,) = left_behind(tmp_path)
    assert copy.file.read_bytes() == b"copy 1"


def test_numbers_count_not_clocks(tmp_path, monkeypatch):
    session = Session(tmp_path)
    session.begin()
    for number in range(12):
        monkeypatch.setattr(recovery, "_now", lambda year=2030 - number: f"{year}-01-01 00:00:00")
        session.write([b"%d" % number], None, None, None)
    session.end(keep=True)
    (copy,) = left_behind(tmp_path)
    assert copy.file.read_bytes() == b"11"
    assert copy.name == "Untitled"


def test_a_session_that_goes_on_with_anothers_copies_loses_none(tmp_path, elsewhere):
    process, folder = elsewhere(2)
    killed(process)
    session = Session(tmp_path, folder)
    assert session.begin()
    assert left_behind(tmp_path) == []
    session.write([b"more"], None, Stamp(1, 2, "3"), None)
    session.end(keep=True)
    (copy,) = left_behind(tmp_path)
    assert copy.file.read_bytes() == b"more"
    assert copy.about.original == (1, 2, "3")


def test_a_session_that_another_process_has_cannot_be_taken(tmp_path, elsewhere):
    _, folder = elsewhere()
    assert not Session(tmp_path, folder).begin()


def test_what_is_saved_leaves_nothing(tmp_path):
    session = Session(tmp_path)
    session.begin()
    session.write([b"1"], None, None, b"png")
    session.clear()
    assert left_behind(tmp_path) == []
    session.end()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_of_a_session_that_died_early_is_tidied_away(tmp_path, elsewhere):
    process, folder = elsewhere(0)
    killed(process)
    assert left_behind(tmp_path) == []
    assert not folder.exists()


def test_no_folder_at_all_is_no_error(tmp_path):
    assert left_behind(tmp_path / "nowhere") == []
