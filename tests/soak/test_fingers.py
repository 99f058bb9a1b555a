"""The short form of random fingers on the window, and that they notice what goes wrong."""

import pytest

from tests.soak import fingers


def test_random_fingers_do_no_harm(qapp):
    assert fingers.check(400, 5) == []


@pytest.mark.parametrize(("plant", "words"), [("exception", "RuntimeError: planted"), ("warning", "Qt says")])
def test_a_planted_bug_of_the_window_is_found(qapp, plant, words):
    found = fingers.check(150, 2, plant)
    assert any(words in finding for finding in found)
