"""The windows that have to do with data: import, prepare, look, draw."""

import gzip
import struct

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QComboBox, QLabel

from bplab import Experiment
from bplab.data.sources import SOURCES
from bplab.data.tables.roles import ROLES
from bplab.microscope.selection import Selection
from bplab.qt.data import import_job
from bplab.qt.data.import_dialog import FolderPage, ImportDialog, LargeFilePage
from bplab.qt.data.import_models import FOUND, ROLE
from bplab.qt.theme import LIGHT

TABLE = """id;Länge;Farbe;Art
1;1,5;rot;a
2;2,5;grün;b
3;;rot;a
4;4,5;blau;b
5;5,5;rot;a
6;6,5;blau;b
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def imported(window, qtbot, path):
    """Open the import window, and wait until it can be accepted, or says why not."""
    window.data_actions.import_table(path)
    dialog = window.data_actions.importer.dialog
    settled(dialog, qtbot)
    return dialog


def settled(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog.is_ready or dialog.problems.isVisibleTo(dialog))


def role(dialog, name):
    return next(column for column in dialog.roles.columns if column.name == name)


def test_three_clicks_from_a_table_to_training(window, qtbot, table):
    dialog = imported(window, qtbot, table)
    assert dialog.delimiter.currentText() == "semicolon"
    assert dialog.decimal.currentText() == "a comma"
    assert dialog.target.currentText() == "Art"
    assert "6 rows read, 5 used, 1 skipped (line 4: no value in 'Länge')" in dialog.summary.text()
    assert "4 inputs; target: 2 classes (a, b)" in dialog.summary.text()
    qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    data = window.document.experiment.data
    assert data.dataset.feature_names == ("Länge", "Farbe=blau", "Farbe=grün", "Farbe=rot")
    assert window.data_actions.importer.dialog is None
    qtbot.mouseClick(window.transport.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.player.snapshot.step > 20)
    window.player.pause()
    window.document.undo_stack.undo()
    assert window.document.spec.data.source.name == "iris"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_roles_are_changed_and_the_result_is_live(window, qtbot, table):
    dialog = imported(window, qtbot, table)
    index = dialog.roles.index(2, ROLE)
    assert [name for name, _ in dialog.roles.choices(index)] == list(ROLES)
    place = dialog.roles_view.visualRect(index).center()
    qtbot.mouseClick(dialog.roles_view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    box = dialog.roles_view.indexWidget(index) or dialog.roles_view.findChild(QComboBox)
    assert box is not None  # one click opens the list
    dialog.roles.choose(index, "ordinal")
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "2 inputs" in dialog.summary.text()
    dialog.roles.set_missing([1], "median")
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "6 used, none skipped" in dialog.summary.text()
    dialog.roles.set_target("Länge")
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "target: a number" in dialog.summary.text()
    assert role(dialog, "Art").role == "one_hot"
    dialog.roles.set_roles([0], "target")
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "target: 2 numbers" in dialog.summary.text()
    assert dialog.target.currentIndex() == -1
    dialog.accept()
    assert window.document.experiment.data.output_names == ("id", "Länge")


def test_the_order_of_values_is_shown_and_changed(window, qtbot, table):
    dialog = imported(window, qtbot, table)
    dialog.roles.set_roles([2], "ordinal")
    order = dialog.roles.index(2, FOUND)
    assert order.data() == "from low to high: blau, grün, rot"
    assert dialog.roles.setData(order, "grün, rot, blau")
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert dialog._tried.dataset.X[:, 1].tolist() == [1, 0, 2, 1, 2]
    dialog.roles.setData(order, "grün, rot")
    qtbot.waitUntil(lambda: dialog.problems.isVisibleTo(dialog))
    assert "'blau' is none of the values 'grün', 'rot'" in dialog.problems.toPlainText()
    dialog.roles.setData(order, "grün, rot, blau")
    qtbot.waitUntil(lambda: dialog.is_ready)
    dialog.reject()


def test_how_it_is_read_is_changed_and_what_was_said_is_kept(window, qtbot, table):
    dialog = imported(window, qtbot, table)
    dialog.roles.set_roles([0], "number")
    dialog.missing.setText("rot")
    dialog.missing.editingFinished.emit()
    settled(dialog, qtbot)
    assert role(dialog, "id").role == "number"
    assert dialog.roles.index(2, 1).data() == "text, 2 different: blau, grün, 3 missing"
    dialog.delimiter.setCurrentIndex(dialog.delimiter.findText("comma"))
    dialog.delimiter.activated.emit(dialog.delimiter.currentIndex())
    settled(dialog, qtbot)
    assert not dialog.ok.isEnabled()
    assert "the number of values is not that of" in dialog.problems.toPlainText()
    dialog.delimiter.setCurrentIndex(dialog.delimiter.findText("semicolon"))
    dialog.delimiter.activated.emit(dialog.delimiter.currentIndex())
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert dialog.missing.text() == "rot"
    dialog.reject()


def test_problems_are_listed_with_row_and_column_and_marked(window, qtbot, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("a,b,y\n1,2,u\nx,3,v\n3,1e999,u\n4,4,v\n", encoding="utf-8")
    dialog = imported(window, qtbot, path)
    assert not dialog.ok.isEnabled()
    text = dialog.problems.toPlainText()
    assert "line 3, column a: 'x' is not a number" in text
    assert "line 4, column b: '1e999' is not a finite number" in text
    assert "is not a number" in dialog.preview.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    dialog.grab()
    dialog.missing.setText("x 1e999")
    dialog.missing.editingFinished.emit()
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "4 rows read, 2 used, 2 skipped" in dialog.summary.text()
    dialog.reject()


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "own.csv is empty."), ('a,b\n1,"x\n', "a quotation mark"), ("a,a\n1,2\n", "2 columns are named 'a'")],
)
def test_what_cannot_be_read_says_why_and_changes_nothing(window, qtbot, tmp_path, content, message):
    path = tmp_path / "own.csv"
    path.write_text(content, encoding="utf-8")
    before = window.document.spec
    dialog = imported(window, qtbot, path)
    assert message in dialog.problems.toPlainText()
    assert not dialog.ok.isEnabled()
    dialog.reject()
    assert window.document.spec == before


def test_pictures_are_imported_and_looked_at(window, qtbot, tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (40, 8, 8), dtype=np.uint8)
    pictures = struct.pack(">4I", 0x803, 40, 8, 8) + pixels.tobytes()
    labels = struct.pack(">2I", 0x801, 40) + bytes(n % 4 for n in range(40))
    (tmp_path / "t-images-idx3-ubyte.gz").write_bytes(gzip.compress(pictures))
    (tmp_path / "t-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    dialog = imported(window, qtbot, tmp_path / "t-images-idx3-ubyte.gz")
    assert "64 inputs; target: 4 classes" in dialog.summary.text()
    dialog.ok.click()
    look = opened(window, qtbot)
    look.pick(5)
    assert look.viewer.picture.isVisibleTo(look)
    look.grab()


def test_a_folder_of_images_is_scaled_as_wished(window, qtbot, tmp_path):
    for shade, kind in enumerate(("cats", "dogs")):
        (tmp_path / kind).mkdir()
        for number in range(6):
            image = QImage(20, 30, QImage.Format.Format_RGB32)
            image.fill(QColor(200 * shade, 10 * number, 0))
            assert image.save(str(tmp_path / kind / f"{number}.png"))
    window.data_actions.import_table(tmp_path)
    page = window.findChild(FolderPage)
    page.side.setValue(9)
    page.accept()
    dialog = window.data_actions.importer.dialog
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "81 inputs; target: 2 classes (cats, dogs)" in dialog.summary.text()
    dialog.reject()


def test_what_is_unusual_is_remarked(window, qtbot, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("a,b,y\n1,7,u\n2,7,v\n3,7,u\n", encoding="utf-8")
    dialog = imported(window, qtbot, path)
    assert "There are only 3 samples." in dialog.summary.text()
    assert "Class v has one sample alone" in dialog.summary.text()
    assert "Input b has the same value in every row." in dialog.summary.text()
    dialog.reject()


def test_a_large_file_is_asked_about_and_a_sample_travels_along(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("bplab.qt.data.importer.ASK_FROM", 1000)
    path = tmp_path / "big.csv"
    path.write_text("a,y\n" + "".join(f"{n},{'uv'[n % 2]}\n" for n in range(500)), encoding="utf-8")
    window.data_actions.import_table(path)
    page = window.findChild(LargeFilePage)
    page.rows.setValue(50)
    page.sample.click()
    dialog = window.findChild(ImportDialog)
    qtbot.waitUntil(lambda: dialog.is_ready)
    assert "50 rows read, 50 used" in dialog.summary.text()
    dialog.ok.click()
    window.document.save(tmp_path / "s.bplab")
    qtbot.waitUntil(lambda: not window.document.is_saving)
    path.unlink()
    assert len(Experiment.open(tmp_path / "s.bplab").data.dataset.X) == 50


def test_reading_is_cancelled_at_once(window, qtbot, table, monkeypatch):
    reached = []

    def slow(*_, **__):
        reached.append(1)
        qtbot.wait(50)
        raise AssertionError

    monkeypatch.setattr(import_job, "parse_table", slow)
    window.data_actions.import_table(table)
    dialog = window.data_actions.importer.dialog
    dialog.reject()
    assert window.data_actions.importer.dialog is None
    assert not dialog.isVisible()
    assert window.document.spec.data.source.name == "iris"


# ---- preparing


def test_every_part_of_the_preparation_can_be_changed(window, qtbot):
    window.data_actions.prepare()
    dialog = window.data_actions.prepare_dialog
    dialog.combos["split"].chosen.emit("k_fold")
    assert len(window.document.experiment.data.X_test) == 30
    assert dialog.edits["fold"].isEnabled()
    before = window.document.experiment.data.test_indices.tolist()
    dialog.edits["fold"].step(up=True)
    assert window.document.spec.data.fold == 2
    assert not set(before) & set(window.document.experiment.data.test_indices.tolist())
    for name, value in (("scaling", "robust"), ("balance", "over")):
        dialog.combos[name].chosen.emit(value)
        assert getattr(window.document.spec.data, name) == value
    dialog.edits["label_noise"].edited.emit(0.1)
    dialog.shuffle.setChecked(False)
    assert not window.document.spec.training.shuffle
    dialog.most.changed.emit(100.0)
    assert window.document.spec.data.most_samples == 100
    assert sum(map(len, (window.document.experiment.data.X_train, window.document.experiment.data.X_test))) >= 100
    dialog.grab()
    dialog.close()


def test_polynomial_and_sine_features_are_switched_on_and_off(window, qtbot):
    window.data_actions.prepare()
    dialog = window.data_actions.prepare_dialog
    dialog._choose_kinds(("identity", "square", "product"))
    assert window.document.experiment.network.sizes[0] == 4 + 4 + 6
    dialog.inputs.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert window.document.experiment.network.sizes[0] == 13
    for place in range(dialog.inputs.count()):
        dialog.inputs.item(place).setCheckState(Qt.CheckState.Unchecked)
    assert window.document.experiment.network.sizes[0] == 1  # there is always one
    dialog._choose_kinds(("identity",))
    assert window.document.spec.data.inputs == ()


# ---- looking


def opened(window, qtbot):
    window.data_actions.look()
    look = window.data_actions.look_window
    qtbot.waitUntil(lambda: look._judged is not None)
    return look


def test_the_table_sorts_by_every_column(window, qtbot):
    look = opened(window, qtbot)
    assert look.model.rowCount() == 150
    for column in range(look.model.columnCount()):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            look.table.sortByColumn(column, order)
    look.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    losses = [float(look.model.index(row, 4).data()) for row in range(150)]
    assert losses == sorted(losses, reverse=True)
    first = look.model.row_of(look.model.index(0, 0))
    assert look.model.index_of(first).row() == 0


@pytest.mark.parametrize("page", range(5))
def test_every_page_follows_the_training(window, qtbot, page):
    look = opened(window, qtbot)
    look.tabs.setCurrentIndex(page)
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 300)
    window.player.pause()
    qtbot.waitUntil(lambda: not look._late.isActive())
    look.grab()
    scores = window.document.experiment.trainer().scores()
    right = 120 * scores.train_accuracy + 30 * scores.test_accuracy
    qtbot.waitUntil(lambda: int(look._judged.is_wrong.sum()) == round(150 - right), timeout=2000)


def test_a_click_puts_a_sample_under_the_microscope(window, qtbot):
    look = opened(window, qtbot)
    look.tabs.setCurrentWidget(look.scatter)
    qtbot.waitUntil(lambda: len(look.scatter._places) > 0)
    for part in ("train", "test"):
        tests = look._judged.is_test
        row = int(look._judged.rows[np.flatnonzero(tests == (part == "test"))[3]])
        look.pick(row)
        record = window.player.snapshot.record
        data = window.document.experiment.data
        assert record.is_look
        np.testing.assert_allclose(record.X[0], data.prepare(data.dataset.X[row]))
        loss = look._judged.loss[look._judged.place(row)]
        assert record.loss == pytest.approx(loss, rel=1e-9)
        assert f"sample {row}, for {part}ing" in look.viewer.title.text()
        window.canvas.grab()
        window.inspector.grab()
    before = window.player.snapshot.step
    window.player.step()
    qtbot.waitUntil(lambda: not window.player.snapshot.record or not window.player.snapshot.record.is_look)
    assert window.player.snapshot.step >= before


@pytest.mark.parametrize("steps", [0, 40])
@pytest.mark.parametrize("optimizer", ["adam", "nadam", "sgd"])
def test_every_page_shows_a_sample_that_is_looked_at(open_window, qtbot, optimizer, steps):
    experiment = Experiment.new("iris", hidden=[3], optimizer=optimizer)
    experiment.trainer().run(steps)
    window = open_window(experiment)
    window.canvas.select(Selection(1, 2, 0))
    look = opened(window, qtbot)
    look.pick(7)
    assert window.player.snapshot.record.is_look
    inspector = window.inspector
    for tab in inspector.tabs:
        tab.click()
        qtbot.wait(30)
        inspector.grab()
    window.canvas.grab()
    inspector.tabs[0].click()
    assert any("it stays, this sample is only looked at" in row.texts[0] for row in inspector.chain.lines.rows)


def test_a_point_of_the_scatter_is_found_by_a_click(window, qtbot):
    look = opened(window, qtbot)
    look.tabs.setCurrentWidget(look.scatter)
    qtbot.waitUntil(lambda: len(look.scatter._places) > 0)
    look.grab()
    view = look.scatter.plot
    place = look.scatter._places[20]
    point = view.mapFromScene(view.getPlotItem().vb.mapViewToScene(QPointF(*map(float, place))))
    with qtbot.waitSignal(look.scatter.picked) as caught:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    row = caught.args[0]
    features = [combo.currentIndex() for combo in look.scatter.features]
    np.testing.assert_allclose(window.document.experiment.data.dataset.X[row, features], place)


def test_the_hardest_samples_are_listed_first(window, qtbot):
    look = opened(window, qtbot)
    look.tabs.setCurrentWidget(look.hardest)
    qtbot.waitUntil(lambda: look.hardest.count() == 50)
    row = look.hardest.item(0).data(256)
    assert look._judged.loss.argmax() == look._judged.place(row)
    look.hardest.itemClicked.emit(look.hardest.item(0))
    assert look.model.row_of(look.table.currentIndex()) == row
    assert look.viewer.row == row


def test_correlations_are_read_under_the_mouse(window, qtbot):
    look = opened(window, qtbot)
    look.tabs.setCurrentWidget(look.correlation)
    qtbot.waitUntil(lambda: len(look.correlation._names) == 7)
    square = look.correlation._square()
    qtbot.mouseMove(look.correlation, square.topLeft().toPoint() + QPoint(3, 3))
    look.correlation._hovered = look.correlation._at(square.topLeft() + QPoint(3, 3))
    assert look.correlation.hovered_text() == "sepal length and sepal length: r = 1.000"


def test_other_colours_begin_anew(window, qtbot):
    opened(window, qtbot)
    window.set_theme(LIGHT)
    assert window.data_actions.look_window is None
    look = opened(window, qtbot)
    assert isinstance(look.grab().toImage(), QImage)


# ---- drawing


def stroke(window, qtbot, places):
    board = window.data_actions.draw_window.board
    points = [board.point_of(np.array(place)).toPoint() for place in places]
    qtbot.mousePress(board, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(board, point)
    qtbot.mouseRelease(board, Qt.MouseButton.LeftButton, pos=points[-1])


@pytest.fixture
def drawing(window, qtbot):
    window.data_actions.draw()
    return window.data_actions.draw_window


def test_two_strokes_are_data_to_train_on(window, qtbot, drawing):
    assert not drawing.buttons[1].isEnabled()
    stroke(window, qtbot, [(-4, 0), (-4, 3)])
    assert "two classes" in drawing.told.text()
    assert window.document.spec.data.source.name == "iris"
    drawing.buttons[1].click()
    stroke(window, qtbot, [(4, 0), (4, 3)])
    data = window.document.experiment.data
    assert data.class_names == ("A", "B")
    assert window.document.experiment.network.sizes[0] == 2
    assert window.document.undo_stack.undoText() == "Draw points"
    drawing.grab()


def test_drawing_while_it_trains_keeps_the_weights(window, qtbot, drawing):
    stroke(window, qtbot, [(-4, 0), (-4, 3)])
    drawing.buttons[1].click()
    stroke(window, qtbot, [(4, 0), (4, 3)])
    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 500)
    before = window.document.experiment.network.parameters.copy()
    stroke(window, qtbot, [(5, 0), (5, 3)])
    assert window.player.is_playing
    begun = window.document.experiment.run.initial
    assert np.abs(begun - before).max() < 0.5  # a few steps later
    assert begun.any()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 100)
    window.player.pause()


def test_points_are_erased_and_dragged(window, qtbot, drawing):
    stroke(window, qtbot, [(-4, 0), (-4, 3)])
    drawing.buttons[1].click()
    stroke(window, qtbot, [(4, 0), (4, 3)])
    n = len(window.document.experiment.data.dataset.X)
    drawing.buttons["erase"].click()
    stroke(window, qtbot, [(4, 3), (4, 2)])
    left = len(window.document.experiment.data.dataset.X)
    assert left < n
    drawing.buttons["move"].click()
    stroke(window, qtbot, [(-4, 3), (-2, 5)])
    data = window.document.experiment.data.dataset
    assert len(data.X) == left
    assert data.X[:, 1].max() > 4
    drawing._changes.undo()
    assert window.document.experiment.data.dataset.X[:, 1].max() < 4
    drawing._changes.redo()


def test_a_curve_is_drawn(window, qtbot, drawing):
    drawing.kind.click()
    stroke(window, qtbot, [(-4, 0), (-2, 2), (0, 0), (3, 1)])
    data = window.document.experiment.data
    assert data.dataset.feature_names == ("x",)
    assert data.output_names == ("y",)
    qtbot.waitUntil(lambda: drawing.board.curve is not None)
    drawing.grab()


def test_data_that_lie_in_the_plane_are_drawn_further(open_window, qtbot):
    window = open_window(Experiment.new("moons", hidden=[4]))
    window.data_actions.draw()
    board = window.data_actions.draw_window.board
    n = len(board.drawing.points)
    assert n == len(window.document.experiment.data.dataset.X)
    stroke(window, qtbot, [(0, 5), (3, 5)])
    assert len(window.document.experiment.data.dataset.X) > n
    qtbot.waitUntil(lambda: board.ground is not None)


def test_of_large_data_undo_keeps_the_design_alone(window, qtbot, monkeypatch):
    monkeypatch.setattr("bplab.qt.document.MOST_KEPT", 0)
    first = window.document.spec
    window.data_panel.changes.change("Choose moons", source=SOURCES.choose("moons"))
    window.data_panel.changes.change("Change scaling", scaling="robust")
    last = window.document.spec
    stack = window.document.undo_stack
    assert not any(stack.command(place).runs() for place in range(stack.count()))
    stack.undo()
    stack.undo()
    assert window.document.spec == first
    stack.redo()
    stack.redo()
    assert window.document.spec == last
    window.player.step()
    qtbot.waitUntil(lambda: window.player.snapshot.record is not None)


def test_many_values_are_prepared_beside_the_window(window, qtbot, monkeypatch):
    monkeypatch.setattr("bplab.qt.data.changes.MANY_VALUES", 10)
    changes, told = window.data_panel.changes, []
    changes.began.connect(lambda: told.append("began"))
    changes.ended.connect(lambda: told.append("ended"))
    table = "a,y\n" + "".join(f"{n},{'uv'[n % 2]}\n" for n in range(50))
    QGuiApplication.clipboard().setText(table)
    window.data_actions.paste_table()
    dialog = window.data_actions.importer.dialog
    qtbot.waitUntil(lambda: dialog.is_ready)
    dialog.ok.click()
    qtbot.waitUntil(lambda: told == ["began", "ended"])
    assert window.document.experiment.data.class_names == ("u", "v")
    for share in (0.3, 0.4, 0.5):
        changes.change("Change split", True, test_fraction=share)
    qtbot.waitUntil(lambda: told.count("ended") == 4)
    assert len(window.document.experiment.data.X_test) == 25
    failed = []
    window.document.failed.connect(failed.append)
    changes.change("Change split", split="by_column")  # which these data do not say
    qtbot.waitUntil(lambda: bool(failed) or told.count("ended") == 5)
    assert len(window.document.experiment.data.X_test) == 25


def test_nothing_in_a_table_is_taken_for_markup(window, qtbot, tmp_path):
    mark = "<img src='/etc/passwd'>"
    path = tmp_path / "m.csv"
    path.write_text(f"{mark},b,y\n{mark},1,u\n3,2,v\n4,3,u\n5,4,v\n", encoding="utf-8")
    dialog = imported(window, qtbot, path)
    for model in (dialog.preview, dialog.roles):
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                tip = model.index(row, column).data(Qt.ItemDataRole.ToolTipRole)
                assert not tip or "<img" not in tip
    dialog.roles.set_roles([0], "one_hot")
    qtbot.waitUntil(lambda: dialog.is_ready)
    dialog.ok.click()
    look = opened(window, qtbot)
    look.tabs.setCurrentWidget(look.scatter)
    qtbot.waitUntil(lambda: len(look.scatter._places) > 0)
    assert "<img" not in look.scatter.plot.getAxis("bottom").labelText
    for label in look.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or mark not in label.text()
