"""exp, tanh and sigmoid in a form that LLVM vectorizes; within 3 units in the last place.

``exp(y) = 2^n exp(r)`` with ``r = y - n ln 2`` at most ln(2) / 2 in size, and exp(r) by its Taylor series. ln 2 is
taken in two parts, so that ``n ln 2`` is exact (Cody and Waite, Software Manual for the Elementary Functions, 1980).
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload, register_jitable


@intrinsic
def _as_integer(typing, x):  # noqa: ARG001
    bits = x.bitwidth

    def generate(context, builder, signature, args):  # noqa: ARG001
        return builder.bitcast(args[0], ir.IntType(bits))

    return (types.int64 if bits == 64 else types.int32)(x), generate


@intrinsic
def _as_number(typing, x):  # noqa: ARG001
    bits = x.bitwidth

    def generate(context, builder, signature, args):  # noqa: ARG001
        return builder.bitcast(args[0], ir.DoubleType() if bits == 64 else ir.FloatType())

    return (types.float64 if bits == 64 else types.float32)(x), generate


LOG2_E, LN2_HIGH, LN2_LOW = 1.4426950408889634, 6.93147180369123816490e-01, 1.90821492927058770002e-10
ROUNDER = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to a whole number, which its low bits then hold
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1.0 / math.factorial(k) for k in range(2, 14))


@register_jitable(inline="always")
def _parts64(y):
    """Return s and q such that ``exp(y) = s + s q``, s being a power of 2; y at most 708 in size."""
    t = y * LOG2_E + ROUNDER
    n = t - ROUNDER
    r = (y - n * LN2_HIGH) - n * LN2_LOW
    s = _as_number((_as_integer(t) << np.int64(52)) + np.int64(1023 << 52))
    p = C13
    p = p * r + C12
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
    return s, p * (r * r) + r


F = np.float32
LOG2_E_32, LN2_HIGH_32, LN2_LOW_32, ROUNDER_32 = F(1.44269504), F(0.693359375), F(-2.12194440e-4), F(12582912.0)
D2, D3, D4, D5, D6, D7 = (F(1.0 / math.factorial(k)) for k in range(2, 8))


@register_jitable(inline="always")
def _parts32(y):
    t = y * LOG2_E_32 + ROUNDER_32
    n = t - ROUNDER_32
    r = (y - n * LN2_HIGH_32) - n * LN2_LOW_32
    s = _as_number(np.int32((_as_integer(t) << np.int32(23)) + np.int32(127 << 23)))
    p = D7
    p = p * r + D6
    p = p * r + D5
    p = p * r + D4
    p = p * r + D3
    p = p * r + D2
    return s, p * (r * r) + r


@register_jitable(inline="always")
def _tanh64(x):
    s, q = _parts64(min(max(2.0 * x, -40.0), 40.0))
    e = s * q + (s - 1.0)
    return e / (e + 2.0)


@register_jitable(inline="always")
def _tanh32(x):
    s, q = _parts32(min(max(F(2) * x, F(-20)), F(20)))
    e = s * q + (s - F(1))
    return e / (e + F(2))


@register_jitable(inline="always")
def _exp64(x):
    s, q = _parts64(min(max(x, -708.0), 708.0))
    return s * q + s


@register_jitable(inline="always")
def _exp32(x):
    s, q = _parts32(min(max(x, F(-87)), F(87)))
    return s * q + s


def tanh(x):
    """Return tanh(x)."""


@overload(tanh, inline="always")
def _tanh(x):
    if x == types.float64:
        return lambda x: _tanh64(x)
    return lambda x: _tanh32(x)


def exp(x):
    """Return exp(x), for x cut off at -708 and 708 (-87 and 87 in float32)."""


@overload(exp, inline="always")
def _exp(x):
    if x == types.float64:
        return lambda x: _exp64(x)
    return lambda x: _exp32(x)
