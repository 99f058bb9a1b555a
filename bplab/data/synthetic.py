"""Small made-up data sets for one picture each: two classes in the plane, a plane and a sine.

Circle, xor, gauss, spiral and plane follow TensorFlow Playground (src/dataset.ts), with ``noise`` on its
scale (its slider ends at 0.5). Moons follow scikit-learn's ``make_moons``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from bplab.catalogue import Setting
from bplab.data.dataset import Classes, Dataset, Floats, Indices, Numbers, Source

Generator: TypeAlias = np.random.Generator
Points: TypeAlias = Callable[[Generator, int, float], tuple[Floats, Indices]]
Curve: TypeAlias = Callable[[Generator, int, float], tuple[Floats, Floats]]

PLAYGROUND = "TensorFlow Playground, src/dataset.ts, https://github.com/tensorflow/playground"
SAMPLES = Setting(500, 10, 100_000, "How many samples to make.", whole=True)

BALANCE = Setting(0.5, 0.02, 0.98, "The share of the samples that are of the first class.")


def circle(rng: Generator, samples: int, noise: float) -> tuple[Floats, Indices]:
    """Return points of a disc and of a ring around it; noise moves a point while its class is decided."""
    inside = _halves(samples)
    radius = np.where(inside, rng.uniform(0.0, 2.5, samples), rng.uniform(3.5, 5.0, samples))
    X = _polar(radius, rng.uniform(0.0, 2 * np.pi, samples))
    moved = X + noise * rng.uniform(-5.0, 5.0, X.shape)
    return X, (np.hypot(*moved.T) < 2.5).astype(np.intp)


def xor(rng: Generator, samples: int, noise: float) -> tuple[Floats, Indices]:
    """Return points of four squares that do not touch; noise moves a point while its class is decided."""
    X = rng.uniform(-5.0, 5.0, (samples, 2))
    X += np.copysign(0.3, X)
    moved = X + noise * rng.uniform(-5.0, 5.0, X.shape)
    return X, (moved.prod(axis=1) >= 0).astype(np.intp)


def gauss(rng: Generator, samples: int, noise: float) -> tuple[Floats, Indices]:
    """Return points of two normal distributions, whose variance grows with the noise."""
    right = _halves(samples)
    spread = np.sqrt(0.5 + 7.0 * noise)
    centre = np.where(right, 2.0, -2.0)[:, None]
    return centre + spread * rng.standard_normal((samples, 2)), right


def spiral(rng: Generator, samples: int, noise: float) -> tuple[Floats, Indices]:
    """Return points of two arms that wind around each other; noise moves the points."""
    first = _halves(samples)
    along = _along(first)
    X = _polar(5.0 * along, 3.5 * np.pi * along + np.where(first, 0.0, np.pi))
    return X + noise * rng.uniform(-1.0, 1.0, X.shape), first


def moons(rng: Generator, samples: int, noise: float) -> tuple[Floats, Indices]:
    """Return points of two half circles that reach into each other; noise moves the points."""
    lower = _halves(samples)
    angle = np.pi * _along(lower)
    upper_moon = np.column_stack([np.cos(angle), np.sin(angle)])
    lower_moon = np.column_stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)])
    X = np.where(lower[:, None] == 1, lower_moon, upper_moon)
    return X + noise * rng.standard_normal(X.shape), lower


def plane(rng: Generator, samples: int, noise: float) -> tuple[Floats, Floats]:
    """Return points and a tenth of the sum of their coordinates, read at a place moved by the noise."""
    X = rng.uniform(-6.0, 6.0, (samples, 2))
    moved = X + noise * rng.uniform(-6.0, 6.0, X.shape)
    return X, moved.sum(axis=1, keepdims=True) / 10.0


def sine(rng: Generator, samples: int, noise: float) -> tuple[Floats, Floats]:
    """Return one period of a sine; noise is the standard deviation around it."""
    X = rng.uniform(-np.pi, np.pi, (samples, 1))
    return X, np.sin(X) + noise * rng.standard_normal(X.shape)


def _halves(samples: int) -> Indices:
    return (np.arange(samples) < samples - samples // 2).astype(np.intp)


def _along(first: Indices) -> Floats:
    """Return how far each sample is along its own half, from 0 to below 1."""
    n_first = int(first.sum())
    n_second = len(first) - n_first
    return np.concatenate([np.arange(n_first) / n_first, np.arange(n_second) / n_second])


def _polar(radius: Floats, angle: Floats) -> Floats:
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


def noise_setting(default: float) -> Setting:
    """Return the setting of how noisy data are."""
    return Setting(default, 0.0, 1.0, "How far the samples stray from the pure pattern; 0 is none.")


def _classes(points: Points, names: tuple[str, str], *, noise: float = 0.1, **words: str) -> Source:
    name = points.__name__

    def make(
        *, seed: int, samples: int = int(SAMPLES.default), noise: float = noise, balance: float = BALANCE.default
    ) -> Dataset:
        rng = np.random.default_rng(seed)
        even = balance == BALANCE.default
        X, labels = points(rng, samples, noise) if even else _uneven(points, rng, samples, noise, balance)
        return Dataset(name, X, ("x1", "x2"), Classes(labels, names))

    settings = {"samples": SAMPLES, "noise": noise_setting(noise), "balance": BALANCE}
    return Source(name=name, task="classes", make=make, settings=settings, **words)


def _uneven(points: Points, rng: Generator, samples: int, noise: float, share: float) -> tuple[Floats, Indices]:
    """Return so many samples, of which this share is of the first class: drawn from more, in their order."""
    first = min(max(1, round(samples * share)), samples - 1)
    X, labels = points(rng, 4 * max(first, samples - first), noise)
    kept = [rng.permutation(np.flatnonzero(labels == label))[:n] for label, n in ((0, first), (1, samples - first))]
    rows = np.sort(np.concatenate(kept))
    return X[rows], labels[rows]


def _numbers(curve: Curve, features: tuple[str, ...], **words: str) -> Source:
    name = curve.__name__

    def make(*, seed: int, samples: int = int(SAMPLES.default), noise: float = 0.1) -> Dataset:
        X, values = curve(np.random.default_rng(seed), samples, noise)
        return Dataset(name, X, features, Numbers(values, ("y",)))

    return Source(
        name=name, task="numbers", make=make, settings={"samples": SAMPLES, "noise": noise_setting(0.1)}, **words
    )


SYNTHETIC = (
    _classes(
        circle,
        ("outside", "inside"),
        label="Circle",
        doc="A disc inside a ring: a hidden layer has to close a curve around it.",
        formula="inside where x1^2 + x2^2 < 2.5^2; the ring begins at 3.5",
        source=PLAYGROUND,
    ),
    _classes(
        xor,
        ("different", "same"),
        label="Exclusive or",
        doc="Squares of two classes, crosswise: no single straight line separates them.",
        formula="same where x1 * x2 >= 0",
        source=PLAYGROUND,
    ),
    _classes(
        gauss,
        ("left", "right"),
        label="Two clouds",
        doc="Two normal distributions side by side: one straight line is enough.",
        formula="x ~ N((2, 2), 0.5 + 7 noise) and x ~ N((-2, -2), 0.5 + 7 noise)",
        source=PLAYGROUND,
    ),
    _classes(
        spiral,
        ("second arm", "first arm"),
        noise=0.0,
        label="Spiral",
        doc="Two arms wound around each other: hard for a small network.",
        formula="radius 5 t, angle 3.5 pi t (second arm + pi), t from 0 to 1",
        source=PLAYGROUND,
    ),
    _classes(
        moons,
        ("upper", "lower"),
        label="Moons",
        doc="Two half circles that reach into each other: a gentle curve separates them.",
        formula="upper (cos t, sin t), lower (1 - cos t, 1/2 - sin t), t from 0 to pi",
        source="scikit-learn, sklearn.datasets.make_moons, https://scikit-learn.org",
    ),
    _numbers(
        plane,
        ("x1", "x2"),
        label="Plane",
        doc="A slope over two inputs: a network without hidden layers can learn it.",
        formula="y = (x1 + x2) / 10",
        source=PLAYGROUND,
    ),
    _numbers(
        sine,
        ("x",),
        label="Sine",
        doc="One period of a sine with noise: see a curve being bent into shape.",
        formula="y = sin(x) + noise N(0, 1), x from -pi to pi",
    ),
)
