"""Zoomable time in the window: a step as a film, motion, and the timeline."""

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt

from bplab import Experiment
from bplab.qt.canvas.annotations import loss_shares


def step(window, qtbot):
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()


@pytest.mark.parametrize("begun", [0, 3])
def test_slow_motion_plays_to_the_end_of_one_step(window, qtbot, begun):
    window.transport.choose_grain("phase")
    for _ in range(begun):
        step(window, qtbot)
    seen = []
    window.player.snapshot_taken.connect(lambda s: seen.append((s.step, s.phase, s.layer)))
    window.actions_by_name["Play one step in slow motion"].trigger()
    assert window.player.is_playing
    assert window.player.rate == 5.0
    qtbot.waitUntil(lambda: not window.player.is_playing, timeout=10_000)
    assert window.player.snapshot.step == 1
    assert window.player.snapshot.phase == "update"
    phases = [("forward", n) for n in (1, 2, 3)] + [("loss", None)] + [("backward", n) for n in (3, 2, 1)]
    wanted = [(0, *phase) for phase in phases[begun:]] + [(1, "update", None)]
    assert [moment for moment in dict.fromkeys(seen) if moment in wanted] == wanted


def test_signals_move_while_a_phase_is_shown_and_rest_afterwards(window, qtbot):
    flow = window.canvas.flow
    flow.set_wanted(True)
    window.transport.choose_grain("phase")
    assert not flow.is_moving
    step(window, qtbot)
    assert flow.is_moving
    first = window.canvas.grab().toImage()
    qtbot.waitUntil(lambda: not flow.is_moving, timeout=3000)
    assert window.canvas.grab().toImage() != first
    window.actions_by_name["Show signals moving"].trigger()
    step(window, qtbot)
    assert not flow.is_moving


def test_nothing_moves_at_full_speed(window, qtbot):
    window.canvas.flow.set_wanted(True)
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 100)
    assert not window.canvas.flow.is_moving
    window.player.pause()


def test_the_timeline_goes_to_any_step_bit_for_bit(window, qtbot):
    window.document.replace(Experiment.new("circle", hidden=[4, 2]), None)
    trainer = window.document.experiment.trainer()
    wanted = {}
    for _ in range(6):
        with window.player.exclusive():
            trainer.run(37)
            wanted[trainer.step_count] = trainer.network.parameters.copy()
    window.player.refresh()
    slider = window.plots.timeline.slider
    qtbot.waitUntil(lambda: slider.maximum() == 222)
    for goal in (37, 185, 74):
        slider.setValue(goal)
        qtbot.waitUntil(lambda goal=goal: window.player.snapshot.step == goal)
        with window.player.exclusive():
            assert (trainer.network.parameters == wanted[goal]).all()
    assert window.plots.timeline.text.text() == "74 of 222"


def test_a_timeline_that_is_dragged_quickly_goes_to_where_it_was_left(window, qtbot):
    with window.player.exclusive():
        window.document.experiment.trainer().run(400)
    window.player.refresh()
    slider = window.plots.timeline.slider
    qtbot.waitUntil(lambda: slider.maximum() == 400)
    for goal in np.random.default_rng(1).integers(0, 400, 200).tolist():
        slider.setValue(goal)
    slider.setValue(123)
    qtbot.waitUntil(lambda: window.player.snapshot.step == 123)
    time.sleep(0.05)
    assert slider.value() == 123


def test_the_loss_shows_each_outputs_share(window, qtbot):
    window.transport.choose_grain("operation")
    while window.player.snapshot.phase != "loss":
        step(window, qtbot)
    for output in range(3):
        scene = window.canvas.scene()
        shares = loss_shares(scene)
        assert (shares[: output + 1] == scene.record.shares[0, : output + 1]).all()
        assert not shares[output + 1 :].any()
        step(window, qtbot)
    scene = window.canvas.scene()
    assert (loss_shares(scene) == scene.record.shares[0]).all()
    assert scene.record.shares.sum(axis=1).mean() == pytest.approx(scene.record.loss)


def test_holding_the_key_goes_on(window, qtbot):
    window.transport.choose_grain("batch")
    for _ in range(8):
        qtbot.keyClick(window.canvas, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: window.player.snapshot.step == 8)


def test_every_gradient_is_checked_on_demand(window, qtbot):
    window.actions_by_name["Check all gradients…"].trigger()
    dialog = window.findChildren(type(window.checks._open("x", "y")))[0]
    qtbot.waitUntil(lambda: "all right" in dialog.text.toPlainText(), timeout=20_000)
    assert f"{len(window.document.experiment.network.parameters)} gradients" in dialog.text.toPlainText()
