"""Pictures and the report, which need Qt, and the catalogue of all exports. Qt is imported when one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.catalogue import Catalogue
from bplab.exports.catalogue import SCRIPTS, TABLES
from bplab.exports.export import Export

if TYPE_CHECKING:
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject


def _network_svg(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.network_picture import svg_file

    return svg_file(subject, stem)


def _network_png(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.network_picture import png_file

    return png_file(subject, stem)


def _network_pdf(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.network_picture import pdf_file

    return pdf_file(subject, stem)


def _plots_svg(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.plots import svg_files

    return svg_files(subject, stem)


def _plots_png(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.plots import png_files

    return png_files(subject, stem)


def _report(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.report import html_file

    return html_file(subject, stem)


def _worksheet(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.worksheet import pdf_file

    return pdf_file(subject, stem, is_solved=False)


def _solution(subject: Subject, stem: str) -> Files:
    from bplab.qt.exports.worksheet import pdf_file

    return pdf_file(subject, stem, is_solved=True)


PICTURES = (
    Export(
        name="network-svg",
        label="Network as SVG",
        doc="The network as it is drawn on the canvas, in any size.",
        ending="-network.svg",
        make=_network_svg,
    ),
    Export(
        name="network-png",
        label="Network as PNG",
        doc="The network as it is drawn on the canvas.",
        ending="-network.png",
        make=_network_png,
    ),
    Export(
        name="network-pdf",
        label="Network as PDF",
        doc="The network as it is drawn on the canvas, on a page of its size.",
        ending="-network.pdf",
        make=_network_pdf,
    ),
    Export(
        name="plots-svg",
        label="Plots as SVG",
        doc="Loss, gradient norm and prediction, each in a file.",
        ending="-plots.svg",
        make=_plots_svg,
    ),
    Export(
        name="plots-png",
        label="Plots as PNG",
        doc="Loss, gradient norm and prediction, each in a file.",
        ending="-plots.png",
        make=_plots_png,
    ),
    Export(
        name="report",
        label="Report",
        doc="The whole experiment on one page of HTML that opens without a network.",
        ending=".html",
        make=_report,
    ),
    Export(
        name="worksheet",
        label="Worksheet as PDF",
        doc="One training step of a small network to work out by hand, with blanks.",
        ending="-worksheet.pdf",
        make=_worksheet,
    ),
    Export(
        name="worksheet-solution",
        label="Solution of the worksheet as PDF",
        doc="The same sheet with all its numbers.",
        ending="-solution.pdf",
        make=_solution,
    ),
)
EXPORTS: Catalogue[Export] = Catalogue("export", *SCRIPTS, *TABLES, *PICTURES)
