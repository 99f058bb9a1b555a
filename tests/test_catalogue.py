from __future__ import annotations

import math

import pytest

from bplab.catalogue import Catalogue, Choice, Entry, Setting
from bplab.errors import SettingError

RATE = Setting(0.5, 0.0, 1.0, "How fast.")
COUNT = Setting(3, 1, 10, "How many.", whole=True)
SWITCH = Setting(0, 0, 1, "Whether.", whole=True, switch=True)
PLAIN = Entry(name="plain", label="Plain", doc="Has no settings.")
RICH = Entry(name="rich", label="Rich", doc="Has some.", settings={"rate": RATE, "count": COUNT, "switch": SWITCH})
PARTS = Catalogue("part", RICH, PLAIN)


def test_entries_are_found_by_name_in_menu_order():
    assert list(PARTS) == ["rich", "plain"]
    assert len(PARTS) == 2
    assert PARTS["plain"] is PLAIN
    assert "plain" in PARTS
    assert "other" not in PARTS


def test_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(SettingError) as caught:
        PARTS["plane"]
    assert caught.value.message == "There is no part 'plane'."
    assert caught.value.hint == "Did you mean 'plain'? Choose one of: rich, plain."


def test_name_like_no_other_is_answered_with_all():
    with pytest.raises(SettingError) as caught:
        PARTS["zzz"]
    assert caught.value.hint == "Choose one of: rich, plain."


def test_choice_fills_in_defaults_in_the_order_of_declaration():
    choice = PARTS.choose("rich", count=5)
    assert choice == Choice("rich", (("rate", 0.5), ("count", 5), ("switch", 0)))
    assert choice.values == {"rate": 0.5, "count": 5, "switch": 0}


def test_replace_changes_only_what_is_given():
    choice = PARTS.replace(PARTS.choose("rich", count=5), rate=0.1)
    assert choice.values == {"rate": 0.1, "count": 5, "switch": 0}


def test_choices_are_compared_and_hashed_by_value():
    assert {PARTS.choose("rich"), PARTS.choose("rich", count=3.0)} == {PARTS.choose("rich")}


def test_unknown_setting_is_refused():
    with pytest.raises(SettingError) as caught:
        PARTS.choose("plain", rate=1.0)
    assert caught.value.message == "part 'plain' has no setting 'rate'."
    assert caught.value.hint == "Its settings: none."


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [(RATE, 0, 0.0), (RATE, 1.0, 1.0), (COUNT, 10.0, 10), (SWITCH, True, 1), (SWITCH, 0, 0)],
)
def test_values_up_to_the_limits_are_taken(setting, value, found):
    assert setting.check(value, "it") == found


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        (RATE, 1.5, "it is 1.5."),
        (RATE, -math.inf, "it is -inf."),
        (RATE, math.nan, "it is nan, which is not a number."),
        (RATE, "0.5", "it is '0.5', which is not a number."),
        (RATE, None, "it is None, which is not a number."),
        (RATE, True, "it is True, which is not a number."),
        (RATE, 10**4000, "it is a number of many digits."),
        (RATE, "x" * 100, "it is '" + "x" * 36 + "..., which is not a number."),
        (COUNT, 2.5, "it is 2.5."),
        (COUNT, math.inf, "it is inf."),
        (COUNT, 0, "it is 0."),
    ],
)
def test_other_values_are_refused_with_the_range(setting, value, message):
    with pytest.raises(SettingError) as caught:
        setting.check(value, "it")
    assert caught.value.message == message
    assert caught.value.hint.startswith("Give a whole number from 1 to 10" if setting.whole else "Give a number from 0")
