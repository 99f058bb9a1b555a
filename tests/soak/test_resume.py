"""The short form of the soak of resumed runs, and that it finds what it looks for."""

import pytest

from tests.soak.resume import soak


def test_a_run_that_goes_on_from_its_file_is_the_uninterrupted_one():
    seen, findings = soak(60)
    assert findings == []
    assert seen["across a killed process"] == 2


@pytest.mark.parametrize("plant", ["forget-slots", "forget-cursor"])
def test_a_planted_bug_is_found(plant):
    assert soak(30, 1000, plant)[1]
