"""What differs between systems, each as it is elsewhere too."""

import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from bplab import system

POSIX = pytest.mark.skipif(system.IS_WINDOWS, reason="as POSIX has it")


@pytest.fixture
def calls(monkeypatch):
    found = []
    monkeypatch.setattr(os, "setpriority", lambda *what: found.append(what), raising=False)
    monkeypatch.setattr(os, "nice", found.append, raising=False)
    return found


def test_on_linux_one_thread_gives_way(calls, monkeypatch):
    monkeypatch.setattr(system, "IS_LINUX", True)
    system.give_way()
    assert calls == [(os.PRIO_PROCESS, threading.get_native_id(), system.NICE)]


@pytest.mark.parametrize(
    ("is_windows", "is_all", "expected"), [(False, True, [10]), (False, False, []), (True, True, [])]
)
def test_elsewhere_a_process_gives_way_as_a_whole_or_not_at_all(calls, monkeypatch, is_windows, is_all, expected):
    monkeypatch.setattr(system, "IS_LINUX", False)
    monkeypatch.setattr(system, "IS_WINDOWS", is_windows)
    system.give_way(is_all)
    assert calls == expected


@pytest.mark.skipif(not system.IS_LINUX, reason="threads have numbers on Linux")
def test_only_the_thread_that_asks_gives_way():
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before, inside, child = niceness(), [], []

    def work():
        system.give_way()
        inside.append(niceness())
        helper = threading.Thread(target=lambda: child.append(niceness()))
        helper.start()
        helper.join()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert niceness() == before
    assert inside == child == [system.NICE]


@POSIX
def test_a_process_is_there_until_it_has_ended():
    assert system.is_running(os.getpid())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not system.is_running(ended.pid)


def test_on_windows_nobody_is_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    assert system.is_running(os.getpid()) is None
    system.sync_folder(tmp_path / "there is no such folder")
    system.give_owner(tmp_path, SimpleNamespace(st_uid=-5, st_gid=-5))


@POSIX
def test_a_folder_that_is_not_there_cannot_be_waited_for(tmp_path):
    system.sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        system.sync_folder(tmp_path / "gone")


@pytest.mark.parametrize(
    ("is_linux", "variables", "has_screen", "is_x"),
    [
        (True, {}, False, True),
        (True, {"DISPLAY": ":0"}, True, True),
        (True, {"WAYLAND_DISPLAY": "wayland-0"}, True, False),
        (True, {"QT_QPA_PLATFORM": "offscreen"}, True, False),
        (False, {}, True, False),
    ],
)
def test_a_screen_is_known_by_the_environment(monkeypatch, is_linux, variables, has_screen, is_x):
    monkeypatch.setattr(system, "IS_LINUX", is_linux)
    for name in system.SCREENS:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (system.has_screen(), system.uses_x11()) == (has_screen, is_x)


def test_free_memory_is_a_number_of_bytes(monkeypatch):
    assert system.free_memory() > 2**20
    monkeypatch.setattr(system, "IS_LINUX", False)
    assert system.free_memory() > 2**20
