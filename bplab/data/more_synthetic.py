"""More made-up data: several classes in the plane, curves and surfaces, boolean functions, the 8-3-8 autoencoder."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.data.dataset import Classes, Dataset, Floats, Numbers, Source
from bplab.data.synthetic import PLAYGROUND, SAMPLES, noise_setting

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BITS = 10


def rings(*, seed: int, samples: int = 500, noise: float = 0.1, classes: int = 3) -> Dataset:
    """Return rings around each other, one for each class; noise is the standard deviation of the radius."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % classes
    radius = 1.0 + labels + noise * rng.standard_normal(samples)
    angle = rng.uniform(0.0, 2 * np.pi, samples)
    return _in_plane(
        "rings", np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), labels, "ring", classes
    )


def checkerboard(*, seed: int, samples: int = 500, noise: float = 0.0, fields: int = 4) -> Dataset:
    """Return points of a board; noise moves a point while its class is decided."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.0, fields, (samples, 2))
    moved = X + noise * rng.uniform(-1.0, 1.0, X.shape)
    labels = np.floor(moved).sum(axis=1).astype(np.intp) % 2
    return Dataset("checkerboard", X, ("x1", "x2"), Classes(labels, ("white", "black")))


def blobs(*, seed: int, samples: int = 500, noise: float = 0.3, classes: int = 4) -> Dataset:
    """Return normal distributions whose centres stand on a circle; noise is their standard deviation over 2."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % classes
    angle = 2 * np.pi * labels / classes
    centres = 3.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    return _in_plane("blobs", centres + 2.0 * noise * rng.standard_normal((samples, 2)), labels, "blob", classes)


def hills(*, seed: int, samples: int = 500, noise: float = 0.1) -> Dataset:
    """Return points and the height of six hills and valleys, read at a place moved by the noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-6.0, 6.0, (samples, 2))
    moved = X + noise * rng.uniform(-6.0, 6.0, X.shape)
    places = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    heights = signs * np.clip(1.0 - np.linalg.norm(moved[:, None] - places, axis=2) / 2.0, 0.0, 1.0)
    largest = np.abs(heights).argmax(axis=1)
    return Dataset("hills", X, ("x1", "x2"), Numbers(heights[np.arange(samples), largest][:, None], ("y",)))


def _curve(name: str, function: Callable[[Floats], Floats]) -> Callable[..., Dataset]:
    def make(*, seed: int, samples: int = 500, noise: float = 0.1) -> Dataset:
        rng = np.random.default_rng(seed)
        X = rng.uniform(-3.0, 3.0, (samples, 1))
        return Dataset(name, X, ("x",), Numbers(function(X) + noise * rng.standard_normal(X.shape), ("y",)))

    return make


def friedman(*, seed: int, samples: int = 500, noise: float = 0.1) -> Dataset:
    """Return ten inputs of which five count; noise times 10 is the standard deviation around the function."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.0, 1.0, (samples, 10))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    values = (y + 10.0 * noise * rng.standard_normal(samples))[:, None]
    return Dataset("friedman", X, tuple(f"x{i}" for i in range(1, 11)), Numbers(values, ("y",)))


def _boolean(name: str, rule: Callable[[Floats], np.ndarray], names: tuple[str, str]) -> Callable[..., Dataset]:
    def make(*, seed: int, bits: int = 4, repeats: int = 4) -> Dataset:  # noqa: ARG001 - there is nothing to draw
        X = _every_word(bits)
        labels, features = rule(X).astype(np.intp), tuple(f"bit {i + 1}" for i in range(bits))
        return Dataset(name, np.tile(X, (repeats, 1)), features, Classes(np.tile(labels, repeats), names))

    return make


def _every_word(bits: int) -> Floats:
    return np.array(list(itertools.product((0.0, 1.0), repeat=bits)))


def autoencoder(*, seed: int, size: int = 8, repeats: int = 8) -> Dataset:  # noqa: ARG001 - there is nothing to draw
    """Return words with a single 1, each to be given back through a narrow layer."""
    X = np.tile(np.eye(size), (repeats, 1))
    names = tuple(f"place {i + 1}" for i in range(size))
    return Dataset("autoencoder", X, names, Numbers(X, names))


def _in_plane(name: str, X: Floats, labels: np.ndarray, word: str, classes: int) -> Dataset:
    return Dataset(name, X, ("x1", "x2"), Classes(labels, tuple(f"{word} {i + 1}" for i in range(classes))))


_CLASSES = Setting(3, 2, 10, "How many classes there are.", whole=True)
_BITS = {
    "bits": Setting(4, 2, MOST_BITS, "How many inputs there are, each 0 or 1.", whole=True),
    "repeats": Setting(4, 1, 100, "How often every word is there, so that some are left to train with.", whole=True),
}

MORE_SYNTHETIC = (
    Source(
        name="rings",
        label="Rings",
        doc="Rings around each other: a border that closes for each class.",
        formula="radius = class + noise N(0, 1)",
        task="classes",
        make=rings,
        settings={"samples": SAMPLES, "noise": noise_setting(0.1), "classes": _CLASSES},
    ),
    Source(
        name="checkerboard",
        label="Checkerboard",
        doc="Black and white fields: many borders at once.",
        formula="black where floor(x1) + floor(x2) is odd",
        task="classes",
        make=checkerboard,
        settings={
            "samples": SAMPLES,
            "noise": noise_setting(0.0),
            "fields": Setting(4, 2, 10, "How many fields a side has.", whole=True),
        },
    ),
    Source(
        name="blobs",
        label="Blobs",
        doc="Clouds of several classes around a circle.",
        formula="x ~ N(3 (cos t, sin t), (2 noise)^2), t = 2 pi class / classes",
        task="classes",
        make=blobs,
        settings={
            "samples": SAMPLES,
            "noise": noise_setting(0.3),
            "classes": Setting(4, 2, 10, "How many classes there are.", whole=True),
        },
    ),
    Source(
        name="hills",
        label="Hills",
        doc="Six hills and valleys over two inputs: a surface to be learnt.",
        formula="y = +-max(0, 1 - distance / 2) from the nearest of six places",
        source=PLAYGROUND,
        task="numbers",
        make=hills,
        settings={"samples": SAMPLES, "noise": noise_setting(0.1)},
    ),
    Source(
        name="step",
        label="Step",
        doc="A jump that a smooth network can only come near to.",
        formula="y = -1 for x < 0, else 1, + noise N(0, 1)",
        task="numbers",
        make=_curve("step", lambda X: np.where(X < 0.0, -1.0, 1.0)),
        settings={"samples": SAMPLES, "noise": noise_setting(0.1)},
    ),
    Source(
        name="polynomial",
        label="Polynomial",
        doc="A curve with two bends.",
        formula="y = x^3 / 9 - x, + noise N(0, 1)",
        task="numbers",
        make=_curve("polynomial", lambda X: X**3 / 9.0 - X),
        settings={"samples": SAMPLES, "noise": noise_setting(0.1)},
    ),
    Source(
        name="friedman",
        label="Friedman",
        doc="Ten inputs, five of which count for nothing: the network has to find out.",
        formula="y = 10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5 + 10 noise N(0, 1)",
        source="Friedman, Ann. Statist. 19, 1991, doi:10.1214/aos/1176347963",
        task="numbers",
        make=friedman,
        settings={"samples": SAMPLES, "noise": noise_setting(0.1)},
    ),
    Source(
        name="parity",
        label="Parity",
        doc="Is the number of ones odd? Every bit counts, and none tells anything alone.",
        formula="odd where x1 + ... + xn is odd",
        source="Minsky and Papert, Perceptrons, MIT Press 1969",
        task="classes",
        make=_boolean("parity", lambda X: X.sum(axis=1) % 2, ("even", "odd")),
        settings=_BITS,
    ),
    Source(
        name="majority",
        label="Majority",
        doc="Are more than half of the bits ones? A single neuron is enough.",
        formula="most where x1 + ... + xn > n / 2",
        task="classes",
        make=_boolean("majority", lambda X: X.sum(axis=1) > X.shape[1] / 2, ("few", "most")),
        settings=_BITS,
    ),
    Source(
        name="all_ones",
        label="All ones (and)",
        doc="Are all bits ones? The boolean and.",
        formula="all where x1 * ... * xn = 1",
        task="classes",
        make=_boolean("all_ones", lambda X: X.min(axis=1) == 1.0, ("not all", "all")),
        settings=_BITS,
    ),
    Source(
        name="autoencoder",
        label="Autoencoder 8-3-8",
        doc="Eight words to be given back through three neurons: the network invents a code.",
        formula="y = x, one of the inputs is 1",
        source="Ackley, Hinton and Sejnowski, Cognitive Science 9, 1985",
        task="numbers",
        make=autoencoder,
        settings={
            "size": Setting(8, 2, 64, "How many inputs, and outputs, there are.", whole=True),
            "repeats": Setting(8, 1, 100, "How often every word is there.", whole=True),
        },
    ),
)
