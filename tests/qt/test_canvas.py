"""The canvas: laid out tidily at any size, read in every way, pointed at, and worked on with the mouse."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent

from bplab import Experiment
from bplab.data.images import image_shape
from bplab.experiment import edits
from bplab.microscope.selection import Selection
from bplab.qt.canvas import canvas as canvas_module
from bplab.qt.canvas.camera import Camera, fitting
from bplab.qt.canvas.images import GRID, response_grid
from bplab.qt.canvas.layout import Wish, arrange
from bplab.qt.canvas.lines import chosen, told
from bplab.qt.canvas.matrix import cell_at, strongest_of_blocks
from bplab.qt.canvas.measures import MEASURES
from bplab.qt.canvas.painter import paint
from bplab.qt.canvas.picture import NUMBERS
from bplab.qt.canvas.pointing import group_at
from bplab.qt.canvas.reading import OPTIONS, Reading
from bplab.qt.canvas.scale import connections, keep

LEFT = Qt.MouseButton.LeftButton


def train(qtbot, window, steps=1):
    window.transport.choose_grain("batch")
    for _ in range(steps):
        with qtbot.waitSignal(window.player.snapshot_taken):
            window.player.step()
    return window.player.snapshot.record


# --- layout ---------------------------------------------------------------------------------------------------------

sizes_of_networks = st.lists(st.integers(1, 4096), min_size=2, max_size=12)


@given(sizes_of_networks, st.integers(360, 2400), st.integers(340, 1400), st.booleans())
def test_neurons_have_equal_gaps_and_never_overlap(sizes, width, height, has_matrices):
    layout = arrange(sizes, width, height, Wish(has_matrices=has_matrices, opened=frozenset({1})))
    assert layout == arrange(sizes, width, height, Wish(has_matrices=has_matrices, opened=frozenset({1})))
    steps = [b.x - a.x for a, b in itertools.pairwise(layout.columns)]
    assert max(steps) - min(steps) < 1e-6
    assert min(steps) >= 39.9
    for column, size in zip(layout.columns, sizes, strict=True):
        assert column.size == size == column.shown + sum(group.last - group.first for group in column.groups)
        assert column.gap >= 2 * column.radius or column.shown == 1
        assert 2 * column.radius < min(steps)
        assert len(column.y) == size
        assert all(a <= b for a, b in itertools.pairwise(column.y))
        for group in column.groups:
            assert group.bottom <= column.top - column.radius or group.top >= column.y[column.last - 1] + column.radius


@given(sizes_of_networks)
def test_layers_stand_around_one_middle(sizes):
    layout = arrange([min(size, 20) for size in sizes], 900, 600)
    middles = [(column.y[0] + column.y[-1]) / 2 for column in layout.columns]
    assert max(middles) - min(middles) < 1e-6


def test_a_large_layer_is_folded_opened_and_scrolled():
    few = arrange((4, 500, 3), 900, 600).columns[1]
    assert (few.first, few.shown, [group[:2] for group in few.groups]) == (0, 12, [(12, 500)])
    many = arrange((4, 500, 3), 900, 600, Wish(opened=frozenset({1}), scrolled=((1, 100),))).columns[1]
    assert many.shown > 40
    assert [group[:2] for group in many.groups] == [(0, 100), (100 + many.shown, 500)]
    last = arrange((4, 500, 3), 900, 600, Wish(scrolled=((1, 10_000),))).columns[1]
    assert (last.last, len(last.groups)) == (500, 1)


def test_more_layers_than_fit_make_the_picture_wider_than_the_view():
    layout = arrange([3] * 60, 700, 500)
    assert layout.width > 700
    camera = fitting((layout.width, layout.height), (700, 500))
    assert camera.to_view(layout.columns[-1].x, 0)[0] < 700


@given(st.floats(1.0, 10.0), st.floats(-900, 900), st.floats(-900, 900), st.floats(0.2, 5.0))
def test_zooming_keeps_the_place_under_the_mouse(zoom, x, y, factor):
    camera = Camera(zoom, 12.0, -30.0)
    before = camera.to_picture(x, y)
    assert camera.zoomed(factor, x, y, 0.1).to_picture(x, y) == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize(
    ("names", "shape"),
    [
        ([f"p{row}_{column}" for row in range(8) for column in range(8)], (8, 8)),
        ([f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)], (28, 28)),
        ([f"pixel{place}" for place in range(784)], (28, 28)),
        (["sepal length", "sepal width"], None),
        ([f"x{place}" for place in range(20)], None),
        ([f"p{column}_{row}" for row in range(8) for column in range(8)], None),
    ],
)
def test_pixels_are_told_by_their_names(names, shape):
    assert image_shape(names) == shape


# --- reading --------------------------------------------------------------------------------------------------------


def test_every_measure_is_what_the_engine_says(qtbot, open_window):
    window = open_window(Experiment.new("iris", hidden=[6, 5], optimizer="adam"))
    record = train(qtbot, window, 3)
    scene, layer = window.canvas.scene(), record.layers[1]
    own, _ = layer.layer_gradients()
    slots = window.document.experiment.trainer().slots
    m, v = (window.document.experiment.network.views(slots[name])[1].W for name in ("m", "v"))
    expected = {
        "gradient": np.abs(layer.dW),
        "signed_gradient": layer.dW,
        "spread": own.std(axis=0),
        "weight": layer.W + layer.update_W,
        "update": layer.update_W,
        "ratio": np.abs(layer.update_W / layer.W),
        "momentum": m,
        "squares": v,
    }
    assert expected.keys() == MEASURES.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(MEASURES[name].values(scene)[1], values, rtol=1e-9, atol=1e-12)


def test_a_measure_that_is_not_there_says_so(qtbot, window):
    train(qtbot, window)
    window.canvas.set_reading(color_by="squares")
    assert window.canvas.picture().connections is None
    assert window.canvas.grab().size() == window.canvas.size()


def test_each_layer_can_have_its_own_scale(qtbot, window):
    train(qtbot, window)
    scene = window.canvas.scene()
    together = connections(scene, Reading())
    assert len({scale.high for scale in together.scales}) == 1
    apart = connections(scene, Reading(is_per_layer=True))
    assert [scale.high for scale in apart.scales] == [values.max() for values in apart.values]


def test_a_locked_scale_keeps_its_ends_and_a_pinned_one_shows_what_changed(qtbot, window):
    train(qtbot, window)
    window.canvas.set_reading(color_by="weight")
    pinned = keep(window.canvas.scene(), "weight")
    window.canvas.set_reading(range="locked")
    high = window.canvas.picture().connections.scales[0].high
    train(qtbot, window, 5)
    assert window.canvas.picture().connections.scales[0].high == high
    now = window.document.experiment.network.layers[0].W
    changed = connections(window.canvas.scene(), Reading(color_by="weight", range="pinned"), pinned)
    np.testing.assert_array_equal(changed.values[0], now - pinned.values[0])
    assert changed.is_signed
    assert "step 1" in changed.symbol
    window.canvas.set_reading(range="pinned")
    assert np.abs(window.canvas.picture().connections.values[0]).max() == 0


def test_filters_show_what_they_say_and_count_honestly(qtbot, window):
    record = train(qtbot, window)
    scene = window.canvas.scene()
    gradients = np.concatenate([layer.dW.ravel() for layer in record.layers])

    def lines(**changes):
        reading = Reading(**changes)
        return chosen(scene, connections(scene, reading), reading)

    every = lines()
    assert sum(map(len, every)) == len(gradients)
    assert told(every) == f"{len(gradients)} of {len(gradients)} connections"
    strongest = lines(show="strongest", strongest=7)
    assert sum(map(len, strongest)) == 7
    shown = [
        abs(layer.dW[a, b])
        for layer, part in zip(record.layers, strongest, strict=True)
        for a, b in zip(part.neurons, part.sources, strict=True)
    ]
    assert sorted(shown) == sorted(np.abs(gradients))[-7:]
    share = np.linalg.norm(shown) / np.linalg.norm(gradients)
    assert told(strongest) == f"7 of {len(gradients)} connections · {share:.0%} of the norm"
    assert sum(map(len, lines(show="positive"))) == (gradients > 0).sum()
    assert sum(map(len, lines(show="negative"))) == (gradients < 0).sum()


def test_every_way_of_reading_draws_and_is_in_the_menu(qtbot, window):
    train(qtbot, window)
    for options in OPTIONS:
        for value, label, _ in options.values:
            window.canvas.set_reading(**{options.field: value})
            window.canvas.grab()
            checked = [action for action in window.canvas_panel._actions if action.isChecked()]
            assert (options.field, value) in [action.data() for action in checked], label


def test_the_bar_shows_how_it_is_read(window):
    window.canvas.set_reading(show="strongest", strongest=60, scale="linear")
    panel = window.canvas_panel
    assert panel.strongest.isVisible()
    assert panel.strongest.value() == 60
    assert (panel.combos["show"].currentText(), panel.combos["scale"].currentText()) == ("strongest", "linear")


def test_the_sign_of_many_connections_is_told_without_colour(qtbot, open_window):
    window = open_window(Experiment.new("iris", hidden=[40, 20]))
    train(qtbot, window)
    window.canvas.set_reading(color_by="signed_gradient", show="negative")
    picture = window.canvas.picture()
    plain = replace(window.canvas._theme, diverging=("#ffffff",) * 3)
    dashed, solid = (
        lit_pixels(replace(picture, theme=plain, reading=replace(picture.reading, show=show)))
        for show in ("negative", "positive")
    )
    counts = [sum(map(len, chosen(picture.scene, picture.connections, Reading("signed_gradient", show=show))))
              for show in ("negative", "positive")]  # fmt: skip
    assert dashed / counts[0] < 0.85 * solid / counts[1]


def lit_pixels(picture):
    """How many pixels between the layers are of a connection."""
    image = QImage(int(picture.layout.width), int(picture.layout.height), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint(painter, picture, QRectF(image.rect()))
    painter.end()
    left, right = (int(column.x) + 20 for column in picture.layout.columns[:2])
    return sum(image.pixelColor(x, y).lightness() > 60 for x in range(left, right - 40, 3) for y in range(70, 400))


def test_response_maps_are_the_answers_of_the_network(qtbot, open_window):
    window = open_window(Experiment.new("circle", hidden=[4, 2]))
    train(qtbot, window)
    window.canvas.set_reading(neurons="response")
    images = window.canvas.picture().images
    assert [len(part) for part in images] == [2, 4, 2, 1]
    experiment = window.document.experiment
    grid = response_grid(experiment.data)
    assert grid[0, 1] > grid[-1, 1]  # the first row is at the top
    answers = experiment.network.forward(experiment.data.prepare(grid))[0][1][:, 0].reshape(GRID, GRID)
    shown = np.array([[images[1][0].pixelColor(x, y).red() for x in range(GRID)] for y in range(GRID)])
    assert np.corrcoef(answers.ravel(), shown.ravel())[0, 1] > 0.8


def test_what_is_frozen_or_pruned_is_drawn(qtbot, window):
    before = window.canvas.grab().toImage()
    window.canvas.select(Selection(1, 0, 0))
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_P)
    window.canvas.select(None)
    marks = window.canvas.scene().marks
    assert marks.pruned[0].W[0, 0]
    assert marks.pruned[0].W.sum() == 1
    assert window.canvas.grab().toImage() != before


def test_the_numbers_of_a_snapshot_are_read_before_the_event_that_draws_them(qtbot, window, monkeypatch):
    train(qtbot, window)
    known, real = [], canvas_module.paint

    def draw(painter, picture, view):
        known.append(set(NUMBERS) <= picture.__dict__.keys())
        real(painter, picture, view)

    monkeypatch.setattr(canvas_module, "paint", draw)
    qtbot.wait(200)  # until nothing is left to be drawn
    window.canvas.repaint()
    known.clear()
    window.player.step()
    qtbot.waitUntil(lambda: len(known) > 0)
    assert known[0]


def test_another_size_is_painted_once(qtbot, window, monkeypatch):
    drawn, real = [], canvas_module.paint
    monkeypatch.setattr(canvas_module, "paint", lambda *given: (drawn.append(1), real(*given)))
    qtbot.wait(200)  # until nothing is left to be drawn
    drawn.clear()
    window.canvas.resize(window.canvas.width() - 30, window.canvas.height() - 30)
    qtbot.wait(200)
    assert len(drawn) == 1


# --- matrices -------------------------------------------------------------------------------------------------------


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_a_block_of_a_matrix_shows_its_strongest_value(rows, columns, high, wide, seed):
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    blocks = strongest_of_blocks(values, high, wide)
    assert blocks.shape == (min(rows, high), min(columns, wide))
    assert np.isin(blocks, values).all()
    assert np.abs(blocks).max() == np.abs(values).max()
    sizes = np.abs(values)
    assert (strongest_of_blocks(sizes, high, wide, signed=False) == strongest_of_blocks(sizes, high, wide)).all()


def test_every_connection_of_a_matrix_can_be_pointed_at(qtbot, window):
    train(qtbot, window)
    window.canvas.set_reading(has_matrices=True)
    tile = window.canvas.layout_now.tiles[0]
    found = set()
    for row, column in itertools.product(range(6), range(4)):
        x, y = tile.left + (column + 0.5) * tile.width / 4, tile.top + (row + 0.5) * tile.height / 6
        found.add(window.canvas.part_at(QPointF(*window.canvas.camera.to_view(x, y))))
    assert found == {Selection(1, row, column) for row in range(6) for column in range(4)}


def test_of_several_connections_under_one_pixel_the_strongest_is_meant():
    values = np.zeros((1000, 1000))
    values[500, 501] = -3.0
    box = arrange((1000, 1000), 900, 600).tiles[0]
    x, y = box.left + box.width * 0.5005, box.top + box.height * 0.5005
    assert cell_at(box, values, x, y, 1.0) == (500, 501)


# --- pointing and working -------------------------------------------------------------------------------------------


def test_a_tooltip_names_both_ends_with_weight_gradient_and_update(qtbot, window):
    record = train(qtbot, window)
    text = window.canvas.tip_at(window.canvas.connection_place(Selection(1, 2, 1)))
    layer = record.layers[0]
    assert "sepal width → layer 1, neuron 3" in text
    assert f"weight {window.document.experiment.network.layers[0].W[2, 1]:+.4g}" in text
    assert f"gradient {layer.dW[2, 1]:+.4g}" in text
    assert f"update {layer.update_W[2, 1]:+.4g}" in text


def test_a_neuron_under_the_mouse_lights_its_connections(qtbot, window):
    train(qtbot, window)
    plain = window.canvas.grab().toImage()
    qtbot.mouseMove(window.canvas, window.canvas.neuron_place(1, 2).toPoint())
    assert window.canvas.picture().hovered == Selection(1, 2)
    assert window.canvas.grab().toImage() != plain


def test_one_more_is_picked_with_shift_and_several_in_a_frame(qtbot, window):
    canvas = window.canvas
    qtbot.mouseClick(canvas, LEFT, pos=canvas.neuron_place(1, 0).toPoint())
    qtbot.mouseClick(canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, canvas.neuron_place(1, 3).toPoint())
    assert canvas.picks == (Selection(1, 0), Selection(1, 3))
    assert "Remove 2 neurons" in [action.text() for action in window.selection_actions.actions]
    first, last = canvas.neuron_place(2, 0).toPoint(), canvas.neuron_place(2, 4).toPoint()
    qtbot.mousePress(canvas, LEFT, pos=first + QPoint(-40, -26))
    qtbot.mouseMove(canvas, last + QPoint(40, 26))
    qtbot.mouseRelease(canvas, LEFT, pos=last + QPoint(40, 26))
    assert canvas.picks == tuple(Selection(2, neuron) for neuron in range(5))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.picks == ()


def test_a_whole_layer_is_picked_by_key(qtbot, window):
    window.canvas.select(Selection(1, 1))
    window.actions_by_name["Pick the whole layer"].trigger()
    assert set(window.canvas.picks) == {Selection(1, neuron) for neuron in range(6)}
    assert window.canvas.selection == Selection(1, 1)


def wheel(canvas, place, notches):
    delta = QPoint(0, 120 * notches)
    event = QWheelEvent(
        place, canvas.mapToGlobal(place), QPoint(), delta, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    canvas.wheelEvent(event)


def test_the_wheel_goes_nearer_and_the_middle_button_moves(qtbot, window):
    canvas = window.canvas
    place = QPointF(canvas.width() / 2, 200)
    wheel(canvas, place, 3)
    assert canvas.camera.zoom > 1.5
    before = canvas.neuron_place(1, 0)
    qtbot.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas, QPoint(340, 220))
    qtbot.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(340, 220))
    assert canvas.neuron_place(1, 0) == before + QPointF(40, 20)
    neuron = canvas.neuron_place(1, 3).toPoint()
    assert canvas.part_at(QPointF(neuron)) == Selection(1, 3)
    window.actions_by_name["See all of the network"].trigger()
    assert canvas.camera.zoom == 1.0


def test_the_small_map_shows_and_moves_what_is_seen(qtbot, window):
    canvas = window.canvas
    canvas.zoom(4.0)
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(20, 30))
    left = canvas.camera.to_picture(0, 0)
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(12 + 125, 30))
    assert canvas.camera.to_picture(0, 0)[0] > left[0] + 100


def test_a_folded_layer_opens_by_click_and_scrolls_by_wheel_and_keys(qtbot, open_window):
    window = open_window(Experiment.new("iris", hidden=[300]))
    canvas = window.canvas
    column = canvas.layout_now.columns[1]
    group = column.groups[0]
    place = canvas.camera.to_view(column.x, (group.top + group.bottom) / 2)
    assert group_at(canvas.layout_now, column.x, group.top + 3)[0] == 1
    assert "288 more neurons" in canvas.tip_at(QPointF(*place))
    qtbot.mouseClick(canvas, LEFT, pos=QPointF(*place).toPoint())
    opened = canvas.layout_now.columns[1]
    assert opened.shown > column.shown
    wheel(canvas, QPointF(canvas.camera.to_view(opened.x, 0)[0], 150), -2)
    assert canvas.layout_now.columns[1].first == 6
    canvas.select(Selection(1, 290))
    here = canvas.layout_now.columns[1]
    assert here.first <= 290 < here.last
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_O)
    assert canvas.layout_now.columns[1].shown == column.shown


def test_a_layer_is_renamed_in_its_place(qtbot, window):
    field = window.canvas.hidden_controls[1].name
    field.setFocus()
    qtbot.keyClicks(field, "wide one")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.document.spec.network.hidden[1].name == "wide one"
    assert window.document.undo_stack.undoText() == "Rename layer"
    assert "wide one, neuron 1" in window.canvas.describe(Selection(2, 0))
    window.document.undo_stack.undo()
    assert window.canvas.hidden_controls[1].name.text() == ""


def test_a_layer_is_dragged_to_another_place(qtbot, window):
    keys = [layer.key for layer in window.document.spec.network.hidden]
    grip = window.canvas.hidden_controls[0].grip
    target = window.canvas.hidden_controls[1].grip
    qtbot.mousePress(grip, LEFT, pos=QPoint(3, 8))
    qtbot.mouseRelease(grip, LEFT, pos=grip.mapFromGlobal(target.mapToGlobal(QPoint(3, 8))))
    assert [layer.key for layer in window.document.spec.network.hidden] == keys[::-1]
    assert window.document.undo_stack.undoText() == "Move layer"


def test_a_layer_is_pulled_longer_as_one_step_of_undo(qtbot, window):
    canvas = window.canvas
    column = canvas.layout_now.columns[2]
    x, y = canvas.camera.to_view(column.x, column.bottom + 8)
    begin = QPoint(round(x), round(y))
    qtbot.mousePress(canvas, LEFT, pos=begin)
    for shift in (24, 48, 72):
        qtbot.mouseMove(canvas, begin + QPoint(0, shift))
    qtbot.mouseRelease(canvas, LEFT, pos=begin + QPoint(0, 72))
    assert window.document.spec.network.hidden[1].size == 8
    window.document.undo_stack.undo()
    assert window.document.spec.network.hidden[1].size == 5
    assert not window.document.undo_stack.canUndo()


def test_layers_too_near_for_their_controls_have_tabs(qtbot, open_window):
    window = open_window(Experiment.new("circle", hidden=[8] * 8))
    window.resize(1280, 800)
    qtbot.wait(20)
    strip = window.canvas.strip
    assert [controls.isVisible() for controls in strip.hidden_controls] == [True] + [False] * 7
    shown = [tab for tab in strip.tabs if tab.isVisible()]
    assert shown
    boxes = [tab.geometry() for tab in shown] + [strip.hidden_controls[0].geometry()]
    assert not any(a.intersects(b) for a, b in itertools.combinations(boxes, 2))
    qtbot.mouseClick(strip.tabs[4], LEFT)
    assert strip.hidden_controls[4].isVisible()
    window.canvas.select(Selection(7, 0))
    assert strip.hidden_controls[6].isVisible()


@pytest.mark.parametrize("sizes", [[1], [4096], [2000, 3, 2000]])
def test_any_size_is_drawn(qtbot, open_window, sizes):
    window = open_window(Experiment.new("iris", hidden=sizes))
    train(qtbot, window)
    assert window.canvas.grab().size() == window.canvas.size()
    for layer, size in enumerate(window.document.experiment.network.sizes[1:], start=1):
        window.canvas.select(Selection(layer, size - 1, 0))
        assert f"neuron {size}" in window.canvas.describe(window.canvas.selection) or layer == len(sizes) + 1


def test_an_open_list_of_a_layer_that_is_gone_does_nothing(qtbot, window):
    controls = window.canvas.hidden_controls[1]
    window.document.edit("Remove layer", lambda spec: edits.remove_layer(spec, 1))
    before = window.document.spec
    controls.activation.setCurrentIndex(3)
    controls.activation.activated.emit(3)
    controls.options.options.aboutToShow.emit()
    window.canvas.strip._on_drop(1, 0.0)
    assert window.document.spec == before
    assert not window.message_bar.isVisible()


def test_what_is_not_there_cannot_be_picked(window):
    window.canvas.pick((Selection(1, 2), Selection(1, 99), Selection(9, 0), Selection(2, 0, 99)))
    assert window.canvas.picks == (Selection(1, 2),)
    window.canvas.select(Selection(3, 50))
    assert window.canvas.picks == ()


def test_a_view_without_room_does_no_harm():
    camera = fitting((400.0, 300.0), (0.0, -3.0))
    assert np.isfinite(camera.to_picture(1.0, 1.0)).all()
    assert camera.zoomed(2.0, 0.0, 0.0, 0.001).zoom > 0
