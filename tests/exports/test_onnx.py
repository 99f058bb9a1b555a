"""The ONNX model is valid, and predicts in onnxruntime what bplab does."""

import json

import numpy as np
import pytest
from hypothesis import given, settings

from bplab import Experiment
from bplab.engine.activations import ACTIVATIONS
from bplab.exports.subject import Subject
from bplab.qt.exports import EXPORTS
from tests.exports.build import experiments, hostile, raw, scrambled

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def model_of(experiment):
    (content,) = EXPORTS["onnx"].make(Subject.of(experiment), "made").values()
    return content


def run(experiment):
    session = onnxruntime.InferenceSession(model_of(experiment), providers=["CPUExecutionProvider"])
    return session.run(None, {"input": raw(experiment)})


def compare(experiment):
    outputs, *labels = run(experiment)
    expected = Subject.of(experiment).predict(raw(experiment))
    exact = experiment.network.parameters.dtype == np.float64
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(outputs, expected, rtol=1e-6, atol=(1e-6 if exact else 1e-5) * size)
    return expected, labels


@settings(max_examples=40, deadline=None)
@given(experiment=experiments())
def test_the_model_predicts_what_bplab_does(experiment):
    compare(experiment)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if not entry.output_only])
def test_the_model_knows_each_activation_by_itself(name, dtype):
    compare(scrambled(Experiment.new("sine", hidden=[6], activation=name, dtype=dtype), 3))


def test_the_model_names_the_predicted_classes():
    for experiment in (Experiment.new("iris"), Experiment.new("circle", loss="hinge", output="tanh")):
        scrambled(experiment, 4)
        expected, (labels,) = compare(experiment)
        found = (expected[:, 0] > 0.0).astype(int) if expected.shape[1] == 1 else expected.argmax(axis=1)
        assert labels.tolist() == [experiment.data.class_names[k] for k in found]


def test_the_model_carries_the_names_of_the_data(tmp_path):
    experiment = hostile(tmp_path)
    model = onnx.load_from_string(model_of(experiment))
    names = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert names["features"] == list(experiment.data.feature_names)
    assert names["classes"] == list(experiment.data.class_names)
    onnx.checker.check_model(model, full_check=True)
