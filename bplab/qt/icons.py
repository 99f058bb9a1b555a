"""Icons in the colours of the theme."""

from __future__ import annotations

import qtawesome
from PySide6.QtGui import QIcon


def icon(name: str, color: str) -> QIcon:
    """Return the icon of that name of the Material Design set in a colour, "#rrggbb"."""
    found: QIcon = qtawesome.icon(name, color=color)
    return found
