"""Predictions of a table: right rows, raw values, the words of the classes; and what is said of a wrong table."""

import csv
import io

import numpy as np
import pytest

from bplab import Experiment, resources
from bplab.data.tables.files import read_table
from bplab.data.tables.table import parse_table
from bplab.errors import DataError
from bplab.exports.predictions import predictions
from bplab.exports.subject import Subject


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def trained(data, **settings):
    experiment = Experiment.new(data, hidden=[6], optimizer="adam", learning_rate=0.02, **settings)
    experiment.trainer().run(300)
    return experiment


def test_every_flower_gets_the_class_that_the_network_gives_it():
    experiment = trained("iris")
    table = read_table(resources.path("data", "iris.csv"))
    found = rows_of(predictions(Subject.of(experiment), table))
    data = experiment.data
    outputs = experiment.network.predict(data.prepare(data.dataset.X))
    assert [row["predicted"] for row in found] == [data.class_names[k] for k in outputs.argmax(axis=1)]
    np.testing.assert_array_equal([[float(row[f"output {c}"]) for c in data.class_names] for row in found], outputs)
    assert [row["species"] for row in found] == [data.class_names[k] for k in data.dataset.target.labels]
    assert np.mean([row["predicted"] == row["species"] for row in found]) > 0.9


def test_numbers_are_in_the_units_of_the_target():
    experiment = trained("diabetes")
    table = read_table(resources.path("data", "diabetes.csv"))
    found = [float(row["predicted progression"]) for row in rows_of(predictions(Subject.of(experiment), table))]
    data = experiment.data
    np.testing.assert_array_equal(found, data.restore(experiment.network.predict(data.prepare(data.dataset.X)))[:, 0])
    assert 50 < np.mean(found) < 300


def test_columns_may_stand_in_any_order_and_others_are_carried_along():
    experiment = trained("iris")
    header = "id,petal width,petal length,sepal width,sepal length,predicted"
    table = parse_table("t.csv", f"{header}\n7,0.2,1.4,3.5,5.1,no\n8,2.3,6.9,2.6,7.7,no\n".encode())
    (first, second) = rows_of(predictions(Subject.of(experiment), table))
    assert (first["id"], first["predicted"], first["predicted (bplab)"]) == ("7", "no", "setosa")
    assert second["predicted (bplab)"] == "virginica"


def test_one_output_tells_two_classes_apart():
    experiment = trained("breast_cancer", loss="binary_cross_entropy")
    table = read_table(resources.path("data", "breast_cancer.csv"))
    found = rows_of(predictions(Subject.of(experiment), table))
    assert np.mean([row["predicted"] == row["diagnosis"] for row in found]) > 0.9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sepal length,sepal width,petal length\n1,2,3\n", "no column 'petal width'"),
        ("sepal length,sepal width,petal length,petal width\n1,2,3,4\n1,2,x,4\n", "line 3, column 'petal length'"),
        ("sepal length,sepal width,petal length,petal width\n1,2,,4\n", "the value is missing"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(text, words):
    with pytest.raises(DataError, match=words):
        predictions(Subject.of(Experiment.new("iris", hidden=[2])), parse_table("t.csv", text.encode()))
