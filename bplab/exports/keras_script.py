"""The network as a Keras 3 model in one Python file, and its weights as .npz beside it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from bplab.exports import script
from bplab.exports.numpy_script import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.engine.activations import Array
    from bplab.exports.export import Files
    from bplab.exports.subject import Part, Subject

CALLS = {
    "tanh": "activations.tanh({z})",
    "relu": "activations.relu({z})",
    "leaky_relu": "activations.leaky_relu({z}, negative_slope={negative_slope})",
    "sigmoid": "activations.sigmoid({z})",
    "identity": "{z}",
    "elu": "activations.elu({z}, alpha={alpha})",
    "selu": "activations.selu({z})",
    "gelu": "activations.gelu({z}, approximate=False)",
    "silu": "activations.silu({z})",
    "softplus": "ops.logaddexp({z}, 0.0)",  # the softplus of some of Keras' backends is inexact above 20
    "softsign": "activations.softsign({z})",
    "sine": "ops.sin({z})",
    "hardtanh": "activations.hard_tanh({z})",
    "softmax": "activations.softmax({z})",
}
NORMALIZATIONS = {
    "batch_norm": "layers.BatchNormalization(momentum={momentum}, epsilon={eps}, name={name})(z)",
    "layer_norm": "layers.LayerNormalization(epsilon={eps}, name={name})(z)",
}
_NAMES = {  # of weights: PyTorch's, and Keras'
    "layer": {"weight": "kernel", "bias": "bias"},
    "norm": {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"},
}
_NOTE = (
    "It needs Keras 3 and a backend that it knows, such as PyTorch, TensorFlow or JAX; most of them multiply in "
    "float32, whatever is asked for. The model itself works on standardized values; predict() turns raw ones into "
    "them, and back."
)
_IMPORTS = """import csv
import sys
from functools import cache
from pathlib import Path

"""
_LOAD = '''

@cache
def load():
    """Return the model with its weights."""
    model = build()
    with np.load(Path(__file__).with_suffix(".npz"), allow_pickle=False) as stored:
        weights = dict(stored)
    for layer in model.layers:
        layer.set_weights([weights[f"{layer.name}.{w.name}"] for w in layer.weights])
    return model, weights


def predict(X):
    """Return the outputs, shape (samples, outputs), for raw inputs."""
    model, weights = load()
    X = np.asarray(X, dtype=np.float64)
'''


def make(subject: Subject, stem: str) -> Files:
    """Return the script and its weights."""
    return {f"{stem}.npz": _weights(subject), f"{stem}.py": _script(subject)}


def _weights(subject: Subject) -> bytes:
    stream = io.BytesIO()
    named = (_named(name, array) for name, array in subject.tensors().items())
    np.savez(stream, **dict(named))  # type: ignore[arg-type]  # the names are ours: none is that of an argument
    return stream.getvalue()


def _named(name: str, array: Array) -> tuple[str, Array]:
    """Return an array by Keras' name; kernels are transposed there."""
    layer, _, kind = name.partition(".")
    if not kind:
        return name, array
    named = _NAMES["norm" if layer.startswith("norm") else "layer"][kind]
    return f"{layer}.{named}", array.T if named == "kernel" else array


def _script(subject: Subject) -> bytes:
    return script.assembled(
        script.top(subject, "Keras 3", ".npz", _NOTE),
        _IMPORTS,
        _imports(subject),
        script.names(subject),
        f'\nkeras.config.set_floatx("{subject.dtype}")\n\n\n',
        'def build():\n    """Return the model, its weights not yet set."""\n',
        script.indented(_model(subject), 4),
        _LOAD,
        script.indented(_prediction(subject), 4),
        script.command_line(subject),
    )


def _imports(subject: Subject) -> str:
    calls = script.used(subject, CALLS)
    needed = [name for name in ("activations", "ops") if any(f"{name}." in text for text in calls)]
    return f"import keras\nimport numpy as np\nfrom keras import {', '.join(sorted([*needed, 'layers']))}\n\n"


def _model(subject: Subject) -> Iterator[str]:
    yield f"a0 = keras.Input(({subject.network.sizes[0]},))"
    for part in subject.parts:
        yield from _layer(part)
    yield f"return keras.Model(a0, a{len(subject.parts)})"


def _layer(part: Part) -> Iterator[str]:
    plan, number = part.layer.plan, part.number
    yield f'z = layers.Dense({len(part.layer)}, name="{part.name}")(a{number - 1})'
    if part.normalization != "none":
        settings = plan.normalization.values
        settings["momentum"] = 1.0 - settings.get("momentum", 0.0)  # Keras tells how much stays, not how much moves
        made = NORMALIZATIONS[part.normalization].format(name=f'"norm{number}"', **settings)
        yield f"z = {made}"
    yield f"a{number} = {script.call(CALLS[plan.activation.name], plan.activation)}"
    if plan.dropout:
        yield f"a{number} = layers.Dropout({plan.dropout!r})(a{number})"
    if plan.skip:
        yield f"a{number} = layers.Add()([a{number}, a{number - plan.skip}])"


def _prediction(subject: Subject) -> Iterator[str]:
    scales = dict(subject.scales())
    yield from script.made_inputs(subject, "np.column_stack", FEATURES, "X")
    if "input" in scales:
        yield 'X = (X - weights["input_mean"]) / weights["input_std"]'
    yield "outputs = keras.ops.convert_to_numpy(model(X)).astype(np.float64)"
    restored = ' * weights["output_std"] + weights["output_mean"]' if "output" in scales else ""
    yield f"return outputs{restored}"
