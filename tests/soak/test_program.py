"""The short forms of the soaks of the whole program, and that they find what they look for.

How long something takes is judged by the long forms alone: here the machine may be busy.
"""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at a process as Linux shows it")

LONG_LIVES = 19, 43, 46, 1, 18  # seeds: their users train for five seconds, and never save


def test_work_outlives_a_kill_of_the_program():
    from tests.soak.unsaved_work import check

    assert check(LONG_LIVES[0], "", most_s=4.0)[1] == ""


@pytest.mark.parametrize("plant", ["slow-copies", "edits-only", "old-generation"])
def test_a_planted_bug_of_the_copies_is_found(plant):
    from tests.soak.unsaved_work import check

    assert any("s old" in check(seed, plant)[1] for seed in LONG_LIVES)  # one may just have gone back to its file


@pytest.mark.parametrize("seed", [0, 1])
def test_the_program_closes_at_any_moment(seed):
    from tests.soak.closings import check

    assert check(seed, "", longest_s=10.0)[1] == ""


@pytest.mark.parametrize(
    ("plant", "seed", "words"),
    [("slow-end", 0, "took"), ("exit-code", 0, "exit code 3"), ("forgetful-end", 9, "what is left is")],
)
def test_a_planted_bug_of_closing_is_found(plant, seed, words):
    from tests.soak.closings import check

    assert words in check(seed, plant)[1]
