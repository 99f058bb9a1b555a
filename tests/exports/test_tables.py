"""Weights, history and plots as tables."""

import csv
import io

import numpy as np
import pytest

from bplab import Experiment
from bplab.exports.subject import Subject
from bplab.qt.exports import EXPORTS
from tests.exports.build import scrambled


@pytest.fixture
def trained():
    experiment = Experiment.new("iris", hidden=[5, 4], normalization="batch_norm")
    experiment.trainer().run(30)
    return experiment


def tables(experiment, name):
    made = EXPORTS[name].make(Subject.of(experiment), "t").items()
    return {name: list(csv.DictReader(io.StringIO(content.decode()))) for name, content in made}


def test_the_table_of_weights_holds_every_parameter_to_the_last_digit(trained):
    scrambled(trained, 1)
    (rows,) = tables(trained, "weights-csv").values()
    layers = trained.network.layers
    for row in rows:
        layer, j = layers[int(row["layer"]) - 1], int(row["to"]) - 1
        if row["parameter"] == "weight":
            expected = layer.W[j, int(row["from"]) - 1]
        else:
            expected = getattr(layer, "b" if row["parameter"] == "bias" else row["parameter"])[j]
        assert float(row["value"]) == expected
    assert len(rows) == len(trained.network.parameters) + len(trained.network.statistics)
    assert {row["from_name"] for row in rows if row["layer"] == "1"} == {"", *trained.data.feature_names}
    assert {row["to_name"] for row in rows if row["layer"] == "3"} == set(trained.data.output_names)


def test_the_history_is_exported_whole(trained):
    made = tables(trained, "history-csv")
    history = trained.trainer().history
    steps = [[float(value) for value in row.values()] for row in made["t-steps.csv"]]
    np.testing.assert_array_equal(steps, history.steps)
    assert [int(row["epoch"]) for row in made["t-epochs.csv"]] == history.epochs[:, 0].tolist()


def test_what_does_not_apply_is_an_empty_cell():
    rows = tables(Experiment.new("sine"), "history-csv")["t-epochs.csv"]
    assert {row["train_accuracy"] for row in rows} == {""}


def test_parquet_holds_the_same_history(trained):
    polars = pytest.importorskip("polars")
    made = EXPORTS["history-parquet"].make(Subject.of(trained), "t")
    steps = polars.read_parquet(io.BytesIO(made["t-steps.parquet"]))
    np.testing.assert_array_equal(steps.to_numpy(), trained.trainer().history.steps)
    assert steps["step"].dtype == polars.Int64
    sine = EXPORTS["history-parquet"].make(Subject.of(Experiment.new("sine")), "t")
    assert polars.read_parquet(io.BytesIO(sine["t-epochs.parquet"]))["test_accuracy"].null_count() == 1


def test_the_numbers_of_the_plots_are_those_of_the_history_and_the_network(trained):
    made = tables(trained, "plots-csv")
    batch = [float(row["loss"]) for row in made["t-loss.csv"] if row["curve"] == "batch"]
    assert batch == trained.trainer().history.steps[:, 1].tolist()
    row = made["t-prediction.csv"][100]
    X = trained.data.dataset.X
    sample = X[trained.data.train_indices].mean(axis=0)
    sample[2], sample[3] = float(row["petal length"]), float(row["petal width"])
    expected = Subject.of(trained).predict(sample[None])[0]
    assert [float(row[name]) for name in trained.data.class_names] == pytest.approx(expected.tolist(), rel=1e-12)
    assert {row["part"] for row in made["t-points.csv"]} == {"train", "test"}
