"""The report, with pictures of the network in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.exports.report import page
from bplab.qt.exports.network_picture import svg
from bplab.qt.exports.palette import palette
from bplab.qt.theme import DARK, LIGHT

if TYPE_CHECKING:
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject


def html_file(subject: Subject, stem: str) -> Files:
    """Return the report as one page of HTML."""
    themes = {theme.name: theme for theme in (LIGHT, DARK)}
    pictures = {name: svg(subject, theme) for name, theme in themes.items()}
    return {f"{stem}.html": page(subject, pictures, {name: palette(theme) for name, theme in themes.items()})}
