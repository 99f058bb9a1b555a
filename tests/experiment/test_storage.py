"""Writing: the old file or the new one, whole, with a reason in words."""

import errno
import os
import stat
import sys

import pytest

from bplab.errors import FileError
from bplab.experiment import storage
from bplab.experiment.storage import ChangedError, check_unchanged, stamp_of, write_atomically

needs_root = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root may give files away")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")


def only(folder):
    return [path.name for path in folder.iterdir()]


def test_what_is_written_is_there_with_its_stamp(tmp_path):
    path = tmp_path / "a"
    stamp = write_atomically(path, b"hello")
    assert path.read_bytes() == b"hello"
    assert stamp == stamp_of(path, b"hello")
    check_unchanged(path, stamp)
    assert only(tmp_path) == ["a"]


@pytest.mark.parametrize("name", ["-x", ".hidden", "a b", "ä€𝄞", "x" * 250, "a'b\"c"])
def test_odd_names_are_names(tmp_path, name):
    write_atomically(tmp_path / name, b"1")
    write_atomically(tmp_path / name, b"2")
    assert (tmp_path / name).read_bytes() == b"2"
    assert only(tmp_path) == [name]


def failing(monkeypatch, name, code):
    """Let a system call fail."""

    def fail(*_args, **_more):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(name, fail)


REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EIO: "the disk reports a fault",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "it may not be written",
}


@pytest.mark.parametrize("call", ["os.open", "os.fsync", "pathlib.Path.replace", "pathlib.Path.chmod"])
@pytest.mark.parametrize("code", REASONS)
def test_whatever_fails_leaves_the_old_file_and_says_why(tmp_path, monkeypatch, call, code):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    failing(monkeypatch, call, code)
    with pytest.raises(FileError, match=f"a could not be saved: {REASONS[code]}. What was there before is unchanged."):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert only(tmp_path) == ["a"]


def test_what_cannot_be_read_back_is_not_taken_for_saved(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    real = storage._fill
    monkeypatch.setattr(storage, "_fill", lambda handle, content: real(handle, content[:-1]))
    with pytest.raises(FileError, match="could not be read back"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert only(tmp_path) == ["a"]


def test_a_folder_that_is_gone_and_a_name_that_is_a_folder_are_refused(tmp_path):
    with pytest.raises(FileError, match="its folder is gone"):
        write_atomically(tmp_path / "nowhere" / "a", b"1")
    (tmp_path / "b").mkdir()
    with pytest.raises(FileError, match="it is not a file"):
        write_atomically(tmp_path / "b", b"1")
    with pytest.raises(FileError, match="its name is too long"):
        write_atomically(tmp_path / ("x" * 300), b"1")
    assert only(tmp_path) == ["b"]


@POSIX
def test_links_and_permissions_are_kept(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


@POSIX
def test_a_new_file_has_the_permissions_that_the_users_mask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"1")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@POSIX
def test_what_replaces_a_private_file_is_never_readable_by_others(tmp_path, monkeypatch):
    path, modes = tmp_path / "a", []
    path.write_bytes(b"old")
    path.chmod(0o600)
    real = storage._fill

    def fill(handle, content):
        modes.append(os.fstat(handle).st_mode & 0o777)
        real(handle, content)

    monkeypatch.setattr(storage, "_fill", fill)
    write_atomically(path, b"new")
    assert modes == [0o600]


@needs_root
def test_owner_and_group_are_kept(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)
    path.chmod(0o660)
    write_atomically(path, b"new")
    there = path.stat()
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (1234, 5678, 0o660)


@needs_root
def test_who_may_not_give_a_file_away_keeps_its_group(tmp_path, monkeypatch):
    path, tried = tmp_path / "a", []
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)

    def chown(_file, owner, group):
        tried.append((owner, group))
        if owner != -1:
            raise PermissionError(errno.EPERM, "")

    monkeypatch.setattr(os, "chown", chown)
    write_atomically(path, b"new")
    assert tried == [(1234, 5678), (-1, 5678)]


@POSIX
@pytest.mark.parametrize("name", ["loop", "nul\0", "\ud800"])
def test_what_cannot_be_a_file_is_refused_in_words(tmp_path, name):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(FileError, match="it is a link to itself|no file can have such a name"):
        write_atomically(tmp_path / name, b"1")
    assert only(tmp_path) == ["loop"]


@POSIX
def test_a_link_that_points_nowhere_gets_its_file(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"1")
    assert (tmp_path / "real").read_bytes() == b"1"
    assert (tmp_path / "link").is_symlink()


@POSIX
def test_a_folder_that_reports_a_fault_is_told_but_one_that_cannot_be_synced_is_none(tmp_path, monkeypatch):
    path, real = tmp_path / "a", os.fsync

    def fail(code):
        def fsync(handle):
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise OSError(code, os.strerror(code))
            real(handle)

        monkeypatch.setattr(os, "fsync", fsync)

    fail(errno.EINVAL)
    write_atomically(path, b"1")
    fail(errno.EIO)
    with pytest.raises(FileError, match="a was saved, but perhaps not for good: the disk reports a fault"):
        write_atomically(path, b"2")
    assert path.read_bytes() == b"2"


@POSIX
def test_a_pipe_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="it is not a file"):
        write_atomically(tmp_path / "pipe", b"new")


def test_another_programs_change_is_seen_and_a_touch_is_not_one(tmp_path):
    path = tmp_path / "a"
    stamp = write_atomically(path, b"mine")
    os.utime(path, ns=(1, 1))
    check_unchanged(path, stamp)
    path.write_bytes(b"theirs")
    with pytest.raises(ChangedError, match="a was changed on disk"):
        check_unchanged(path, stamp)
    path.unlink()
    check_unchanged(path, stamp)
    assert stamp_of(path, b"") is None


def test_what_a_killed_save_left_goes_with_a_later_one_but_a_living_ones_stays(tmp_path):
    old, living = tmp_path / ".bplab-old.tmp", tmp_path / ".bplab-living.tmp"
    for file in (old, living):
        file.write_bytes(b"half")
    os.utime(old, (1, 1))
    write_atomically(tmp_path / "a", b"1")
    assert sorted(only(tmp_path)) == [".bplab-living.tmp", "a"]


def test_a_file_is_written_in_pieces(tmp_path):
    pieces, path = (b"ab", memoryview(b"cde"), b"", memoryview(bytes(2 * storage.CHUNK + 1))), tmp_path / "a"
    stamp = write_atomically(path, *pieces)
    content = b"".join(pieces)
    assert path.read_bytes() == content
    assert stamp == stamp_of(path, content)


@pytest.mark.parametrize("there", [b"abcdX", b"abcd", b"abcdef", b"Xbcde", b""])
def test_what_differs_from_its_pieces_is_noticed(tmp_path, there):
    path, pieces = tmp_path / "a", (b"ab", memoryview(b"cde"))
    path.write_bytes(there)
    assert not storage._holds(path, pieces)
    path.write_bytes(b"abcde")
    assert storage._holds(path, pieces)
