"""Draws a figure as SVG: text stays text, and nothing outside of the file is needed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from bplab.exports.axis import PAD, Axis
from bplab.exports.figure import averaged
from bplab.exports.markup import markup, shortened
from bplab.exports.png import png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bplab.exports.figure import Figure, Surface

WIDTH, HEIGHT = 640, 360  # pixels
LEFT, RIGHT, TOP, BOTTOM = 72, 20, 56, 52
LETTER_PX = 6.4  # how wide a letter of the legend is, on the average
SURFACE_ALPHA = 0.5
FONT = "system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif"


def chart(figure: Figure, palette: Mapping[str, str], ink: Callable[[str], str] | None = None) -> str:
    """Return a figure as an SVG element.

    Parameters
    ----------
    figure : Figure
    palette : mapping of str to str
        Colours as "#rrggbb" by name: ground, text, muted, line, idle, negative, positive, color0 to color9.
    ink : callable, optional
        What is written for the name of a colour; default: the palette's own.
    """
    return _Chart(figure, palette, ink or palette.__getitem__).svg()


class _Chart:
    def __init__(self, figure: Figure, palette: Mapping[str, str], ink: Callable[[str], str]) -> None:
        self.figure, self.palette, self.ink = figure, palette, ink
        self.x, self.y = _axes(figure)

    def svg(self) -> str:
        title = markup(self.figure.title)
        parts = [*self._heading(), *self._ticks(), *self._surface(), *self._points(), *self._curves(), *self._labels()]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{title}" '
            f'font-family="{FONT}" font-size="12">\n' + "\n".join(parts) + "\n</svg>\n"
        )

    def _text(self, x: float, y: float, text: str, color: str = "muted", more: str = "") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" fill="{self.ink(color)}"{more}>{markup(text)}</text>'

    def _heading(self) -> Iterator[str]:
        yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{self.ink("ground")}"/>'
        yield self._text(16, 24, self.figure.title, "text", ' font-size="15" font-weight="600"')
        place = float(LEFT)
        for name, color in self.figure.legend:
            name = shortened(name, 24)
            width = 24 + LETTER_PX * len(name)
            if place + width > WIDTH - RIGHT:
                yield self._text(place, 44, "…")
                break
            yield f'<circle cx="{place + 4:.1f}" cy="40" r="4" fill="{self.ink(color)}"/>'
            yield self._text(place + 12, 44, name)
            place += width

    def _ticks(self) -> Iterator[str]:
        right, bottom, line = WIDTH - RIGHT, HEIGHT - BOTTOM, self.ink("line")
        for value, text in self.y.ticks():
            y = self.y.place(value)
            yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{line}"/>'
            yield self._text(LEFT - 8, y + 4, text, more=' text-anchor="end"')
        for value, text in self.x.ticks():
            x = self.x.place(value)
            yield f'<path d="M{x:.1f} {bottom}v5" stroke="{line}"/>'
            yield self._text(x, bottom + 18, text, more=' text-anchor="middle"')

    def _labels(self) -> Iterator[str]:
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield self._text(middle, HEIGHT - 12, shortened(self.figure.x_label), more=' text-anchor="middle"')
        y = (TOP + HEIGHT - BOTTOM) / 2
        turned = f' text-anchor="middle" transform="rotate(-90 16 {y:.1f})"'
        yield self._text(16, y, shortened(self.figure.y_label, 40), more=turned)

    def _curves(self) -> Iterator[str]:
        for curve in self.figure.curves:
            rows = averaged(np.column_stack([curve.x, curve.y]))
            rows = rows[np.isfinite(rows).all(axis=1) & ((rows[:, 1] > 0) | (not self.y.is_logarithmic))]
            path = " ".join(f"{self.x.place(x):.1f},{self.y.place(y):.1f}" for x, y in rows.tolist())
            if path:
                yield (
                    f'<polyline points="{path}" fill="none" stroke="{self.ink(curve.color)}" stroke-width="2" '
                    'stroke-linejoin="round" stroke-linecap="round"/>'
                )

    def _points(self) -> Iterator[str]:
        points = self.figure.points
        if points is None:
            return
        for x, y, color, hollow in zip(points.x.tolist(), points.y.tolist(), points.colors, points.hollow, strict=True):
            rim, fill = ("ground", color)[hollow], (color, "ground")[hollow]
            yield (
                f'<circle cx="{self.x.place(x):.1f}" cy="{self.y.place(y):.1f}" r="3.2" fill="{self.ink(fill)}" '
                f'stroke="{self.ink(rim)}" stroke-width="{1.6 if hollow else 0.8}"/>'
            )

    def _surface(self) -> Iterator[str]:
        surface = self.figure.surface
        if surface is not None:
            data = base64.b64encode(png(_shaded(surface, self.palette))).decode()
            yield (
                f'<image x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}" '
                f'preserveAspectRatio="none" xlink:href="data:image/png;base64,{data}"/>'
            )


def _axes(figure: Figure) -> tuple[Axis, Axis]:
    surface, x, y = figure.surface, [c.x for c in figure.curves], [c.y for c in figure.curves]
    if figure.points is not None and surface is None:
        y.append(figure.points.y)
    if surface is not None:
        x.append(surface.x)
        y.append(surface.y)
    pad = PAD if surface is None else 0.0
    across = Axis.over(x, LEFT, WIDTH - RIGHT, pad=0.0)
    return across, Axis.over(y, HEIGHT - BOTTOM, TOP, pad, figure.is_logarithmic)


def _shaded(surface: Surface, palette: Mapping[str, str]) -> np.ndarray:
    """Return the surface as pixels from top to bottom; the strongest colours are half clear."""
    stops: np.ndarray = np.array([[int(palette[name][i : i + 2], 16) for i in (1, 3, 5)] for name in surface.colors])
    total = surface.strengths.sum(axis=2, keepdims=True)
    mixed = surface.strengths @ stops / np.maximum(total, 1e-12)
    pixels = np.concatenate([mixed, 255.0 * SURFACE_ALPHA * np.clip(total, 0.0, 1.0)], axis=2)
    return np.asarray(np.rint(pixels[::-1])).astype(np.uint8)
