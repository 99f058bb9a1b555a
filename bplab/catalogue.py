"""Catalogues of named, interchangeable parts, and a user's choice from one.

Activations, losses, optimizers, initializers and data sets are each a `Catalogue` of entries. An entry
declares the numbers that a user may set as `Setting`; a `Choice` is an entry's name with values for them.
Menus, the file's schema, the command line and the tests read the catalogues, so that adding a part is
adding one entry.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from bplab.errors import SettingError


@dataclass(frozen=True)
class Setting:
    """A number that a user may set: its default, its closed limits and what it does.

    ``whole`` marks integers, ``switch`` marks 0/1 values that are shown as a check box.
    """

    default: float
    low: float
    high: float
    doc: str
    whole: bool = False
    switch: bool = False

    def check(self, value: object, where: str) -> float:
        """Return `value` as a number of this setting, or raise `SettingError` naming `where`."""
        if isinstance(value, bool) and self.switch:
            return float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise SettingError(f"{where} is {_short(value)}, which is not a number.", self._range())
        if not self.low <= value <= self.high or (self.whole and value != int(value)):
            raise SettingError(f"{where} is {_short(value)}.", self._range())
        return int(value) if self.whole else float(value)

    def _range(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"Give {kind} from {self.low:g} to {self.high:g}."


def _short(value: object) -> str:
    if isinstance(value, int) and abs(value) > 10**15:  # repr of a huge integer is slow, or refused by Python
        return "a number of many digits"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _no_settings() -> Mapping[str, Setting]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One part of a catalogue.

    Parameters
    ----------
    name : str
        The field's standard name, in snake_case; used in files, in Python and on the command line.
    label : str
        What a menu shows.
    doc : str
        One sentence that says what it does, for tooltips and documentation.
    formula : str
        The definition in plain text.
    source : str
        Where the definition comes from.
    settings : mapping of str to Setting
        The numbers that a user may set, by the name of the argument that receives them.
    """

    name: str
    label: str
    doc: str
    formula: str = ""
    source: str = ""
    settings: Mapping[str, Setting] = field(default_factory=_no_settings)


@dataclass(frozen=True)
class Choice:
    """An entry's name and a value for each of its settings, in the order of their declaration."""

    name: str
    settings: tuple[tuple[str, float], ...] = ()

    @property
    def values(self) -> dict[str, float]:
        """The settings as keyword arguments."""
        return dict(self.settings)


E = TypeVar("E", bound=Entry)


class Catalogue(Mapping[str, E]):
    """Named entries of one kind, in the order in which a menu shows them."""

    def __init__(self, kind: str, *entries: E) -> None:
        self.kind = kind
        self._entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> E:
        try:
            return self._entries[name]
        except KeyError:
            raise self._unknown(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def choose(self, name: str, **settings: object) -> Choice:
        """Return a valid choice: defaults for what is not given.

        Raises
        ------
        SettingError
            If there is no such entry or setting, or a value is outside its limits.
        """
        entry = self[name]
        for unknown in settings.keys() - entry.settings.keys():
            known = ", ".join(entry.settings) or "none"
            raise SettingError(f"{self.kind} '{name}' has no setting '{unknown}'.", f"Its settings: {known}.")
        checked = tuple(
            (key, setting.check(settings.get(key, setting.default), f"{self.kind} '{name}', {key}"))
            for key, setting in entry.settings.items()
        )
        return Choice(name, checked)

    def replace(self, choice: Choice, **settings: object) -> Choice:
        """Return `choice` with some of its settings changed."""
        return self.choose(choice.name, **(choice.values | settings))

    def parse(self, text: str) -> Choice:
        """Return the choice in a text such as ``adam`` or ``adam:beta1=0.8,eps=1e-6``.

        Raises
        ------
        SettingError
            As `choose` does, or if a value is not a number.
        """
        name, _, rest = text.partition(":")
        settings: dict[str, object] = {}
        for part in rest.split(",") if rest else ():
            key, _, value = part.partition("=")
            try:
                number = float(value)
            except ValueError:
                raise SettingError(
                    f"{self.kind} '{name}': '{part[:40]}' is not a setting with a number.",
                    f"Write it as in {name}:setting=0.1.",
                ) from None
            settings[key.strip()] = int(number) if number.is_integer() else number
        return self.choose(name.strip(), **settings)

    def _unknown(self, name: object) -> SettingError:
        close = difflib.get_close_matches(str(name), self._entries, 1)
        meant = f"Did you mean '{close[0]}'? " if close else ""
        return SettingError(f"There is no {self.kind} '{name}'.", f"{meant}Choose one of: {', '.join(self)}.")
