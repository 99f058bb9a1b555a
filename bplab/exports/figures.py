"""What the plots show: the loss, the gradient norm of each layer, and the prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import Classes
from bplab.data.telling import most_telling
from bplab.exports.figure import Curve, Figure, Points, Surface, color_of
from bplab.exports.tables import csv_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bplab.data.dataset import Floats
    from bplab.data.prepare import PreparedData
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject

GRID = 64  # places of a surface along each axis
CURVE_PLACES = 200
MOST_POINTS = 400
STEP = "step"
BELOW_ABOVE = ("below 0", "above 0")
MARGIN = 0.08  # of the data's range, on each side


def figures(subject: Subject) -> tuple[Figure, ...]:
    """Return all plots of an experiment."""
    return loss(subject), gradient_norms(subject), prediction(subject)


def loss(subject: Subject) -> Figure:
    """Return the loss of the batches, of the training data and of the test data over the steps."""
    steps, epochs = subject.steps, subject.epochs
    curves = [
        Curve("batch", "idle", steps[:, 0], steps[:, 1]),
        Curve("train", "color0", epochs[:, 1], epochs[:, 2]),
    ]
    if len(subject.data.X_test):
        curves.append(Curve("test", "color1", epochs[:, 1], epochs[:, 3]))
    return Figure("loss", "Loss", STEP, "loss", tuple(curves))


def gradient_norms(subject: Subject) -> Figure:
    """Return the length of each layer's gradient over the steps."""
    rows = subject.steps
    curves = (
        Curve(f"layer {part.number}", color_of(part.number - 1), rows[:, 0], rows[:, part.number + 1])
        for part in subject.parts
    )
    return Figure("gradient-norm", "Gradient norm", STEP, "gradient norm", tuple(curves), is_logarithmic=True)


def prediction(subject: Subject) -> Figure:
    """Return the network's answer over one input, or over the two that tell most of the target."""
    data = subject.data
    return _curve(subject, data) if len(data.dataset.feature_names) == 1 else _surface(subject, data)


def plots_csv(subject: Subject, stem: str) -> Files:
    """Return the numbers of every plot."""
    made: Files = {}
    for figure in figures(subject):
        made |= {f"{stem}-{name}.csv": content for name, content in _tables(figure)}
    return made


def _tables(figure: Figure) -> Iterator[tuple[str, bytes]]:
    labels = figure.x_label, figure.y_label
    if figure.curves:
        number = int if figure.x_label == STEP else float
        values = ((curve.name, number(x), y) for curve in figure.curves for x, y in _pairs(curve.x, curve.y))
        yield figure.name, csv_bytes(("curve", *labels), values)
    if figure.surface is not None:
        surface = figure.surface
        places = _pairs(np.tile(surface.x, len(surface.y)), np.repeat(surface.y, len(surface.x)))
        answers = surface.answers.tolist()
        rows = ((*place, *answer) for place, answer in zip(places, answers, strict=True))
        yield figure.name, csv_bytes((*labels, *figure.outputs), rows)
    if figure.points is not None:
        p = figure.points
        parts = ("test" if hollow else "train" for hollow in p.hollow)
        rows = ((*place, *more) for place, *more in zip(_pairs(p.x, p.y), p.targets, parts, strict=True))
        yield "points", csv_bytes((*labels, "target", "part"), rows)


def _pairs(x: Floats, y: Floats) -> Iterable[tuple[float, float]]:
    return zip(x.tolist(), y.tolist(), strict=True)


def _curve(subject: Subject, data: PreparedData) -> Figure:
    x = data.dataset.X[:, 0]
    (low, high), target = _limits(x), data.dataset.target
    y = target.labels.astype(float) if isinstance(target, Classes) else target.values[:, 0]
    places = np.linspace(low, high, CURVE_PLACES)
    answers = subject.predict(places[:, None])
    curves = (
        Curve(name, color_of(k), places, column)
        for k, (name, column) in enumerate(zip(data.output_names, answers.T, strict=True))
    )
    label = "output" if data.class_names else data.output_names[0]
    return Figure(
        "prediction", "Prediction", data.dataset.feature_names[0], label, tuple(curves), _points(data, x, y), None,
        data.output_names,
    )  # fmt: skip


def _surface(subject: Subject, data: PreparedData) -> Figure:
    first, second = most_telling(data)
    X = data.dataset.X
    across, up = (np.linspace(*_limits(X[:, column]), GRID) for column in (first, second))
    raw = np.tile(X[data.train_indices].mean(axis=0), (GRID * GRID, 1))
    raw[:, first], raw[:, second] = np.tile(across, GRID), np.repeat(up, GRID)
    answers = subject.predict(raw)
    strengths, colors = _shares(data, np.nan_to_num(answers))
    surface = Surface(across, up, answers, strengths.reshape(GRID, GRID, -1), colors, data.class_names or BELOW_ABOVE)
    names = data.dataset.feature_names[first], data.dataset.feature_names[second]
    points = _points(data, X[:, first], X[:, second])
    return Figure("prediction", "Prediction", *names, (), points, surface, data.output_names)


def _shares(data: PreparedData, answers: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return how much of each colour belongs to each answer, and the colours."""
    target = data.dataset.target
    if not isinstance(target, Classes):
        size = max(float(np.abs(target.values[:, 0]).max()), 1e-300)
        values = np.clip(answers[:, 0] / size, -1.0, 1.0)
        return np.column_stack([np.maximum(-values, 0.0), np.maximum(values, 0.0)]), ("negative", "positive")
    shares = np.clip(answers, 0.0, 1.0)
    if shares.shape[1] == 1:
        shares = np.column_stack([1.0 - shares, shares])
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    return shares, tuple(color_of(k) for k in range(shares.shape[1]))


def _points(data: PreparedData, x: Floats, y: Floats) -> Points:
    rows = [
        (row, hollow)
        for indices, hollow in ((data.train_indices, False), (data.test_indices, True))
        for row in indices[:: max(1, len(indices) // MOST_POINTS)].tolist()
    ]
    places, target = [row for row, _ in rows], data.dataset.target
    if isinstance(target, Classes):
        labels = target.labels[places].tolist()
        targets, colors = tuple(target.names[k] for k in labels), tuple(color_of(k) for k in labels)
    else:
        targets, colors = tuple(target.values[places, 0].tolist()), ("muted",) * len(rows)
    return Points(x[places], y[places], targets, colors, tuple(hollow for _, hollow in rows))


def _limits(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    pad = MARGIN * (high - low if high > low else 1.0)
    return low - pad, high + pad
