"""The network as a picture, drawn by what draws the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from bplab.data.images import image_shape
from bplab.exports.markup import printable
from bplab.qt.canvas.annotations import draw_legend
from bplab.qt.canvas.layout import MARGIN_LEFT_PX, MARGIN_RIGHT_PX, Wish, arrange
from bplab.qt.canvas.painter import paint
from bplab.qt.canvas.picture import Picture, text_font
from bplab.qt.canvas.reading import Reading
from bplab.qt.canvas.scene import Scene, marks_of
from bplab.qt.exports.screen import ensure_application
from bplab.qt.snapshot import Snapshot
from bplab.qt.theme import LIGHT

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintDevice

    from bplab.exports.export import Files
    from bplab.exports.subject import Subject
    from bplab.qt.canvas.layout import Layout
    from bplab.qt.theme import Theme

WIDTH_PX = 960  # at least
NEURON_PX = 46
LABELS_PX = 84  # below the neurons, for the names of the layers and the legend
LOWEST_PX, HIGHEST_PX = 400, 900
COLUMN_PX = 120  # between layers
SHARPNESS = 2  # pixels of a PNG for each pixel of the layout
RESOLUTION_DPI = 96
FONTS = {b"Sans Serif": b"system-ui, Helvetica, Arial, sans-serif"}  # Qt's own name, which others do not know


def svg_file(subject: Subject, stem: str) -> Files:
    """Return the network as SVG, in light colours."""
    return {f"{stem}.svg": svg(subject, LIGHT)}


def png_file(subject: Subject, stem: str) -> Files:
    """Return the network as PNG, in light colours."""
    ensure_application()
    size = _size(subject)
    image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
    _draw(image, subject, LIGHT, size)
    return {f"{stem}.png": png_bytes(image)}


def svg(subject: Subject, theme: Theme) -> bytes:
    """Return the network as SVG."""
    ensure_application()
    size, buffer = _size(subject), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setResolution(RESOLUTION_DPI)
    generator.setTitle("Network")
    _draw(generator, subject, theme, size)
    return _with_fallbacks(bytes(buffer.data().data()))


def _with_fallbacks(content: bytes) -> bytes:
    """Name fonts that every reader has, beside those of this machine."""
    for family, others in FONTS.items():
        content = content.replace(b'font-family="%s"' % family, b'font-family="%s, %s"' % (family, others))
    return content


def png_bytes(image: QImage) -> bytes:
    """Return an image as a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # it takes text, and the bytes of its stub not
    return bytes(content.data())


def _size(subject: Subject) -> QSize:
    sizes = subject.network.sizes
    height = min(HIGHEST_PX, max(LOWEST_PX, max(sizes) * NEURON_PX + LABELS_PX))
    least = int(MARGIN_LEFT_PX + MARGIN_RIGHT_PX) + COLUMN_PX * (len(sizes) - 1)
    return QSize(max(WIDTH_PX, least), height)


def _draw(device: QPaintDevice, subject: Subject, theme: Theme, size: QSize) -> None:
    room = QRectF(0, 0, size.width(), size.height())
    picture = _picture(subject, theme, room)
    painter = QPainter(device)
    try:
        painter.setWindow(0, 0, size.width(), size.height())
        paint(painter, picture, room)
        _draw_names(painter, subject, theme, picture.layout, room)
        draw_legend(painter, picture, room.bottomRight() - QPointF(16, 10))
    finally:
        painter.end()


def _picture(subject: Subject, theme: Theme, room: QRectF) -> Picture:
    """Return what is shown: the gradients of the last step where it is known, otherwise the weights."""
    data = subject.data
    reading = Reading(color_by="weight", scale="linear") if subject.record is None else Reading()
    wish = Wish(image=image_shape(data.feature_names), bottom=LABELS_PX)
    scene = Scene(
        network=subject.network,
        snapshot=_snapshot(subject),
        marks=marks_of(subject.spec, subject.network),
        inputs=[printable(name) for name in data.feature_names],
        outputs=[printable(name) for name in data.output_names],
        classes=[printable(name) for name in data.class_names],
        unscale=data.unscale,
    )
    return Picture(scene, reading, arrange(subject.network.sizes, room.width(), room.height(), wish), theme)


def _snapshot(subject: Subject) -> Snapshot:
    return Snapshot(
        generation=0,
        step=subject.step,
        epoch=subject.epoch,
        earliest=0,
        newest=subject.step,
        phase=None,
        layer=None,
        sample=None,
        record=subject.record,
        scores=subject.judge.scores(subject.spec.training),
        step_history=subject.steps,
        epoch_history=subject.epochs,
        steps_per_second=0.0,
    )


def _draw_names(painter: QPainter, subject: Subject, theme: Theme, layout: Layout, room: QRectF) -> None:
    """Write below each layer what it is; on the canvas its controls say so."""
    texts = [f"input\n{subject.network.sizes[0]}"]
    for part in subject.parts:
        name = "output" if part.is_last else f"layer {part.number}"
        texts.append(f"{name}\n{len(part.layer)} {part.layer.activation.label}")
    painter.setFont(text_font(8.5))
    painter.setPen(theme.color("muted"))
    for column, text in zip(layout.columns, texts, strict=True):
        place = QRectF(column.x - 60, room.bottom() - LABELS_PX + 12, 120, 32)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
