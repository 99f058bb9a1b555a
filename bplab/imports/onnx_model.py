"""An ONNX model of dense layers: Gemm, or MatMul and Add, and the activations between them.

The operators: https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.errors import BplabError, FileError
from bplab.exports.export import package
from bplab.imports.weights import MOST_LAYERS, FoundLayer, FoundNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bplab.catalogue import Choice

PLAIN = {
    "Relu": "relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Sin": "sine",
    "Gelu": "gelu",
    "Selu": "selu",
    "Softmax": "softmax",
}
PASSED = {"Identity", "Dropout", "Flatten", "Cast", "Reshape"}  # values go through as they are
SCALING = {"Sub", "Div", "Mul", "Add"}  # before the first layer and after the last: standardization
AFTER = {"ArgMax", "Gather", "Greater", "Squeeze", "Cast"}  # the name of the class


@dataclass
class _Reading:
    """What has been read of a graph so far."""

    name: str
    constants: Mapping[str, np.ndarray]
    layers: list[FoundLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    has_bias: bool = True
    is_after: bool = False


def read(content: bytes, name: str) -> FoundNetwork:
    """Return the dense layers of a model, with their activations."""
    onnx = package("onnx", "Reading ONNX")
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # noqa: BLE001 - the library raises an error of protobuf's, whichever is installed
        raise FileError(f"{name} is damaged, or not an ONNX file: {str(error)[:100]}.", "Export it again.") from None
    graph = model.graph
    if not graph.node:
        raise FileError(f"{name} is not an ONNX model, or has no layers.", "Export it again.")
    reading = _Reading(name, {tensor.name: _array(onnx, name, tensor) for tensor in graph.initializer})
    for node in graph.node:
        _take(onnx, reading, node)
    if not reading.layers:
        raise FileError(f"{name} holds no dense layer.", "Only Gemm, or MatMul and Add, can be read.")
    return FoundNetwork(name, tuple(reading.layers), tuple(dict.fromkeys(reading.notes)))


def _array(onnx: Any, name: str, tensor: Any) -> np.ndarray:
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise FileError(f"{name} keeps '{tensor.name}' in another file.", "Export it with its weights inside.")
    size = int(np.prod([max(0, n) for n in tensor.dims], dtype=object)) if tensor.dims else 1
    if size > 8 * max(1, tensor.ByteSize()):
        raise FileError(f"{name} is damaged: '{tensor.name}' is not as long as its shape.", "Export it again.")
    try:
        return np.asarray(onnx.numpy_helper.to_array(tensor))
    except Exception as error:  # noqa: BLE001 - of a library; whatever is wrong, the file is
        raise FileError(
            f"{name} is damaged: '{tensor.name}' cannot be read ({str(error)[:80]}).", "Export it again."
        ) from None


def _take(onnx: Any, reading: _Reading, node: Any) -> None:
    """Take one node over, or refuse it by name."""
    kind = node.op_type
    settings = {part.name: onnx.helper.get_attribute_value(part) for part in node.attribute}
    if kind == "Constant" and "value" in settings:
        reading.constants = {**reading.constants, node.output[0]: _array(onnx, reading.name, settings["value"])}
    elif kind == "Gemm":
        _gemm(reading, node, settings)
    elif kind == "MatMul":
        _add_layer(reading, node, _constant(reading, node, 1).T, None)
    elif kind == "Add" and reading.layers and not reading.has_bias:
        _bias(reading, node)
    elif _is_scaling(reading, node) or (reading.is_after and kind in AFTER):
        pass
    elif kind in AFTER - {"Cast"} and reading.layers:
        reading.is_after = True
    elif kind not in PASSED:
        _activate(reading, node, _activation(kind, settings))


def _is_scaling(reading: _Reading, node: Any) -> bool:
    if node.op_type not in SCALING or not any(name in reading.constants for name in node.input):
        return False
    own = {constant for constant in node.input if constant in reading.constants}
    is_end = not reading.layers or (own and all(name.startswith("output_") for name in own))
    if is_end:
        reading.notes.append("Its scaling of inputs or outputs was left out: the experiment's own is used.")
    return bool(is_end)


def _gemm(reading: _Reading, node: Any, settings: Mapping[str, Any]) -> None:
    if settings.get("alpha", 1.0) != 1.0 or settings.get("beta", 1.0) != 1.0 or settings.get("transA", 0):
        raise _refused(reading, node, "it scales or transposes its input")
    W = _constant(reading, node, 1)
    b = (
        _constant(reading, node, 2).ravel()
        if len(node.input) > 2
        else np.zeros(W.shape[0 if settings.get("transB") else -1])
    )
    _add_layer(reading, node, W if settings.get("transB", 0) else W.T, b)


def _add_layer(reading: _Reading, node: Any, W: np.ndarray, b: np.ndarray | None) -> None:
    if W.ndim != 2 or len(reading.layers) >= MOST_LAYERS:
        raise _refused(reading, node, "its weights are not a table" if W.ndim != 2 else "there are too many layers")
    if reading.layers and W.shape[1] != len(reading.layers[-1].W):
        raise _refused(reading, node, f"it hears {W.shape[1]} inputs, the layer before has {len(reading.layers[-1].W)}")
    if reading.layers and reading.layers[-1].activation is None:
        _activate(reading, node, ACTIVATIONS.choose("identity"))
    reading.has_bias = b is not None
    bias = np.zeros(len(W)) if b is None else b
    made = FoundLayer(_name(node), W.astype(np.float64), bias.astype(np.float64))
    reading.layers.append(made)


def _bias(reading: _Reading, node: Any) -> None:
    b = next((reading.constants[name] for name in node.input if name in reading.constants), None)
    if b is None:
        raise _refused(reading, node, "it adds what is not a constant, as a skip connection does")
    last = reading.layers.pop()
    reading.layers.append(FoundLayer(last.name, last.W, b.astype(np.float64).ravel()))
    reading.has_bias = True


def _activate(reading: _Reading, node: Any, choice: Choice | None) -> None:
    if choice is None or not reading.layers or reading.layers[-1].activation is not None:
        raise _refused(reading, node, "it is neither a dense layer nor an activation after one")
    last = reading.layers.pop()
    reading.layers.append(FoundLayer(last.name, last.W, last.b, choice))
    reading.has_bias = True


def _activation(kind: str, settings: Mapping[str, Any]) -> Choice | None:
    try:
        if kind == "LeakyRelu":
            return ACTIVATIONS.choose("leaky_relu", negative_slope=settings.get("alpha", 0.01))
        if kind == "Elu":
            return ACTIVATIONS.choose("elu", alpha=settings.get("alpha", 1.0))
        return ACTIVATIONS.choose(PLAIN[kind]) if kind in PLAIN else None
    except BplabError:
        return None


def _constant(reading: _Reading, node: Any, place: int) -> np.ndarray:
    name = node.input[place] if place < len(node.input) else ""
    if name not in reading.constants:
        raise _refused(reading, node, "its weights are not in the file")
    return reading.constants[name]


def _name(node: Any) -> str:
    return str(node.name or (node.output[0] if node.output else node.op_type))


def _refused(reading: _Reading, node: Any, why: str) -> FileError:
    return FileError(
        f"{reading.name}: the node '{_name(node)[:60]}' ({node.op_type[:40]}) cannot be read: {why}.",
        "Only dense networks can be: Gemm, or MatMul and Add, with activations between them.",
    )
