"""The main job in the real window, by mouse and keyboard: design, load, train, see, save and open."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMessageBox, QSlider

from bplab import Experiment, resources
from bplab.experiment import edits
from bplab.exports.figure import averaged
from bplab.microscope.selection import Selection
from bplab.qt.theme import LIGHT

LEFT = Qt.MouseButton.LeftButton


def click(qtbot, widget, place=None):
    qtbot.mouseClick(widget, LEFT, pos=place.toPoint() if place is not None else QPoint())


def step(qtbot, window, times=1):
    for _ in range(times):
        with qtbot.waitSignal(window.player.snapshot_taken, timeout=5000):
            click(qtbot, window.transport.step_button)


def train(qtbot, window, steps):
    goal = window.player.snapshot.step + steps
    click(qtbot, window.transport.play_button)
    qtbot.waitUntil(lambda: window.player.snapshot.step >= goal, timeout=10_000)
    click(qtbot, window.transport.play_button)
    settle(qtbot, window)


def settle(qtbot, window):
    """Wait until the worker has answered everything that was asked."""
    with qtbot.waitSignal(window.player.snapshot_taken, timeout=5000):
        window.player.refresh()
    trainer = window.document.experiment.trainer()
    qtbot.waitUntil(lambda: window.player.snapshot.step == trainer.step_count, timeout=5000)


def type_text(qtbot, edit, text):
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClick(edit, Qt.Key.Key_Delete)
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def sizes(window):
    return window.document.experiment.network.sizes


# Design


def test_plus_minus_and_a_typed_number_change_a_layer(qtbot, window):
    controls = window.canvas.hidden_controls[0]
    click(qtbot, controls.more)
    assert sizes(window) == (4, 7, 5, 3)
    click(qtbot, controls.fewer)
    click(qtbot, controls.fewer)
    assert sizes(window) == (4, 5, 5, 3)
    box = controls.size_box
    box.selectAll()
    qtbot.keyClicks(box, "9")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert sizes(window) == (4, 9, 5, 3)


def test_layers_are_added_and_removed_on_the_canvas(qtbot, window):
    click(qtbot, window.canvas.add_buttons[1])
    assert sizes(window) == (4, 6, 4, 5, 3)
    assert len(window.canvas.hidden_controls) == 3
    click(qtbot, window.canvas.hidden_controls[0].remove)
    assert sizes(window) == (4, 4, 5, 3)


def test_activation_is_chosen_by_keyboard(qtbot, window):
    combo = window.canvas.hidden_controls[0].activation
    combo.setFocus()
    qtbot.keyClicks(combo, "s")
    assert window.document.spec.network.hidden[0].activation.name == "sigmoid"


def test_undo_and_redo_everything(qtbot, window):
    before = window.document.spec
    weights = window.document.experiment.network.parameters.copy()
    click(qtbot, window.canvas.add_buttons[0])
    click(qtbot, window.canvas.hidden_controls[1].more)
    click(qtbot, window.data_panel.thumbnails["sine"])
    type_text(qtbot, window.training_panel.controls["seed"], "7")
    after = window.document.spec
    for _ in range(4):
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.spec == before
    assert (window.document.experiment.network.parameters == weights).all()
    for _ in range(4):
        window.actions_by_name["Redo"].trigger()
    assert window.document.spec == after
    assert window.training_panel.controls["seed"].text() == "7"


def test_undo_restores_a_removed_layer_with_its_weights(qtbot, window):
    train(qtbot, window, 50)
    weights = window.document.experiment.network.parameters.copy()
    click(qtbot, window.canvas.hidden_controls[0].remove)
    window.document.undo_stack.undo()
    assert (window.document.experiment.network.parameters == weights).all()


def test_an_edit_during_play_keeps_training(qtbot, window):
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 20)
    click(qtbot, window.canvas.hidden_controls[0].more)
    step_then = window.player.snapshot.step
    qtbot.waitUntil(lambda: window.player.snapshot.step > step_then + 20)
    assert len(window.player.snapshot.record.layers[0].b) == 7


# Load


@pytest.mark.parametrize("name", ["circle", "xor", "gauss", "spiral", "moons", "plane", "sine", "digits"])
def test_every_data_set_is_one_click(qtbot, window, name):
    click(qtbot, window.data_panel.thumbnails[name])
    assert window.document.experiment.data.dataset.name == name
    assert window.data_panel.thumbnails[name].isChecked()
    train(qtbot, window, 3)
    window.grab()


def test_noise_and_data_seed_change_the_data(qtbot, window):
    click(qtbot, window.data_panel.thumbnails["moons"])
    before = window.document.experiment.data.dataset.X
    type_text(qtbot, window.data_panel.controls["noise"], "0.3")
    noisy = window.document.experiment.data.dataset.X
    type_text(qtbot, window.data_panel.controls["seed"], "5")
    assert not np.array_equal(before, noisy)
    assert not np.array_equal(noisy, window.document.experiment.data.dataset.X)


def test_a_table_is_imported_with_its_target(qtbot, window, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("a,kind,b\n" + "".join(f"{i},{'pq'[i % 2]},{i * i}\n" for i in range(20)), encoding="utf-8")
    window.data_actions.import_table(path)
    dialog = window.data_actions.importer.dialog
    qtbot.waitUntil(lambda: dialog.is_ready)
    dialog.roles.set_target("kind")
    qtbot.waitUntil(lambda: dialog.is_ready)
    dialog.ok.click()
    assert window.document.experiment.data.class_names == ("p", "q")
    assert window.data_panel.own.isVisible()
    train(qtbot, window, 3)


def test_a_dropped_table_is_imported_under_its_own_name(qtbot, window, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("a,kind\n1,p\n2,q\n3,p\n4,q\n5,p\n", encoding="utf-8")
    drop(window, path)
    qtbot.waitUntil(lambda: window.data_actions.importer.dialog is not None)
    qtbot.waitUntil(lambda: window.data_actions.importer.dialog.is_ready)
    window.data_actions.importer.dialog.ok.click()
    qtbot.waitUntil(lambda: window.document.experiment.data.class_names == ("p", "q"))
    assert window.data_panel.own.accessibleName() == "Data set own"


@pytest.mark.parametrize("name", ["moons.bplab", "MOONS.BPLAB"])
def test_a_dropped_experiment_is_opened(qtbot, window, tmp_path, name):
    Experiment.new("moons").save(tmp_path / name)
    drop(window, tmp_path / name)
    qtbot.waitUntil(lambda: window.document.path == tmp_path / name)


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/x"), QUrl.fromLocalFile(str(path))])
    how = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(20, 20), *how)
    window.dragEnterEvent(entering)
    assert entering.isAccepted()
    window.dropEvent(QDropEvent(QPointF(20, 20), *how))


def test_a_bad_table_is_a_message_and_nothing_changes(window, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("a,y\n1,u\noops,v\n1,u\n", encoding="utf-8")
    before = window.document.spec
    window.document.edit("x", lambda spec: spec)
    window.data_actions.import_table(tmp_path / "nowhere.csv")
    assert window.message_bar.isVisible()
    assert window.document.spec == before


def test_the_split_slider_moves_samples(qtbot, window):
    window.data_panel.split.setValue(50)
    data = window.document.experiment.data
    assert (len(data.X_train), len(data.X_test)) == (75, 75)


# Train


def test_space_plays_and_pauses(qtbot, window):
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert window.player.is_playing
    qtbot.waitUntil(lambda: window.player.snapshot.step > 10)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert not window.player.is_playing


def test_space_after_a_typed_number_plays(qtbot, window):
    edit = window.training_panel.controls["optimizer.learning_rate"]
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "0.2")
    with qtbot.waitSignal(window.player.started):  # the number is taken, and no blank is typed into it
        qtbot.keyClick(edit, Qt.Key.Key_Space)
    assert window.document.spec.training.optimizer.values["learning_rate"] == 0.2
    window.player.pause()


def test_return_after_a_typed_number_gives_the_keys_back(qtbot, window):
    type_text(qtbot, window.data_panel.controls["seed"], "5")
    assert not window.data_panel.controls["seed"].hasFocus()
    box = window.canvas.hidden_controls[0].size_box
    type_text(qtbot, box, "7")
    assert not box.hasFocus()


def test_pause_stops(qtbot, window):
    train(qtbot, window, 20)
    step_then = window.document.experiment.trainer().step_count
    qtbot.wait(60)
    assert window.document.experiment.trainer().step_count == step_then


def test_phases_go_through_the_rail(qtbot, window):
    seen = []
    for _ in range(8):
        step(qtbot, window)
        seen.append((window.player.snapshot.phase, window.player.snapshot.layer))
        now = [name for name, label in window.transport.rail.items() if label.property("now")]
        assert now == [seen[-1][0]]
    assert seen[0] == ("forward", 1)
    assert seen[3:5] == [("loss", None), ("backward", 3)]
    assert seen[-1] == ("update", None) or seen[-1] == ("forward", 1)


def test_batch_and_epoch_steps_count_right(qtbot, window):
    click(qtbot, window.transport.grain_buttons["batch"])
    step(qtbot, window, 3)
    settle(qtbot, window)
    assert window.player.snapshot.step == 3
    click(qtbot, window.transport.grain_buttons["epoch"])
    step(qtbot, window, 2)
    settle(qtbot, window)
    assert (window.player.snapshot.epoch, window.player.snapshot.step) == (2, 24)
    assert window.transport.readouts["Epoch"].text() == "2"


def test_samples_are_shown_one_by_one_with_their_own_gradients(qtbot, window):
    window.canvas.select(Selection(1, 0, 0))
    click(qtbot, window.transport.grain_buttons["sample"])
    step(qtbot, window, 3)
    record = window.player.snapshot.record
    assert window.inspector.bars.focused == 2
    assert window.inspector.story.cards[0].value == pytest.approx(window.inspector.bars.values[2])
    shown = window.canvas.picture()
    assert shown.scene.sample == 2
    assert abs(shown.connections.values[0][0, 0]) == pytest.approx(abs(window.inspector.bars.values[2]))
    with qtbot.waitSignal(window.player.snapshot_taken):
        click(qtbot, window.transport.back_button)
    assert window.inspector.bars.focused == 1
    step(qtbot, window, len(record.indices) - 1)
    assert (window.player.snapshot.step, window.player.snapshot.phase) == (1, "update")
    assert window.canvas.picture().connections.values[0][0, 0] == abs(record.layers[0].dW[0, 0])


def test_another_setting_in_the_middle_of_a_step_stays_at_its_phase(qtbot, window):
    step(qtbot, window, 6)
    assert (window.player.snapshot.phase, window.player.snapshot.layer) == ("backward", 2)
    type_text(qtbot, window.training_panel.controls["optimizer.learning_rate"], "0.2")
    assert (window.player.snapshot.phase, window.player.snapshot.layer) == ("backward", 2)
    step(qtbot, window, 2)
    assert window.player.snapshot.record.learning_rate == 0.2


def test_training_that_has_reached_its_goal_stops_and_says_why(qtbot, window):
    window.document.edit("x", lambda spec: edits.change_training(spec, stop_epochs=2))
    click(qtbot, window.transport.play_button)
    qtbot.waitUntil(lambda: not window.player.is_playing, timeout=5000)
    qtbot.waitUntil(window.message_bar.isVisible)
    assert "2 epochs are done" in window.message_bar.label.text()
    settle(qtbot, window)
    assert window.player.snapshot.epoch == 2


def test_a_thousand_quick_steps_are_a_thousand_steps(qtbot, window):
    window.transport.choose_grain("batch")
    for _ in range(1000):
        window.player.step()
    qtbot.waitUntil(lambda: window.player.snapshot.step == 1000, timeout=20_000)


def test_step_back_finds_the_same_bits(qtbot, window):
    window.transport.choose_grain("batch")
    step(qtbot, window, 5)
    settle(qtbot, window)
    weights = window.document.experiment.network.parameters.copy()
    step(qtbot, window, 2)
    for _ in range(2):
        with qtbot.waitSignal(window.player.snapshot_taken):
            click(qtbot, window.transport.back_button)
    settle(qtbot, window)
    assert window.player.snapshot.step == 5
    assert (window.document.experiment.network.parameters == weights).all()


def test_reset_goes_back_to_the_same_initial_weights(qtbot, window):
    start = window.document.experiment.network.parameters.copy()
    train(qtbot, window, 30)
    click(qtbot, window.transport.reset_button)
    assert (window.document.experiment.network.parameters == start).all()
    assert window.player.snapshot.step == 0


def test_learning_rate_takes_effect_during_play(qtbot, window):
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 10)
    type_text(qtbot, window.training_panel.controls["optimizer.learning_rate"], "0")
    settle_at = window.player.snapshot.step + 20
    qtbot.waitUntil(lambda: window.player.snapshot.step > settle_at)
    assert (window.player.snapshot.record.layers[0].update_W == 0).all()


@pytest.mark.parametrize("text", ["abc", "-1", "", "nan", "1e999"])
def test_a_learning_rate_that_makes_no_sense_is_refused_in_words(qtbot, window, text):
    edit = window.training_panel.controls["optimizer.learning_rate"]
    type_text(qtbot, edit, text)
    assert window.message_bar.isVisible()
    assert edit.text() == "0.1"


def test_divergence_is_told_and_the_network_stays_finite(qtbot, open_window):
    window = open_window(Experiment.new("plane", hidden=[4], activation="relu"))
    type_text(qtbot, window.training_panel.controls["optimizer.learning_rate"], "1e308")
    window.player.play()
    qtbot.waitUntil(lambda: window.message_bar.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: not window.player.is_playing)
    assert "layer" in window.message_bar.label.text() or "loss" in window.message_bar.label.text()
    assert np.isfinite(window.document.experiment.network.parameters).all()


def test_optimizer_loss_and_regularizer_are_chosen(qtbot, window):
    panel = window.training_panel
    for key, name in (("optimizer", "adam"), ("loss", "mse"), ("regularizer", "l2"), ("initializer", "he_normal")):
        combo = panel.controls[key]
        place = combo.findData(name)
        combo.setCurrentIndex(place)
        combo.activated.emit(place)
        assert getattr(window.document.spec.training, key).name == name
    assert "optimizer.beta1" in panel.controls
    assert "regularizer.strength" in panel.controls
    train(qtbot, window, 5)


# See


def test_a_clicked_connection_is_explained(qtbot, window):
    train(qtbot, window, 20)
    chosen = Selection(2, 1, 3)
    click(qtbot, window.canvas, window.canvas.connection_place(chosen))
    assert window.canvas.selection == chosen
    gradient, came_in, error = (factor.value for factor in window.inspector.cards.factors[:3])
    assert gradient == pytest.approx(came_in * error)
    asked, slope = (factor.value for factor in window.inspector.cards.factors[3:])
    assert error == pytest.approx(asked * slope)
    record = window.player.snapshot.record
    assert window.inspector.bars.bars.values.mean() == pytest.approx(record.layers[1].dW[1, 3], abs=1e-12)
    assert window.inspector.bars.bars.mean == pytest.approx(record.layers[1].dW[1, 3], abs=1e-12)


def test_a_clicked_neuron_shows_sum_activation_and_error(qtbot, window):
    train(qtbot, window, 20)
    click(qtbot, window.canvas, window.canvas.neuron_place(1, 2))
    assert window.canvas.selection == Selection(1, 2)
    values = [factor.value for factor in window.inspector.cards.factors]
    record = window.player.snapshot.record.layers[0]
    assert record.z[0, 2] == pytest.approx(values[0]) or record.z[0, 2] in values
    assert any(value == pytest.approx(record.a[0, 2]) for value in values)


def test_a_sample_is_chosen_by_key_and_shown_on_the_canvas(qtbot, window):
    train(qtbot, window, 5)
    window.canvas.select(Selection(2, 1, 3))
    window.inspector.bars.setFocus()
    qtbot.keyClick(window.inspector.bars, Qt.Key.Key_Down)
    assert window.canvas.picture().scene.sample == 1


def test_arrow_keys_move_the_selection(qtbot, window):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(window.canvas, key)
    assert window.canvas.selection == Selection(2, 1)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.selection == Selection(2, 1, 0)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert window.canvas.selection is None


def test_connections_are_grey_until_a_backward_pass_colours_them(qtbot, window):
    assert window.canvas.picture().connections is None
    train(qtbot, window, 5)
    picture = window.canvas.picture()
    assert picture.connections.scales[0].high > 0
    assert (picture.connections.values[0] == np.abs(picture.scene.record.layers[0].dW)).all()


def test_errors_are_hidden_until_the_backward_phase_reaches_them(qtbot, window):
    window.canvas.select(Selection(1, 0, 0))
    step(qtbot, window, 5)
    assert window.player.snapshot.phase == "backward"
    picture = window.canvas.picture()
    assert [picture.scene.knows_error(layer) for layer in (1, 2, 3)] == [False, False, True]
    assert window.inspector.bars.bars is None


def test_the_plots_follow_the_run(qtbot, window):
    train(qtbot, window, 100)
    qtbot.wait(150)
    x, y = window.plots.loss.curves["train"].getOriginalDataset()
    assert len(x) > 5
    assert y[-1] < y[0]
    assert set(window.plots.norms.curves) == {"1", "2", "3"}
    assert "train" in window.plots.loss.values_at(50)
    window.plots.loss.step_picked.emit(40)
    qtbot.waitUntil(lambda: window.player.snapshot.step == 40)


def test_values_under_the_cursor_go_when_it_leaves(qtbot, window):
    train(qtbot, window, 40)
    loss = window.plots.loss
    qtbot.waitUntil(lambda: loss.curves["train"].xData is not None)
    loss._on_moved(loss.plot.getViewBox().sceneBoundingRect().center())
    assert "train" in loss.readout.text()
    assert loss.readout.isVisible()
    QApplication.sendEvent(loss.plot, QEvent(QEvent.Type.Leave))
    assert not loss.readout.isVisible()


def test_the_fitted_curve_is_in_the_targets_own_units(qtbot, open_window):
    window = open_window(Experiment.new("sine", hidden=[8], optimizer="adam"))
    train(qtbot, window, 2000)
    qtbot.wait(150)
    x, y = window.plots.prediction.curve.getOriginalDataset()
    inside = np.abs(x) < 3
    assert np.abs(y - np.sin(x))[inside].mean() < 0.3


def test_averaging_keeps_short_histories_as_they_are():
    rows = np.arange(12.0).reshape(6, 2)
    assert averaged(rows) is rows
    assert len(averaged(np.ones((1000, 3)))) <= 240


def test_both_themes_can_be_chosen(qtbot, window):
    window.actions_by_name["Light theme"].trigger()
    assert window.theme is LIGHT
    window.grab()


def test_every_control_has_a_name_and_a_tooltip(window):
    for kind in (QAbstractButton, QComboBox, QSlider):
        for widget in window.findChildren(kind):
            if widget.isVisible() and not widget.objectName().startswith("qt_"):
                assert widget.accessibleName() or getattr(widget, "text", str)(), widget
                assert widget.toolTip(), (widget, widget.accessibleName())


# More settings


def chosen(window, key, name):
    combo = window.training_panel.controls[key]
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())


def training(window):
    return window.document.spec.training


def test_more_settings_are_shown_on_wish_and_change_the_training(qtbot, window):
    panel = window.training_panel
    assert "schedule" not in panel.controls
    click(qtbot, panel.more_button)
    chosen(window, "schedule", "cosine")
    chosen(window, "clipping", "norm")
    chosen(window, "bias_initializer", "constant")
    chosen(window, "class_weights", "balanced")
    type_text(qtbot, panel.controls["schedule.steps"], "500")
    type_text(qtbot, panel.controls["warmup_steps"], "20")
    assert training(window).schedule.values == {"steps": 500, "lowest": 0.0}
    assert (training(window).clipping.name, training(window).warmup_steps) == ("norm", 20)
    assert (training(window).bias_initializer.name, training(window).class_weights) == ("constant", "balanced")
    assert set(window.document.experiment.network.layers[0].b) == {0.1}
    click(qtbot, panel.more_button)
    assert "schedule" not in panel.controls


def test_precision_starts_anew_in_the_other_type(qtbot, window):
    click(qtbot, window.training_panel.more_button)
    chosen(window, "dtype", "float32")
    assert window.document.experiment.network.parameters.dtype == np.float32
    train(qtbot, window, 5)
    window.document.undo_stack.undo()
    assert window.document.experiment.network.parameters.dtype == np.float64


def test_training_stops_by_itself_says_why_and_can_go_on(qtbot, window):
    click(qtbot, window.training_panel.more_button)
    field = window.training_panel.controls["stop_epochs"]
    type_text(qtbot, field, "3")
    click(qtbot, window.transport.play_button)
    qtbot.waitUntil(lambda: not window.player.is_playing, timeout=10_000)
    settle(qtbot, window)
    assert window.player.snapshot.epoch == 3
    qtbot.waitUntil(window.message_bar.isVisible)
    type_text(qtbot, field, "")
    assert training(window).stop_epochs is None
    train(qtbot, window, 20)
    assert window.player.snapshot.epoch > 3


def test_a_stop_that_is_no_number_is_refused(qtbot, window):
    click(qtbot, window.training_panel.more_button)
    field = window.training_panel.controls["stop_accuracy"]
    type_text(qtbot, field, "often")
    assert window.message_bar.isVisible()
    assert (field.text(), training(window).stop_accuracy) == ("", None)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert training(window).stop_accuracy == 0.001


def option(menu, *path):
    for title in path:
        menu.aboutToShow.emit()
        action = next(action for action in menu.actions() if action.text() == title)
        menu = action.menu() or menu
    return action


def test_a_layer_gets_normalization_dropout_and_a_skip_connection_from_its_menu(qtbot, open_window):
    window = open_window(Experiment.new("iris", hidden=[6, 6]))
    controls = window.canvas.hidden_controls[1]
    for path in (("Normalization", "batch norm"), ("Dropout", "20%"), ("Skip connection", "from layer 1")):
        option(controls.options.options, *path).trigger()
    plan = window.document.experiment.network.plans[1]
    assert (plan.normalization.name, plan.dropout, plan.skip) == ("batch_norm", 0.2, 1)
    assert "batch norm, 20% dropout, skip connection from layer 1" in controls.options.toolTip()
    assert not option(controls.options.options, "Skip connection", "from input").isEnabled()
    train(qtbot, window, 30)
    assert window.player.snapshot.step >= 30
    for _ in range(3):
        window.document.undo_stack.undo()
    assert window.document.experiment.network.plans[1].is_plain


def test_a_neuron_more_where_a_skip_connection_ends_is_refused_with_the_reason(qtbot, open_window):
    window = open_window(Experiment.new("iris", hidden=[6, 6], skip=1))
    click(qtbot, window.canvas.hidden_controls[1].more)
    assert window.message_bar.isVisible()
    assert window.document.experiment.network.sizes == (4, 6, 6, 3)
    click(qtbot, window.canvas.hidden_controls[0].remove)
    assert window.document.experiment.network.plans[0].skip == 0


# Save and open


def test_a_run_goes_on_from_a_saved_file_bit_for_bit(qtbot, window, tmp_path):
    train(qtbot, window, 30)
    with qtbot.waitSignal(window.document.saved):
        window.document.save(tmp_path / "x.bplab")
    assert "edited" not in window.windowTitle()
    trainer = window.document.experiment.trainer()
    trainer.run(50)
    expected = window.document.experiment.network.parameters.copy()
    window.document.mark_saved()
    with qtbot.waitSignal(window.document.replaced):
        window.files.open(tmp_path / "x.bplab")
    assert window.document.path == tmp_path / "x.bplab"
    window.document.experiment.trainer().run(50)
    assert (window.document.experiment.network.parameters == expected).all()


def test_a_failed_open_leaves_everything_as_it_was(qtbot, window, tmp_path):
    train(qtbot, window, 10)
    before = window.document.experiment
    (tmp_path / "bad.bplab").write_bytes(b"PK nonsense")
    window.files.open(tmp_path / "bad.bplab")  # asks nothing: there is nothing to lose
    qtbot.waitUntil(window.message_bar.isVisible)
    assert window.document.experiment is before


def test_a_message_goes_with_the_next_thing_that_works(qtbot, window, tmp_path):
    window.files.open(tmp_path / "nowhere.bplab")
    qtbot.waitUntil(window.message_bar.isVisible)
    window.document.edit("x", lambda spec: spec)
    assert window.message_bar.isVisible()
    click(qtbot, window.data_panel.thumbnails["moons"])
    assert not window.message_bar.isVisible()


def test_every_example_opens_from_the_menu(qtbot, window):
    for path in resources.path("examples").glob("*.bplab"):
        window.document.mark_saved()
        with qtbot.waitSignal(window.document.replaced):
            window.actions_by_name[path.stem].trigger()
        assert window.document.path is None
        train(qtbot, window, 2)


def test_closing_asks_about_unsaved_work(qtbot, window, monkeypatch):
    click(qtbot, window.canvas.hidden_controls[0].more)
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert window.player.is_running


def test_the_window_closes_during_play(qtbot, window, monkeypatch):
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Discard)
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 5)
    assert window.close()
    assert not window.player.is_running
