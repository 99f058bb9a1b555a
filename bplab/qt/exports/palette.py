"""A theme's colours as charts name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bplab.qt.theme import Theme


def palette(theme: Theme) -> dict[str, str]:
    """Return colours as "#rrggbb" by the names that `bplab.exports.chart` knows."""
    named = {"ground": theme.panel, "negative": theme.diverging[0], "positive": theme.diverging[-1]}
    named |= {name: getattr(theme, name) for name in ("text", "muted", "line", "idle", "background")}
    return named | {f"color{k}": color for k, color in enumerate(theme.classes)}
