"""The short form of the soak of killed saves, and that it finds what it looks for."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses fork and SIGKILL")


def test_no_save_is_lost_to_a_kill():
    from tests.soak.kills import soak

    seen, findings = soak(40)
    assert seen["kills"] == 40
    assert findings == []


@pytest.mark.parametrize("plant", ["truncate-in-place", "confirm-too-early"])
def test_a_planted_bug_is_found(plant):
    from tests.soak.kills import soak

    _, findings = soak(60, plant=plant)
    assert findings
