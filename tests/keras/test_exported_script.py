"""The exported Keras script beside bplab, on random networks. Run by hand: ``KERAS_BACKEND=torch pytest -m keras``.

Keras multiplies in float32 on most of its backends, whatever it is asked for: hence the limits.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from bplab import Experiment
from bplab.engine.activations import ACTIVATIONS
from tests.exports.build import experiments, predictions, scrambled

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras


def compare(experiment, folder):
    found, expected = predictions(experiment, "keras", folder)
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * size)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=experiments())
def test_the_script_predicts_what_bplab_does(tmp_path, experiment):
    compare(experiment, tmp_path)


@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if not entry.output_only])
def test_the_script_knows_each_activation_by_itself(tmp_path, name):
    compare(scrambled(Experiment.new("sine", hidden=[6], activation=name), 3), tmp_path)
