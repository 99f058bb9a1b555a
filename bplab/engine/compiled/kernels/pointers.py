"""Pointers to numbers: one word each, where an array is seven, and its owner's count of references.

No test for a negative index either, which would keep loops from being vectorized. What is written here is what runs: an
index outside of the array is nowhere caught.
"""

from numba import types
from numba.extending import intrinsic


@intrinsic
def at(typing, array, i):
    """Return a pointer to the i-th number of a contiguous array, or i numbers after another pointer."""
    kind = array if isinstance(array, types.CPointer) else types.CPointer(array.dtype)

    def generate(context, builder, signature, args):
        first = args[0]
        if isinstance(signature.args[0], types.Array):
            first = context.make_array(signature.args[0])(context, builder, first).data
        return builder.gep(first, [args[1]])

    return kind(array, types.intp), generate


@intrinsic
def get(typing, pointer, i):
    """Return number i."""

    def generate(context, builder, signature, args):
        return builder.load(builder.gep(args[0], [args[1]]))

    return pointer.dtype(pointer, types.intp), generate


@intrinsic
def put(typing, pointer, i, number):
    """Write number i, in the type of the others."""

    def generate(context, builder, signature, args):
        written = context.cast(builder, args[2], signature.args[2], pointer.dtype)
        builder.store(written, builder.gep(args[0], [args[1]]))
        return context.get_dummy_value()

    return types.void(pointer, types.intp, number), generate
