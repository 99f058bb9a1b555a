"""Where in the window something is that a lesson points at."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF

from bplab.errors import BplabError
from bplab.microscope.selection import Selection
from bplab.qt.canvas.annotations import loss_box

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from bplab.qt.main_window import MainWindow

NEURON_PX = 26


def target(window: MainWindow, text: str) -> QRect:
    """Return the place of a target such as ``neuron 1 2`` in the window's coordinates; BplabError if there is none."""
    name, *words = text.split()
    if name in PLACES:
        return PLACES[name](window, [int(word) for word in words if word.isdigit()])
    if name in NAMED:
        return _of(window, NAMED[name](window, " ".join(words)))
    widgets = _widgets(window)
    if text in widgets:
        return _of(window, widgets[text])
    known = ", ".join(sorted({*widgets, *NAMED, *PLACES}))
    raise BplabError(f"There is no '{text}' to point at.", f"There are: {known}.")


def _of(window: MainWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _on_canvas(window: MainWindow, room: QRectF) -> QRect:
    return room.toRect().translated(window.canvas.mapTo(window, QPoint(0, 0)))


def _around(window: MainWindow, place: QPointF, size: float) -> QRect:
    return _on_canvas(window, QRectF(place.x() - size, place.y() - size, 2 * size, 2 * size))


def _neuron(window: MainWindow, where: list[int]) -> QRect:
    return _around(window, window.canvas.neuron_place(where[0], where[1] - 1), NEURON_PX)


def _connection(window: MainWindow, where: list[int]) -> QRect:
    chosen = Selection(where[0], where[1] - 1, where[2] - 1)
    return _around(window, window.canvas.connection_place(chosen), NEURON_PX * 0.7)


def _layer(window: MainWindow, where: list[int]) -> QRect:
    count = window.document.experiment.network.sizes[where[0]]
    first, last = (_neuron(window, [where[0], number]) for number in (1, count))
    return first.united(last)


def _outputs(window: MainWindow, _: list[int]) -> QRect:
    return _layer(window, [window.canvas.last_layer]).adjusted(0, 0, 120, 0)


def _loss(window: MainWindow, _: list[int]) -> QRect:
    return _on_canvas(window, loss_box(window.canvas.picture(), QRectF(window.canvas.rect())).adjusted(-4, -4, 4, 4))


def _widgets(window: MainWindow) -> dict[str, QWidget]:
    """Return what is pointed at by its name alone."""
    transport, inspector = window.transport, window.inspector
    found: dict[str, QWidget] = {
        "play": transport.play_button,
        "step": transport.step_button,
        "back": transport.back_button,
        "reset": transport.reset_button,
        "speed": transport.speed,
        "canvas": window.canvas,
        "cards": inspector.cards,
        "rows": inspector.lines,
        "bars": inspector.bars,
        "terms": inspector.terms.view,
        "strip": inspector.batch.strip,
        "curves": inspector.step.view,
        "whatif": inspector.step.view.slider,
        "health": inspector.health,
    }
    found |= {f"grain {grain}": button for grain, button in transport.grain_buttons.items()}
    found |= {f"phase {phase}": label for phase, label in transport.rail.items()}
    if window.plots is not None:
        found["timeline"] = window.plots.timeline
    return found


def _page(window: MainWindow, text: str) -> QWidget:
    for page, tab in zip(window.inspector.pages, window.inspector.tabs, strict=True):
        if page.label.lower() == text.lower():
            return tab
    raise BplabError(f"There is no page '{text}'.", "Look at the names above the chain rule.")


def _plot(window: MainWindow, text: str) -> QWidget:
    plots = window.plots
    if plots is None or text not in ("loss", "norms", "prediction"):
        raise BplabError(f"There is no plot '{text}'.", "There are: loss, norms, prediction.")
    found: QWidget = {"loss": plots.loss, "norms": plots.norms, "prediction": plots.prediction}[text]
    return found


def _setting(window: MainWindow, text: str) -> QWidget:
    controls = window.training_panel.controls | {"batch_size": window.data_panel.batch_edit}
    if text not in controls:
        raise BplabError(f"There is no setting '{text}'.", f"There are: {', '.join(controls)}.")
    return controls[text]


def bring_into_view(window: MainWindow, setting: str) -> None:
    """Scroll to a setting in the panel at the left; nothing where there is none of that name."""
    with suppress(BplabError):
        window.reveal(_setting(window, setting))


PLACES: dict[str, Callable[[MainWindow, list[int]], QRect]] = {
    "neuron": _neuron,
    "connection": _connection,
    "layer": _layer,
    "outputs": _outputs,
    "loss": _loss,
}
NAMED: dict[str, Callable[[MainWindow, str], QWidget]] = {"page": _page, "plot": _plot, "setting": _setting}
