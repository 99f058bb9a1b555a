"""The command line, as a user calls it."""

import json
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bplab import Experiment, Trainer
from bplab.cli import cli
from bplab.engine.activations import ACTIVATIONS


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


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--data", "iris", "--hidden", "8 8"),
        ("--data", "iris", "--hidden", "8,,8"),
        ("--data", "iris", "--hidden", "5000"),
        ("--data", "iris", "--learning-rate", "nan"),
        ("--data", "iris", "--learning-rate", "1e309"),
        ("--data", "iris", "--batch-size", "0"),
        ("--data", "iris", "--l2", "-1"),
        ("--data", "iris", "--seed", "-1"),
        ("--data", "iris", "--loss", "binary_cross_entropy"),
        ("--data", "sine", "--loss", "cross_entropy"),
        ("--data", "iris", "--optimizer", "sdg"),
        ("--data", "iris", "--target", "species"),
        ("--data", "iris", "--kind", "text"),
        ("--data", "iris", "--bogus"),
        ("--data", "."),
    ],
    ids=" ".join,
)
def test_every_refusal_is_one_line_that_writes_nothing(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("new", "x.bplab", *arguments)
    assert_refused(result)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--steps", "-1"),
        ("--steps", "few"),
        ("--steps", "1", "--epochs", "1"),
        ("--steps", "1", "--out", "no/x.bplab"),
    ],
    ids=" ".join,
)
def test_a_run_that_is_not_possible_is_one_line(iris, arguments, monkeypatch):
    monkeypatch.chdir(iris.parent)
    assert_refused(call("run", iris, *arguments))


def assert_refused(result):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("bplab: ")
    assert result.stderr.count("\n") == 1


def test_a_truncated_file_is_one_clear_line(iris):
    iris.write_bytes(iris.read_bytes()[:700])
    result = call("run", iris, "--steps", 1)
    assert_refused(result)
    assert "iris.bplab is damaged" in result.stderr


def test_a_table_with_several_targets(tmp_path):
    table, out = tmp_path / "t.csv", tmp_path / "t.bplab"
    table.write_text("a,b,u,v\n1,2,3,4\n2,3,4,5\n3,5,6,6\n4,4,1,2\n5,1,2,2\n", encoding="utf-8")
    assert call("new", out, "--data", table, "--target", "u", "--target", "v", "--hidden", "").exit_code == 0
    table.unlink()  # the experiment has its own copy
    assert json.loads(call("info", out, "--json").stdout)["sizes"] == [2, 2]


def test_the_numbers_one_to_three_can_be_classes(tmp_path):
    table, out = tmp_path / "t.csv", tmp_path / "t.bplab"
    table.write_text("a,y\n1,1\n2,2\n3,3\n4,1\n5,2\n6,3\n", encoding="utf-8")
    for kind, activation in (("classes", "softmax"), ("numbers", "identity")):
        assert call("new", out, "--data", table, "--kind", kind, "--force").exit_code == 0
        assert json.loads(call("info", out, "--json").stdout)["activations"][-1] == activation


def test_an_epoch_ends_where_the_data_end(tmp_path):
    path, out = tmp_path / "a.bplab", tmp_path / "b.bplab"
    call("new", path, "--data", "iris", "--batch-size", 50)  # 120 training samples: 50, 50 and 20
    assert json.loads(call("run", path, "--epochs", 2, "--json").stdout)["step"] == 6
    call("run", path, "--steps", 2, "--out", out)
    after = json.loads(call("run", out, "--epochs", 1, "--json").stdout)
    assert (after["epoch"], after["step"]) == (1, 3)


def test_no_epochs_leave_everything_as_it_is(iris):
    values = json.loads(call("run", iris, "--epochs", 0, "--json").stdout)
    assert (values["epoch"], values["step"], values["steps_per_second"]) == (0, 0, 0.0)


def test_two_halves_and_the_whole_give_the_same_file(iris, tmp_path):
    whole, half, rest = (tmp_path / f"{name}.bplab" for name in ("whole", "half", "rest"))
    call("run", iris, "--steps", 50, "--out", whole)
    call("run", iris, "--steps", 17, "--out", half)
    call("run", half, "--steps", 33, "--out", rest)
    assert rest.read_bytes() == whole.read_bytes()


def test_divergence_is_told_on_stderr_and_stdout_stays_json(tmp_path):
    path = tmp_path / "wild.bplab"
    call("new", path, "--data", "iris", "--learning-rate", "1e308")
    result = call("run", path, "--epochs", 3, "--json")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert json.loads(result.stdout)["train_loss"] is None  # the state is finite, its loss is not


def test_ctrl_c_saves_what_was_reached(iris, tmp_path, monkeypatch):
    out, train = tmp_path / "out.bplab", Trainer.run

    def train_and_press_ctrl_c(trainer, steps, seconds):
        signal.raise_signal(signal.SIGINT)
        return train(trainer, min(steps, 7), seconds)

    monkeypatch.setattr(Trainer, "run", train_and_press_ctrl_c)
    result = call("run", iris, "--steps", 1000, "--out", out, "--json")
    assert result.exit_code == 130
    assert result.stderr == "bplab: Interrupted at step 7.\n"
    assert json.loads(result.stdout)["step"] == Experiment.open(out).trainer().step_count == 7


def test_the_command_line_does_without_qt(iris):
    code = f"""
import sys
from bplab.cli import cli
try:
    cli(["run", {str(iris)!r}, "--steps", "1"])
except SystemExit as end:
    assert end.code == 0
assert not any(name.startswith(("PySide6", "pyqtgraph")) for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.fixture
def opened(monkeypatch):
    """The paths that the window was opened with."""
    paths = []
    monkeypatch.setattr("bplab.qt.app.main", lambda path: paths.append(path) or 0)
    monkeypatch.setattr("bplab.cli.opening._leave", sys.exit)  # the real one would end the tests
    return paths


def test_without_a_command_the_window_opens(opened):
    assert call().exit_code == 0
    assert opened == [None]


@pytest.mark.parametrize("name", ["a.bplab", "run.bplab", "no suffix"])
def test_a_file_opens_in_the_window(opened, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).touch()
    assert call(name).exit_code == 0
    assert opened == [Path(name)]


def test_a_file_that_is_not_there_opens_no_window(tmp_path):
    assert_refused(call(tmp_path / "does not exist.bplab"))


def test_a_word_that_is_no_file_is_no_command(opened):
    assert_refused(call("foo"))
    assert opened == []


def test_a_missing_system_library_is_named_with_its_package(monkeypatch):
    def fail():
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("bplab.cli.opening._check_screen", fail)
    result = call()
    assert_refused(result)
    assert "libEGL.so.1" in result.stderr
    assert "apt install libegl1" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_no_screen_is_one_clear_line(monkeypatch):
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    result = call()
    assert_refused(result)
    assert "no screen" in result.stderr


def test_check_compares_every_gradient(iris):
    outcome = call("check", iris)
    assert outcome.exit_code == 0
    assert outcome.stdout.splitlines()[-1] == "67 gradients compared: all right"
    found = json.loads(call("check", iris, "--json").stdout)
    assert found["passed"]
    assert [(part["layer"], part["part"], part["parameters"]) for part in found["parts"]] == [
        (1, "W", 32),
        (1, "b", 8),
        (2, "W", 24),
        (2, "b", 3),
    ]


def test_check_ends_with_1_when_a_gradient_is_wrong(iris, monkeypatch):
    def wrong(z, a, out):
        out.fill(0.5)

    monkeypatch.setattr(
        ACTIVATIONS, "_entries", {**ACTIVATIONS._entries, "tanh": replace(ACTIVATIONS["tanh"], slope=wrong)}
    )
    outcome = call("check", iris)
    assert outcome.exit_code == 1
    assert "WRONG" in outcome.stdout
    assert "wrong: layer 1, W[" in outcome.stdout
    assert outcome.stdout.splitlines()[-1] == "67 gradients compared: NOT all right"


def test_check_says_what_it_skips_and_why(tmp_path):
    file = tmp_path / "relu.bplab"
    options = ("--hidden", "4", "--activation", "relu", "--initializer", "zeros")
    assert call("new", file, "--data", "iris", *options).exit_code == 0
    outcome = call("check", file)
    assert outcome.exit_code == 0
    assert "skipped: layer 1, b[1]: relu of layer 1, neuron 1 has a kink there" in outcome.stdout


def test_info_tells_how_well_each_class_is_told(iris):
    metrics = json.loads(call("info", iris, "--json").stdout)["metrics"]
    assert sum(map(sum, metrics["test"]["confusion"])) == 30
    assert len(metrics["train"]["f1"]) == 3
    assert "virginica" in call("info", iris).stdout


def test_info_tells_errors_of_numbers_in_the_targets_units(tmp_path):
    table = tmp_path / "line.csv"
    table.write_text("x,y\n" + "\n".join(f"{i},{100 * i}" for i in range(50)))
    file = tmp_path / "line.bplab"
    assert call("new", file, "--data", table, "--kind", "numbers", "--hidden", "").exit_code == 0
    assert call("run", file, "--epochs", "100", "--out", file).exit_code == 0
    metrics = json.loads(call("info", file, "--json").stdout)["metrics"]["test"]
    assert metrics["r2"][0] > 0.999
    assert 0.0 <= metrics["rmse"][0] < 20.0
    assert "RMSE" in call("info", file).stdout


def test_every_part_can_be_chosen_with_its_settings(tmp_path):
    file = tmp_path / "all.bplab"
    options = {
        "--hidden": "6,6",
        "--activation": "leaky_relu:negative_slope=0.2",
        "--normalization": "layer_norm",
        "--dropout": "0.1",
        "--skip": "1",
        "--dtype": "float32",
        "--loss": "cross_entropy:label_smoothing=0.1",
        "--optimizer": "nadam:beta1=0.8",
        "--schedule": "one_cycle:steps=500",
        "--warmup-steps": "10",
        "--regularizer": "l1_l2:l1=0.001",
        "--clipping": "norm:largest=2",
        "--initializer": "orthogonal",
        "--bias-initializer": "constant:value=0.05",
        "--class-weights": "1,2,1.5",
        "--stop-epochs": "3",
    }
    assert call("new", file, "--data", "iris", *(word for pair in options.items() for word in pair)).exit_code == 0
    spec = json.loads(call("info", file, "--json").stdout)["spec"]
    assert spec["training"]["optimizer"]["beta1"] == 0.8
    assert spec["training"]["class_weights"] == [1, 2, 1.5]
    assert [layer["skip_from"] for layer in spec["network"]["hidden"]] == [None, 1]
    outcome = call("run", file, "--epochs", "10", "--json")
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout)["epoch"] == 3
    assert "3 epochs are done" in outcome.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--class-weights", "1,2"), "2 class weights for 3 classes"),
        (("--class-weights", "much"), "neither none, balanced"),
        (("--optimizer", "adam:beta1"), "not a setting with a number"),
        (("--optimizer", "adam:beta3=1"), "no setting 'beta3'"),
        (("--dropout", "1"), "dropout"),
        (("--skip", "-1"), "skip"),
    ],
)
def test_a_part_that_cannot_be_chosen_is_one_line(options, words, tmp_path):
    outcome = call("new", tmp_path / "x.bplab", "--data", "iris", *options)
    assert outcome.exit_code == 2
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert words in outcome.stderr


def test_l2_is_the_regularizer_l2(tmp_path):
    file = tmp_path / "x.bplab"
    assert call("new", file, "--data", "iris", "--l2", "0.1").exit_code == 0
    spec = json.loads(call("info", file, "--json").stdout)["spec"]
    assert spec["training"]["regularizer"] == {"name": "l2", "strength": 0.1}
    outcome = call("new", tmp_path / "y.bplab", "--data", "iris", "--l2", "0.1", "--regularizer", "l1")
    assert outcome.exit_code == 2
    assert "Both l2 and a regularizer" in outcome.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--data", "iris", "--hidden", "8,4", "--skip", "1"), "same number of neurons"),
        (("--data", "iris", "--hidden", "8,8", "--skip", "9"), "same number of neurons"),
        (("--data", "sine", "--stop-accuracy", "0.9"), "no accuracy to stop at"),
    ],
)
def test_what_would_have_no_effect_is_refused(options, words, tmp_path):
    outcome = call("new", tmp_path / "x.bplab", *options)
    assert outcome.exit_code == 2
    assert words in outcome.stderr


def test_info_and_check_say_what_can_be_said_after_divergence(tmp_path):
    file = tmp_path / "x.bplab"
    assert call("new", file, "--data", "sine", "--learning-rate", "1e308").exit_code == 0
    assert call("run", file, "--epochs", "3", "--out", file).exit_code == 1
    outcome = call("info", file)
    assert outcome.exit_code == 0
    assert outcome.stdout.splitlines()[-1].split() == ["y", "-", "-", "-"]
    outcome = call("check", file)
    assert outcome.exit_code == 2
    assert "nothing to compare" in outcome.stderr


def test_verify_repeats_a_run_and_says_how(iris, tmp_path):
    out = tmp_path / "out.bplab"
    call("run", iris, "--epochs", 3, "--out", out)
    result = call("verify", out)
    assert result.exit_code == 0
    assert "36 steps were done again from its seed" in result.stdout
    assert "The run is repeated: all parameters are the same, all losses are the same." in result.stdout
    values = json.loads(call("verify", out, "--json").stdout)
    assert (values["repeated"], values["tolerance"], values["environment"]) == (True, 0, [])


def test_verify_ends_with_1_when_a_run_was_tampered_with(iris, tmp_path):
    experiment = Experiment.open(iris)
    experiment.trainer().run(10)
    experiment.network.parameters[0] += 0.5
    experiment.save(iris)
    result = call("verify", iris)
    assert result.exit_code == 1
    assert "NOT repeated: the parameters differ by at most 0." in result.stdout


def test_info_says_everything_that_is_damaged_and_what_is_left(tmp_path):
    path = tmp_path / "x.bplab"
    Experiment.new("moons", hidden=[3, 4]).save(path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as z:
        for name in ("arrays/layer2.W.bin", "arrays/initial.layer1.b.bin"):
            info = z.getinfo(name)
            content[info.header_offset + 30 + len(info.filename) + 3] ^= 1
    path.write_bytes(bytes(content))
    result = call("info", path)
    assert result.exit_code == 2
    assert "2 > 3 tanh > 4 tanh > 1 sigmoid" in result.stdout
    assert "damaged      the numbers 'layer2.W' were changed after saving" in result.stdout
    assert "damaged      the numbers 'initial.layer1.b' were changed after saving" in result.stdout
    assert "Its design is whole" in result.stderr
    assert len(json.loads(call("info", path, "--json").stdout)["damaged"]) == 2
    assert Experiment.open(path, weights=False).network.sizes == (2, 3, 4, 1)


def test_exporting_writes_beside_the_file_and_replaces_nothing_unasked(iris):
    folder = iris.parent
    assert call("export", iris, "--to", "numpy").exit_code == 0
    assert (folder / "iris_numpy.py").exists()
    assert (folder / "iris_numpy.npz").exists()
    before = (folder / "iris_numpy.py").read_bytes()
    (folder / "iris_numpy.py").unlink()
    refused = call("export", iris, "--to", "numpy")
    assert refused.exit_code == 2
    assert "iris_numpy.npz exists already" in refused.stderr
    assert not (folder / "iris_numpy.py").exists()
    assert call("export", iris, "--to", "numpy", "--force").exit_code == 0
    assert (folder / "iris_numpy.py").read_bytes() == before


def test_an_export_goes_where_it_is_sent(iris, tmp_path):
    result = call("export", iris, "--to", "onnx", "--out", tmp_path / "net")
    assert result.stdout.split() == [str(tmp_path / "net.onnx")]
    assert call("export", iris, "--to", "onnx", "--out", tmp_path / "none" / "net").exit_code == 2


def test_the_help_of_export_lists_every_form():
    from bplab.qt.exports import EXPORTS

    text = call("export", "--help").stdout
    assert all(name in text for name in EXPORTS)
    assert "Choose one of: pytorch" in call("export", "x.bplab", "--to", "nothing").stderr


ROWS = [f"{n},{'' if n % 9 == 4 else n % 7},{'rgb'[n % 3]},{'uv'[n % 2]}" for n in range(40)]
TABLE = "\n".join(["id,age,kind,y", *ROWS, ""])


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_new_experiment_says_what_became_of_a_table(own, tmp_path):
    result = call("new", tmp_path / "o.bplab", "--data", own)
    assert "40 rows read, 36 used, 4 skipped (line 6: no value in 'age'" in result.stdout
    assert "Columns: id ignored, age number (drop if missing), kind one_hot, y class." in result.stdout


def test_columns_reading_and_preparation_are_said_on_the_command_line(own, tmp_path):
    out = tmp_path / "o.bplab"
    said = ("--column", "age=number:median", "--column", "kind=ordinal", "--scaling", "min_max", "--split", "k_fold")
    result = call(
        "new", out, "--data", own, *said, "--folds", 4, "--fold", 2, "--label-noise", 0.1, "--balance", "over"
    )
    assert "40 rows read, 40 used, none skipped." in result.stdout
    experiment = Experiment.open(out)
    assert experiment.data.feature_names == ("age", "kind")
    assert len(experiment.data.X_test) == 10
    assert experiment.spec.data.label_noise == 0.1
    assert experiment.data.X_train.max() == 1.0
    again = call("new", tmp_path / "p.bplab", "--data", own, "--like", out)
    assert "age number (median if missing), kind ordinal" in again.stdout
    text = own.read_text(encoding="utf-8").replace(",", ";")
    own.write_text("% made\n" + text, encoding="utf-8")
    read = ("--delimiter", "semicolon", "--comment", "%", "--missing", "3", "--missing", "4", "--encoding", "latin-1")
    assert "skipped (line 6: no value in 'age'" in call("new", tmp_path / "q.bplab", "--data", own, *read).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--column", "age"), "is not a column and its role"),
        (("--column", "age=wish"), "there is no role 'wish'"),
        (("--column", "agee=number"), "Did you mean 'age'?"),
        (("--column", "age=number"), "line 6, column 'age': the value is missing"),
        (("--split", "by_column"), "does not say which samples are for testing"),
    ],
)
def test_columns_that_cannot_be_are_refused(own, tmp_path, arguments, message):
    result = call("new", tmp_path / "o.bplab", "--data", own, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "o.bplab").exists()


def test_a_table_with_gaps_and_categories_is_predicted(own, tmp_path):
    out = tmp_path / "o.bplab"
    call("new", out, "--data", own, "--column", "age=number:mean")
    (tmp_path / "new.csv").write_text("kind,age\nr,3\ng,\n", encoding="utf-8")
    assert call("predict", out, tmp_path / "new.csv", "--out", tmp_path / "said.csv").exit_code == 0
    lines = (tmp_path / "said.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "kind,age,predicted,output v"
    assert len(lines) == 3
    (tmp_path / "new.csv").write_text("kind,age\nz,3\n", encoding="utf-8")
    result = call("predict", out, tmp_path / "new.csv", "--out", tmp_path / "x.csv")
    assert "line 2, column 'kind': 'z' is none of the values" in result.stderr
