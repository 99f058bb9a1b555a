"""The network as one Python file that needs numpy alone, and its weights as .npz beside it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from bplab.exports import script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.exports.export import Files
    from bplab.exports.subject import Part, Subject

# Of each activation, the call and the function that it calls.
CALLS = {
    "tanh": "np.tanh({z})",
    "relu": "np.maximum({z}, 0.0)",
    "leaky_relu": "leaky_relu({z}, negative_slope={negative_slope})",
    "sigmoid": "sigmoid({z})",
    "identity": "{z}",
    "elu": "elu({z}, alpha={alpha})",
    "selu": "selu({z})",
    "gelu": "gelu({z})",
    "silu": "{z} * sigmoid({z})",
    "softplus": "np.logaddexp(0.0, {z})",
    "softsign": "{z} / (1.0 + np.abs({z}))",
    "sine": "np.sin({z})",
    "hardtanh": "np.clip({z}, -1.0, 1.0)",
    "softmax": "softmax({z})",
}
FEATURES = {
    "identity": "{0}",
    "square": "np.square({0})",
    "product": "{0} * {1}",
    "sine": "np.sin({0})",
    "cosine": "np.cos({0})",
}
_SIGMOID = """
def sigmoid(z):
    with np.errstate(over="ignore"):  # exp may become infinite: 1 / (1 + inf) is 0
        return 1.0 / (1.0 + np.exp(-z))
"""
_ELU = """
def elu(z, alpha):
    return np.where(z > 0.0, z, alpha * np.expm1(np.minimum(z, 0.0)))
"""
_SELU = """
def selu(z):
    return 1.0507009873554805 * elu(z, alpha=1.6732632423543772)
"""
FUNCTIONS = {
    "leaky_relu": ("\ndef leaky_relu(z, negative_slope):\n    return np.where(z > 0.0, z, negative_slope * z)\n",),
    "sigmoid": (_SIGMOID,),
    "silu": (_SIGMOID,),
    "elu": (_ELU,),
    "selu": (_ELU, _SELU),
    "gelu": (
        """
def gelu(z):
    erf = np.vectorize(math.erf, otypes=[z.dtype])  # numpy has none
    return z * 0.5 * (1.0 + erf(z * 0.5**0.5))
""",
    ),
    "softmax": (
        """
def softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
""",
    ),
    "batch_norm": (
        """
def batch_norm(z, name, eps):
    mean, variance = WEIGHTS[f"{name}.running_mean"], WEIGHTS[f"{name}.running_var"]
    x = (z - mean) / np.sqrt(variance + eps)
    return x * WEIGHTS[f"{name}.weight"] + WEIGHTS[f"{name}.bias"]
""",
    ),
    "layer_norm": (
        """
def layer_norm(z, name, eps):
    mean, variance = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    x = (z - mean) / np.sqrt(variance + eps)
    return x * WEIGHTS[f"{name}.weight"] + WEIGHTS[f"{name}.bias"]
""",
    ),
}
_DENSE = """

def dense(a, name):
    return a @ WEIGHTS[f"{name}.weight"].T + WEIGHTS[f"{name}.bias"]
"""
_IMPORTS = "import csv\n{math}import sys\nfrom pathlib import Path\n\nimport numpy as np\n\n"
_LOAD = """
with np.load(Path(__file__).with_suffix(".npz"), allow_pickle=False) as stored:
    WEIGHTS = dict(stored)
"""
_PREDICT = '''

def predict(X):
    """Return the outputs, shape (samples, outputs), for raw inputs."""
'''


def make(subject: Subject, stem: str) -> Files:
    """Return the script and its weights."""
    return {f"{stem}.npz": _weights(subject), f"{stem}.py": _script(subject)}


def _weights(subject: Subject) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **subject.tensors())  # type: ignore[arg-type]  # the names are ours: none is that of an argument
    return stream.getvalue()


def _script(subject: Subject) -> bytes:
    needed = {part.layer.choice.name for part in subject.parts} | {part.normalization for part in subject.parts}
    functions = dict.fromkeys(text for name, texts in FUNCTIONS.items() if name in needed for text in texts)
    return script.assembled(
        script.top(subject, "NumPy alone", ".npz"),
        _IMPORTS.format(math="import math\n" if "gelu" in needed else ""),
        script.names(subject),
        _LOAD,
        _DENSE,
        *(f"\n{text}" for text in functions),
        _PREDICT,
        script.indented(_steps(subject), 4),
        script.command_line(subject),
    )


def _steps(subject: Subject) -> Iterator[str]:
    scales, last = dict(subject.scales()), len(subject.parts)
    yield "X = np.asarray(X, dtype=np.float64)"
    yield from script.made_inputs(subject, "np.column_stack", FEATURES, "X")
    yield 'a0 = (X - WEIGHTS["input_mean"]) / WEIGHTS["input_std"]' if "input" in scales else "a0 = X"
    if subject.dtype == "float32":
        yield "a0 = a0.astype(np.float32)"
    for part in subject.parts:
        yield from _layer(part)
    output = f"a{last}.astype(np.float64)" if subject.dtype == "float32" else f"a{last}"
    restored = ' * WEIGHTS["output_std"] + WEIGHTS["output_mean"]' if "output" in scales else ""
    yield f"return {output}{restored}"


def _layer(part: Part) -> Iterator[str]:
    plan, number = part.layer.plan, part.number
    yield f'z = dense(a{number - 1}, "{part.name}")'
    if part.normalization != "none":
        yield f'z = {part.normalization}(z, "norm{number}", eps={plan.normalization.values["eps"]!r})'
    skipped = f" + a{number - plan.skip}" if plan.skip else ""
    yield f"a{number} = {script.call(CALLS[plan.activation.name], plan.activation)}{skipped}"
