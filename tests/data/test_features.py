"""Inputs made from features: their values, their names, and how they are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab import Experiment
from bplab.data.features import FEATURES, Input, as_they_are, common_inputs, expand, names_of, parse_inputs
from bplab.errors import BplabError

X = np.array([[1.0, 2.0], [-3.0, 0.5]])
EXPECTED = {
    "x1": [1, -3],
    "x2^2": [4, 0.25],
    "x1*x2": [2, -1.5],
    "sin(x2)": [np.sin(2), np.sin(0.5)],
    "cos(x1)": [np.cos(1), np.cos(-3)],
}


@pytest.mark.parametrize("text", EXPECTED)
def test_an_input_is_made_of_the_features_that_it_names(text):
    np.testing.assert_allclose(expand(X, parse_inputs(text))[:, 0], EXPECTED[text])


def test_every_kind_of_feature_has_a_row_in_this_test():
    assert {parse_inputs(text)[0].kind for text in EXPECTED} == set(FEATURES)


inputs = st.sampled_from(sorted(FEATURES)).flatmap(
    lambda kind: st.builds(Input, st.just(kind), st.tuples(*[st.integers(1, 9999)] * FEATURES[kind].arity))
)


@given(st.lists(inputs, min_size=1, max_size=5, unique=True))
def test_inputs_are_read_as_they_are_written(some):
    assert parse_inputs(",".join(map(str, some))) == tuple(some)


def test_inputs_are_called_after_the_features():
    assert names_of(parse_inputs("x1,x2^2,x1*x2,sin(x1)"), ("length", "width")) == (
        "length", "width²", "length·width", "sin length",
    )  # fmt: skip


def test_the_menu_for_two_features_is_that_of_the_playground():
    assert [str(i) for i in common_inputs(2)] == ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]


@pytest.mark.parametrize("text", ["", "x", "x0", "x1**2", "tan(x1)", "x1,,x2", "x1*x2*x3", "__import__('os')", "x1,x1"])
def test_what_is_no_input_is_refused(text):
    with pytest.raises(BplabError):
        parse_inputs(text)


def test_an_input_of_a_feature_that_is_not_there_is_refused():
    with pytest.raises(BplabError, match="x3 needs a feature number 3; there are 2"):
        Experiment.new("circle", inputs="x1,x3")


def test_an_input_that_overflows_is_named():
    with pytest.raises(BplabError, match=r"x1\^2 becomes too large"):
        expand(np.array([[1e200, 1.0]]), parse_inputs("x2,x1^2"))


def test_plain_inputs_are_the_features_to_the_bit():
    assert (expand(X, as_they_are(2)) == X).all()


def test_a_network_hears_the_inputs_and_predicts_from_raw_features():
    experiment = Experiment.new("circle", inputs="x1^2,x2^2", hidden=[])
    assert experiment.network.sizes == (2, 1)
    assert experiment.data.feature_names == ("x1²", "x2²")
    experiment.trainer().run(500)
    assert experiment.trainer().scores().test_accuracy > 0.95  # a circle is a straight line in squares
    raw = experiment.data.dataset.X[experiment.data.test_indices]
    assert (experiment.data.prepare(raw) == experiment.data.X_test).all()
    assert (experiment.data.prepare(raw[0]) == experiment.data.X_test[0]).all()


def test_inputs_travel_in_the_file_and_go_with_the_data(tmp_path):
    experiment = Experiment.new("circle", inputs="x1,x1*x2")
    experiment.save(tmp_path / "x.bplab")
    again = Experiment.open(tmp_path / "x.bplab")
    assert again.spec.data.inputs == parse_inputs("x1,x1*x2")
    assert (again.data.X_train == experiment.data.X_train).all()
