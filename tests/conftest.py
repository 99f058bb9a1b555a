"""What all tests share: an offscreen Qt, and no thread or timer left running."""

from __future__ import annotations

import os
import threading

import pytest

from bplab.engine.trainer import Trainer

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def numpy_path(monkeypatch):
    """Keep to one path, so that runs are alike whether the compiled code is ready or not; its own tests ask for it."""
    monkeypatch.setattr(Trainer, "usual_path", "numpy")


@pytest.fixture(autouse=True)
def own_state_folder(monkeypatch, tmp_path_factory):
    """Leave the user's own list of files, and copies of unsaved work, alone."""
    monkeypatch.setenv("BPLAB_STATE", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(autouse=True)
def no_thread_left_running():
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon]
    assert not left, f"threads left running: {left}"
