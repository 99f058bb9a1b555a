from __future__ import annotations

import pytest

from bplab import resources
from bplab.errors import FileError


def test_checkout_has_its_data():
    assert resources.path("data", "iris.csv").is_file()


def test_wheel_keeps_them_inside_the_package(tmp_path, monkeypatch):
    (tmp_path / "_resources" / "data").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    assert resources.path("data") == tmp_path / "_resources" / "data"


def test_missing_file_is_named():
    with pytest.raises(FileError, match=r"data/nothing\.csv'? is missing"):
        resources.path("data", "nothing.csv")
