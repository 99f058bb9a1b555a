"""Random experiments of every kind of layer, and their exported scripts run as a user would."""

from __future__ import annotations

import runpy
from functools import cache

import numpy as np
from hypothesis import strategies as st

from bplab import Experiment
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.normalization import NORMALIZATIONS
from bplab.experiment import edits
from bplab.exports.subject import Subject
from bplab.qt.exports import EXPORTS

HIDDEN = [name for name, entry in ACTIVATIONS.items() if not entry.output_only]
OUTPUTS = {"iris": [None], "circle": [None, "tanh", "identity"], "sine": HIDDEN, "plane": [None]}
INPUTS = ("", "x1,x2^2,x1*x2", "sin(x1),cos(x2),x2")


def choices(catalogue, names):
    def settings(name):
        entry = catalogue[name]
        ranges = {
            key: st.floats(max(setting.low, 1e-6), min(setting.high, 2.0)) for key, setting in entry.settings.items()
        }
        return st.fixed_dictionaries(ranges).map(lambda values: catalogue.choose(name, **values))

    return st.sampled_from(list(names)).flatmap(settings)


@st.composite
def experiments(draw, dtypes=("float64", "float32"), datas=tuple(OUTPUTS)):
    """An experiment with random layers, parameters and statistics."""
    data = draw(st.sampled_from(datas))
    inputs = draw(st.sampled_from(INPUTS)) if data in ("circle", "plane") else ""
    loss = "hinge" if data == "circle" and draw(st.booleans()) else None
    output = draw(st.sampled_from(OUTPUTS[data])) if loss or data == "sine" else None
    size, depth = draw(st.integers(1, 5)), draw(st.integers(0, 4))
    base = Experiment.new(
        data, hidden=[size] * depth, dtype=draw(st.sampled_from(dtypes)), inputs=inputs, loss=loss,
        output="tanh" if loss and output is None else output,
    )  # fmt: skip
    spec = base.spec
    for place in range(depth):
        spec = edits.change_layer(
            spec,
            place,
            activation=draw(choices(ACTIVATIONS, HIDDEN)),
            normalization=draw(choices(NORMALIZATIONS, NORMALIZATIONS)),
            dropout=draw(st.sampled_from([0.0, 0.3])),
            skip_from=draw(st.sampled_from([None, *(spec.network.hidden[k].key for k in range(place))])),
        )
    base.apply(spec)
    scrambled(base, draw(st.integers(0, 2**16)))
    return base


def scrambled(experiment, seed):
    """Give every parameter and every running statistic a random value."""
    rng, network = np.random.default_rng(seed), experiment.network
    network.parameters[:] = rng.normal(0.0, 0.7, len(network.parameters))
    for layer in network.layers:
        layer.running_mean[:] = rng.normal(0.0, 1.0, len(layer.running_mean))
        layer.running_variance[:] = rng.uniform(0.1, 2.0, len(layer.running_variance))
    return experiment


def raw(experiment, rows=12):
    """Raw values, some of them far from the data."""
    X = experiment.data.dataset.X[:rows].copy()
    X[:4] *= 3.0
    return X


def written(experiment, name, folder, stem="made"):
    """Write an export and return the path that was asked for."""
    path = folder / f"{stem}{EXPORTS[name].suffix}"
    for place, content in EXPORTS[name].files(Subject.of(experiment), path).items():
        place.write_bytes(content)
    return path


def predictions(experiment, name, folder):
    """Return what an exported script predicts, and what bplab does."""
    script = runpy.run_path(str(written(experiment, name, folder)))
    X = raw(experiment)
    return script["predict"](X), Subject.of(experiment).predict(X)


@cache
def hostile_csv():
    """A table whose names try to become code or markup."""
    names = ['"""\nimport os', "<script>alert(1)</script>", "'; DROP", "\\", "{x}", "\u202eevil", "ž,\x07"]
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in [*names, "y"])
    classes = ['"<b>""yes""</b>"', '"</svg>&amp;"', "\"'''\""]
    rows = (",".join([*(f"{(k * 7 + j) % 5 + j / 10}" for j in range(len(names))), classes[k % 3]]) for k in range(12))
    return (quoted + "\n" + "\n".join(rows) + "\n").encode()


def hostile(folder):
    path = folder / "hostile.csv"
    path.write_bytes(hostile_csv())
    return Experiment.new(path, hidden=[3])
