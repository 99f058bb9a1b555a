"""The pages of the inspector, used as a user would; every number is held against the engine."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from bplab import Experiment
from bplab.microscope import facts
from bplab.microscope.batch import agreement
from bplab.microscope.paths import paths_to_loss
from bplab.microscope.selection import Selection


def step(window, qtbot):
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()


@pytest.fixture
def seen(window, qtbot):
    """Return a window after five steps, and its inspector."""
    window.document.replace(Experiment.new("iris", hidden=[6, 5], optimizer="adam", l2=0.001), None)
    window.transport.choose_grain("batch")
    for _ in range(5):
        step(window, qtbot)
    return window


def turn_to(window, page, qtbot):
    inspector = window.inspector
    qtbot.mouseClick(inspector.tabs[inspector.pages.index(page)], Qt.MouseButton.LeftButton)


def test_who_asks_adds_up_to_what_the_arrow_shows(seen, qtbot):
    inspector = seen.inspector
    turn_to(seen, inspector.terms, qtbot)
    seen.canvas.select(Selection(1, 2))
    shown, record = inspector.terms.view.waterfall, seen.player.snapshot.record
    after = record.layers[1]
    by_hand = {f"layer 2, neuron {o + 1}": after.W[o, 2] * after.delta[0, o] * len(record.indices) for o in range(5)}
    assert {bar.label: pytest.approx(bar.value) for bar in shown.bars} == by_hand
    assert shown.value == pytest.approx(record.layers[0].pull[0, 2])


def test_pointing_at_who_asks_lights_the_connection_and_a_click_picks_it(seen, qtbot):
    inspector = seen.inspector
    turn_to(seen, inspector.terms, qtbot)
    seen.canvas.select(Selection(1, 2))
    view = inspector.terms.view
    first = view.waterfall.bars[0].places
    qtbot.mouseMove(view, QPoint(30, 6))
    assert seen.canvas.picture().lights == first
    assert first[0].source == 2
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(30, 6))
    assert seen.canvas.selection == first[0]
    assert [button.isVisible() for button in inspector.terms.buttons.values()] == [False, False, True]


def test_the_forward_sum_is_taken_apart(seen, qtbot):
    inspector = seen.inspector
    turn_to(seen, inspector.terms, qtbot)
    seen.canvas.select(Selection(2, 1))
    qtbot.mouseClick(inspector.terms.buttons["sum"], Qt.MouseButton.LeftButton)
    shown, record = inspector.terms.view.waterfall, seen.player.snapshot.record
    assert len(shown.bars) == 7
    assert sum(bar.value for bar in shown.bars) == pytest.approx(record.layers[1].z[0, 1])
    assert shown.value == pytest.approx(record.layers[1].z[0, 1])


def test_paths_to_the_loss_light_their_way(seen, qtbot):
    inspector = seen.inspector
    turn_to(seen, inspector.terms, qtbot)
    chosen = Selection(1, 2, 1)
    seen.canvas.select(chosen)
    view, moment = inspector.terms.view, inspector._moment()
    found = paths_to_loss(moment, chosen)
    assert [bar.value for bar in view.waterfall.bars[:8]] == [path.product for path in found.listed[:8]]
    assert sum(bar.value for bar in view.waterfall.bars) == pytest.approx(found.gradient)
    assert "strongest of 15 paths" in inspector.terms.title.full_text
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    neurons = found.listed[0].neurons
    way = (chosen, Selection(2, neurons[1], neurons[0]), Selection(3, neurons[2], neurons[1]))
    assert seen.canvas.picture().lights == way
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert seen.canvas.selection == chosen


def test_a_card_lights_its_place_and_the_place_its_card(seen, qtbot):
    cards = seen.inspector.cards
    seen.canvas.select(Selection(1, 2, 1))
    qtbot.mouseMove(cards, cards.rooms()[2].center().toPoint())
    assert seen.canvas.picture().lights == (Selection(0, 1),)
    qtbot.mouseMove(cards, QPoint(cards.width() - 1, cards.height() - 1))
    assert seen.canvas.picture().lights == ()
    seen.canvas.hover(QPointF(seen.canvas.neuron_place(0, 1)))
    assert cards._lit == Selection(0, 1)


def test_the_loss_along_a_weight_and_other_rates(seen, qtbot):
    inspector = seen.inspector
    seen.canvas.select(Selection(1, 2, 1))
    turn_to(seen, inspector.step, qtbot)
    qtbot.waitUntil(lambda: inspector.step.view.landscape.weight is not None)
    shown, record = inspector.step.view.landscape, seen.player.snapshot.record
    assert shown.weight.slope == record.layers[0].dW[2, 1]
    assert shown.weight.step == record.layers[0].update_W[2, 1]
    assert shown.step.step == record.learning_rate
    before = seen.document.experiment.network.parameters.copy()
    slider = inspector.step.view.slider
    slider.setFocus()
    for _ in range(20):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    rate, loss = inspector.step.view.trial
    assert rate == pytest.approx(record.learning_rate * 10 ** (2 / 3))
    assert loss < shown.step.loss_after
    assert f"{loss:.4g}" in inspector.step.view.answer.full_text
    assert (seen.document.experiment.network.parameters == before).all()
    seen.canvas.pick((Selection(1, 2, 1), Selection(2, 0)))
    qtbot.waitUntil(lambda: inspector.step.view.landscape.losses is not None)
    assert inspector.step.view.landscape.losses.shape == (25, 25)
    step(seen, qtbot)
    qtbot.waitUntil(lambda: inspector.step.view.slider.value() == 0)


def test_the_filmstrip_leads_to_its_sample(seen, qtbot):
    inspector = seen.inspector
    seen.canvas.select(Selection(2, 0))
    turn_to(seen, inspector.batch, qtbot)
    record = seen.player.snapshot.record
    assert inspector.batch.layer.currentIndex() == 1
    for number, layer in enumerate(record.layers, start=1):
        assert f"layer {number} {agreement(layer):.0%}" in inspector.batch.agreement.full_text
    strip = inspector.batch.strip
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip._room(3).center().toPoint())
    assert inspector.bars.focused == strip.focused == 2
    assert seen.canvas.scene().sample == 2
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert inspector.bars.focused == 3


def test_bars_can_be_sorted_and_still_lead_to_their_samples(seen, qtbot):
    inspector = seen.inspector
    seen.canvas.select(Selection(2, 1, 3))
    qtbot.mouseClick(inspector.sorted, Qt.MouseButton.LeftButton)
    bars = inspector.bars
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 8))
    assert bars.focused == int(np.argmin(bars.values))
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_End)
    assert bars.focused == int(np.argmax(bars.values))


def test_the_optimizers_own_numbers_are_shown(seen):
    seen.canvas.select(Selection(1, 2, 1))
    rows = {row.label: row for row in seen.inspector.lines.rows}
    trainer, record = seen.document.experiment.trainer(), seen.player.snapshot.record
    place = 2 * 4 + 1
    tip = rows["OPTIMIZER"].tip
    assert f"{trainer.slots['m'][place]:+.3e}"[:6] in tip or f"{trainer.slots['m'][place]:+.4f}"[:6] in tip
    assert "L2" in tip
    moment = seen.inspector._moment()
    assert facts.update(moment, Selection(1, 2, 1)).change == record.layers[0].update_W[2, 1]


def test_an_ill_network_is_told_and_reached(window, qtbot):
    experiment = Experiment.new("iris", hidden=[6, 4], activation="relu")
    experiment.network.layers[0].b[[1, 4]] = -100.0
    window.document.replace(experiment, None)
    turn_to(window, window.inspector.health, qtbot)
    window.transport.choose_grain("batch")
    step(window, qtbot)
    health = window.inspector.health
    (found,) = [finding for finding in health.findings if finding.name == "Dead relus"]
    assert window.inspector.tabs[4].text() == f"Health · {len(health.findings)}"
    health.wanted.emit(found)
    assert window.canvas.selection == Selection(1, 1)


def test_a_step_that_failed_is_shown_to_just_before(window, qtbot):
    window.document.replace(Experiment.new("plane", hidden=[6], learning_rate=1e300), None)
    turn_to(window, window.inspector.health, qtbot)
    with qtbot.waitSignal(window.player.failed):
        window.player.play()
    health = window.inspector.health
    qtbot.waitUntil(lambda: any(finding.name == "Not finite" for finding in health.findings))
    found = next(finding for finding in health.findings if finding.name == "Not finite")
    health.wanted.emit(found)
    qtbot.waitUntil(lambda: window.player.snapshot.step == found.step)
    assert window.canvas.selection == found.selection


def test_a_whole_layer_is_told_in_matrices(seen):
    seen.canvas.select(Selection(2, 0))
    seen.canvas.pick_layer()
    told, layer = seen.inspector.story, seen.player.snapshot.record.layers[1]
    assert told.title == "layer 2, all 5 neurons"
    gradient, came, delta = (factor.value for factor in seen.inspector.cards.factors[:3])
    own = np.outer(layer.delta[0] * len(layer.delta), layer.a_prev[0])
    assert gradient == pytest.approx(np.linalg.norm(own)) == pytest.approx(came * delta)
    assert told.bars.mean == pytest.approx(np.sqrt((layer.dW**2).sum() + (layer.db**2).sum()))


def test_the_largest_gradient_is_named_and_found_with_one_key(seen, qtbot):
    seen.canvas.select(None)
    record = seen.player.snapshot.record
    sizes = [np.abs(layer.dW).max() for layer in record.layers]
    row = next(row for row in seen.inspector.lines.rows if row.label == "LARGEST")
    seen.actions_by_name["Pick the largest gradient"].trigger()
    found = seen.canvas.selection
    assert abs(record.layers[found.layer - 1].dW[found.neuron, found.source]) == max(sizes)
    assert seen.inspector.title.full_text in row.texts[0]
