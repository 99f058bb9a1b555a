"""The worksheet as PDF, with a picture of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QUrl
from PySide6.QtGui import QImage, QPageSize, QPdfWriter, QTextDocument

from bplab.exports.worksheet import worksheet
from bplab.qt.canvas.picture import text_font
from bplab.qt.exports import still as stills
from bplab.qt.exports.network_picture import still_of
from bplab.qt.theme import LIGHT

if TYPE_CHECKING:
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject

PICTURE = "network.png"
DOTS_PER_INCH = 300


def pdf_file(subject: Subject, stem: str, is_solved: bool) -> Files:
    """Return the worksheet on pages of A4."""
    text = worksheet(subject, is_solved, PICTURE)
    document = QTextDocument()
    document.setDefaultFont(text_font(10.0))
    picture = QImage.fromData(stills.png(still_of(subject, LIGHT), 2.0))
    document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(PICTURE), picture)
    document.setHtml(text)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0.0, 0.0, 0.0, 0.0))  # the document leaves two centimetres itself
    writer.setTitle("One training step")
    document.print_(writer)
    buffer.close()
    return {f"{stem}.pdf": bytes(buffer.data().data())}
