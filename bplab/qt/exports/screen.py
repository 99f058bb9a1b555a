"""Drawing needs an application of Qt, also where there is no screen."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication

SCREENS = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
_kept: list[QGuiApplication] = []  # an application that nobody holds is gone


def ensure_application() -> None:
    """Make an application unless there is one; without a screen it draws into memory alone."""
    if QGuiApplication.instance() is None:
        if sys.platform == "linux" and not any(os.environ.get(name) for name in SCREENS):
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _kept.append(QGuiApplication(sys.argv[:1]))
