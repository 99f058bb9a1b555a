"""Random fingers on the real window: ``python -m tests.soak.fingers [ACTIONS] [SEED] [PLANT]``.

Clicks, drags, wheels, keys and menu entries, anywhere in the window and in whatever opens; no file is touched. Every
exception, warning of Qt and impossible network is a finding. `PLANT` plants a bug that has to be found.
"""

from __future__ import annotations

import os
import random
import sys
import time
import traceback
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("BPLAB_STATE", mkdtemp())

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, QtMsgType, qInstallMessageHandler, qWarning
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFileDialog, QMenu, QMessageBox, QWidget

from bplab import Experiment
from bplab.qt.app import dress
from bplab.qt.canvas.canvas import Canvas
from bplab.qt.garbage import GarbageCollector
from bplab.qt.main_window import MainWindow
from bplab.qt.theme import DARK

if TYPE_CHECKING:
    from types import TracebackType

EXPERIMENTS = (("iris", [6, 5]), ("circle", [4, 2]), ("digits", [16]), ("sine", [8, 8]), ("iris", [200]))
PLANTS = ("exception", "warning")
LIFE = 4_000  # actions until another window is opened
MOST_NEURONS = 5_000  # of a network, above which its last edits are undone: the soak is about the window
BUTTONS = (Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
MODIFIERS = (Qt.KeyboardModifier.NoModifier,) * 6 + (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
NAMED_KEYS = (
    "Left Right Up Down Tab Backtab Return Escape Space Delete Period Comma PageUp PageDown Home End "
    "0 1 2 3 4 5 Plus Minus F1 F2"
)
KEYS = [Qt.Key(code) for code in range(ord("A"), ord("Z") + 1)] + [
    getattr(Qt.Key, f"Key_{name}") for name in NAMED_KEYS.split()
]
TABLES = (
    "a;b;Art\n" + "".join(f"{n},5;{n % 7};{'xyz'[n % 3]}\n" for n in range(60)),
    "x,y\n" + "".join(f"{n / 10},{n % 9}\n" for n in range(80)),
    "a,b,c\n1,,u\n2,x,v\n",
    "a,b\n1\n",
)
LEFT_OUT = ("Quit", "Clear this list")
IGNORED = (
    "propagateSizeHints",
    "does not support raise()",
    "grabbing the keyboard",
)  # said by the offscreen plugin alone


class Fingers:
    """Acts, and keeps what went wrong."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.findings: list[str] = []
        self.doing = ""
        self.closer = QTimer()
        self.closer.timeout.connect(self._dismiss)
        self.closer.start(3)

    def note(self, what: str) -> None:
        self.findings.append(f"{self.doing}: {what}")

    def _dismiss(self) -> None:
        """Answer what has opened in a loop of its own, or the fingers would wait for ever."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            if isinstance(popup, QMenu) and self.rng.random() < 0.5:
                self._trigger(popup.actions())
            elif self.rng.random() < 0.5:
                QTest.keyClick(popup, self.rng.choice((Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return)))
            popup.close()
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and self.rng.random() < 0.05:
            dialog.reject()

    def act(self, window: MainWindow) -> None:
        """Do one thing."""
        dialog = QApplication.activeModalWidget()
        root: QWidget = window if dialog is None else dialog
        action = self.rng.choices((self._click, self._drag, self._wheel, self._key, self._menu), (8, 4, 2, 6, 1))[0]
        action(root)

    def _click(self, root: QWidget) -> None:
        widget = self._widget(root)
        place, button = self._place(widget), self.rng.choice(BUTTONS)
        self.doing = f"click on {_name(widget)}"
        if self.rng.random() < 0.15:
            QTest.mouseDClick(widget, button, Qt.KeyboardModifier.NoModifier, place)
        else:
            QTest.mouseClick(widget, button, self.rng.choice(MODIFIERS), place)

    def _drag(self, root: QWidget) -> None:
        widget = self._widget(root)
        self.doing = f"drag on {_name(widget)}"
        button = self.rng.choice(BUTTONS)
        QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, self._place(widget))
        for _ in range(self.rng.randint(1, 4)):
            QTest.mouseMove(widget, self._place(widget))
        QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, self._place(widget))

    def _wheel(self, root: QWidget) -> None:
        widget = self._widget(root)
        self.doing = f"wheel on {_name(widget)}"
        place = QPointF(self._place(widget))
        turn = QPoint(0, self.rng.choice((-360, -120, 120, 360)))
        if self.rng.random() < 0.2:
            turn = turn.transposed()
        event = QWheelEvent(
            place, widget.mapToGlobal(place), QPoint(), turn, Qt.MouseButton.NoButton,
            self.rng.choice(MODIFIERS), Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def _key(self, root: QWidget) -> None:
        widget = QApplication.focusWidget() or root
        key, modifier = self.rng.choice(KEYS), self.rng.choice(MODIFIERS)
        if (key, modifier) == (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier):
            return
        self.doing = f"key {key.name} with {modifier.name} on {_name(widget)}"
        QTest.keyClick(widget, key, modifier)

    def _menu(self, root: QWidget) -> None:
        if isinstance(root, MainWindow):
            self._trigger(list(root.actions_by_name.values()))

    def _trigger(self, actions: list[QAction]) -> None:
        possible = [a for a in actions if a.isEnabled() and a.isVisible() and a.text() not in LEFT_OUT]
        if possible:
            action = self.rng.choice(possible)
            self.doing = f"menu {action.text()}"
            if action.text().startswith("Paste table"):
                QApplication.clipboard().setText(self.rng.choice(TABLES))
            action.trigger()

    def _widget(self, root: QWidget) -> QWidget:
        shown = [w for w in root.findChildren(QWidget) if w.isVisible() and w.isEnabled() and w.width() > 3]
        canvases = [w for w in shown if isinstance(w, Canvas)]
        if canvases and self.rng.random() < 0.5:
            return canvases[0]
        return self.rng.choice(shown or [root])

    def _place(self, widget: QWidget) -> QPoint:
        if isinstance(widget, Canvas) and self.rng.random() < 0.6:  # where something is
            column = self.rng.choice(widget.layout_now.columns)
            x, y = widget.camera.to_view(column.x + self.rng.choice((0, 0, 40)), float(self.rng.choice(column.y)))
            return QPoint(round(x), round(y))
        return QPoint(self.rng.randint(0, max(1, widget.width() - 1)), self.rng.randint(0, max(1, widget.height() - 1)))


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()!r}"


def _quiet() -> None:
    """No file is chosen, and no question is waited for."""
    QFileDialog.getOpenFileName = staticmethod(lambda *_, **__: ("", ""))  # type: ignore[method-assign]
    QFileDialog.getSaveFileName = staticmethod(lambda *_, **__: ("", ""))  # type: ignore[method-assign]
    QFileDialog.getExistingDirectory = staticmethod(lambda *_, **__: "")  # type: ignore[method-assign]
    QMessageBox.exec = lambda _self: QMessageBox.StandardButton.Cancel  # type: ignore[method-assign,assignment]
    QMessageBox.about = staticmethod(lambda *_: None)  # type: ignore[method-assign]


def check(actions: int, seed: int, plant: str = "", tell=lambda _: None) -> list[str]:
    """Return what went wrong in so many actions."""
    app = QApplication.instance() or QApplication([])
    dress(app)
    garbage = GarbageCollector()
    fingers = Fingers(seed)
    dialogs = QFileDialog.getOpenFileName, QFileDialog.getSaveFileName, QFileDialog.getExistingDirectory
    kept = QMessageBox.exec, QMessageBox.about, sys.excepthook
    _quiet()
    sys.excepthook = lambda kind, value, trace: fingers.note(f"{kind.__name__}: {value} {_where(trace)}")
    before = qInstallMessageHandler(lambda kind, _where, text: _heard(fingers, kind, text))
    try:
        for begin in range(0, actions, LIFE):
            _live(app, fingers, min(LIFE, actions - begin), plant)
            tell(begin + LIFE)
    finally:
        fingers.closer.stop()
        qInstallMessageHandler(before)
        QFileDialog.getOpenFileName, QFileDialog.getSaveFileName, QFileDialog.getExistingDirectory = dialogs
        QMessageBox.exec, QMessageBox.about, sys.excepthook = kept
        garbage.close()
    return fingers.findings


def _where(trace: TracebackType | None) -> str:
    """Return the last places of a traceback."""
    places = traceback.extract_tb(trace)[-3:]
    return " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places))


def _heard(fingers: Fingers, kind: QtMsgType, text: str) -> None:
    if kind != QtMsgType.QtDebugMsg and not any(part in text for part in IGNORED):
        fingers.note(f"Qt says: {text}")


def _live(app: QApplication, fingers: Fingers, actions: int, plant: str) -> None:
    """Open a window, act on it, and close it."""
    name, hidden = fingers.rng.choice(EXPERIMENTS)
    window = MainWindow(Experiment.new(name, hidden=hidden), None, DARK)
    if plant:
        _plant(window, plant)
    window.resize(fingers.rng.choice((1280, 1600)), fingers.rng.choice((800, 1000)))
    window.show()
    window.load_plots()
    app.processEvents()
    for _ in range(actions):
        try:
            fingers.act(window)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            fingers.note(f"{type(error).__name__}: {error}")
        app.processEvents()
        _look(fingers, window)
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    while window.document.is_saving:
        app.processEvents()
        time.sleep(0.001)
    window.player.close()
    window.document.mark_saved()
    window.close()
    window.deleteLater()
    app.processEvents()


def _look(fingers: Fingers, window: MainWindow) -> None:
    """Look whether what is shown can be."""
    experiment = window.document.experiment
    sizes, hidden = experiment.network.sizes, experiment.spec.network.hidden
    if sizes[1:-1] != tuple(layer.size for layer in hidden):
        fingers.note(f"the network has {sizes}, the design {hidden}")
    if [column.size for column in window.canvas.layout_now.columns] != list(sizes):
        fingers.note("the canvas shows another network")
    if sum(sizes) > MOST_NEURONS or len(sizes) > 14:
        window.document.undo_stack.undo()


def _plant(window: MainWindow, plant: str) -> None:
    def fail(*_: object) -> None:
        if plant == "exception":
            raise RuntimeError("planted")
        qWarning("planted")

    combo = window.findChildren(QComboBox)[0]
    combo.activated.connect(fail)
    window.canvas.selected.connect(fail)


def main() -> None:
    given = sys.argv[1:]
    actions, seed, plant = (given[i] if i < len(given) else usual for i, usual in enumerate(("20000", "1", "")))
    began = time.monotonic()

    def tell(done: int) -> None:
        print(f"{done:,} actions, {time.monotonic() - began:.0f} s", flush=True)

    findings = check(int(actions), int(seed), plant, tell)
    for finding in findings[:50]:
        print(finding)
    print(f"{actions} actions, {len(findings)} findings")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
