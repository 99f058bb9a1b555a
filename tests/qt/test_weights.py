"""Weights set by hand are edits like all others."""

from bplab.experiment.run import NONE


def parameters(window):
    return window.document.experiment.network.parameters


def set_weight(window, place, value, **options):
    return window.document.edit("Set weight", lambda spec: spec, weights={place: value}, **options)


def test_a_weight_set_by_hand_is_undone_and_redone_exactly(window):
    before = parameters(window).copy()
    assert set_weight(window, 3, 0.5)
    assert parameters(window)[3] == 0.5
    window.document.undo_stack.undo()
    assert (parameters(window) == before).all()
    window.document.undo_stack.redo()
    assert parameters(window)[3] == 0.5


def test_after_more_training_undo_gives_the_weight_its_old_value_and_leaves_the_rest(qtbot, window):
    before = float(parameters(window)[3])
    set_weight(window, 3, 0.5)
    window.transport.choose_grain("batch")
    window.player.step()
    qtbot.waitUntil(lambda: window.document.experiment.trainer().step_count == 1)
    trained = parameters(window).copy()
    window.document.undo_stack.undo()
    assert parameters(window)[3] == before
    trained[3] = before
    assert (parameters(window) == trained).all()


def test_the_values_of_one_slider_are_one_undo_step(window):
    before = parameters(window).copy()
    for value in (0.1, 0.2, 0.3):
        set_weight(window, 3, value, mergeable=True)
    set_weight(window, 4, 0.4, mergeable=True)
    assert window.document.undo_stack.count() == 1
    window.document.undo_stack.undo()
    assert (parameters(window) == before).all()
    window.document.undo_stack.redo()
    assert (parameters(window)[3], parameters(window)[4]) == (0.3, 0.4)


def test_setting_a_weight_to_what_it_is_is_no_edit(window):
    assert set_weight(window, 3, float(parameters(window)[3]))
    assert window.document.edit("Nothing", lambda spec: spec, weights=NONE)
    assert window.document.undo_stack.count() == 0


def test_a_weight_that_cannot_be_is_reported_and_changes_nothing(window):
    before = parameters(window).copy()
    assert not set_weight(window, 3, float("inf"))
    assert window.message_bar.isVisible()
    assert (parameters(window) == before).all()
    assert window.document.undo_stack.count() == 0
