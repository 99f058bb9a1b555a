"""The worksheet: blanks for every number that the solution has, and the solution is the engine's."""

import re

import numpy as np
import pytest

from bplab import Experiment, resources
from bplab.errors import BplabError
from bplab.exports.subject import Subject
from bplab.exports.worksheet import BLANK, worksheet

NUMBER = re.compile(r'<span class="n">([^<]+)</span>')


def test_mazurs_step_is_solved():
    experiment = Experiment.open(resources.path("examples", "mazur-2-2-2.bplab"))
    solved = worksheet(Subject.of(experiment), True)
    trainer = experiment.trainer()
    trainer.step()
    new = [f"{value:.4g}" for layer in trainer.network.layers for value in np.column_stack([layer.b, layer.W]).ravel()]
    assert NUMBER.findall(solved)[-len(new) :] == new
    for number in ("0.3775", "0.5933", "0.7514", "0.7729", "0.2984", "0.1385", "0.08217", "0.0004386"):
        assert number in NUMBER.findall(solved), number


@pytest.mark.parametrize("data", ["xor", "iris", "sine", "plane"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_every_number_has_its_blank(data, activation):
    subject = Subject.of(Experiment.new(data, hidden=[3, 2], activation=activation))
    solved, blank = worksheet(subject, True), worksheet(subject, False)
    assert blank.count(BLANK) == len(NUMBER.findall(solved)) > 20
    assert NUMBER.sub(BLANK, solved).replace(": solution", "") == blank


def test_the_gradients_are_those_of_the_sample():
    experiment = Experiment.new("iris", hidden=[3], batch_size=1)
    record = experiment.trainer().step()
    numbers = NUMBER.findall(worksheet(Subject.of(experiment, record), True))
    experiment.trainer().seek(0)
    solved = NUMBER.findall(worksheet(Subject.of(experiment, record), True))
    assert f"{record.loss:.4g}" in solved
    assert {f"{value:.4g}" for value in record.layers[0].dW.ravel()} <= set(solved)
    assert numbers != solved  # after the step the weights are others


def test_what_does_not_fit_on_paper_is_told():
    with pytest.raises(BplabError, match="would fill a book"):
        worksheet(Subject.of(Experiment.new("digits", hidden=[8])), True)
    with pytest.raises(BplabError, match="plain layers"):
        worksheet(Subject.of(Experiment.new("xor", hidden=[3, 3], skip=1)), True)


def test_names_from_a_file_are_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("<b>x</b>,y\n1,a\n2,b\n3,a\n4,b\n", encoding="utf-8")
    page = worksheet(Subject.of(Experiment.new(path, hidden=[2])), False)
    assert "&lt;b&gt;x&lt;/b&gt;" in page
