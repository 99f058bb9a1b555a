"""What a trainer needs to know about how to train."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bplab.catalogue import Choice


class Settings(Protocol):
    """What a trainer needs to know, read at the beginning of each step."""

    @property
    def loss(self) -> Choice: ...  # noqa: D102
    @property
    def optimizer(self) -> Choice: ...  # noqa: D102
    @property
    def regularizer(self) -> Choice: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
