"""What each column of a table is for: an input as a number or a category, the target, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from bplab.data.tables import columns
from bplab.data.tables.columns import shown
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bplab.data.dataset import Floats

Role: TypeAlias = Literal["number", "one_hot", "ordinal", "ignored", "class", "target", "split"]
Missing: TypeAlias = Literal["refuse", "drop", "mean", "median", "category"]

ROLES: dict[str, tuple[str, str]] = {
    "number": ("Input: number", "An input as it is."),
    "one_hot": ("Input: category", "An input for each value, 1 where the sample has it, else 0 (one-hot)."),
    "ordinal": ("Input: order", "One input, 0, 1, 2 and so on: for values that have an order."),
    "class": ("Target: class", "What the network learns: an output for each value."),
    "target": ("Target: number", "What the network learns, as a number; several columns may be."),
    "split": ("Train or test", "Says which rows are for testing: those with 1, true, yes, or test."),
    "ignored": ("Ignored", "Left out."),
}
MISSING: dict[str, tuple[str, str]] = {
    "refuse": ("refuse", "A missing value is an error."),
    "drop": ("drop the row", "A row without this value is left out, and counted."),
    "mean": ("mean", "A missing value becomes the mean of the training rows."),
    "median": ("median", "A missing value becomes the median of the training rows."),
    "category": ("own category", "Missing is a category like the others."),
}
FITTING: dict[str, tuple[Missing, ...]] = {
    "number": ("refuse", "drop", "mean", "median"),
    "one_hot": ("refuse", "drop", "category"),
    "ordinal": ("refuse", "drop"),
    "class": ("refuse", "drop"),
    "target": ("refuse", "drop"),
    "split": ("refuse", "drop"),
    "ignored": ("refuse",),
}
INPUTS = ("number", "one_hot", "ordinal")
MOST_CATEGORIES = 100
USUAL_CATEGORIES = 30  # more different texts than that are rather names
_NUMBERS_ROWS = re.compile(r"(row ?|sample ?)?(id|index|nr\.?|no\.?|#|number)|unnamed:? ?\d*")  # names of no measure
MISSING_NAME = "missing"
TEST_WORDS = ("1", "true", "yes", "test", "validation", "valid", "val")
TRAIN_WORDS = ("0", "false", "no", "train", "training")


@dataclass(frozen=True)
class Column:
    """What one column is for.

    Parameters
    ----------
    name : str
        As in the table.
    role : str
        One of `ROLES`.
    missing : str
        One of `MISSING` that fits the role: what becomes of a missing value.
    order : tuple of str
        The values of an ordinal column from low to high; none for sorted.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    role: Role
    missing: Missing = "refuse"
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coding:
    """How inputs come from one column, so that new tables are read as the first was.

    Parameters
    ----------
    column : str
        Its name.
    categories : tuple of str
        Its values in the order of the inputs, or from low to high; none for a number.
    one_hot : bool
        One input for each category.
    missing : str
        What becomes of a missing value, one of `MISSING`.
    """

    column: str
    categories: tuple[str, ...] = ()
    one_hot: bool = False
    missing: Missing = "refuse"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return (
            tuple(f"{self.column}={name or MISSING_NAME}" for name in self.categories)
            if self.one_hot
            else (self.column,)
        )

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the inputs of a column of categories, shape (rows, inputs); a text that is none of them gives 0."""
        places = {name: place for place, name in enumerate(self.categories)}
        found = np.array([places.get(text, -1) for text in texts], dtype=np.intp)
        if not self.one_hot:
            return np.maximum(found, 0)[:, None].astype(np.float64)
        made = np.zeros((len(texts), len(self.categories)))
        known = np.flatnonzero(found >= 0)
        made[known, found[known]] = 1.0
        return made


def parse_role(name: str, text: str) -> Column:
    """Return the column that ``role``, ``role:missing`` or ``role:missing:low<high`` says, as on the command line.

    Raises
    ------
    DataError
        If there is no such role, or the two do not go together.
    """
    role, missing, order = (*text.split(":", 2), "", "")[:3]
    values = tuple(part.strip() for part in order.split("<") if part.strip())
    return checked(Column(name, role, missing or "refuse", values))  # type: ignore[arg-type]


def checked(column: Column) -> Column:
    """Return the column, whose role and missing values go together; DataError if not."""
    if column.role not in ROLES:
        raise DataError(
            f"Column {shown(column.name)}: there is no role '{column.role[:20]}'.",
            f"Choose one of: {', '.join(ROLES)}.",
        )
    if column.missing not in FITTING[column.role]:
        fitting = ", ".join(FITTING[column.role])
        raise DataError(
            f"Column {shown(column.name)}: '{column.missing[:20]}' does not go with {column.role}.",
            f"Choose one of: {fitting}.",
        )
    return column


def categories_of(texts: Sequence[str], values: Floats, order: tuple[str, ...]) -> tuple[str, ...]:
    """Return the different values of a column: in the given order, else sorted, as numbers where all of them are."""
    if order:
        return order
    # Step by step: a window may want the interpreter meanwhile.
    numbers = {text: value for text, value in zip(texts, values.tolist(), strict=True)}  # noqa: C416
    different = sorted(numbers, key=lambda text: (not text, text))
    if all(np.isfinite(numbers[text]) for text in different if text):
        different.sort(key=lambda text: (not text, numbers[text] if text else 0.0))
    return tuple(different)


def marks_test(text: str) -> bool | None:
    """Tell whether a value of a split column says test, or train; None for neither."""
    word = text.lower().removesuffix(".0")
    return True if word in TEST_WORDS else False if word in TRAIN_WORDS else None


def number_or_ignored(name: str) -> Column:
    """Return a column of numbers as an input, unless its name says that it but counts the rows."""
    return Column(name, "ignored" if _NUMBERS_ROWS.fullmatch(name.lower()) else "number")


def propose(name: str, texts: Callable[[], list[str]], values: Floats, is_missing: np.ndarray) -> Column:
    """Return what a column that is not the target is for, most likely.

    Parameters
    ----------
    texts : callable
        Gives the column as text, missing values empty; not asked for where it is numbers.
    values : ndarray of shape (rows,)
        The column as numbers, NaN where a cell is none.
    is_missing : ndarray of bool, shape (rows,)
        Where its cell is a missing value.
    """
    there = int((~is_missing).sum())
    numbers = int(np.isfinite(values).sum())
    gaps = bool(is_missing.any())
    if not there or number_or_ignored(name).role == "ignored":
        return Column(name, "ignored")
    if 2 * numbers > there:
        return Column(name, "number", "drop" if gaps else "refuse")
    if _has_more(texts(), min(USUAL_CATEGORIES, max(2, there // 2))):
        return Column(name, "ignored")
    return Column(name, "one_hot", "category" if gaps else "refuse")


def _has_more(texts: Sequence[str], most: int) -> bool:
    """Tell whether there are more than so many different texts, apart from empty ones."""
    seen: set[str] = set()
    for text in texts:
        if text:
            seen.add(text)
            if len(seen) > most:
                return True
    return False


def holds_classes(values: Floats, is_missing: np.ndarray) -> bool:
    """Tell whether a target is rather classes than numbers, apart from what is missing."""
    return columns.holds_classes(values[~is_missing]) if not is_missing.all() else True
