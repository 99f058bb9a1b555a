"""The scripts predict what bplab predicts, read well, and take names as text."""

import ast
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bplab import Experiment
from bplab.data.features import FEATURES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.normalization import NORMALIZATIONS
from bplab.exports import keras_script, numpy_script, onnx_model, pytorch_script, script
from bplab.exports.subject import Subject
from tests.exports.build import experiments, hostile, predictions, scrambled, written

SCRIPTS = ("pytorch", "numpy", "keras")
FORMS = (numpy_script, pytorch_script, keras_script)
NORMALIZING = [name for name in NORMALIZATIONS if name != "none"]


def test_every_form_knows_every_activation_normalization_and_feature():
    for form in FORMS:
        assert list(form.CALLS) == list(ACTIVATIONS)
        assert list(form.FEATURES) == list(FEATURES)
    assert list(onnx_model.ACTIVATIONS) == list(ACTIVATIONS)
    assert list(onnx_model.FEATURES) == list(FEATURES)
    for known in (pytorch_script.NORMALIZATIONS, keras_script.NORMALIZATIONS, onnx_model.NORMALIZATIONS):
        assert list(known) == NORMALIZING
    assert set(NORMALIZING) <= set(numpy_script.FUNCTIONS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=experiments())
def test_the_numpy_script_predicts_what_bplab_does(tmp_path, experiment):
    found, expected = predictions(experiment, "numpy", tmp_path)
    limit = 1e-12 if experiment.network.parameters.dtype == np.float64 else 1e-5
    np.testing.assert_allclose(found, expected, rtol=limit, atol=limit)


@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if not entry.output_only])
def test_the_numpy_script_knows_each_activation_by_itself(tmp_path, name):
    experiment = scrambled(Experiment.new("sine", hidden=[6], activation=name), 3)
    found, expected = predictions(experiment, "numpy", tmp_path)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("name", SCRIPTS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=experiments())
def test_scripts_are_formatted_and_clean(tmp_path, name, experiment):
    path = written(experiment, name, tmp_path)
    assert path.read_text(encoding="utf-8").startswith('"""A network made with bplab')
    for rules in (["format", "--check"], ["check", "--select", "E4,E7,E9,F,I,W,UP,B,SIM,RET503"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *rules, "--isolated", "--target-version", "py310", path],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + path.read_text(encoding="utf-8")


@given(st.text())
def test_a_name_as_a_literal_is_that_name_and_nothing_else(text):
    (statement,) = ast.parse(script.literal(text)).body
    assert ast.literal_eval(statement.value) == text
    assert script.literal(text).isprintable()


@pytest.mark.parametrize("name", SCRIPTS)
def test_names_from_a_file_do_not_become_code(tmp_path, name):
    experiment = hostile(tmp_path)
    text = written(experiment, name, tmp_path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    named = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id in ("FEATURES", "CLASSES")
    }
    assert named == {"FEATURES": experiment.data.feature_names, "CLASSES": experiment.data.class_names}
    assert "os" not in {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}


def run(script_path, *arguments):
    command = [sys.executable, script_path.name, *map(str, arguments)]
    return subprocess.run(command, cwd=script_path.parent, capture_output=True, text=True, check=False)


def test_a_script_predicts_a_row_from_the_command_line(tmp_path):
    experiment = Experiment.new("iris", hidden=[4])
    experiment.trainer().run(600)
    path = written(experiment, "numpy", tmp_path)
    done = run(path, 5.1, 3.5, 1.4, 0.2)
    name, *shares = done.stdout.strip().split(", ")
    assert name == "setosa"
    assert sum(map(float, shares)) == pytest.approx(1.0)
    assert "a number for each of: sepal length, sepal width" in run(path, 5.1).stderr


def test_a_script_predicts_a_table_by_the_names_of_its_columns(tmp_path):
    experiment = Experiment.new("plane", hidden=[3])
    path, table = written(experiment, "numpy", tmp_path), tmp_path / "rows.csv"
    table.write_text("x2,note,x1\n1.5,first,-2\n0,second,3\n", encoding="utf-8")
    header, *lines = run(path, "rows.csv").stdout.splitlines()
    expected = Subject.of(experiment).predict(np.array([[-2.0, 1.5], [3.0, 0.0]]))
    assert header == "y"
    assert [float(line) for line in lines] == pytest.approx(expected[:, 0].tolist(), rel=1e-12)


def test_one_output_is_the_second_class_above_the_threshold_of_its_loss(tmp_path):
    experiment = scrambled(Experiment.new("circle", hidden=[4], loss="hinge", output="tanh"), 1)
    path = written(experiment, "numpy", tmp_path)
    outputs = Subject.of(experiment).predict(experiment.data.dataset.X[:1])
    name, value = run(path, *experiment.data.dataset.X[0]).stdout.strip().split(", ")
    assert float(value) == pytest.approx(outputs[0, 0])
    assert name == experiment.data.class_names[int(outputs[0, 0] > 0.0)]


def test_weights_are_read_without_pickle(tmp_path):
    path = written(Experiment.new("iris"), "numpy", tmp_path)
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as stored:
        assert set(stored) == set(Subject.of(Experiment.new("iris")).tensors())
    assert "allow_pickle=False" in path.read_text(encoding="utf-8")
