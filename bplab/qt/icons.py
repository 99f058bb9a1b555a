"""Icons in the colours of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import qtawesome

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon


def icon(name: str, color: str) -> QIcon:
    """Return the icon of that name of the Material Design set in a colour, "#rrggbb"."""
    found: QIcon = qtawesome.icon(name, color=color)
    return found
