"""The plots as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from bplab.exports.chart import HEIGHT, WIDTH, chart
from bplab.exports.figures import figures
from bplab.qt.exports.palette import palette
from bplab.qt.exports.screen import ensure_application
from bplab.qt.exports.still import SHARPNESS, png_bytes
from bplab.qt.theme import LIGHT

if TYPE_CHECKING:
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject


def svg_files(subject: Subject, stem: str) -> Files:
    """Return each plot as SVG, in light colours."""
    return {f"{stem}-{figure.name}.svg": chart(figure, palette(LIGHT)).encode() for figure in figures(subject)}


def png_files(subject: Subject, stem: str) -> Files:
    """Return each plot as PNG, in light colours."""
    ensure_application()
    made = svg_files(subject, stem).items()
    return {name.removesuffix(".svg") + ".png": _rastered(content) for name, content in made}


def _rastered(svg: bytes) -> bytes:
    image = QImage(QSize(WIDTH, HEIGHT) * SHARPNESS, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        QSvgRenderer(QByteArray(svg)).render(painter)
    finally:
        painter.end()
    return png_bytes(image)
