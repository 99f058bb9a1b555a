"""Pictures and the report: whole, safe to open, and drawn without a screen; File > Export."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox

from bplab import Experiment
from bplab.experiment import edits
from bplab.exports import export as exporting
from bplab.exports.axis import Axis
from bplab.exports.export import MissingPackageError
from bplab.exports.subject import Subject
from bplab.qt.dialogs.save_picture import SavePictureDialog
from bplab.qt.exports import EXPORTS
from tests.exports.build import hostile

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def trained():
    experiment = Experiment.new("iris", hidden=[6, 5])
    experiment.trainer().run(60)
    return experiment


def made(experiment, name, record=None):
    return EXPORTS[name].make(Subject.of(experiment, record), "made")


def texts(svg):
    return {"".join(element.itertext()).strip() for element in ET.fromstring(svg).iter(f"{SVG}text")}


def test_every_export_makes_files_that_begin_with_the_chosen_name(qapp, trained):
    for name, entry in EXPORTS.items():
        files = made(trained, name)
        assert files, name
        assert all(file.startswith("made") and content for file, content in files.items())
        assert any(file.endswith(entry.suffix) for file in files)


def test_equal_experiments_give_equal_files(qapp, trained):
    for name in EXPORTS.keys() - {
        "history-parquet",
        "network-pdf",
        "worksheet",
        "worksheet-solution",
    }:  # these note the time
        assert made(trained, name) == made(trained, name)


def test_the_network_is_drawn_with_its_names_and_layers(qapp, trained):
    (svg,) = made(trained, "network-svg").values()
    assert {"sepal length", "setosa", "versicolor", "layer 1", "6 tanh", "3 softmax"} <= texts(svg)


def test_the_picture_shows_the_gradients_of_the_last_step_where_it_is_known(qapp, trained):
    record = trained.trainer().step()
    (svg,) = made(trained, "network-svg", record).values()
    assert "|∂L/∂w|" in " ".join(texts(svg))
    assert f"loss {record.loss:.4g}" in texts(svg)


@pytest.mark.parametrize("name", ["network-png", "plots-png"])
def test_pictures_hold_more_than_one_colour(qapp, trained, name):
    for content in made(trained, name).values():
        image = QImage.fromData(content)
        colors = {image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}
        assert len(colors) > 5


@pytest.mark.parametrize("data", ["iris", "circle", "sine", "plane"])
def test_plots_are_drawn_before_the_first_step_too(qapp, data):
    for content in made(Experiment.new(data, hidden=[3]), "plots-svg").values():
        assert "nan" not in content.decode()
        ET.fromstring(content)


def test_names_of_the_data_stay_text_in_every_picture(qapp, tmp_path):
    experiment = hostile(tmp_path)
    experiment.trainer().run(20)
    for name in ("network-svg", "plots-svg"):
        for content in made(experiment, name).values():
            tags = {element.tag for element in ET.fromstring(content).iter()}
            assert not {f"{SVG}script", f"{SVG}b", "script", "b"} & tags


class Seen(HTMLParser):
    """Collects the tags and addresses of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.open = set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "srcset", "href", "xlink:href")]
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize("data", ["hostile", "sine"])
def test_the_report_needs_no_network_and_no_script(qapp, tmp_path, data):
    experiment = hostile(tmp_path) if data == "hostile" else Experiment.new(data)
    experiment.trainer().run(20)
    (page,) = made(experiment, "report").values()
    seen = Seen()
    seen.feed(page.decode())
    assert not {"script", "link", "iframe", "object", "form"} & seen.tags
    assert seen.addresses
    assert all(address.startswith("data:") for address in seen.addresses)
    without_namespaces = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page.decode())
    assert "http:" not in without_namespaces
    assert "https:" not in without_namespaces
    assert "url(" not in without_namespaces


def test_the_report_holds_notes_results_and_both_themes(qapp, trained):
    experiment = Experiment.new("iris", hidden=[4])
    experiment.apply(edits.replace(experiment.spec, notes="A <i>first</i> try & more"))
    (page,) = made(experiment, "report").values()
    text = page.decode()
    assert "A &lt;i&gt;first&lt;/i&gt; try &amp; more" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    for words in ("Test data: ", "precision", "as setosa", "batch size", "4 inputs → 4 tanh → 3 softmax"):
        assert words in text
    assert "Notes" not in made(trained, "report")["made.html"].decode()


@pytest.mark.parametrize(
    ("values", "logarithmic", "ticks"),
    [
        ([0.0, 1.0], False, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([0.0, 20_000.0], False, ["0", "5,000", "10,000", "15,000", "20,000"]),
        ([1e-4, 10.0], True, ["0.0001", "0.001", "0.01", "0.1", "1", "10"]),
        ([1.0, 8.0], True, ["1", "2", "5"]),
    ],
)
def test_axes_carry_round_numbers(values, logarithmic, ticks):
    axis = Axis.over([np.array([*values, np.nan])], 0.0, 100.0, pad=0.0, is_logarithmic=logarithmic)
    assert [text for _, text in axis.ticks()] == ticks
    assert all(-1e-6 <= axis.place(value) <= 100.0 + 1e-6 for value, _ in axis.ticks())


def test_pictures_are_drawn_from_the_command_line_without_a_screen(tmp_path):
    Experiment.new("iris").save(tmp_path / "a.bplab")
    hidden = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-m", "bplab", "export", str(tmp_path / "a.bplab"), "--to", "network-png"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert QImage(str(tmp_path / "a-network.png")).width() > 900


@pytest.mark.parametrize(
    ("name", "package"), [("onnx", "onnx"), ("pytorch", "safetensors"), ("history-parquet", "polars")]
)
def test_a_missing_package_is_named_with_the_way_to_get_it(monkeypatch, trained, name, package):
    def absent(_name):
        raise ImportError

    monkeypatch.setattr(exporting.importlib, "import_module", absent)
    with pytest.raises(MissingPackageError, match=f"'{package}', which is not installed.*pip install {package}"):
        made(trained, name)


def export(window, monkeypatch, path, label):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.actions_by_name[f"{label}…"].trigger()


def test_every_export_is_in_the_menu(window):
    assert {f"{entry.label}…" for entry in EXPORTS.values()} <= set(window.actions_by_name)


def test_exporting_from_the_window_writes_the_files(qtbot, window, monkeypatch, tmp_path):
    window.player.play()
    for number, entry in enumerate(EXPORTS.values()):
        with qtbot.waitSignal(window.exports.exported, timeout=20_000) as done:
            export(window, monkeypatch, tmp_path / f"{number}{entry.suffix}", entry.label)
        assert all(path.stat().st_size for path in done.args[0])
    assert window.player.is_playing


def test_a_file_that_the_dialog_did_not_ask_about_is_asked_for(qtbot, window, monkeypatch, tmp_path):
    (tmp_path / "net.npz").write_text("mine")
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Cancel)
    export(window, monkeypatch, tmp_path / "net.py", "NumPy script")
    qtbot.waitUntil(lambda: not window.document.background.is_busy)
    assert (tmp_path / "net.npz").read_text() == "mine"
    assert not (tmp_path / "net.py").exists()


def test_an_export_that_fails_is_told_in_the_message_bar(qtbot, window, monkeypatch, tmp_path):
    with qtbot.waitSignal(window.exports.failed):
        export(window, monkeypatch, tmp_path / "nowhere" / "net.py", "NumPy script")
    assert "could not be saved" in window.message_bar.label.text()


def test_no_name_exports_nothing(window, monkeypatch):
    export(window, monkeypatch, "", "Report")
    assert not window.document.background.is_busy


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_picture_on_the_canvas_is_saved_as_it_is_read(qtbot, window, tmp_path, monkeypatch, suffix):
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()
    window.canvas.set_reading(color_by="weight", show="strongest", strongest=3)
    place = tmp_path / "picture"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    window.actions_by_name["Save picture…"].trigger()
    dialog = window.findChild(SavePictureDialog)
    dialog.form.setCurrentIndex(dialog.form.findData(suffix))
    dialog.scale.setValue(3)
    dialog.clear.setChecked(True)
    with qtbot.waitSignal(window.pictures.saved):
        dialog.accept()
    content = place.with_suffix(f".{suffix}").read_bytes()
    if suffix == "svg":
        assert "3 of 69 connections" in " ".join(texts(content))
    elif suffix == "pdf":
        assert content.startswith(b"%PDF")
    else:
        image = QImage.fromData(content)
        assert image.width() == 3 * window.canvas.still(window.theme).size.width()
        assert image.pixelColor(1, 1).alpha() == 0


def test_the_picture_goes_to_the_clipboard(qtbot, window):
    window.actions_by_name["Copy picture of the network"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.width() >= 2 * window.canvas.width()
    assert len({image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}) > 5
