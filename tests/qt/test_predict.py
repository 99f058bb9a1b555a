"""Predict a sample and a table, in the window."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from bplab import Experiment, resources
from bplab.data.sources import SOURCES


@pytest.fixture
def dialog(window):
    window.actions_by_name["Predict a sample…"].trigger()
    return window.predictions.dialog


def asked(window, values):
    experiment = window.document.experiment
    return experiment.network.predict(experiment.data.prepare(values[None, :]))[0]


def test_the_outputs_move_with_the_slider_and_with_what_is_typed(window, dialog, qtbot):
    assert dialog.isVisible()
    first = dialog.outputs.values.copy()
    dialog.sliders[2].setValue(1000)
    assert dialog.values[2] == pytest.approx(window.document.experiment.data.dataset.X[:, 2].max())
    assert not np.allclose(dialog.outputs.values, first)
    np.testing.assert_array_equal(dialog.outputs.values, asked(window, dialog.values))
    edit = dialog.edits[2]
    edit.selectAll()
    qtbot.keyClicks(edit, "12.5")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert dialog.values[2] == 12.5
    np.testing.assert_array_equal(dialog.outputs.values, asked(window, dialog.values))
    dialog.grab()


def test_the_outputs_move_with_the_training_and_with_the_data(window, dialog, qtbot):
    before = dialog.outputs.values.copy()
    window.transport.choose_grain("batch")
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()
    assert not np.array_equal(dialog.outputs.values, before)
    qtbot.mouseClick(dialog.sample, Qt.MouseButton.LeftButton)
    assert (dialog.values == window.document.experiment.data.dataset.X[0]).all()
    window.document.replace(Experiment.new("digits", hidden=[4]), None)
    assert len(dialog.sliders) == 64
    assert len(dialog.outputs.values) == 10
    dialog.grab()


def test_a_table_is_predicted_and_saved(window, qtbot, tmp_path, monkeypatch):
    out = tmp_path / "said.csv"
    table = str(resources.path("data", "iris.csv"))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (table, ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    window.actions_by_name["Predict a table…"].trigger()
    qtbot.waitUntil(out.exists)
    qtbot.waitUntil(lambda: "150 predictions" in window.message_bar.label.text())
    assert len(list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))) == 150
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(resources.path("data", "wine.csv")), ""))
    window.actions_by_name["Predict a table…"].trigger()
    qtbot.waitUntil(lambda: "no column 'sepal length'" in window.message_bar.label.text())


def test_a_slider_of_other_data_says_nothing_more(window, qtbot):
    window.data_panel.changes.change("Choose digits", source=SOURCES.choose("digits"))
    window.predictions.sample()
    dialog = window.predictions.dialog
    old = dialog.sliders[40]
    window.data_panel.changes.change("Choose moons", source=SOURCES.choose("moons"))
    assert len(dialog.sliders) == 2
    old.setValue(old.value() + 7)
    assert dialog.values.shape == (2,)


def test_of_very_many_inputs_the_first_are_shown(window, qtbot, monkeypatch):
    monkeypatch.setattr("bplab.qt.dialogs.predict.MOST_ROWS", 10)
    window.data_panel.changes.change("Choose digits", source=SOURCES.choose("digits"))
    window.predictions.sample()
    dialog = window.predictions.dialog
    assert len(dialog.sliders) == 10
    dialog.sample.click()
    assert dialog.values.shape == (64,)
    dialog.grab()
