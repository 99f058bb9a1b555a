"""An ONNX model of dense layers: Gemm, or MatMul and Add, and the nodes of activations between them.

The operators: https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.errors import FileError
from bplab.exports.export import package
from bplab.imports.onnx_activation import recognise
from bplab.imports.weights import MOST_LAYERS, FoundLayer, FoundNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping


PASSED = {"Identity", "Dropout", "Flatten", "Cast", "Reshape"}  # values go through as they are
SCALING = {"Sub", "Div", "Mul", "Add"}  # before the first layer and after the last: standardization
AFTER = {"ArgMax", "Gather", "Greater", "Squeeze", "Cast"}  # the name of the class


@dataclass
class _Reading:
    """What has been read of a graph so far.

    Attributes
    ----------
    chosen : frozenset of str
        The names of the values that a Where works on.
    sums : str
        The name of the last layer's weighted sums.
    nodes : list of NodeProto
        What makes its activation, so far.
    """

    name: str
    constants: Mapping[str, np.ndarray]
    chosen: frozenset[str]
    imports: Any
    layers: list[FoundLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sums: str = ""
    nodes: list[Any] = field(default_factory=list)
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
    reading = _Reading(
        name,
        {tensor.name: _array(onnx, name, tensor) for tensor in graph.initializer},
        frozenset(value for node in graph.node if node.op_type == "Where" for value in node.input),
        model.opset_import,
    )
    for node in graph.node:
        _take(onnx, reading, node)
    if not reading.layers:
        raise FileError(f"{name} holds no dense layer.", "Only Gemm, or MatMul and Add, can be read.")
    if reading.nodes:
        _activate(onnx, reading, reading.nodes[-1].output[0])
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
    elif kind in ("Gemm", "MatMul"):
        _layer(onnx, reading, node, settings)
    elif kind == "Add" and reading.layers and not reading.has_bias and not reading.nodes:
        _bias(reading, node)
    elif _is_scaling(reading, node) or (reading.is_after and kind in AFTER):
        pass
    elif kind in AFTER - {"Cast"} and reading.layers and reading.chosen.isdisjoint(node.output):
        reading.is_after = True
    elif reading.layers:
        _gather(onnx, reading, node)
    elif kind not in PASSED:
        raise _refused(reading, node, "it comes before the first dense layer")


def _layer(onnx: Any, reading: _Reading, node: Any, settings: Mapping[str, Any]) -> None:
    if reading.layers:
        _activate(onnx, reading, node.input[0] if node.input else "")
    if node.op_type == "Gemm":
        _gemm(reading, node, settings)
    else:
        _add_layer(reading, node, _constant(reading, node, 1).T, None)


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
    reading.has_bias, reading.sums = b is not None, node.output[0] if node.output else ""
    bias = np.zeros(len(W)) if b is None else b
    made = FoundLayer(_name(node), W.astype(np.float64), bias.astype(np.float64))
    reading.layers.append(made)


def _bias(reading: _Reading, node: Any) -> None:
    b = next((reading.constants[name] for name in node.input if name in reading.constants), None)
    if b is None:
        raise _refused(reading, node, "it adds what is not a constant, as a skip connection does")
    last = reading.layers.pop()
    reading.layers.append(FoundLayer(last.name, last.W, b.astype(np.float64).ravel()))
    reading.has_bias, reading.sums = True, node.output[0] if node.output else ""


def _gather(onnx: Any, reading: _Reading, node: Any) -> None:
    """Take a node for a part of the last layer's activation: it works on that layer's sums and on numbers alone."""
    known = {"", reading.sums, *(value for part in reading.nodes for value in part.output)}
    known |= {name for name, array in reading.constants.items() if array.size == 1}
    is_passed = node.op_type in PASSED - {"Cast"}
    if not known.issuperset(node.input[:1] if is_passed else node.input):
        raise _refused(reading, node, "it works on more than the sums of one layer, as a skip connection does")
    if is_passed:
        node = onnx.helper.make_node("Identity", node.input[:1], node.output[:1])
    reading.nodes.append(node)


def _activate(onnx: Any, reading: _Reading, result: str) -> None:
    """Give the last layer the activation that the nodes after it make on the way to `result`."""
    nodes, reading.nodes = reading.nodes, []
    used = {name: reading.constants[name] for node in nodes for name in node.input if name in reading.constants}
    last = reading.layers.pop()
    choice = recognise(onnx, nodes, used, (reading.sums, result), reading.imports)
    if choice is None:
        kinds = ", ".join(node.op_type[:20] for node in nodes[:8]) or "nothing"
        raise FileError(
            f"{reading.name}: what follows the layer '{last.name[:60]}' ({kinds}) is no activation that bplab has.",
            f"Its activations: {', '.join(ACTIVATIONS)}.",
        )
    reading.layers.append(FoundLayer(last.name, last.W, last.b, choice))
    reading.has_bias = True


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
