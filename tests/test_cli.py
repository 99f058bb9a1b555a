"""The command line, as a user calls it."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bplab import Experiment, resources
from bplab.cli import cli


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def iris(tmp_path):
    path = tmp_path / "iris.bplab"
    assert call("new", path, "--data", "iris", "--hidden", "8", "--activation", "tanh").exit_code == 0
    return path


def test_new_then_run_then_info(iris, tmp_path):
    out = tmp_path / "out.bplab"
    result = call("run", iris, "--epochs", 5, "--out", out, "--json")
    values = json.loads(result.stdout)
    assert (result.exit_code, values["epoch"], values["step"]) == (0, 5, 60)
    assert set(values) == {
        "epoch", "step", "train_loss", "test_loss", "train_accuracy", "test_accuracy", "seconds", "steps_per_second",
    }  # fmt: skip
    assert Experiment.open(out).trainer().step_count == 60
    assert json.loads(call("info", out, "--json").stdout)["sizes"] == [4, 8, 3]
    assert "8 tanh" in call("info", out).stdout


def test_accuracy_is_null_for_regression(tmp_path):
    path = tmp_path / "sine.bplab"
    call("new", path, "--data", "sine", "--hidden", "4,4", "--optimizer", "adam", "--learning-rate", "0.01")
    assert json.loads(call("run", path, "--steps", "3", "--json").stdout)["test_accuracy"] is None


def test_without_out_the_file_stays_as_it_is(iris):
    before = iris.read_bytes()
    assert "nothing saved" in call("run", iris, "--steps", 5).stdout
    assert iris.read_bytes() == before


def test_an_existing_file_is_not_replaced_unless_asked(iris):
    assert call("new", iris, "--data", "xor").exit_code == 2
    assert call("new", iris, "--data", "xor", "--force").exit_code == 0


def test_divergence_keeps_the_last_finite_state(tmp_path):
    path, out = tmp_path / "wild.bplab", tmp_path / "out.bplab"
    call("new", path, "--data", "plane", "--activation", "relu", "--learning-rate", "1e308")
    result = call("run", path, "--steps", "50", "--out", out, "--json")
    assert result.exit_code == 1
    assert "stopped at step" in json.loads(result.stdout)["stopped"]
    assert Experiment.open(out).trainer().step_count < 50


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("a,b,y\n1,2,u\n3,x,v\n1,1,u\n", ["line 3", "'b'", "'x'"]),
        ("", ["empty"]),
        ("a,y\n1,u\n2,u\n", ["only one class"]),
        ("a,y\n", ["rows"]),
    ],
)
def test_a_bad_table_is_one_clear_line(tmp_path, table, words):
    path = tmp_path / "t.csv"
    path.write_text(table, encoding="utf-8")
    result = call("new", tmp_path / "o.bplab", "--data", path)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words), result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("new", "x.bplab", "--data", "irs"),
        ("new", "x.bplab", "--data", "iris", "--hidden", "8,a"),
        ("new", "x.bplab", "--data", "iris", "--hidden", "0"),
        ("new", "x.bplab", "--data", "iris", "--learning-rate", "fast"),
        ("new", "x.bplab", "--data", "iris", "--learning-rate", "-1"),
        ("new", "x.bplab", "--data", "iris", "--activation", "tan"),
        ("new", "x.bplab", "--data", "nowhere.csv"),
        ("run", "nowhere.bplab", "--steps", "1"),
        ("info", "nowhere.bplab"),
    ],
)
def test_bad_input_is_refused_with_exit_code_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stderr
    assert list(tmp_path.iterdir()) == []


def test_python_dash_m_works_without_a_display(iris):
    found = subprocess.run(
        [sys.executable, "-m", "bplab", "run", str(iris), "--steps", "2", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout)["step"] == 2
    assert found.stderr == ""


@pytest.mark.parametrize("path", sorted(resources.path("examples").glob("*.bplab")), ids=lambda p: p.stem)
def test_every_shipped_example_opens_and_trains(path):
    experiment = Experiment.open(path)
    before = experiment.trainer().scores().train_loss
    experiment.trainer().run(20)
    assert experiment.trainer().scores().train_loss < before
