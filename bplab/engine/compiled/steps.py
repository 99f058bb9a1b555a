"""Many steps at once: from networks and settings to the arrays that the compiled code takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.engine.compiled.kernels import codes
from bplab.engine.losses import LOSSES
from bplab.engine.optimizers.adam import nadam_product

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array
    from bplab.engine.judge import Judge
    from bplab.engine.network import Network
    from bplab.engine.settings import Settings
    from bplab.engine.step import Step

NEVER = 2**62


class Data(NamedTuple):
    """What is trained on: X, Y and weights of training and of test samples; weights of no rows count all alike."""

    X: Array
    Y: Array
    weights: Array
    X_test: Array
    Y_test: Array
    test_weights: Array
    classes: bool


def data_of(judge: Judge, settings: Settings) -> Data:
    """Return what a network is trained and judged by, in the form that the compiled code takes."""
    s, none = judge.samples, np.empty(0, judge.network.parameters.dtype)
    train, test = (none if w is None else w[:, 0] for w in judge.weights(settings.class_weights))
    X, Y, X_test, Y_test = (_read_only(array) for array in s[:4])
    return Data(X, Y, _read_only(train), X_test, Y_test, _read_only(test), s.classes)


def _read_only(array: Array) -> Array:
    """Return it as the compiled code takes it, read-only: those of a file are so anyway, those made here are not."""
    view = array.view()
    view.flags.writeable = False
    return view


class Position(NamedTuple):
    """Where training is: updates done, epoch, samples of it used, and updates since the slots were empty."""

    step: int
    epoch: int
    cursor: int
    updates: int


class Outcome(NamedTuple):
    """What came of it: the position, rows for both tables of the history, and whether a value was not finite."""

    position: Position
    step_rows: Array
    epoch_rows: Array
    broken: bool


def covers(network: Network, settings: Settings) -> bool:
    """Tell whether the compiled code knows everything that these steps need."""
    return (
        not network.frozen.size
        and all(plan.is_plain and plan.activation.name in codes.ACTIVATIONS for plan in network.plans)
        and settings.loss.name in codes.LOSSES
        and settings.optimizer.name in codes.OPTIMIZERS
        and settings.regularizer.name in codes.REGULARIZERS
        and settings.clipping.name in codes.CLIPPINGS
    )


class CompiledSteps:
    """Does steps of one network by the compiled code `run`."""

    def __init__(self, run: Callable[..., None], network: Network) -> None:
        self._run, self._network = run, network
        self._layout = _layout(network)
        self._buffers = _buffers(network)
        self._settings = np.array([0.0, *(_first_setting(plan.activation.values) for plan in network.plans)])
        self._chosen: tuple[Settings | None, np.ndarray, np.ndarray] = (None, np.empty(0), np.empty(0))

    def advance(
        self,
        settings: Settings,
        data: Data,
        update: Step,
        position: Position,
        order: np.ndarray,
        rates: Array,
        strides: tuple[int, int],
    ) -> Outcome:
        """Do one step for each of `rates`, changing the network, the optimizer's slots and `order`.

        Parameters
        ----------
        strides : tuple of int
            Of which steps, and of which epochs, a row for the history is wanted: every so many, 0 for none.
        """
        n, batch = len(data.X), min(settings.batch_size, len(data.X))
        chosen, given = self._choices(settings, data)
        chosen[codes.BATCH] = batch
        chosen[codes.STEP_STRIDE], chosen[codes.EPOCH_STRIDE] = strides[0] or NEVER, strides[1]
        if settings.optimizer.name == "nadam":
            values = settings.optimizer.values
            given[codes.PRODUCT] = nadam_product(position.updates, values["beta1"], values["momentum_decay"])
        state = np.array([*position, 0, 0, 0], dtype=np.int64)
        epochs = len(rates) // max(1, n // batch) + 2 if strides[1] else 0
        step_rows = np.empty((len(rates) // strides[0] + 1 if strides[0] else 0, 1 + len(self._network.sizes)))
        epoch_rows = np.empty((epochs, 6))
        whole = self._layout, self._settings, chosen, given, rates, state, order
        self._run(self._network.parameters, update.slots, *data[:6], *whole, *self._buffers, step_rows, epoch_rows)
        end = Position(*state[:4].tolist())
        step_rows, epoch_rows = step_rows[: state[codes.STEP_ROWS]], epoch_rows[: state[codes.EPOCH_ROWS]]
        done = step_rows[step_rows[:, 0] <= end.step]  # a step that broke has left its row
        return Outcome(end, done, epoch_rows, bool(state[codes.BROKEN]))

    def _choices(self, settings: Settings, data: Data) -> tuple[np.ndarray, np.ndarray]:
        if self._chosen[0] is not settings:
            self._chosen = settings, _chosen(settings, data.classes), _given(settings)
        return self._chosen[1:]


def _layout(network: Network) -> np.ndarray:
    layout = np.zeros((5, len(network.sizes)), dtype=np.int64)
    layout[codes.SIZE] = network.sizes
    layout[codes.PLACE, 1:] = np.cumsum(network.sizes)[:-1]
    ends = np.cumsum([0, *(layer.W.size + layer.b.size for layer in network.layers)])
    for number, layer in enumerate(network.layers, start=1):
        layout[codes.ACTIVATION, number] = codes.ACTIVATIONS.index(layer.choice.name)
        layout[codes.W, number] = ends[number - 1]
        layout[codes.B, number] = ends[number - 1] + layer.W.size
    return layout


def _buffers(network: Network) -> list[Array]:
    """Return gradients, of a batch and of a part of one, z, a and delta of all layers, targets, and shares."""
    p, sizes, width = network.parameters, network.sizes, codes.CHUNK
    lengths = p.size, p.size, *[sum(sizes) * width] * 3, sizes[-1] * width, width
    return [np.zeros(length, p.dtype) for length in lengths]


def _chosen(settings: Settings, classes: bool) -> np.ndarray:
    chosen = np.zeros(9, dtype=np.int64)
    chosen[codes.LOSS] = codes.LOSSES.index(settings.loss.name)
    chosen[codes.OPTIMIZER] = codes.OPTIMIZERS.index(settings.optimizer.name)
    chosen[codes.REGULARIZER] = codes.REGULARIZERS.index(settings.regularizer.name)
    chosen[codes.CLIPPING] = codes.CLIPPINGS.index(settings.clipping.name)
    chosen[codes.CLASSES], chosen[codes.SEED] = classes, settings.seed if settings.shuffle else -1
    return chosen


def _given(settings: Settings) -> np.ndarray:
    penalties = [*settings.regularizer.values.values(), 0.0, 0.0][:2]
    clip, loss = _first_setting(settings.clipping.values), _first_setting(settings.loss.values)
    hyper = [value for name, value in settings.optimizer.settings if name != "learning_rate"]
    numbers = [loss, LOSSES[settings.loss.name].threshold, clip, *penalties, 1.0, *hyper]
    return np.array([*numbers, *[0.0] * 4], dtype=np.float64)


def _first_setting(values: dict[str, float]) -> float:
    return next(iter(values.values()), 0.0)
