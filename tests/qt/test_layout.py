"""Nothing overlaps and nothing is cut off, also on a small screen and with a large network."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QLabel, QStyle, QStyleOptionComboBox

from bplab import Experiment
from bplab.microscope.selection import Selection
from bplab.qt.canvas.layout import arrange
from bplab.qt.canvas.picture import TEXT_RADIUS_PX, draw_arrow
from bplab.qt.canvas.scale import Scale
from bplab.qt.panels.setting_widgets import QuietCombo
from bplab.qt.plots.curves import TEXT_PX, Axis
from bplab.qt.theme import DARK

SMALL = (1280, 800)
NETWORKS = {
    "digits": lambda: Experiment.new("digits", hidden=[64, 32], activation="relu"),
    "deep": lambda: Experiment.new("circle", hidden=[8] * 8, activation="tanh"),
    "sine": lambda: Experiment.new("sine", hidden=[8, 8]),
}


@pytest.fixture(params=NETWORKS)
def small_window(request, qtbot, open_window):
    window = open_window(NETWORKS[request.param]())
    window.resize(*SMALL)
    window.transport.choose_grain("batch")
    for _ in range(2):
        with qtbot.waitSignal(window.player.snapshot_taken):
            window.player.step()
    qtbot.wait(50)
    return window


def test_the_window_fits_a_small_screen(small_window):
    assert (small_window.width(), small_window.height()) == SMALL
    assert small_window.minimumSizeHint().width() <= SMALL[0]


def test_labels_have_room_for_their_text(small_window):
    for label in small_window.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap() and label is not small_window.inspector.title:
            assert label.width() >= label.sizeHint().width(), label.text()


def test_lists_of_settings_have_room_for_every_choice(small_window):
    small_window.training_panel.more_button.click()
    for combo in small_window.training_panel.findChildren(QuietCombo):
        option = QStyleOptionComboBox()
        combo.initStyleOption(option)
        room = combo.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
        )
        texts = [combo.itemText(place) for place in range(combo.count())]
        wide = [text for text in texts if combo.fontMetrics().horizontalAdvance(text) > room.width()]
        assert not wide, combo.accessibleName()


def test_an_arrow_stands_apart_from_the_connections_behind_it(qapp):
    image = QImage(21, 41, QImage.Format.Format_RGB32)
    image.fill(DARK.color("now"))
    painter = QPainter(image)
    draw_arrow(painter, DARK, QPointF(10.5, 20.5), 1.0)
    painter.end()
    colors = [image.pixelColor(x, 20).name() for x in (0, 8, 10, 12, 20)]
    assert colors == [DARK.color(name).name() for name in ("now", "canvas", "rise", "canvas", "now")]


def test_cards_stand_side_by_side_within_their_panel(small_window):
    small_window.canvas.select(Selection(2, 1, 1))
    cards = small_window.inspector.cards
    rooms = cards.rooms()
    assert len(cards.factors) == 5
    assert rooms[-1].right() <= cards.width()
    assert all(left.right() <= right.left() for left, right in itertools.pairwise(rooms))


def test_bars_have_room_between_name_and_number(small_window):
    bars = small_window.inspector.bars
    assert bars.width() >= bars.minimumSizeHint().width()


def test_controls_of_neighbouring_layers_do_not_touch(small_window):
    controls = [part for part in small_window.canvas.hidden_controls if part.isVisible()]
    assert controls
    assert all(right.x() - left.geometry().right() >= 8 for left, right in itertools.pairwise(controls))


def test_the_layer_of_now_is_kept_in_sight(qtbot, open_window):
    window = open_window(NETWORKS["deep"]())
    window.resize(*SMALL)
    qtbot.wait(20)
    for _ in range(19):
        with qtbot.waitSignal(window.player.snapshot_taken):
            window.player.step()
        snapshot = window.player.snapshot
        if snapshot.layer is not None:
            place = window.canvas.neuron_place(snapshot.layer, 0).toPoint()
            assert window.canvas.visibleRegion().contains(place), snapshot.layer


def test_values_fit_into_neurons():
    layout = arrange((2, 8, 8, 1), 650, 446)
    assert min(column.radius for column in layout.columns) >= TEXT_RADIUS_PX


def test_many_connections_are_straight_and_few_fan_out():
    assert arrange((64, 32, 10), 800, 600).is_dense
    assert not arrange((4, 6, 5, 3), 800, 600).is_dense


def test_a_click_among_many_neurons_picks_the_nearest():
    layout = arrange((64, 32, 10), 800, 700)
    for neuron in (0, 20, 63):
        assert layout.part_at(layout.columns[0].x, layout.columns[0].y[neuron] + 0.4) == (0, neuron)


def test_a_click_picks_a_connection_of_a_dense_network(qtbot, open_window):
    window = open_window(NETWORKS["digits"]())
    place = window.canvas.connection_place(Selection(3, 9, 0))
    window.canvas.select(window.canvas.part_at(QPointF(place.toPoint())))
    assert window.canvas.selection == Selection(3, 9, 0)


def test_weak_ones_of_many_connections_fade_into_the_ground(qtbot, open_window):
    window = open_window(NETWORKS["digits"]())
    window.canvas.set_reading(color_by="weight")
    picture = window.canvas.picture()
    ground = picture.theme.color("canvas")

    def apart(color):
        return sum(abs(a - b) for a, b in zip(color.getRgb(), ground.getRgb(), strict=True))

    assert (
        apart(picture.connection_color(0.5))
        < apart(picture.connection_color(0.7))
        < apart(picture.connection_color(1.0))
    )


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("kind", ["log", "linear"])
def test_a_place_of_the_scale_says_how_large_the_value_is(kind, signed):
    scale = Scale(0.0, 2.0, kind, signed)
    for value in (2.0, 0.5, 0.01):
        assert scale.size_at(float(scale.shares(np.array(value)))) == pytest.approx(value / 2.0)


@pytest.mark.parametrize("decades", [0.3, 0.9, 1.2, 2.0, 3.5, 8.0])
@pytest.mark.parametrize("size", [60, 92, 200])
def test_numbers_at_a_logarithmic_axis_are_there_and_apart(qtbot, decades, size):
    axis = Axis("left")
    axis.setLogMode(True, True)
    for low in np.arange(-4.0, 0.0, 0.13):
        ((_, places),) = axis.tickValues(low, low + decades, size)
        pixels = [(place - low) / decades * size for place in places]
        assert all(TEXT_PX / 2 <= pixel <= size - TEXT_PX / 2 + 1e-6 for pixel in pixels)
        assert all(b - a >= TEXT_PX for a, b in itertools.pairwise(pixels))
        assert len(pixels) >= (2 if decades >= 0.9 else 0)


def test_the_prediction_shows_the_two_inputs_that_tell_most(qtbot, open_window):
    assert _shown_inputs(open_window(Experiment.new("iris"))) == ["petal length", "petal width"]


def _shown_inputs(window):
    return [combo.currentText() for combo in window.plots.prediction.features]


def test_long_names_of_inputs_fit_along_the_axes(qtbot, open_window, tmp_path):
    names = [f"<b>a feature with quite a long name</b> {number}" for number in range(3)]
    path = tmp_path / "long.csv"
    path.write_text(",".join([*names, "y"]) + "\n" + "1,2,3,p\n3,1,2,q\n" * 5, encoding="utf-8")
    window = open_window(Experiment.new(str(path)))
    window.resize(*SMALL)
    plot = window.plots.prediction.plot

    def fits(side):
        label = plot.getAxis(side).label
        room = plot.height() if side == "left" else plot.width()
        return label.boundingRect().width() <= room and "…" in label.toPlainText() and "<b>" in label.toPlainText()

    qtbot.waitUntil(lambda: fits("left"))
