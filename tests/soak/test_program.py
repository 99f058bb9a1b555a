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


def test_the_program_closes_at_any_moment():
    from tests.soak.closings import soak

    ends, findings = soak(4)
    assert findings == []
    assert [ended.code for ended in ends] == [0, 0, 0, 0]
