"""What takes several vectors at once: a square of numbers turned over its diagonal, and four sums over lanes."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from bplab.engine.compiled.kernels.vectors import VECTORS, indices, place


@intrinsic
def turn(typing, rows, order, n, target, width):
    """Write ``target[i * width + s] = rows[order[s] * n + i]`` for i and s below the number of lanes."""
    vector, align = VECTORS[rows.dtype], rows.dtype.bitwidth // 8

    def generate(context, builder, signature, args):
        first, order, n, target, width = args
        whole, found = ir.IntType(64), []
        for s in range(vector.lanes):
            row = builder.load(builder.gep(order, [ir.Constant(whole, s)]))
            found.append(builder.load(place(context, builder, first, builder.mul(row, n), vector), align=align))
        for i, value in enumerate(_turned(builder, found)):
            start = builder.mul(width, ir.Constant(whole, i))
            builder.store(value, place(context, builder, target, start, vector), align=align)
        return context.get_dummy_value()

    return types.void(rows, order, types.intp, target, types.intp), generate


def _turned(builder, rows):
    """Exchange the off-diagonal blocks of size 1, then 2, 4, ... (Eklundh, doi:10.1109/T-C.1972.223584)."""
    count, step = len(rows), 1
    while step < count:
        low = indices(i if not i & step else i - step + count for i in range(count))
        high = indices(i + step if not i & step else i + count for i in range(count))
        for r in range(count):
            if not r & step:
                x, y = rows[r], rows[r + step]
                rows[r], rows[r + step] = builder.shuffle_vector(x, y, low), builder.shuffle_vector(x, y, high)
        step *= 2
    return rows


@intrinsic
def put_totals(typing, pointer, i, c0, c1, c2, c3):
    """Write the sums over the lanes of four vectors to the numbers from i on: quicker than four times `total`."""

    def generate(context, builder, signature, args):
        x, y = _interleaved(builder, *args[2:4], 1), _interleaved(builder, *args[4:6], 1)
        z = _interleaved(builder, x, y, 2)  # lane k holds a part of c0, c1, c2, c3, c0, ...
        parts = [builder.shuffle_vector(z, z, indices(range(m, m + 4))) for m in range(0, c0.lanes, 4)]
        while len(parts) > 1:
            parts = [builder.fadd(*parts[k : k + 2]) for k in range(0, len(parts), 2)]
        four = builder.bitcast(builder.gep(args[0], [args[1]]), parts[0].type.as_pointer())
        builder.store(parts[0], four, align=pointer.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(pointer, types.intp, *[c0] * 4), generate


def _interleaved(builder, x, y, size):
    """Add each second group of `size` lanes to the one before; groups of x and of y take turns in the result."""
    count = x.type.count
    places = [g + lane + of for g in range(0, count, 2 * size) for of in (0, count) for lane in range(size)]
    low, high = indices(places), indices(p + size for p in places)
    return builder.fadd(builder.shuffle_vector(x, y, low), builder.shuffle_vector(x, y, high))
