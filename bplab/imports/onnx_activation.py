"""What activation the nodes of an ONNX graph between two dense layers make, found by what they compute.

Programs write one activation in many ways (gelu by Erf, silu as Mul and Sigmoid, elu as Where): the nodes are run on a
range of sums, and the activation whose values are the same is the one.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bplab.catalogue import Choice

# Operators whose result is as large as what goes in: whatever a file says, they take no memory.
ELEMENTWISE = set(
    """
    Abs Add Cast Celu Clip Div Elu Erf Exp Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity LeakyRelu Less
    LessOrEqual Log Max Min Mish Mul Neg Pow Reciprocal Relu Selu Sigmoid Sign Sin Softplus Softsign Sqrt Sub Sum Tanh
    ThresholdedRelu Where
    """.split()  # noqa: SIM905 - one string is easier to read than 40
)
WITHOUT_EFFECT = {"Identity", "Cast"}
MOST_NODES = 64
SUMS = np.linspace(-8.0, 8.0, 161)[None, :]
TOLERANCE = 1e-5  # of values up to 8 in float32, and of the constants in a file


def recognise(
    onnx: Any, nodes: Sequence[Any], constants: Mapping[str, np.ndarray], ends: tuple[str, str], imports: Sequence[Any]
) -> Choice | None:
    """Return the activation that nodes make, or None.

    Parameters
    ----------
    nodes : sequence of NodeProto
        In the order in which they are run.
    constants : mapping of str to ndarray
        Each of one value.
    ends : tuple of str
        The names of the sums and of the result.
    imports : sequence of OperatorSetIdProto
        Of the model: what the operators mean.
    """
    kinds = [node.op_type for node in nodes if node.op_type not in WITHOUT_EFFECT]
    if kinds == ["Softmax"]:
        return ACTIVATIONS.choose("softmax")
    if len(nodes) > MOST_NODES or not ELEMENTWISE.issuperset(kinds):
        return None
    told = _computed(onnx, nodes, constants, ends, imports)
    if told is None:
        return None
    return next((choice for choice in _candidates(onnx, nodes, constants) if _is_same(choice, told)), None)


def _computed(
    onnx: Any, nodes: Sequence[Any], constants: Mapping[str, np.ndarray], ends: tuple[str, str], imports: Sequence[Any]
) -> np.ndarray | None:
    """Return what the nodes make of the sums in the precision of the constants, or of float32."""
    from onnx.reference import ReferenceEvaluator

    kind, is_double = onnx.TensorProto, any(array.dtype == np.float64 for array in constants.values())
    helper, dtype = onnx.helper, np.float64 if is_double else np.float32
    try:
        known = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
        value, result = (
            helper.make_tensor_value_info(name, kind.DOUBLE if is_double else kind.FLOAT, [1, None]) for name in ends
        )
        graph = helper.make_graph(list(nodes), "activation", [value], [result], known)
        with np.errstate(all="ignore"):
            model = helper.make_model(graph, opset_imports=list(imports))
            made: Any = ReferenceEvaluator(model).run(None, {ends[0]: SUMS.astype(dtype)})
        values = np.asarray(made[0], np.float64)
    except Exception:  # noqa: BLE001 - of a library, for whatever a file may hold: it makes no activation
        return None
    return values if values.shape == SUMS.shape else None


def _candidates(onnx: Any, nodes: Sequence[Any], constants: Mapping[str, np.ndarray]) -> Iterator[Choice]:
    """Give every activation, with each number of the nodes as its setting."""
    attributes = [onnx.helper.get_attribute_value(part) for node in nodes for part in node.attribute]
    found = [array.ravel()[0] for array in constants.values() if array.dtype.kind == "f"]
    found += [np.float32(number) for number in attributes if isinstance(number, float)]
    numbers = dict.fromkeys(float(str(number)) for number in found)  # 0.01 in float32 is meant as 0.01
    for entry in ACTIVATIONS.values():
        if entry.slope is None:
            continue
        for name in entry.settings:
            for number in numbers:
                with contextlib.suppress(SettingError):
                    yield ACTIVATIONS.choose(entry.name, **{name: number})
        yield ACTIVATIONS.choose(entry.name)


def _is_same(choice: Choice, told: np.ndarray) -> bool:
    made = np.empty_like(SUMS)
    ACTIVATIONS[choice.name].value(SUMS, made, **choice.values)
    return np.allclose(told, made, rtol=TOLERANCE, atol=TOLERANCE)
