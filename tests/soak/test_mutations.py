"""The short form of the mutation soak, and that it finds what it looks for."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="memory is measured as POSIX has it")


def test_mutated_files_open_or_are_refused():
    from tests.soak.mutations import soak

    seen, findings = soak(600)
    assert findings == []
    assert seen["opened"] > 20
    assert seen["refused"] > 300


@pytest.mark.parametrize(
    ("plant", "words"),
    [("key-error", "KeyError"), ("open-file", "open /etc/hostname"), ("slow", "took"), ("memory", "MB")],
)
def test_a_planted_bug_is_found(plant, words):
    from tests.soak.mutations import soak

    _, findings = soak(300, plant=plant)
    assert any(words in finding for finding in findings)
