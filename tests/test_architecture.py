"""The rules of the house, as tests: lint, form, types, import contracts, and a Qt that does not drop references."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QPainter

ROOT = Path(__file__).parent.parent
TOOLS = {
    "lint": ["-m", "ruff", "check", "."],
    "form": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_code_keeps_its_rules(tool):
    found = subprocess.run([sys.executable, *TOOLS[tool]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]


def test_qt_keeps_its_references_to_none(qapp):
    """PySide6 6.12 on Python 3.11 drops one with every call, until the process dies."""
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.drawLine(0, 0, 7, 7)
    painter.end()
    assert sys.getrefcount(None) > before - 250
