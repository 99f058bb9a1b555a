"""How the compiled code is found, compiled elsewhere, and loaded: with a stand-in for the compiler."""

import os
import runpy
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from bplab import system
from bplab.engine.compiled import loader
from bplab.errors import BplabError


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache folder, and a compiler that only notes what it is asked for."""
    asked = []
    module = SimpleNamespace(compile_for=asked.append, run=lambda: None)
    monkeypatch.setattr(loader, "_folder", lambda: tmp_path)
    monkeypatch.setattr(loader, "_run_module", lambda: module)
    monkeypatch.setattr(loader, "_kernels", {})
    monkeypatch.setattr(loader, "_compiler", None)
    monkeypatch.setattr(loader, "_is_broken", False)
    return SimpleNamespace(folder=tmp_path, asked=asked, module=module)


class Compiler:
    """Stands in for the other process: it fills the cache at once, or ends without having done it."""

    def __init__(self, works):
        self.works, self.started = works, 0

    def __call__(self, command, **_):
        self.started += 1
        assert command[1:] == ["-m", "bplab.engine.compiled"]
        if self.works:
            loader.fill_cache()
        return SimpleNamespace(poll=lambda: 0)


def test_what_is_cached_is_loaded_once(cache):
    (cache.folder / "float64 is complete").touch()
    assert loader.kernel() is cache.module.run
    assert loader.kernel() is cache.module.run
    assert cache.asked == ["float64"]


def test_what_is_not_cached_is_compiled_elsewhere_once(cache, monkeypatch):
    compiler = Compiler(works=False)
    monkeypatch.setattr(loader.subprocess, "Popen", compiler)
    assert loader.kernel() is None
    assert loader.kernel("float32") is None
    assert compiler.started == 1
    loader.fill_cache()
    assert loader.kernel("float32") is cache.module.run


def test_waiting_gives_the_code(cache, monkeypatch):
    monkeypatch.setattr(loader.subprocess, "Popen", Compiler(works=True))
    assert loader.kernel("float32", wait=True) is cache.module.run
    assert not (cache.folder / "is being compiled").exists()


def test_waiting_goes_on_until_the_code_is_there(cache, monkeypatch):
    states = iter([None, None, 0, 0, 0])

    def poll():
        state = next(states)
        if state == 0:
            loader.fill_cache()
        return state

    monkeypatch.setattr(loader.subprocess, "Popen", lambda *_, **__: SimpleNamespace(poll=poll))
    assert loader.kernel(wait=True) is cache.module.run


def test_a_compiler_that_fails_is_told(cache, monkeypatch):
    monkeypatch.setattr(loader.subprocess, "Popen", Compiler(works=False))
    with pytest.raises(BplabError, match="could not compile.*path 'numpy'"):
        loader.kernel(wait=True)


def test_a_failure_leaves_the_way_free_for_the_next(cache):
    def fail(dtype):
        raise RuntimeError(dtype)

    cache.module.compile_for = fail
    with pytest.raises(RuntimeError):
        loader.fill_cache()
    cache.module.compile_for = cache.asked.append
    loader.fill_cache()
    assert cache.asked == ["float64", "float32"]


def test_a_second_compiler_waits_for_the_first(cache):
    (cache.folder / "is being compiled").touch()
    second = threading.Thread(target=loader.fill_cache)
    second.start()
    time.sleep(0.05)
    assert second.is_alive()
    for dtype in loader.DTYPES:
        (cache.folder / f"{dtype} is complete").touch()
    second.join(timeout=5)
    assert not second.is_alive()
    assert cache.asked == []


def test_a_compiler_that_died_long_ago_is_not_waited_for(cache):
    lock = cache.folder / "is being compiled"
    lock.touch()
    long_ago = time.time() - 2 * loader.LONGEST_COMPILATION_S
    os.utime(lock, (long_ago, long_ago))
    loader.fill_cache()
    assert cache.asked == ["float64", "float32"]


@pytest.mark.skipif(os.name != "posix", reason="a process is asked whether it lives")
def test_a_compiler_that_was_killed_is_not_waited_for(cache):
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    (cache.folder / "is being compiled").write_text(str(killed.pid))
    loader.fill_cache()
    assert cache.asked == ["float64", "float32"]


@pytest.mark.skipif(os.name != "posix", reason="a process is asked whether it lives")
@pytest.mark.parametrize("answer", [None, PermissionError])
def test_a_compiler_at_work_is_not_joined_by_another(cache, monkeypatch, answer):
    def kill(pid, number):
        if answer is not None:
            raise answer

    compiler = Compiler(works=True)
    monkeypatch.setattr(loader.subprocess, "Popen", compiler)
    monkeypatch.setattr(system.os, "kill", kill)
    (cache.folder / "is being compiled").write_text("12345")
    loader.begin()
    assert loader.kernel() is None
    assert compiler.started == 0


def test_beginning_starts_the_compiler_where_it_is_wanted(cache, monkeypatch):
    compiler = Compiler(works=True)
    monkeypatch.setattr(loader.subprocess, "Popen", compiler)
    monkeypatch.setattr(loader, "loads_by_itself", False)
    loader.begin()
    assert compiler.started == 0
    monkeypatch.setattr(loader, "loads_by_itself", True)
    loader.begin()
    loader.begin()
    assert compiler.started == 1
    assert loader.is_ready()
    loader.begin()


def test_what_cannot_be_compiled_is_tried_once(cache, monkeypatch):
    compiler = Compiler(works=False)
    monkeypatch.setattr(loader.subprocess, "Popen", compiler)
    assert not loader.is_ready()
    loader.fill_cache()
    assert not loader.is_ready()


def test_where_nobody_compiles_nobody_is_at_it(cache):
    assert not loader._is_compiling()


def test_the_module_fills_the_cache_and_gives_way_to_all_others(cache, monkeypatch):
    gave_way = []
    monkeypatch.setattr(system, "give_way", lambda is_all: gave_way.append(is_all))
    runpy.run_module("bplab.engine.compiled", run_name="__main__")
    assert loader.is_cached("float64")
    assert loader.is_cached("float32")
    assert gave_way == [True]


def test_every_change_of_the_sources_has_a_folder_of_its_own():
    assert loader._folder().name == loader._fingerprint()
    assert len(loader._fingerprint()) == 16


def test_preloading_gets_the_code_in_a_thread_of_its_own(cache, monkeypatch):
    monkeypatch.setattr(loader.subprocess, "Popen", Compiler(works=True))
    loader.preload().join(timeout=10)
    assert loader.kernel() is cache.module.run


def test_a_window_takes_only_what_was_preloaded(cache, monkeypatch):
    monkeypatch.setattr(loader, "loads_by_itself", False)
    (cache.folder / "float64 is complete").touch()
    assert loader.kernel() is None
    loader.preload().join(timeout=10)
    assert loader.kernel() is cache.module.run


def test_preloading_where_there_is_no_numba_is_nothing(monkeypatch):
    monkeypatch.setattr(loader, "is_installed", lambda: False)
    monkeypatch.setattr(loader, "_kernels", {})
    loader.preload().join(timeout=10)
    assert loader.kernel() is None
