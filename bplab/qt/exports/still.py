"""The network as a picture that stays: drawn by what draws the canvas, into SVG, PDF or pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from bplab.qt.canvas.annotations import draw_legend
from bplab.qt.canvas.layout import MARGIN_LEFT_PX, MARGIN_RIGHT_PX, Wish, arrange
from bplab.qt.canvas.painter import paint
from bplab.qt.canvas.picture import Picture, text_font
from bplab.qt.exports.screen import ensure_application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintDevice

    from bplab.experiment.spec import ExperimentSpec
    from bplab.qt.canvas.reading import Reading
    from bplab.qt.canvas.scale import Kept
    from bplab.qt.canvas.scene import Scene
    from bplab.qt.theme import Theme

WIDTH_PX = 960  # at least
COLUMN_PX = 120  # between layers
NEURON_PX = 46
LABELS_PX = 84  # below the neurons, for the names of the layers and the legend
LOWEST_PX, HIGHEST_PX = 400, 900
RESOLUTION_DPI = 96
SHARPNESS = 2  # pixels of a PNG for each pixel of the layout, unless another scale is chosen
POINTS_PER_PX = 72 / RESOLUTION_DPI
FONTS = {b"Sans Serif": b"system-ui, Helvetica, Arial, sans-serif"}  # Qt's own name, which others do not know


@dataclass(frozen=True, eq=False)
class Still:
    """One picture, with all that it needs; nothing of it changes while it is drawn.

    Parameters
    ----------
    scene : Scene
        Of a network that nobody trains.
    names : sequence of str
        What stands below each layer, in two lines.
    size : QSize
        In pixels of the layout; what fits the network unless given.
    wish, kept :
        As on the canvas.
    is_clear : bool
        Whether the ground is transparent.
    """

    scene: Scene
    reading: Reading
    theme: Theme
    names: Sequence[str]
    size: QSize
    wish: Wish = field(default_factory=Wish)
    kept: Kept | None = None
    is_clear: bool = False


def usual_size(sizes: Sequence[int]) -> QSize:
    """Return the size of a picture in which a network of these sizes has room."""
    height = min(HIGHEST_PX, max(LOWEST_PX, max(sizes) * NEURON_PX + LABELS_PX))
    least = int(MARGIN_LEFT_PX + MARGIN_RIGHT_PX) + COLUMN_PX * (len(sizes) - 1)
    return QSize(max(WIDTH_PX, least), height)


def layer_names(spec: ExperimentSpec, scene: Scene) -> list[str]:
    """Return what stands below each layer: its name, size and activation; on the canvas its controls say so."""
    layers, hidden = scene.network.layers, spec.network.hidden
    names = [part.name or f"layer {number}" for number, part in enumerate(hidden, start=1)]
    texts = [
        f"{name}\n{len(layer)} {layer.activation.label}" for name, layer in zip([*names, "output"], layers, strict=True)
    ]
    return [f"input\n{scene.network.sizes[0]}", *texts]


def image(still: Still, scale: float = 1.0) -> QImage:
    """Return the picture in pixels, `scale` for each pixel of the layout."""
    ensure_application()
    kind = QImage.Format.Format_ARGB32_Premultiplied if still.is_clear else QImage.Format.Format_RGB32
    made = QImage(still.size * scale, kind)
    made.fill(Qt.GlobalColor.transparent)
    _draw(made, still)
    return made


def png(still: Still, scale: float = 1.0) -> bytes:
    """Return the picture as PNG."""
    return png_bytes(image(still, scale))


def svg(still: Still) -> bytes:
    """Return the picture as SVG."""
    ensure_application()
    buffer, size = QBuffer(), still.size
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setResolution(RESOLUTION_DPI)
    generator.setTitle("Network")
    _draw(generator, still)
    content = bytes(buffer.data().data())
    for family, others in FONTS.items():  # fonts that every reader has, beside those of this machine
        content = content.replace(b'font-family="%s"' % family, b'font-family="%s, %s"' % (family, others))
    return content


def pdf(still: Still) -> bytes:
    """Return the picture as PDF, on one page of its own size."""
    ensure_application()
    buffer, size = QBuffer(), still.size
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle("Network")
    writer.setResolution(RESOLUTION_DPI)
    page = QSizeF(size.width() * POINTS_PER_PX, size.height() * POINTS_PER_PX)
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    _draw(writer, still)
    return bytes(buffer.data().data())


def png_bytes(picture: QImage) -> bytes:
    """Return an image as a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]  # it takes text, and the bytes of its stub not
    return bytes(content.data())


def _draw(device: QPaintDevice, still: Still) -> None:
    room, network = QRectF(0, 0, still.size.width(), still.size.height()), still.scene.network
    layout = arrange(network.sizes, room.width(), room.height(), still.wish)
    picture = Picture(still.scene, still.reading, layout, still.theme, kept=still.kept, is_clear=still.is_clear)
    painter = QPainter(device)
    try:
        painter.setWindow(0, 0, still.size.width(), still.size.height())
        paint(painter, picture, room)
        painter.setFont(text_font(8.5))
        painter.setPen(still.theme.color("muted"))
        for column, text in zip(layout.columns, still.names, strict=True):
            place = QRectF(column.x - 60, room.bottom() - LABELS_PX + 12, 120, 32)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
        draw_legend(painter, picture, room.bottomRight() - QPointF(16, 10))
    finally:
        painter.end()
