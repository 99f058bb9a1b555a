"""The files for Linux desktops are valid, go where they belong, and go away again."""

import configparser
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from bplab import resources, system
from bplab.cli import cli
from bplab.cli.desktop import PLACES, data_home

MIME = "application/x-bplab"


def test_the_entry_of_the_menu_opens_files_of_our_type():
    path = resources.path("linux", "bplab.desktop")
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(path, encoding="utf-8")
    assert entry["Desktop Entry"]["MimeType"] == f"{MIME};"
    assert entry["Desktop Entry"]["Exec"].endswith("%f")
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(path)], check=True)


def test_the_type_is_told_by_the_ending():
    root = ET.parse(resources.path("linux", "bplab.xml")).getroot()
    (kind,) = root
    assert kind.get("type") == MIME
    assert [child.get("pattern") for child in kind if child.tag.endswith("glob")] == ["*.bplab"]


def test_the_icon_is_drawn(qapp):
    from PySide6.QtGui import QIcon

    image = QIcon(str(resources.path("icon.svg"))).pixmap(64, 64).toImage()
    assert len({image.pixel(x, y) for x in range(64) for y in range(64)}) > 20


@pytest.mark.skipif(sys.platform != "linux", reason="for Linux desktops")
def test_everything_goes_where_it_belongs_and_away_again(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert CliRunner().invoke(cli, ["desktop"]).exit_code == 0
    assert all((tmp_path / place).is_file() for place in PLACES)
    entry = (tmp_path / "applications/bplab.desktop").read_text(encoding="utf-8")
    assert f'Exec="{sys.prefix}' in entry
    assert CliRunner().invoke(cli, ["desktop", "--remove"]).exit_code == 0
    assert not any((tmp_path / place).exists() for place in PLACES)
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert data_home().is_absolute()


def test_elsewhere_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(system, "IS_LINUX", False)
    run = CliRunner().invoke(cli, ["desktop"])
    assert "This is for Linux desktops" in str(run.exception) + run.output
