"""An address of TensorFlow Playground becomes the experiment that it stands for."""

import pytest
from click.testing import CliRunner

from bplab import BplabError, Experiment
from bplab.cli import cli
from bplab.imports.playground import from_address, is_address

ADDRESS = (
    "https://playground.tensorflow.org/#activation=relu&regularization=L2&batchSize=20&dataset=spiral&regDataset=reg-plane"
    "&learningRate=0.1&regularizationRate=0.003&noise=15&networkShape=6,5,2&seed=0.53421&showTestData=false"
    "&discretize=false&percTrainData=70&x=true&y=true&xTimesY=true&xSquared=false&ySquared=true&cosX=false&sinX=true"
    "&cosY=false&sinY=false&collectStats=false&problem=classification&initZero=false&hideText=false"
)


def test_everything_of_an_address_is_taken_over():
    experiment, notes = from_address(ADDRESS)
    spec = experiment.spec
    assert experiment.network.sizes == (5, 6, 5, 2, 1)
    assert [layer.activation.name for layer in spec.network.hidden] == ["relu"] * 3
    assert spec.data.source.name == "spiral"
    assert spec.data.source.values["noise"] == 0.15
    assert spec.data.test_fraction == pytest.approx(0.3)
    assert [str(made) for made in spec.data.inputs] == ["x1", "x2", "x2^2", "x1*x2", "sin(x1)"]
    assert spec.data.scaling == "none"
    training = spec.training
    assert (training.batch_size, training.seed) == (20, 53421)
    assert training.optimizer.values == {"learning_rate": 0.1}
    assert (training.regularizer.name, training.regularizer.values) == ("l2", {"strength": 0.003})
    assert (training.loss.name, training.initializer.name) == ("half_squared_error", "playground")
    assert any("sigmoid" in note for note in notes)


def test_what_is_not_said_is_as_in_playground():
    experiment, _ = from_address("playground.tensorflow.org/#")
    assert experiment.network.sizes == (2, 4, 2, 1)
    assert experiment.spec.data.source.name == "circle"
    assert experiment.spec.training.optimizer.values == {"learning_rate": 0.03}
    assert len(experiment.data.X_train) == len(experiment.data.X_test) == 250


def test_regression_and_zeros_are_taken_over():
    experiment, _ = from_address("https://playground.tensorflow.org/#problem=regression&initZero=true&networkShape=")
    assert experiment.network.sizes == (2, 1)
    assert experiment.network.layers[-1].choice.name == "identity"
    assert (experiment.network.layers[0].W == 0).all()


def test_it_learns():
    experiment, _ = from_address("https://playground.tensorflow.org/#dataset=gauss&networkShape=4")
    experiment.trainer().run(3000)
    assert experiment.trainer().scores().test_accuracy == 1.0


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("activation=swish", "activation=swish, which bplab does not have"),
        ("dataset=moon", "dataset=moon"),
        ("problem=regression&regDataset=reg-gauss", "regDataset=reg-gauss"),
        ("batchSize=0", "batchSize=0"),
        ("learningRate=fast", "learningRate=fast"),
        ("learningRate=nan", "learningRate=nan"),
        ("noise=500", "noise=500"),
        ("networkShape=4,x", "networkShape=4,x"),
        ("networkShape=99999", "networkShape=99999"),
        ("x=yes", "x=yes"),
        ("regularization=L3", "regularization=L3"),
    ],
)
def test_a_value_that_cannot_be_is_named(part, words):
    with pytest.raises(BplabError, match=words):
        from_address(f"https://playground.tensorflow.org/#{part}")


@pytest.mark.parametrize(
    "text", ["", "https://example.org/#x=true", "https://playground.tensorflow.org.evil.org/", "x" * 9999]
)
def test_another_address_is_refused(text):
    assert not is_address(text)
    with pytest.raises(BplabError, match="not an address"):
        from_address(text)


def test_the_command_line_makes_the_experiment(tmp_path):
    out = tmp_path / "p.bplab"
    run = CliRunner().invoke(cli, ["playground", ADDRESS, str(out)])
    assert run.exit_code == 0, run.output
    assert Experiment.open(out).network.sizes == (5, 6, 5, 2, 1)
