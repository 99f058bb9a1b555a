"""What the colour of a connection can stand for: one entry each. Arrays have the shape of W, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bplab.catalogue import Catalogue, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bplab.engine.record import LayerRecord
    from bplab.qt.canvas.scene import Scene

Needs = Literal["nothing", "backward pass", "update"]


@dataclass(frozen=True, kw_only=True)
class Measure(Entry):
    """A number of every connection.

    Parameters
    ----------
    symbol, unit : str
        What the legend shows.
    is_signed : bool
    needs : str
        From which phase of a step on it is known.
    values : callable
        ``values(scene)`` returns one array of shape (n_out, n_in) for each dense layer, or None where there is none.
    signs : callable, optional
        The same, whose signs tell positive from negative connections where the values themselves have none.
    """

    symbol: str
    unit: str
    is_signed: bool
    needs: Needs
    values: Callable[[Scene], Sequence[np.ndarray] | None]
    signs: Callable[[Scene], Sequence[np.ndarray] | None] | None = None

    def is_known(self, scene: Scene, layer: int) -> bool:
        """Whether the step that is shown has come so far, for the connections into a dense layer."""
        return {"nothing": True, "backward pass": scene.knows_error(layer), "update": scene.knows_update}[self.needs]


def _gradients(scene: Scene) -> Sequence[np.ndarray] | None:
    record, sample = scene.record, scene.alone
    if record is None:
        return None
    if sample is None:
        return [layer.dW for layer in record.layers]
    return [np.outer(layer.delta[sample] * len(layer.delta), layer.a_prev[sample]) for layer in record.layers]


def _sizes(scene: Scene) -> Sequence[np.ndarray] | None:
    gradients = _gradients(scene)
    return None if gradients is None else [np.abs(gradient) for gradient in gradients]


def _spread(layer: LayerRecord) -> np.ndarray:
    """The standard deviation of the samples' own gradients, without making them: they are products."""
    own, count = layer.delta * len(layer.delta), len(layer.delta)
    variance = (own**2).T @ layer.a_prev**2 / count - layer.dW**2
    return np.sqrt(np.maximum(variance, 0.0))


def _spreads(scene: Scene) -> Sequence[np.ndarray] | None:
    return None if scene.record is None else [_spread(layer) for layer in scene.record.layers]


def _weights(scene: Scene) -> Sequence[np.ndarray]:
    return [layer.W for layer in scene.network.layers]


def _updates(scene: Scene) -> Sequence[np.ndarray] | None:
    return None if scene.record is None else [layer.update_W for layer in scene.record.layers]


def _ratios(scene: Scene) -> Sequence[np.ndarray] | None:
    if scene.record is None:
        return None
    with np.errstate(all="ignore"):
        return [np.nan_to_num(np.abs(layer.update_W / layer.W), posinf=0.0) for layer in scene.record.layers]


def _slots(scene: Scene, *names: str) -> Sequence[np.ndarray] | None:
    found = next((scene.slots[name] for name in names if name in scene.slots), None)
    return None if found is None else [part.W for part in scene.network.views(found)]


MEASURES: Catalogue[Measure] = Catalogue(
    "measure of connections",
    Measure(
        name="gradient",
        label="gradient magnitude",
        doc="How strongly the loss pulls at the weight: the size of its gradient.",
        symbol="|∂L/∂w|",
        unit="loss per unit of weight",
        is_signed=False,
        needs="backward pass",
        values=_sizes,
        signs=_gradients,
    ),
    Measure(
        name="signed_gradient",
        label="signed gradient",
        doc="The gradient with its sign: the loss rises with the weight where it is positive.",
        symbol="∂L/∂w",
        unit="loss per unit of weight",
        is_signed=True,
        needs="backward pass",
        values=_gradients,
    ),
    Measure(
        name="spread",
        label="per-sample spread",
        doc="How much the samples of the batch disagree: the standard deviation of their own gradients.",
        symbol="σ(∂L/∂w)",
        unit="loss per unit of weight",
        is_signed=False,
        needs="backward pass",
        values=_spreads,
        signs=_gradients,
    ),
    Measure(
        name="weight",
        label="weight",
        doc="The weight itself.",
        symbol="w",
        unit="",
        is_signed=True,
        needs="nothing",
        values=_weights,
    ),
    Measure(
        name="update",
        label="update",
        doc="What the last step added to the weight.",
        symbol="Δw",
        unit="",
        is_signed=True,
        needs="update",
        values=_updates,
    ),
    Measure(
        name="ratio",
        label="update / weight",
        doc="The size of the last update beside the size of the weight; about 0.001 is usual, 0.1 is a jump.",
        symbol="|Δw/w|",
        unit="",
        is_signed=False,
        needs="update",
        values=_ratios,
        signs=_updates,
    ),
    Measure(
        name="momentum",
        label="momentum",
        doc="The running mean of the gradients that the optimizer keeps: velocity of SGD, m of Adam.",
        symbol="m",
        unit="",
        is_signed=True,
        needs="nothing",
        values=lambda scene: _slots(scene, "velocity", "m"),
    ),
    Measure(
        name="squares",
        label="mean square",
        doc="The running mean of the squared gradients that the optimizer keeps: v of Adam and RMSprop.",
        symbol="v",
        unit="",
        is_signed=False,
        needs="nothing",
        values=lambda scene: _slots(scene, "v", "sum of squares"),
        signs=_gradients,
    ),
)
