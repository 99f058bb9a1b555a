"""The exported PyTorch script beside bplab, on random networks. Run by hand: ``pytest -m torch``."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from bplab import Experiment
from bplab.engine.activations import ACTIVATIONS
from tests.exports.build import experiments, predictions, scrambled, written

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytestmark = pytest.mark.torch


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=experiments())
def test_the_script_predicts_what_bplab_does(tmp_path, experiment):
    found, expected = predictions(experiment, "pytorch", tmp_path)
    limit = 1e-10 if experiment.network.parameters.dtype == np.float64 else 1e-4
    np.testing.assert_allclose(found, expected, rtol=limit, atol=limit)


@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if not entry.output_only])
def test_the_script_knows_each_activation_by_itself(tmp_path, name):
    experiment = scrambled(Experiment.new("sine", hidden=[6], activation=name), 3)
    found, expected = predictions(experiment, "pytorch", tmp_path)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_script_predicts_a_row_from_the_command_line(tmp_path):
    experiment = Experiment.new("iris", hidden=[4])
    experiment.trainer().run(600)
    path = written(experiment, "pytorch", tmp_path)
    command = [sys.executable, str(path), "5.1", "3.5", "1.4", "0.2"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("setosa, ")
