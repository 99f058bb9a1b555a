"""Drawing needs an application of Qt, also where there is no screen."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication

from bplab.system import has_screen

_kept: list[QGuiApplication] = []  # an application that nobody holds is gone


def ensure_application() -> None:
    """Make an application unless there is one; without a screen it draws into memory alone."""
    if QGuiApplication.instance() is None:
        if not has_screen():
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _kept.append(QGuiApplication(sys.argv[:1]))
