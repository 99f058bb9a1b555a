"""What differs between two experiments is said in words."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from bplab import Experiment
from bplab.cli import cli
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.experiment import edits
from bplab.experiment.difference import differences_of


def made(**settings):
    return Experiment.new("iris", hidden=[5, 4], **settings)


def lines(one, other):
    return {part.title: part.lines for part in differences_of(one, other)}


def changed(change):
    experiment = made()
    experiment.apply(change(experiment.spec))
    return experiment


def test_equal_experiments_do_not_differ():
    assert differences_of(made(), made()) == ()


@pytest.mark.parametrize(
    ("change", "title", "line"),
    [
        (lambda s: edits.change_layer(s, 0, size=8), "Network", "layer 1, size: 5 → 8"),
        (
            lambda s: edits.change_layer(s, 1, activation=ACTIVATIONS.choose("relu")),
            "Network",
            "layer 2, activation: tanh → ReLU",
        ),
        (lambda s: edits.remove_layer(s, 1), "Network", "layer 2: 4 tanh → absent"),
        (lambda s: edits.add_layer(s, 2, 4), "Network", "layer 3: absent → 4 tanh"),
        (lambda s: edits.change_layer(s, 0, dropout=0.25), "Network", "layer 1, dropout: 0 → 0.25"),
        (lambda s: edits.change_layer(s, 0, name="wide"), "Network", "layer 1, name: none → wide"),
        (lambda s: edits.change_training(s, batch_size=32), "Training", "batch size: 10 → 32"),
        (lambda s: edits.change_training(s, stop_epochs=5), "Training", "stop epochs: none → 5"),
        (lambda s: edits.replace(s, notes="why"), "Notes", "The notes differ."),
        (lambda s: edits.replace(s, data=edits.replace(s.data, seed=3)), "Data", "seed: 1 → 3"),
        (lambda s: edits.replace(s, data=edits.replace(s.data, scaling="none")), "Data", "scaling: standardize → none"),
    ],
)
def test_a_change_of_the_design_is_told(change, title, line):
    found = [text.lower() for text in lines(made(), changed(change))[title]]
    assert line.lower() in found


def test_settings_of_parts_are_told():
    other = changed(lambda s: edits.change_training(s, optimizer=OPTIMIZERS.choose("adam")))
    (line,) = lines(made(), other)["Training"]
    assert line.startswith("optimizer: SGD, learning rate 0.1 → Adam, learning rate 0.02, beta1 0.9")


def test_what_came_of_it_is_told():
    one, other = made(), made()
    one.trainer().run(10)
    other.trainer().run(30)
    found = lines(one, other)["Result"]
    assert "steps: 10 → 30" in found
    pairs = zip(one.network.layers, other.network.layers, strict=True)
    most = max(float(np.abs(a.W - b.W).max()) for a, b in pairs)
    assert any(line.startswith("weights and biases differ by at most ") for line in found)
    assert float(found[-1].split(",")[0].split()[-1]) >= most * 0.99


def test_other_data_are_told():
    found = lines(made(), Experiment.new("circle", hidden=[5, 4]))
    assert found["Data"][0].startswith("source: Iris → Circle")
    assert "inputs: 4 → 2" in found["Network"]


def test_the_command_line_tells_and_its_exit_code_says_whether(tmp_path):
    made().save(tmp_path / "a.bplab")
    changed(lambda s: edits.change_layer(s, 0, size=8)).save(tmp_path / "b.bplab")
    a, b = str(tmp_path / "a.bplab"), str(tmp_path / "b.bplab")
    same = CliRunner().invoke(cli, ["diff", a, a])
    assert (same.exit_code, same.output) == (0, "The two are equal.\n")
    other = CliRunner().invoke(cli, ["diff", a, b])
    assert other.exit_code == 1
    assert "Network\n  layer 1, size: 5 → 8" in other.output
    found = json.loads(CliRunner().invoke(cli, ["diff", a, b, "--json"]).output)
    assert found["network"] == ["layer 1, size: 5 → 8"]
