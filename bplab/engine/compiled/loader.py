"""Gets the compiled code: from the cache on disk, or compiled by another process while numpy trains.

Another process, because compiling takes most of a minute and would hold this one's interpreter; and because it may go
on when the program ends.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bplab.errors import BplabError
from bplab.resources import cache_folder
from bplab.system import is_running

if TYPE_CHECKING:
    from collections.abc import Callable

DTYPES = ("float64", "float32")
LONGEST_COMPILATION_S = 300

_lock = threading.Lock()
_kernels: dict[str, Callable[..., None]] = {}
loads_by_itself = True  # a window sets it to False: loading would hold it up, unless `preload` does it when it is idle
_is_broken = False
_compiler: subprocess.Popen[bytes] | None = None


@cache
def is_installed() -> bool:
    """Tell whether numba is there."""
    return importlib.util.find_spec("numba") is not None


def is_cached(dtype: str = "float64") -> bool:
    """Tell whether the compiled code is on disk, so that it is loaded in less than a second."""
    return is_installed() and _stamp(dtype).exists()


def kernel(dtype: str = "float64", wait: bool = False) -> Callable[..., None] | None:
    """Return the compiled `run`, or None while it is not ready.

    Parameters
    ----------
    dtype : str
        "float64" or "float32".
    wait : bool
        Wait until it is ready, which may take a minute.

    Raises
    ------
    BplabError
        With `wait`, if there is no compiled path on this machine.
    """
    if dtype in _kernels:
        return _kernels[dtype]
    if not (wait or loads_by_itself):
        return None
    if not is_installed():
        if wait:
            raise BplabError("The compiled path needs numba.", "Install it: pip install 'bplab[fast]'")
        return None
    with _lock:
        if not is_cached(dtype):
            _compile_elsewhere(dtype, wait)
        return _load(dtype) if is_cached(dtype) else None


def is_ready(dtype: str = "float64") -> bool:
    """Tell whether the compiled code can be used; outside a window, wait for it.

    A run must not depend on when the compiler was done: the same command gives the same bits. Where the code cannot be
    compiled it is never ready.
    """
    global _is_broken
    if _is_broken:
        return False
    try:
        return kernel(dtype, wait=loads_by_itself and is_installed()) is not None
    except BplabError:
        _is_broken = True
        return False


def preload(dtype: str = "float64", then: Callable[[], object] = lambda: None) -> threading.Thread:
    """Get the compiled code in a thread of its own; only loading it, a moment at the end, holds other threads up.

    Parameters
    ----------
    then : callable
        Is called in that thread, when the code is there or cannot be had.
    """
    thread = threading.Thread(target=_preload, args=(dtype, then), name="preload", daemon=True)
    thread.start()
    return thread


def _preload(dtype: str, then: Callable[[], object]) -> None:
    with suppress(BplabError):
        kernel(dtype, wait=True)
    then()


def fill_cache() -> None:
    """Compile everything in this process, the usual type first, and note what is done; once at a time on a machine."""
    if not _is_first():
        return
    try:
        for dtype in DTYPES:
            _run_module().compile_for(dtype)
            _stamp(dtype).touch()
    finally:
        _lock_file().unlink(missing_ok=True)


def _is_first() -> bool:
    """Tell whether no other process compiles; else wait until that one has done it, or has ended without."""
    while True:
        try:
            with _lock_file().open("x") as lock:
                lock.write(str(os.getpid()))
        except FileExistsError:
            if all(map(is_cached, DTYPES)):
                return False
            if not _is_compiling():
                _lock_file().unlink(missing_ok=True)
            time.sleep(0.1)
        else:
            return True


def _is_compiling() -> bool:
    """Tell whether the process that holds the lock is still at it."""
    try:
        age, holder = time.time() - _lock_file().stat().st_mtime, _lock_file().read_text()
    except FileNotFoundError:
        return False
    is_there = is_running(int(holder)) if holder.isdigit() else None
    return age < LONGEST_COMPILATION_S if is_there is None else is_there


def begin(dtype: str = "float64") -> None:
    """Let the code be compiled elsewhere, if it is not there: a run will want it soon."""
    if loads_by_itself and is_installed() and dtype not in _kernels:
        with _lock:
            if not is_cached(dtype):
                _compile_elsewhere(dtype, wait=False)


def _compile_elsewhere(dtype: str, wait: bool) -> None:
    global _compiler
    if _compiler is None and not _is_compiling():
        command, nowhere = [sys.executable, "-m", "bplab.engine.compiled"], subprocess.DEVNULL
        _compiler = subprocess.Popen(command, cwd=_package_parent(), stdin=nowhere, stdout=nowhere, stderr=nowhere)
    while wait and not is_cached(dtype) and (_is_compiling() or (_compiler is not None and _compiler.poll() is None)):
        time.sleep(0.05)
    if wait and not is_cached(dtype):
        raise BplabError("numba could not compile the compiled path.", "Train with the path 'numpy'.")


def _load(dtype: str) -> Callable[..., None]:
    module = _run_module()
    module.compile_for(dtype)  # quick, if another thread has just done it
    _kernels[dtype] = module.run
    return _kernels[dtype]


def _run_module() -> Any:
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_folder()))
    from bplab.engine.compiled.kernels import run

    return run


@cache
def _folder() -> Path:
    folder = cache_folder() / "compiled" / _fingerprint()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _lock_file() -> Path:
    return _folder() / "is being compiled"


def _stamp(dtype: str) -> Path:
    return _folder() / f"{dtype} is complete"


def _fingerprint() -> str:
    """Name everything that the compiled code depends on."""
    sources = sorted(Path(__file__).parent.glob("kernels/*.py"))
    versions = [importlib.metadata.version(name) for name in ("numba", "llvmlite")]
    where = [sys.version, platform.machine(), platform.node(), str(Path(__file__).parent)]
    # numba looks at the time of a file, and compiles again if it has changed.
    times = [str(path.stat().st_mtime_ns) for path in sources]
    parts = [*(path.read_bytes() for path in sources), *(text.encode() for text in versions + where + times)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _package_parent() -> Path:
    return Path(__file__).parents[3]
