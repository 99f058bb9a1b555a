"""Random numbers as a function of where they are used: (seed, stream, place, index), nothing remembered in between.

Any step can so be done again, on any path and in any order. The function is splitmix64 (Steele, Lea and Flood, Fast
Splittable Pseudorandom Number Generators, OOPSLA 2014, doi:10.1145/2660193.2660195). Initial weights are drawn once,
by numpy's own generator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHUFFLE, DROPOUT = 1, 2  # streams

Bits = NDArray[np.uint64]

GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = 2**64 - 1


def mix(value: int) -> int:
    """Return the 64 bits that splitmix64 makes of 64 bits."""
    value = ((value ^ value >> 30) * FIRST) & _MASK
    value = ((value ^ value >> 27) * SECOND) & _MASK
    return value ^ value >> 31


def start(seed: int, stream: int, place: int) -> int:
    """Return the state from which the numbers of one place, such as an epoch, follow."""
    return mix(mix(mix(seed + GOLDEN & _MASK) + stream & _MASK) + place & _MASK)


def bits(state: int, count: int) -> Bits:
    """Return `count` times 64 random bits, shape (count,)."""
    values = np.arange(1, count + 1, dtype=np.uint64)
    values *= np.uint64(GOLDEN)
    values += np.uint64(state)
    values ^= values >> np.uint64(30)
    values *= np.uint64(FIRST)
    values ^= values >> np.uint64(27)
    values *= np.uint64(SECOND)
    values ^= values >> np.uint64(31)
    return values


def uniforms(state: int, count: int) -> NDArray[np.float64]:
    """Return numbers from 0 (included) to 1 (excluded), shape (count,)."""
    return (bits(state, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permutation(seed: int, epoch: int, count: int) -> NDArray[np.intp]:
    """Return the order of `count` samples in an epoch: Fisher and Yates, from the last place to the first."""
    order = list(range(count))
    high = bits(start(seed, SHUFFLE, epoch), count)[: max(count - 1, 0)] >> np.uint64(32)
    # The product's upper half is a whole number from 0 to i, each equally likely but for one part in 2^32 / count.
    high *= np.arange(count, 1, -1, dtype=np.uint64)
    chosen = (high >> np.uint64(32)).tolist()
    for i, j in zip(range(count - 1, 0, -1), chosen, strict=True):
        order[i], order[j] = order[j], order[i]
    return np.array(order, dtype=np.intp)
