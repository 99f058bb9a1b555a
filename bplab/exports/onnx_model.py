"""The network as an ONNX graph: raw values in, predictions out.

Activations are made of operators that runtimes know for both precisions: most have no Elu, Selu, Softplus or Softsign
for float64.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab import __version__
from bplab.exports.export import package

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array
    from bplab.exports.export import Files
    from bplab.exports.subject import Part, Subject

OPSET, IR_VERSION = 17, 8  # the first opset with LayerNormalization, and the file format of its time
PURPOSE = "The export to ONNX"


class Graph:
    """A graph that grows node by node; values are named by what they hold."""

    def __init__(self, dtype: str) -> None:
        self.onnx = package("onnx", PURPOSE)
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def add(self, operator: str, *inputs: str | float, name: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output; numbers among the inputs become constants."""
        names = [value if isinstance(value, str) else self.number(value) for value in inputs]
        output = name or f"{operator}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, names, [output], **attributes))
        return output

    def number(self, value: float) -> str:
        """Return the name of a constant number in the network's precision."""
        return self.constant(f"number_{value!r}", np.array(value, self.dtype))

    def constant(self, name: str, array: Array) -> str:
        """Return the name under which the graph knows an array from now on."""
        self.constants[name] = self.onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def texts(self, name: str, values: tuple[str, ...]) -> str:
        """Return the name under which the graph knows texts from now on."""
        encoded = [value.encode("utf-8", "replace") for value in values]
        made = self.onnx.helper.make_tensor(name, self.onnx.TensorProto.STRING, [len(values)], encoded)
        self.constants[name] = made
        return name

    def cast(self, value: str, dtype: str, name: str = "") -> str:
        """Add a change of the precision."""
        kinds = {"float32": self.onnx.TensorProto.FLOAT, "float64": self.onnx.TensorProto.DOUBLE}
        return self.add("Cast", value, name=name, to=kinds[dtype])


def _elu(g: Graph, z: str, alpha: float) -> str:
    below = g.add("Mul", g.add("Sub", g.add("Exp", g.add("Min", z, 0.0)), 1.0), alpha)
    return g.add("Where", g.add("Greater", z, 0.0), z, below)


def _leaky_relu(g: Graph, z: str, negative_slope: float) -> str:
    return g.add("Where", g.add("Greater", z, 0.0), z, g.add("Mul", z, negative_slope))


def _selu(g: Graph, z: str) -> str:
    return g.add("Mul", _elu(g, z, 1.6732632423543772), 1.0507009873554805)


def _gelu(g: Graph, z: str) -> str:
    """Runtimes know erf in float32 alone: what rounding took from x comes back by its slope, 2 / sqrt(pi) exp(-x^2)."""
    x = g.add("Mul", z, math.sqrt(0.5))
    rounded = g.cast(x, "float32")
    erf = g.cast(g.add("Erf", rounded), g.dtype)
    lost = g.add("Sub", x, g.cast(rounded, g.dtype))
    slope = g.add("Mul", g.add("Exp", g.add("Neg", g.add("Mul", x, x))), 2.0 / math.sqrt(math.pi))
    erf = g.add("Add", erf, g.add("Mul", lost, slope))
    return g.add("Mul", g.add("Mul", z, 0.5), g.add("Add", erf, 1.0))


def _softplus(g: Graph, z: str) -> str:
    small = g.add("Exp", g.add("Neg", g.add("Abs", z)))
    return g.add("Add", g.add("Max", z, 0.0), g.add("Log", g.add("Add", small, 1.0)))


ACTIVATIONS: dict[str, Callable[..., str]] = {
    "tanh": lambda g, z: g.add("Tanh", z),
    "relu": lambda g, z: g.add("Relu", z),
    "leaky_relu": _leaky_relu,
    "sigmoid": lambda g, z: g.add("Sigmoid", z),
    "identity": lambda g, z: g.add("Identity", z),
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": lambda g, z: g.add("Mul", z, g.add("Sigmoid", z)),
    "softplus": _softplus,
    "softsign": lambda g, z: g.add("Div", z, g.add("Add", g.add("Abs", z), 1.0)),
    "sine": lambda g, z: g.add("Sin", z),
    "hardtanh": lambda g, z: g.add("Max", g.add("Min", z, 1.0), -1.0),
    "softmax": lambda g, z: g.add("Softmax", z, axis=1),
}
FEATURES: dict[str, Callable[..., str]] = {
    "identity": lambda g, x: g.add("Identity", x),
    "square": lambda g, x: g.add("Mul", x, x),
    "product": lambda g, x, y: g.add("Mul", x, y),
    "sine": lambda g, x: g.add("Sin", x),
    "cosine": lambda g, x: g.add("Cos", x),
}
NORMALIZATIONS: dict[str, Callable[[Graph, str, str, float], str]] = {
    "batch_norm": lambda g, z, name, eps: g.add(
        "BatchNormalization", z, *(f"{name}.{kind}" for kind in ("weight", "bias", "running_mean", "running_var")),
        epsilon=eps,
    ),
    "layer_norm": lambda g, z, name, eps: g.add(
        "LayerNormalization", z, f"{name}.weight", f"{name}.bias", axis=-1, epsilon=eps
    ),
}  # fmt: skip


def make(subject: Subject, stem: str) -> Files:
    """Return the model, checked."""
    graph = Graph(subject.dtype)
    for name, array in subject.tensors().items():
        graph.constant(name, array)
    a = [_scaled(graph, subject)]
    for part in subject.parts:
        a.append(_layer(graph, part, a))
    _restored(graph, subject, a[-1])
    if subject.data.class_names:
        _label(graph, subject)
    model = _model(graph, subject)
    graph.onnx.checker.check_model(model, full_check=True)
    return {f"{stem}.onnx": model.SerializeToString()}


def _scaled(graph: Graph, subject: Subject) -> str:
    x = _made_inputs(graph, subject)
    if "input" not in dict(subject.scales()):
        return graph.cast(x, subject.dtype)
    centred = graph.add("Sub", x, "input_mean")
    return graph.cast(graph.add("Div", centred, "input_std"), subject.dtype)


def _made_inputs(graph: Graph, subject: Subject) -> str:
    if not subject.made_inputs:
        return "input"
    made = [FEATURES[i.kind](graph, *(_column(graph, column - 1) for column in i.of)) for i in subject.made_inputs]
    return graph.add("Concat", *made, axis=1)


def _column(graph: Graph, number: int) -> str:
    return graph.add("Gather", "input", graph.constant(f"column_{number}", np.array([number])), axis=1)


def _layer(graph: Graph, part: Part, a: list[str]) -> str:
    """Add one dense layer over the outputs `a` of all before it, and return the name of its own."""
    plan = part.layer.plan
    z = graph.add("Gemm", a[-1], f"{part.name}.weight", f"{part.name}.bias", transB=1)
    if part.normalization != "none":
        z = NORMALIZATIONS[part.normalization](graph, z, f"norm{part.number}", plan.normalization.values["eps"])
    own = ACTIVATIONS[plan.activation.name](graph, z, **plan.activation.values)
    return graph.add("Add", own, a[part.number - plan.skip]) if plan.skip else own


def _restored(graph: Graph, subject: Subject, a: str) -> None:
    if "output" in dict(subject.scales()):
        graph.add("Add", graph.add("Mul", graph.cast(a, "float64"), "output_std"), "output_mean", name="output")
    else:
        graph.cast(a, "float64", name="output")


def _label(graph: Graph, subject: Subject) -> None:
    """Add the name of the predicted class of each sample."""
    if subject.network.sizes[-1] == 1:
        threshold = graph.constant("threshold", np.array(subject.threshold))
        above = graph.add("Squeeze", graph.add("Greater", "output", threshold), graph.constant("axis", np.array([1])))
        place = graph.add("Cast", above, to=graph.onnx.TensorProto.INT64)
    else:
        place = graph.add("ArgMax", "output", axis=1, keepdims=0)
    graph.add("Gather", graph.texts("class_names", subject.data.class_names), place, name="label")


def _model(graph: Graph, subject: Subject) -> Any:
    helper, kinds = graph.onnx.helper, graph.onnx.TensorProto
    data = subject.data
    outputs = [helper.make_tensor_value_info("output", kinds.DOUBLE, ["samples", len(data.output_names)])]
    if data.class_names:
        outputs.append(helper.make_tensor_value_info("label", kinds.STRING, ["samples"]))
    made = helper.make_graph(
        graph.nodes,
        "network",
        [helper.make_tensor_value_info("input", kinds.DOUBLE, ["samples", len(data.dataset.feature_names)])],
        outputs,
        list(graph.constants.values()),
    )
    model = helper.make_model(
        made,
        producer_name="bplab",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        doc_string="Raw values in, predictions out: the standardization is part of the graph.",
    )
    named = {"features": data.dataset.feature_names, "outputs": data.output_names, "classes": data.class_names}
    helper.set_model_props(model, {name: json.dumps(texts) for name, texts in named.items()})
    return model
