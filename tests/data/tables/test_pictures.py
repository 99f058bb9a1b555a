"""IDX files and folders of images."""

import gzip
import struct

import numpy as np
import pytest

from bplab import Experiment
from bplab.data.images import image_shape
from bplab.data.tables import folder
from bplab.data.tables.files import read_table, table_bytes
from bplab.errors import DataError


def idx(path, n=30, side=5, labels=None, magic=0x803, count=None):
    """Write a pair of IDX files, and return the pixels and labels."""
    pixels = np.random.default_rng(1).integers(0, 256, (n, side, side), dtype=np.uint8)
    marks = np.arange(n, dtype=np.uint8) % 3 if labels is None else labels
    pictures = struct.pack(">4I", magic, n if count is None else count, side, side) + pixels.tobytes()
    path.joinpath("train-images-idx3-ubyte").write_bytes(pictures)
    path.joinpath("train-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, len(marks)) + marks.tobytes())
    return pixels, marks


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
@pytest.mark.parametrize("packed", [False, True])
def test_either_of_the_two_files_is_enough(tmp_path, name, packed):
    pixels, marks = idx(tmp_path)
    if packed:
        for path in list(tmp_path.iterdir()):
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        name += ".gz"
    table = read_table(tmp_path / name)
    data, report = table.imported(table.propose())
    assert np.array_equal(data.X, pixels.reshape(30, 25))
    assert np.array_equal(data.target.labels, marks)
    assert data.target.names == ("0", "1", "2")
    assert report.used == 30
    assert image_shape(data.feature_names) == (5, 5)


def test_an_experiment_keeps_them(tmp_path):
    idx(tmp_path)
    made = Experiment.new(tmp_path / "train-images-idx3-ubyte", hidden=[3])
    made.trainer().run(20)
    made.save(tmp_path / "a.bplab")
    for path in tmp_path.glob("train-*"):
        path.unlink()
    again = Experiment.open(tmp_path / "a.bplab")
    assert (again.data.X_train == made.data.X_train).all()
    assert again.trainer().step_count == 20


def test_large_ones_are_found_again_beside_the_experiment(tmp_path):
    idx(tmp_path, n=400, side=160)
    made = Experiment.new(tmp_path / "train-images-idx3-ubyte", hidden=[2])
    made.save(tmp_path / "a.bplab")
    assert (tmp_path / "a.bplab").stat().st_size < 2**20
    assert (Experiment.open(tmp_path / "a.bplab").data.X_test == made.data.X_test).all()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ({"count": 31}, r"says that it holds 31 pictures of 5 x 5, 775 bytes; it has 750"),
        ({"count": 2**31}, "says that it holds 2,147,483,648 pictures"),
        ({"labels": np.zeros(29, np.uint8)}, "has 30 pictures, train-labels-idx1-ubyte 29 labels"),
        ({"magic": 0xD03}, "begins with the number 0x00000d03; an IDX file of pictures begins with 0x00000803"),
        ({"count": 0}, "holds no pictures"),
        ({"labels": np.zeros(30, np.uint8)}, "there is only one class, '0'"),
    ],
)
def test_files_that_lie_are_refused(tmp_path, spoil, message):
    idx(tmp_path, **spoil)
    with pytest.raises(DataError, match=message):
        Experiment.new(tmp_path / "train-images-idx3-ubyte")


def test_missing_labels_and_damaged_archives_are_refused(tmp_path):
    idx(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").rename(tmp_path / "other")
    with pytest.raises(DataError, match="train-labels-idx1-ubyte, the labels that belong to"):
        table_bytes(tmp_path / "train-images-idx3-ubyte")
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 100)[:-20])
    with pytest.raises(DataError, match="ends too early"):
        table_bytes(tmp_path / "x.gz")
    (tmp_path / "y.gz").write_bytes(b"\x1f\x8b" + b"nonsense" * 9)
    with pytest.raises(DataError, match="cannot be unpacked"):
        table_bytes(tmp_path / "y.gz")


def test_a_packed_table_is_a_table(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,y\n1,u\n2,v\n"))
    assert read_table(tmp_path / "t.csv.gz").columns == ("a", "y")


def images(path, kinds=("cats", "dogs"), count=3):
    image = pytest.importorskip("PIL.Image")
    for shade, kind in enumerate(kinds):
        (path / kind).mkdir()
        for number in range(count):
            image.new("RGB", (20 + number, 30), (200 * shade,) * 3).save(path / kind / f"{number}.png")


def test_a_folder_of_images_is_read_by_class(tmp_path):
    images(tmp_path)
    (tmp_path / "cats" / "notes.txt").write_text("no image", encoding="utf-8")
    table = read_table(tmp_path)
    data, _ = table.imported(table.propose())
    assert data.target.names == ("cats", "dogs")
    assert data.target.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.X.shape == (6, folder.SIDE**2)
    assert set(np.unique(data.X).tolist()) == {0.0, 200.0}
    made = Experiment.new(tmp_path, hidden=[2])
    assert made.data.class_names == ("cats", "dogs")


def test_a_folder_that_cannot_be_used_says_why(tmp_path, monkeypatch):
    images(tmp_path, kinds=("cats",))
    with pytest.raises(DataError, match="has 1 folder with images"):
        table_bytes(tmp_path)
    (tmp_path / "dogs").mkdir()
    (tmp_path / "dogs" / "bad.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="dogs/bad.png cannot be read"):
        table_bytes(tmp_path)
    monkeypatch.setattr(folder, "MOST_BYTES", 3 * folder.SIDE**2)
    with pytest.raises(DataError, match="has 4 images; at most 3 of 16 x 16"):
        table_bytes(tmp_path)
