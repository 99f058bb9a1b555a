"""exp, expm1 and tanh of vectors; within 3 units in the last place.

``exp(y) = 2^n exp(r)`` with ``r = y - n ln 2`` at most ln(2) / 2 in size, and exp(r) by its Taylor series. ln 2 is
taken in two parts, so that ``n ln 2`` is exact (Cody and Waite, Software Manual for the Elementary Functions, 1980).
"""

import math

from numba import types
from numba.extending import overload

from bplab.engine.compiled.kernels.options import inlined
from bplab.engine.compiled.kernels.vectors import at_least, at_most, power_of_two

LOG2_E = math.log2(math.e)
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LN2_HIGH_32, LN2_LOW_32 = 0.693359375, -2.12194440e-4
ROUNDER, ROUNDER_32 = 1.5 * 2.0**52, 1.5 * 2.0**23  # adding it rounds to a whole number, which its low bits then hold
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1.0 / math.factorial(k) for k in range(2, 14))


def _parts(y):
    """Return s and q such that ``exp(y) = s + s q``, s being a power of 2; y at most `_edge` in size."""


@overload(_parts)
def _parts_of(y):
    def wide(y):
        t = y * LOG2_E + ROUNDER
        n = t - ROUNDER
        r = (y - n * LN2_HIGH) - n * LN2_LOW
        p = r * C13 + C12
        p = p * r + C11
        p = p * r + C10
        p = p * r + C9
        p = p * r + C8
        p = p * r + C7
        p = p * r + C6
        p = p * r + C5
        p = p * r + C4
        p = p * r + C3
        p = p * r + C2
        return power_of_two(t), p * (r * r) + r

    def narrow(y):
        t = y * LOG2_E + ROUNDER_32
        n = t - ROUNDER_32
        r = (y - n * LN2_HIGH_32) - n * LN2_LOW_32
        p = r * C7 + C6
        p = p * r + C5
        p = p * r + C4
        p = p * r + C3
        p = p * r + C2
        return power_of_two(t), p * (r * r) + r

    return wide if y.dtype == types.float64 else narrow


def _edge(y):
    """Return up to where exp is neither 0 nor infinite."""


@overload(_edge)
def _edge_of(y):
    edge = 708.0 if y.dtype == types.float64 else 87.0
    return lambda y: edge


@inlined
def exp(x):
    """Return exp(x), for x cut off at -708 and 708 (-87 and 87 in float32)."""
    s, q = _parts(at_most(at_least(x, -_edge(x)), _edge(x)))
    return s * q + s


@inlined
def expm1(x):
    """Return exp(x) - 1, exact also near 0, with the same limits."""
    s, q = _parts(at_most(at_least(x, -_edge(x)), _edge(x)))
    return s * q + (s - 1.0)


@inlined
def tanh(x):
    """Return ``tanh(x) = (e - 1) / (e + 1)`` with ``e = exp(2 x)``; from 20 on it is 1."""
    s, q = _parts(2.0 * at_most(at_least(x, -20.0), 20.0))
    e = s * q + (s - 1.0)
    return e / (e + 2.0)
