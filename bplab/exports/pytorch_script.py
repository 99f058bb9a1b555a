"""The network as a PyTorch module in one Python file, and its weights as safetensors beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.exports import script
from bplab.exports.export import package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.exports.export import Files
    from bplab.exports.subject import Part, Subject

CALLS = {
    "tanh": "torch.tanh({z})",
    "relu": "F.relu({z})",
    "leaky_relu": "F.leaky_relu({z}, negative_slope={negative_slope})",
    "sigmoid": "torch.sigmoid({z})",
    "identity": "{z}",
    "elu": "F.elu({z}, alpha={alpha})",
    "selu": "F.selu({z})",
    "gelu": "F.gelu({z})",
    "silu": "F.silu({z})",
    "softplus": "F.softplus({z}, threshold=40.0)",  # PyTorch's own 20 is where it becomes inexact in float64
    "softsign": "F.softsign({z})",
    "sine": "torch.sin({z})",
    "hardtanh": "F.hardtanh({z})",
    "softmax": "F.softmax({z}, dim=1)",
}
FEATURES = {
    "identity": "{0}",
    "square": "torch.square({0})",
    "product": "{0} * {1}",
    "sine": "torch.sin({0})",
    "cosine": "torch.cos({0})",
}
NORMALIZATIONS = {
    "batch_norm": "nn.BatchNorm1d({size}, eps={eps}, momentum={momentum}, dtype=DTYPE)",
    "layer_norm": "nn.LayerNorm({size}, eps={eps}, dtype=DTYPE)",
}
_NOTE = (
    "It needs the packages torch and safetensors. To train it further, use load().train(); its losses then compare "
    "outputs with targets in their own units."
)
_IMPORTS = """import csv
import sys
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
"""
_FUNCTIONAL = "from torch.nn import functional as F\n"
_CLASS = '''

class Network(nn.Module):
    """From raw inputs to outputs; the standardization is part of it."""

    def __init__(self):
        super().__init__()
'''
_FORWARD = '''
    def forward(self, x):
        """Return the outputs, shape (samples, outputs), for raw inputs."""
'''
_LOAD = '''

@cache
def load():
    """Return the network with its weights, ready to predict."""
    network = Network()
    network.load_state_dict(load_file(Path(__file__).with_suffix(".safetensors")))
    return network.eval()


@torch.no_grad()
def predict(X):
    """Return the outputs, shape (samples, outputs), for raw inputs."""
    return load()(torch.as_tensor(X, dtype=torch.float64)).numpy()
'''


def make(subject: Subject, stem: str) -> Files:
    """Return the script and its weights."""
    return {f"{stem}.safetensors": _weights(subject), f"{stem}.py": _script(subject)}


def _weights(subject: Subject) -> bytes:
    tensors = subject.tensors()
    for part in subject.parts:
        if len(part.layer.running_mean):  # what BatchNorm1d counts beside its statistics
            tensors[f"norm{part.number}.num_batches_tracked"] = np.array(subject.step, dtype=np.int64)
    content: bytes = package("safetensors.numpy", "The export to PyTorch").save(tensors)
    return content


def _script(subject: Subject) -> bytes:
    calls = script.used(subject, CALLS)
    return script.assembled(
        script.top(subject, "PyTorch", ".safetensors", _NOTE),
        _IMPORTS,
        _FUNCTIONAL if any("F." in text for text in calls) else "",
        "\n",
        script.names(subject),
        f"DTYPE = torch.{subject.dtype}\n",
        _CLASS,
        script.indented(_members(subject), 8),
        _FORWARD,
        script.indented(_steps(subject), 8),
        _LOAD,
        script.command_line(subject),
    )


def _members(subject: Subject) -> Iterator[str]:
    for name, scale in subject.scales():
        for kind in ("mean", "std"):
            empty = "zeros" if kind == "mean" else "ones"
            yield f'self.register_buffer("{name}_{kind}", torch.{empty}({len(scale.mean)}, dtype=torch.float64))'
    for part in subject.parts:
        size, plan = len(part.layer), part.layer.plan
        yield f"self.{part.name} = nn.Linear({part.n_in}, {size}, dtype=DTYPE)"
        if part.normalization != "none":
            made = NORMALIZATIONS[part.normalization].format(size=size, **plan.normalization.values)
            yield f"self.norm{part.number} = {made}"
        if plan.dropout:
            yield f"self.dropout{part.number} = nn.Dropout({plan.dropout!r})"


def _steps(subject: Subject) -> Iterator[str]:
    scales, last = dict(subject.scales()), len(subject.parts)
    yield from _stacked(subject)
    yield f"a0 = {'(x - self.input_mean) / self.input_std' if 'input' in scales else 'x'}"
    if subject.dtype == "float32":
        yield "a0 = a0.to(DTYPE)"
    for part in subject.parts:
        yield from _layer(part)
    output = f"a{last}.to(torch.float64)" if subject.dtype == "float32" else f"a{last}"
    yield f"return {output}{' * self.output_std + self.output_mean' if 'output' in scales else ''}"


def _stacked(subject: Subject) -> Iterator[str]:
    *lines, end = script.made_inputs(subject, "torch.stack", FEATURES, "x") or [""]
    if lines:
        yield from [*lines[:-1], f"{lines[-1]},", "    dim=1,", end]


def _layer(part: Part) -> Iterator[str]:
    plan, number = part.layer.plan, part.number
    yield f"z = self.{part.name}(a{number - 1})"
    if part.normalization != "none":
        yield f"z = self.norm{number}(z)"
    yield f"a{number} = {script.call(CALLS[plan.activation.name], plan.activation)}"
    if plan.dropout:
        yield f"a{number} = self.dropout{number}(a{number})"
    if plan.skip:
        yield f"a{number} = a{number} + a{number - plan.skip}"
