"""The short form of the random edits, and that planted bugs are found."""

import pytest

from tests.soak.editing import PLANTS, check


@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits_are_undone_and_redone_exactly(qapp, seed):
    assert check(seed, 400) == ""


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_of_editing_is_found(qapp, plant):
    assert any(check(seed, 400, plant) for seed in (3, 4))
