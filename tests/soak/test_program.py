"""The short forms of the soaks of the whole program, and that they find what they look for."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at a process as Linux shows it")


PLANTED = {
    "slow-copies": 1,
    "edits-only": 19,
    "old-generation": 19,
    "slow-end": 0,
    "exit-code": 0,
    "forgetful-end": 9,
}  # seeds


def test_work_outlives_a_kill_of_the_program():
    from tests.soak.unsaved_work import MOST_AT_RISK_S, soak

    ages, findings = soak(2)
    assert findings == []
    assert max(ages) <= MOST_AT_RISK_S


@pytest.mark.parametrize("plant", ["slow-copies", "edits-only", "old-generation"])
def test_a_planted_bug_of_the_copies_is_found(plant):
    from tests.soak.unsaved_work import soak

    assert soak(1, PLANTED[plant], plant)[1]


def test_the_program_closes_at_any_moment():
    from tests.soak.closings import soak

    ends, findings = soak(4)
    assert findings == []
    assert [ended.code for ended in ends] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        ("slow-end", "took"),
        ("deaf", "exit code -9"),
        ("exit-code", "exit code 3"),
        ("forgetful-end", "what is left is"),
    ],
)
def test_a_planted_bug_of_closing_is_found(plant, words):
    from tests.soak.closings import soak

    _, findings = soak(1, PLANTED[plant], plant)
    assert any(words in finding for finding in findings)
