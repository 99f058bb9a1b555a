"""A bar on a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(count: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, nothing elsewhere."""
    shown = click.progressbar(length=count, label=label, file=sys.stderr) if sys.stderr.isatty() else nullcontext()
    with shown as bar:
        yield bar.update if bar else lambda _: None
