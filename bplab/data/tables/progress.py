"""How far reading has come: told to whoever waits, and may stop it by raising an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Advance: TypeAlias = Callable[[float], None]  # takes the share that is done, 0 to 1


def unwatched(_done: float) -> None:
    """Tell nobody."""
