"""How everything here is compiled."""

import numba

_COMMON = {"nogil": True, "error_model": "numpy", "boundscheck": False, "cache": True}

# A product and a sum may be taken in one (fused multiply-add).
compiled = numba.njit(fastmath={"contract"}, **_COMMON)
# A sum may also be taken in another order, so that it can be vectorized.
reducing = numba.njit(fastmath={"contract", "reassoc"}, **_COMMON)
# Called from one place only, or within a loop over vectors, where a call would take longer than what it does.
inlined = numba.njit(fastmath={"contract"}, forceinline=True, **_COMMON)
