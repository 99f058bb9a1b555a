"""Data sets that are made here. Circle, xor, gauss, spiral and plane follow TensorFlow Playground's dataset.ts."""

from __future__ import annotations

import numpy as np

from bplab.catalogue import Setting
from bplab.data.dataset import Array, Classes, Dataset, Numbers, Source

_CLASSES = ("blue", "orange")


def _settings(noise: float, samples: int = 250) -> dict[str, Setting]:
    return {
        "samples": Setting(samples, 10, 100_000, "How many samples are made.", whole=True),
        "noise": Setting(noise, 0.0, 1.0, "How far samples are scattered, as a share of the picture's half width."),
    }


def _two_classes(name: str, first: Array, second: Array, scatter: Array) -> Dataset:
    X = np.concatenate([first, second]) + scatter
    labels = np.repeat([0, 1], [len(first), len(second)])
    return Dataset(name, X, ("x1", "x2"), Classes(labels, _CLASSES))


def _halves(samples: int) -> tuple[int, int]:
    return samples - samples // 2, samples // 2


def _polar(radius: Array, angle: Array) -> Array:
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


def _circle(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    inner, outer = _halves(samples)
    first = _polar(rng.uniform(0.0, 0.5, inner), rng.uniform(0.0, 2 * np.pi, inner))
    second = _polar(rng.uniform(0.7, 1.0, outer), rng.uniform(0.0, 2 * np.pi, outer))
    return _two_classes("circle", first, second, rng.uniform(-noise, noise, (samples, 2)))


def _xor(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, (samples, 2))
    X += 0.06 * np.sign(X)  # a gap along the axes
    labels = (X[:, 0] * X[:, 1] < 0).astype(np.intp)
    return Dataset("xor", X + rng.uniform(-noise, noise, X.shape), ("x1", "x2"), Classes(labels, _CLASSES))


def _gauss(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    first, second = (np.full((n, 2), centre) for n, centre in zip(_halves(samples), (-0.4, 0.4), strict=True))
    return _two_classes("gauss", first, second, rng.normal(0.0, 0.12 + 0.4 * noise, (samples, 2)))


def _spiral(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    arms = []
    for n, start in zip(_halves(samples), (0.0, np.pi), strict=True):
        along = np.arange(n) / n
        arms.append(_polar(along, 1.75 * 2 * np.pi * along + start))
    return _two_classes("spiral", *arms, scatter=rng.uniform(-noise / 5, noise / 5, (samples, 2)))


def _moons(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    upper, lower = (np.linspace(0.0, np.pi, n) for n in _halves(samples))
    first = np.column_stack([np.cos(upper), np.sin(upper)])
    second = np.column_stack([1.0 - np.cos(lower), 0.5 - np.sin(lower)])
    return _two_classes("moons", first, second, rng.normal(0.0, noise, (samples, 2)))


def _plane(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, (samples, 2))
    y = X.sum(axis=1, keepdims=True) / 2.0 + rng.normal(0.0, noise, (samples, 1))
    return Dataset("plane", X, ("x1", "x2"), Numbers(y, ("y",)))


def _sine(seed: int, samples: int, noise: float) -> Dataset:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-np.pi, np.pi, (samples, 1))
    return Dataset("sine", x, ("x",), Numbers(np.sin(x) + rng.normal(0.0, noise, x.shape), ("y",)))


SYNTHETIC = (
    Source(
        name="circle",
        label="circle",
        doc="A disc of one class inside a ring of the other.",
        task="classes",
        settings=_settings(0.05),
        make=_circle,
    ),
    Source(
        name="xor",
        label="xor",
        doc="The class tells whether x1 and x2 differ in sign: no straight line separates it.",
        task="classes",
        settings=_settings(0.0),
        make=_xor,
    ),
    Source(
        name="gauss",
        label="gauss",
        doc="Two clouds: one neuron is enough.",
        task="classes",
        settings=_settings(0.1),
        make=_gauss,
    ),
    Source(
        name="spiral",
        label="spiral",
        doc="Two arms wound into each other: the hardest of the small sets.",
        task="classes",
        settings=_settings(0.0),
        make=_spiral,
    ),
    Source(
        name="moons",
        label="moons",
        doc="Two half circles that reach into each other (as scikit-learn's make_moons).",
        task="classes",
        settings=_settings(0.1),
        make=_moons,
    ),
    Source(
        name="plane",
        label="plane",
        doc="Regression: y rises evenly along both inputs.",
        task="numbers",
        settings=_settings(0.05),
        make=_plane,
    ),
    Source(
        name="sine",
        label="sine",
        doc="Regression: one wave of a sine with noise.",
        task="numbers",
        settings=_settings(0.1, samples=150),
        make=_sine,
    ),
)
