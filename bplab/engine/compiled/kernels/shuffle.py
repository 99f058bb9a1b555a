"""The order of the samples in an epoch, as `bplab.engine.randomness` has it."""

import numpy as np

from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.pointers import get, put
from bplab.engine.randomness import FIRST, GOLDEN, SECOND, SHUFFLE

U = np.uint64
GOLDEN_U, FIRST_U, SECOND_U = U(GOLDEN), U(FIRST), U(SECOND)


@compiled
def _mix(value):
    value = (value ^ (value >> U(30))) * FIRST_U
    value = (value ^ (value >> U(27))) * SECOND_U
    return value ^ (value >> U(31))


@compiled
def shuffle(order, n, seed, epoch):
    """Write the order of n samples in an epoch into `order`."""
    state = _mix(_mix(_mix(U(seed) + GOLDEN_U) + U(SHUFFLE)) + U(epoch))
    for i in range(n):
        put(order, i, i)
    for i in range(n - 1, 0, -1):
        state += GOLDEN_U
        j = np.int64(((_mix(state) >> U(32)) * U(i + 1)) >> U(32))
        moved = get(order, i)
        put(order, i, get(order, j))
        put(order, j, moved)
