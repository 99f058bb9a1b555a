"""Five hundred bad tables, and that the harness finds what it looks for."""

import pytest

from tests.soak.bad_tables import PLANTS, soak


def test_bad_tables_end_in_right_data_or_a_message_with_row_and_column():
    assert soak(500) == []


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_is_found(plant):
    assert soak(60, plant=plant)
