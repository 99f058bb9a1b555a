"""The circumstances of every calculation: one BLAS thread, and overflow in silence."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def calculating() -> Iterator[None]:
    """Hold BLAS to one thread, and let values overflow in silence: they are looked for after each step.

    For small products one thread is faster, and results do not depend on the machine's number of cores.
    """
    with ExitStack() as held:
        held.enter_context(_libraries().limit(limits=1, user_api="blas"))
        held.enter_context(np.errstate(all="ignore"))
        yield
