"""Weights of PyTorch and ONNX come in as they are, or the file is refused in words."""

import itertools
import json
import struct
import time

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from bplab import BplabError, Experiment
from bplab.cli import cli
from bplab.engine.activations import ACTIVATIONS
from bplab.exports.subject import Subject
from bplab.imports.weights import begin_with, read_weights
from bplab.qt.exports import EXPORTS

RNG = np.random.default_rng(3)


def written(tmp_path, tensors, name="w.safetensors"):
    path = tmp_path / name
    path.write_bytes(save(tensors))
    return path


def dense(*sizes, kind=np.float64, names=None):
    """A state dict of dense layers, and its arrays in order."""
    shapes = list(itertools.pairwise(sizes))
    arrays = [(RNG.normal(size=(b, a)).astype(kind), RNG.normal(size=b).astype(kind)) for a, b in shapes]
    names = names or [str(2 * place) for place in range(len(arrays))]
    tensors = {}
    for name, (W, b) in zip(names, arrays, strict=True):
        tensors |= {f"{name}.weight": W, f"{name}.bias": b}
    return tensors, arrays


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("names", [None, ["fc2", "fc10", "fc11"], ["net.0", "net.2", "net.4"], ["c", "a", "b"]])
def test_a_state_dict_is_taken_over_bit_for_bit(tmp_path, kind, names):
    tensors, arrays = dense(4, 7, 5, 3, kind=kind, names=names)
    experiment = Experiment.new("iris", hidden=[7, 5])
    run = begin_with(experiment, read_weights(written(tmp_path, tensors)))
    for layer, (W, b) in zip(run.network.layers, arrays, strict=True):
        assert (W.astype(np.float64) == layer.W).all()
        assert (layer.b == b.astype(np.float64)).all()
    assert run.spec == experiment.spec
    assert run.trainer.step_count == 0


def test_bfloat16_is_read(tmp_path):
    values = np.array([[1.5, -2.0, 0.25, 3.0]], np.float32)
    bits = (values.view(np.uint32) >> 16).astype(np.uint16)
    header = json.dumps({"0.weight": {"dtype": "BF16", "shape": [1, 4], "data_offsets": [0, 8]}}).encode()
    path = tmp_path / "b.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bits.tobytes())
    assert (values == read_weights(path).layers[0].W).all()


def test_hidden_layers_become_those_of_the_file(tmp_path):
    tensors, _ = dense(4, 9, 3)
    run = begin_with(Experiment.new("iris", hidden=[5, 4]), read_weights(written(tmp_path, tensors)))
    assert run.network.sizes == (4, 9, 3)


def test_own_exports_come_back(tmp_path):
    experiment = Experiment.new("iris", hidden=[6, 5], activation="relu")
    experiment.trainer().run(50)
    for form in ("pytorch", "onnx"):
        for path, content in EXPORTS[form].files(Subject.of(experiment), tmp_path / "own").items():
            path.write_bytes(content)
    X = experiment.data.X_test
    for name in ("own.safetensors", "own.onnx"):
        path = next(p for p in tmp_path.iterdir() if p.name.endswith(name[3:]))
        run = begin_with(Experiment.new("iris", hidden=[3]), read_weights(path))
        if name.endswith("onnx"):
            assert [layer.activation.name for layer in run.spec.network.hidden] == ["relu", "relu"]
            np.testing.assert_array_equal(run.network.predict(X), experiment.network.predict(X))
        np.testing.assert_array_equal(run.network.layers[0].W, experiment.network.layers[0].W)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if not entry.output_only])
def test_every_activation_comes_back_from_the_own_onnx_export(tmp_path, name, dtype):
    text = ":".join([name, *(f"{key}=0.3" for key in ACTIVATIONS[name].settings)])
    experiment = Experiment.new("iris", hidden=[6, 5], activation=text, dtype=dtype)
    experiment.trainer().run(20)
    for path, content in EXPORTS["onnx"].files(Subject.of(experiment), tmp_path / "own").items():
        path.write_bytes(content)
    run = begin_with(Experiment.new("iris", hidden=[3], dtype=dtype), read_weights(tmp_path / "own.onnx"))
    assert [layer.activation for layer in run.spec.network.hidden] == 2 * [ACTIVATIONS.parse(text)]
    X = experiment.data.X_test
    np.testing.assert_array_equal(run.network.predict(X), experiment.network.predict(X))


def model(nodes, constants, n_in=4):
    tensors = [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    x = helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["n", n_in])
    y = helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["n", None])
    graph = helper.make_graph([helper.make_node(*node[:3], **node[3]) for node in nodes], "g", [x], [y], tensors)
    return helper.make_model(graph).SerializeToString()


def test_matmul_and_add_with_activations_are_read(tmp_path):
    W1, b1, W2 = RNG.normal(size=(4, 6)), RNG.normal(size=6), RNG.normal(size=(6, 3))
    nodes = [
        ("MatMul", ["x", "W1"], ["a"], {}),
        ("Add", ["a", "b1"], ["b"], {}),
        ("LeakyRelu", ["b"], ["c"], {"alpha": 0.25}),
        ("MatMul", ["c", "W2"], ["d"], {}),
        ("Softmax", ["d"], ["y"], {"axis": 1}),
    ]
    path = tmp_path / "m.onnx"
    path.write_bytes(model(nodes, {"W1": W1, "b1": b1, "W2": W2}))
    found = read_weights(path)
    assert [layer.activation.name for layer in found.layers] == ["leaky_relu", "softmax"]
    assert found.layers[0].activation.values == {"negative_slope": 0.25}
    run = begin_with(Experiment.new("iris"), found)
    z = run.data.X_test @ W1 + b1
    out = np.where(z > 0, z, 0.25 * z) @ W2
    expected = np.exp(out - out.max(1, keepdims=True))
    np.testing.assert_allclose(
        run.network.predict(run.data.X_test), expected / expected.sum(1, keepdims=True), atol=1e-12
    )


WRITTEN = {
    "silu": ([("Sigmoid", ["z"], ["s"], {}), ("Mul", ["z", "s"], ["a"], {})], "silu"),
    "gelu": (
        [
            ("Div", ["z", "root"], ["p"], {}),
            ("Erf", ["p"], ["q"], {}),
            ("Add", ["q", "one"], ["r"], {}),
            ("Mul", ["z", "r"], ["s"], {}),
            ("Mul", ["s", "half"], ["a"], {}),
        ],
        "gelu",
    ),
    "hardtanh": ([("Clip", ["z", "minus", "one"], ["a"], {})], "hardtanh"),
    "nothing": ([("Dropout", ["z"], ["d"], {}), ("Identity", ["d"], ["a"], {})], "identity"),
    "a slope": ([("LeakyRelu", ["z"], ["a"], {"alpha": 0.2})], "leaky_relu"),
    "steeper": ([("Mul", ["z", "root"], ["s"], {}), ("Tanh", ["s"], ["a"], {})], r"'z' \(Mul, Tanh\) is no activation"),
    "a slope out of limits": ([("Elu", ["z"], ["a"], {"alpha": -3.0})], r"'z' \(Elu\) is no activation"),
    "a skip": ([("Tanh", ["z"], ["s"], {}), ("Add", ["s", "x"], ["a"], {})], "skip connection"),
    "a branch": ([("Tanh", ["z"], ["a"], {}), ("Conv", ["a", "W"], ["b"], {})], r"\(Conv\) cannot be read"),
    "beside it": ([("Tanh", ["z"], ["b"], {})], "is no activation"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_activations_are_recognised_by_what_they_compute(tmp_path, name):
    """As other programs write them."""
    nodes, told = WRITTEN[name]
    around = [("Gemm", ["x", "W"], ["z"], {}), *nodes, ("Gemm", ["a", "W"], ["y"], {})]
    numbers = {"root": 2**0.5, "one": 1.0, "half": 0.5, "minus": -1.0}
    path = tmp_path / "m.onnx"
    path.write_bytes(model(around, {"W": np.eye(4), **numbers}))
    if told in ACTIVATIONS:
        assert read_weights(path).layers[0].activation.name == told
    else:
        with pytest.raises(BplabError, match=told):
            read_weights(path)


REFUSED = {
    "cut off": (lambda: save(dense(4, 3)[0])[:50], "w.safetensors", "damaged"),
    "no safetensors": (lambda: b"hello world, this is text", "w.safetensors", "not a safetensors file"),
    "a header of many terabytes": (lambda: struct.pack("<Q", 2**62) + b"{}", "w.safetensors", "not a safetensors file"),
    "a lie about its size": (
        lambda: (
            struct.pack("<Q", 70) + b'{"0.weight":{"dtype":"F64","shape":[99999,9999],"data_offsets":[0,8]}}' + bytes(8)
        ),
        "w.safetensors",
        "damaged",
    ),
    "nothing dense": (lambda: save({"x": np.zeros(3)}), "w.safetensors", "holds no weights of a dense layer"),
    "a convolution": (
        lambda: save(dense(4, 3)[0] | {"c.weight": np.zeros((3, 3, 3, 3))}),
        "w.safetensors",
        "'c.weight' is not of a dense layer, but of shape 3 x 3 x 3 x 3",
    ),
    "not finite": (lambda: save({"0.weight": np.full((3, 4), np.nan)}), "w.safetensors", "not all finite"),
    "layers that do not fit": (
        lambda: save(dense(4, 3)[0] | {"9.weight": np.zeros((2, 7))}),
        "w.safetensors",
        "do not fit one after the other",
    ),
    "a pickle": (lambda: b"\x80\x04", "w.pth", "pickle"),
    "something else": (lambda: b"1,2", "w.csv", "neither a safetensors nor an ONNX file"),
    "no onnx": (lambda: b"\xff\xff\xff", "m.onnx", "damaged, or not an ONNX file"),
    "an empty model": (lambda: b"", "m.onnx", "not an ONNX model"),
    "an operator of another kind": (
        lambda: model([("Conv", ["x", "W"], ["y"], {"name": "conv1"})], {"W": np.zeros((1, 1, 1))}),
        "m.onnx",
        r"the node 'conv1' \(Conv\) cannot be read",
    ),
    "a skip connection": (
        lambda: model(
            [("Gemm", ["x", "W", "b"], ["h"], {}), ("Add", ["h", "x"], ["y"], {})], {"W": np.eye(4), "b": np.zeros(4)}
        ),
        "m.onnx",
        r"\(Add\) cannot be read",
    ),
    "weights in another file": (lambda: external(), "m.onnx", "in another file"),
}


def external():
    made = onnx.load_model_from_string(model([("Gemm", ["x", "W"], ["y"], {})], {"W": np.eye(4)}))
    made.graph.initializer[0].ClearField("raw_data")
    made.graph.initializer[0].data_location = TensorProto.EXTERNAL
    return made.SerializeToString()


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_words_at_once(tmp_path, name):
    make, file, words = REFUSED[name]
    path = tmp_path / file
    path.write_bytes(make())
    began = time.perf_counter()
    with pytest.raises(BplabError, match=words) as raised:
        read_weights(path)
    assert time.perf_counter() - began < 1.0
    assert file in raised.value.message


@pytest.mark.parametrize(("sizes", "words"), [((5, 3), "hears 5 inputs, the data have 4"), ((4, 2), "has 2 neurons")])
def test_ends_that_do_not_fit_are_told(tmp_path, sizes, words):
    found = read_weights(written(tmp_path, dense(*sizes)[0]))
    with pytest.raises(BplabError, match=words):
        begin_with(Experiment.new("iris"), found)


def test_any_bytes_are_refused_or_read(tmp_path):
    good = {
        "w.safetensors": save(dense(4, 5, 3)[0]),
        "m.onnx": model([("Gemm", ["x", "W"], ["y"], {})], {"W": np.eye(4)}),
    }
    rng = np.random.default_rng(0)
    for name, content in good.items():
        path = tmp_path / name
        for _ in range(300):
            changed = bytearray(content)
            for place in rng.integers(0, len(changed), rng.integers(1, 6)):
                changed[place] = rng.integers(0, 256)
            path.write_bytes(bytes(changed[: rng.integers(1, len(changed) + 1)] if rng.random() < 0.3 else changed))
            try:
                read_weights(path)
            except BplabError as error:
                assert name in error.message


def test_the_command_line_loads_weights(tmp_path):
    tensors, arrays = dense(4, 9, 3)
    Experiment.new("iris").save(tmp_path / "a.bplab")
    written(tmp_path, tensors)
    command = [
        "load-weights",
        str(tmp_path / "a.bplab"),
        str(tmp_path / "w.safetensors"),
        "--out",
        str(tmp_path / "b.bplab"),
    ]
    run = CliRunner().invoke(cli, command)
    assert run.exit_code == 0, run.output
    assert "75 parameters from w.safetensors" in run.output
    assert (arrays[0][0] == Experiment.open(tmp_path / "b.bplab").network.layers[0].W).all()
