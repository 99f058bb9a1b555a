"""A run as a film: done again bit for bit, in every form, with progress and cancel, from window and command line."""

import io

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from bplab import Experiment
from bplab.cli import cli
from bplab.errors import BplabError
from bplab.experiment import edits
from bplab.qt.dialogs.record import RecordDialog
from bplab.qt.recording import film as film_module
from bplab.qt.recording import forms
from bplab.qt.recording.film import Film
from bplab.qt.recording.forms import FORMS, CancelledError, form_of, pixels, record


@pytest.fixture(scope="module")
def trained():
    experiment = Experiment.new("iris", hidden=[4])
    experiment.trainer().run(90)
    return experiment


@pytest.mark.parametrize("form", FORMS)
def test_a_film_has_a_frame_for_each_chosen_step(qapp, trained, tmp_path, form):
    film = Film.of(trained, 5, fps=10)
    assert film.steps == [0, 22, 45, 68, 90]
    path, seen = tmp_path / f"film.{form}", []
    record(film, form, path, lambda done: seen.append(done) or True)
    assert seen == [1, 2, 3, 4, 5]
    content = path.read_bytes()
    if form == "mp4":
        assert content[4:8] == b"ftyp"
    else:
        image = Image.open(io.BytesIO(content))
        assert image.n_frames == 5
        assert image.info["duration"] == 100
        assert image.size == (960, 400)


def test_filming_leaves_the_experiment_as_it_is(qapp, trained):
    before = trained.network.parameters.copy(), trained.trainer().step_count
    frames = [pixels(picture) for picture in Film.of(trained, 3).frames()]
    assert (trained.network.parameters == before[0]).all()
    assert trained.trainer().step_count == before[1]
    assert not (frames[0] == frames[2]).all()
    again = [pixels(picture) for picture in Film.of(trained, 3).frames()]
    assert all((a == b).all() for a, b in zip(frames, again, strict=True))


def test_a_run_is_filmed_through_every_change_of_its_network(qapp):
    experiment = Experiment.new("iris", hidden=[4])
    experiment.trainer().run(20)
    experiment.apply(edits.add_layer(experiment.spec, 1))
    experiment.trainer().run(20)
    film = Film.of(experiment, 5)
    assert film.steps == [0, 10, 20, 30, 40]
    frames = [pixels(picture) for picture in film.frames()]
    assert len(frames) == 5
    assert len({frame.shape for frame in frames}) == 1


def test_a_frame_shows_the_gradients_of_its_step(qapp, trained, monkeypatch):
    seen = []
    monkeypatch.setattr(
        film_module.stills, "image", lambda still: seen.append(still) or QImage(8, 8, QImage.Format.Format_RGB32)
    )
    list(Film.of(trained, 3).frames())
    copy = Experiment.new("iris", hidden=[4])
    copy.trainer().run(45)
    expected = copy.trainer().replay(45)
    assert [still.scene.snapshot.step for still in seen] == [0, 45, 90]
    assert (seen[1].scene.record.layers[0].dW == expected.layers[0].dW).all()


def test_a_run_without_a_step_is_nothing_to_film(qapp, tmp_path):
    with pytest.raises(BplabError, match="no step has been done"):
        record(Film.of(Experiment.new("iris"), 5), "gif", tmp_path / "a.gif", lambda _: True)


def test_a_cancelled_film_writes_nothing(qapp, trained, tmp_path):
    path = tmp_path / "film.gif"
    path.write_bytes(b"before")
    with pytest.raises(CancelledError):
        record(Film.of(trained, 5), "gif", path, lambda done: done < 3)
    assert path.read_bytes() == b"before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.gif"]


def test_a_missing_package_is_named(qapp, trained, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    with pytest.raises(BplabError, match="PIL") as raised:
        record(Film.of(trained, 2), "gif", tmp_path / "a.gif", lambda _: True)
    assert raised.value.hint == "Install it with: pip install pillow"


def test_the_command_line_films_a_file(trained, tmp_path):
    trained.save(tmp_path / "a.bplab")
    run = CliRunner().invoke(cli, ["record", str(tmp_path / "a.bplab"), "--frames", "3"])
    assert run.exit_code == 0, run.output
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames == 3
    again = CliRunner().invoke(cli, ["record", str(tmp_path / "a.bplab")])
    assert isinstance(again.exception, BplabError) or again.exit_code == 2
    with pytest.raises(BplabError, match="does not say"):
        form_of(tmp_path / "film.avi")


def test_the_window_films_the_run_with_progress(qtbot, window, tmp_path, monkeypatch):
    window.transport.choose_grain("epoch")
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "run"), ""))
    window.actions_by_name["Record the run…"].trigger()
    dialog = window.findChild(RecordDialog)
    dialog.count.setValue(4)
    seen = []
    dialog.progress.advanced.connect(seen.append)
    with qtbot.waitSignal(window.pictures.saved):
        dialog._begin()
    assert seen == [1, 2, 3, 4]
    with Image.open(tmp_path / "run.gif") as film:
        assert film.n_frames == 4
        assert film.size == window.canvas.still(window.theme).size.toTuple()


def test_the_window_cancels_a_film(qtbot, window, tmp_path, monkeypatch):
    window.transport.choose_grain("epoch")
    with qtbot.waitSignal(window.player.snapshot_taken):
        window.player.step()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "run"), ""))
    window.actions_by_name["Record the run…"].trigger()
    dialog = window.findChild(RecordDialog)
    dialog.count.setValue(12)
    with qtbot.waitSignal(dialog.progress.advanced):
        dialog._begin()
    dialog.reject()
    qtbot.waitUntil(lambda: not window.pictures._filming.is_busy)
    assert list(tmp_path.iterdir()) == []
    assert not window.message_bar.isVisible()


def test_films_are_of_even_size_where_they_must_be(qapp):
    odd = [np.zeros((11, 13, 3), np.uint8)] * 2
    assert forms.FORMS["mp4"].encode(odd, 5)[4:8] == b"ftyp"
