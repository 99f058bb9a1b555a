"""What an activation declares: value and derivative side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bplab.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Activation(Entry):
    """An activation ``a = f(z)``. Its functions work on whole arrays and write into ``out``.

    Parameters
    ----------
    value : callable
        ``value(z, out, **settings)`` writes f(z), shape (batch, n_out), into `out`.
    slope : callable, optional
        ``slope(z, a, out, **settings)`` writes f'(z), element by element. None where every output depends on every z.
    pull_back : callable, optional
        ``pull_back(z, a, grad, out, **settings)`` writes dL/dz for ``grad = dL/da``; only where `slope` is None.
    output_only : bool
        Whether it makes sense at the output layer alone.
    kinks : tuple of float
        Where the derivative jumps: no difference quotient across such a point says anything.
    """

    value: Callable[..., object]
    slope: Callable[..., object] | None = None
    pull_back: Callable[..., object] | None = None
    output_only: bool = False
    kinks: tuple[float, ...] = ()

    def backward(self, z: Array, a: Array, grad: Array, out: Array, **settings: float) -> None:
        """Write ``dL/dz``, given ``grad = dL/da``, into `out`: the chain rule through this activation."""
        if self.slope is None:
            assert self.pull_back is not None
            self.pull_back(z, a, grad, out, **settings)
        else:
            self.slope(z, a, out, **settings)
            np.multiply(out, grad, out=out)
