"""What was asked for comes into effect at the next step boundary, and not on another run."""

import pytest


def quiet(qtbot, window):
    qtbot.wait(60)
    trainer = window.document.experiment.trainer()
    qtbot.waitUntil(lambda: window.player.snapshot.step == trainer.step_count)  # a slow machine shows it later
    return window.player.snapshot.step, window.document.experiment.trainer().step_count


def test_reset_reaches_a_slice_that_waits_for_the_window(qtbot, window):
    with window.player.exclusive():
        window.player.play()
        qtbot.wait(40)
        window.document.reset()
    assert quiet(qtbot, window) == (0, 0)


def test_pause_reaches_a_slice_that_waits_for_the_window(qtbot, window):
    with window.player.exclusive():
        window.player.play()
        qtbot.wait(40)
        window.player.pause()
    assert quiet(qtbot, window) == (0, 0)


@pytest.mark.parametrize("grain", ["phase", "sample", "batch", "epoch"])
def test_steps_that_still_wait_at_a_reset_are_not_done(qtbot, window, grain):
    window.transport.choose_grain(grain)
    with window.player.exclusive():
        for _ in range(20):
            window.player.step()
        window.document.reset()
    assert quiet(qtbot, window) == (0, 0)
    assert window.player.snapshot.phase is None


def test_steps_that_still_wait_at_a_change_of_a_setting_are_done(qtbot, window):
    window.transport.choose_grain("batch")
    with window.player.exclusive():
        for _ in range(20):
            window.player.step()
        window.training_panel.controls["optimizer.learning_rate"].step(up=True)
    assert quiet(qtbot, window) == (20, 20)
