"""Colours, fonts and the style sheet of both themes: the one place that knows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

GRID_PX = 8


@dataclass(frozen=True)
class Theme:
    """Colours by what they mean, as "#rrggbb".

    ``action`` is what can be clicked or is selected; ``now`` marks the present moment and nothing else; ``outline``
    frames what can be typed into or chosen; ``rise`` and ``fall`` are what a neuron should do. ``sequential`` runs from
    small to large, ``diverging`` from negative over 0 to positive; ``classes`` tells classes, layers and curves apart.
    """

    name: str
    background: str
    panel: str
    field: str
    line: str
    outline: str
    canvas: str
    text: str
    muted: str
    action: str
    on_action: str
    now: str
    on_now: str
    rise: str
    fall: str
    idle: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]
    classes: tuple[str, ...]

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """Return the colour of that name; `alpha` runs from 0 (clear) to 1."""
        color = QColor(getattr(self, name))
        color.setAlphaF(alpha)
        return color


# matplotlib's inferno at even distances (CC0); the dark theme leaves out its darkest end, the light one reverses it.
_INFERNO = ("#4a0c6b", "#781c6d", "#a52c60", "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4")
_CLASSES_DARK = (
    "#5aa9ff",
    "#ffb454",
    "#3ecf8e",
    "#ff7eb6",
    "#b69bff",
    "#4dd4d4",
    "#e5d45a",
    "#ff8a6b",
    "#a0b4c8",
    "#8fd14f",
)
_CLASSES_LIGHT = (
    "#1f6feb",
    "#b7701c",
    "#14895a",
    "#c0327a",
    "#7048d8",
    "#0f8a8a",
    "#8a7a08",
    "#c2512f",
    "#5b6f84",
    "#4d8a12",
)

DARK = Theme(
    name="dark",
    background="#14171c",
    panel="#1b1f26",
    field="#20252e",
    line="#2c323d",
    outline="#5b6577",
    canvas="#12151a",
    text="#e6e9ef",
    muted="#9aa3b3",
    action="#5aa9ff",
    on_action="#0d1117",
    now="#ffb454",
    on_now="#14171c",
    rise="#3ecf8e",
    fall="#ff6b6b",
    idle="#3d4552",
    sequential=_INFERNO,
    diverging=("#5aa9ff", "#55606f", "#ff9f43"),
    classes=_CLASSES_DARK,
)
LIGHT = Theme(
    name="light",
    background="#f3f4f7",
    panel="#ffffff",
    field="#f7f8fa",
    line="#dfe3ea",
    outline="#a3adbd",
    canvas="#fbfbfd",
    text="#1b2130",
    muted="#5f697b",
    action="#1f6feb",
    on_action="#ffffff",
    now="#a8620f",
    on_now="#ffffff",
    rise="#14895a",
    fall="#c93c3c",
    idle="#ccd3de",
    sequential=("#fbb61a", *reversed(_INFERNO[:5]), "#280b53", "#0b0724"),
    diverging=("#1f6feb", "#b9c0cb", "#c2620c"),
    classes=_CLASSES_LIGHT,
)


def system_theme() -> Theme:
    """Return the theme that the desktop asks for; dark where it does not tell."""
    light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
    return LIGHT if light else DARK


def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green and blue of "#rrggbb", 0 to 255."""
    found = QColor(color)
    return found.red(), found.green(), found.blue()


@cache
def _table(stops: tuple[str, ...]) -> np.ndarray:
    anchors: np.ndarray = np.array([rgb(stop) for stop in stops], dtype=float)
    places = np.linspace(0.0, 1.0, len(stops))
    return np.column_stack([np.interp(np.linspace(0.0, 1.0, 256), places, channel) for channel in anchors.T])


def lookup(stops: tuple[str, ...], shares: np.ndarray) -> np.ndarray:
    """Return colours, shape (..., 3) of uint8, for shares from 0 to 1 along the colour stops."""
    places = (np.clip(shares, 0.0, 1.0) * 255.0).astype(np.intp)
    return np.asarray(_table(stops)[places].astype(np.uint8))


def color_at(stops: tuple[str, ...], share: float) -> QColor:
    """Return the colour for one share from 0 to 1."""
    return QColor(*map(int, _table(stops)[int(share * 255.0)]))


def number_font(point_size: float) -> QFont:
    """Return the monospaced font of numbers, so that they do not jump."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(point_size)
    return font


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, name in (
        (roles.Window, "panel"),
        (roles.WindowText, "text"),
        (roles.Base, "field"),
        (roles.AlternateBase, "panel"),
        (roles.Text, "text"),
        (roles.Button, "field"),
        (roles.ButtonText, "text"),
        (roles.ToolTipBase, "field"),
        (roles.ToolTipText, "text"),
        (roles.PlaceholderText, "muted"),
        (roles.Highlight, "action"),
        (roles.HighlightedText, "on_action"),
        (roles.Link, "action"),
    ):
        palette.setColor(role, theme.color(name))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("muted", 0.6))
    app.setPalette(palette)
    palette.setColor(roles.Window, theme.color("outline").lighter(140))  # Fusion draws outlines that much darker
    for kind in ("QCheckBox", "QLineEdit", "QComboBox", "QSpinBox"):
        app.setPalette(palette, kind)  # type: ignore[arg-type]  # it takes text, and the bytes of its stub not
    app.setStyleSheet(_style(theme))


def _style(t: Theme) -> str:
    return f"""
    * {{ font-size: 12px; }}
    QMainWindow, QDialog {{ background: {t.background}; }}
    QWidget#panel, QWidget#bar {{ background: {t.panel}; }}
    QWidget#canvas {{ background: {t.canvas}; }}
    QLabel {{ background: transparent; color: {t.text}; }}
    QLabel[role="heading"] {{ color: {t.muted}; font-size: 11px; font-weight: 600; }}
    QLabel[role="muted"] {{ color: {t.muted}; }}
    QLabel[role="strong"] {{ font-weight: 600; }}
    QLabel[role="good"] {{ color: {t.rise}; font-weight: 600; }}
    QLabel[role="bad"] {{ color: {t.fall}; font-weight: 600; }}
    QFrame#lesson {{ background: {t.panel}; border: none; border-left: 4px solid {t.action}; }}
    QLabel[role="number"] {{ font-family: "{number_font(11).family()}", monospace; font-size: 14px; }}
    QMenuBar {{ background: {t.panel}; color: {t.text}; padding: 2px 8px; border-bottom: 1px solid {t.line}; }}
    QMenuBar::item {{ padding: 4px 10px; background: transparent; border-radius: 4px; }}
    QMenuBar::item:selected {{ background: {t.field}; }}
    QMenu {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 16px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {t.action}; color: {t.on_action}; }}
    QMenu::item:disabled {{ color: {t.muted}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
    QPushButton, QToolButton {{
        background: {t.field}; color: {t.text}; border: 1px solid {t.line}; border-radius: 6px; padding: 4px 8px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {t.action}; }}
    QPushButton:checked, QToolButton:checked {{
        background: {t.action}; color: {t.on_action}; border-color: {t.action}; }}
    QPushButton#page {{
        background: transparent; color: {t.muted}; border: none; border-bottom: 2px solid transparent;
        border-radius: 0; padding: 2px 8px 3px; font-weight: 600; }}
    QPushButton#page:hover, QPushButton#page:focus {{ color: {t.text}; border-bottom-color: {t.line}; }}
    QPushButton#page:checked {{ background: transparent; color: {t.text}; border-bottom-color: {t.action}; }}
    QPushButton#grain {{ padding: 4px 5px; }}
    QPushButton#small {{ padding: 1px 8px; font-size: 11px; }}
    QToolButton[role="swatch"]:checked {{ background: {t.field}; border: 2px solid {t.text}; }}
    QToolButton#tab {{ padding: 0; font-size: 11px; background: transparent; }}
    QLineEdit#name {{ background: transparent; border: none; font-weight: 600; padding: 0; }}
    QLineEdit#name:focus {{ background: {t.field}; }}
    QToolButton#plus {{ padding: 0; }}
    QToolButton#disclosure, QToolButton#disclosure:checked {{
        background: transparent; color: {t.muted}; border: none; padding: 4px 0; }}
    QToolButton#disclosure:hover, QToolButton#disclosure:focus {{ color: {t.text}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {t.muted}; background: transparent; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {t.action}; }}
    QPushButton#play {{ background: {t.action}; color: {t.on_action}; border-color: {t.action}; }}
    QPushButton#next:enabled {{ background: {t.action}; color: {t.on_action}; border-color: {t.action}; }}
    QPushButton#play:disabled {{ background: transparent; color: {t.muted}; border-color: {t.line}; }}
    QLabel[role="phase"] {{
        background: {t.field}; color: {t.text}; border: 1px solid {t.line}; border-radius: 14px;
        font-size: 11px; font-weight: 600; }}
    QLabel[role="phase"][now="true"] {{ background: {t.now}; color: {t.on_now}; border-color: {t.now}; }}
    QSlider::groove:horizontal {{ height: 4px; background: {t.line}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.action}; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
        background: {t.text}; border: 1px solid {t.panel}; }}
    QSlider::handle:horizontal:focus {{ border: 2px solid {t.action}; }}
    QPlainTextEdit {{ background: {t.field}; color: {t.text}; border: 1px solid {t.outline}; border-radius: 4px; }}
    QPlainTextEdit:focus {{ border-color: {t.action}; }}
    QScrollArea {{ background: transparent; border: none; }}
    QScrollArea > QWidget > QWidget {{ background: transparent; }}
    QSplitter::handle {{ background: {t.line}; }}
    QToolTip {{ background: {t.field}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
    QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {t.line}; border-radius: 4px; min-height: 24px; }}
    QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
    QScrollBar::handle:horizontal {{ background: {t.line}; border-radius: 4px; min-width: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QFrame#divider {{ background: {t.line}; border: none; }}
    QFrame#message {{ background: {t.field}; border: none; border-left: 4px solid {t.fall}; }}
    """
