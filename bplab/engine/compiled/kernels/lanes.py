"""Vectors of the processor as values of numba: load, store, splat, fma, total.

Written out, because LLVM does not by itself keep four sums in registers over a loop in the middle of three. A vector is
64 bytes; processors with shorter ones do it in parts.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

BYTES = 64


class Vector(types.Type):
    """numba's type of a vector of `lanes` numbers."""

    def __init__(self, element, lanes):
        self.element, self.lanes = element, lanes
        super().__init__(f"Vector({element}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, frontend):
        element = ir.DoubleType() if frontend.element == types.float64 else ir.FloatType()
        super().__init__(manager, frontend, ir.VectorType(element, frontend.lanes))


_OF = {number: Vector(number, BYTES * 8 // number.bitwidth) for number in (types.float64, types.float32)}


def lanes(array):
    """Return how many numbers of an array make a vector."""


@overload(lanes)
def _lanes(array):
    count = BYTES * 8 // array.dtype.bitwidth
    return lambda array: count  # noqa: ARG005


def _place(context, builder, kind, array, i):
    data = context.make_array(kind)(context, builder, array).data
    vector = context.get_value_type(_OF[kind.dtype])
    return builder.bitcast(builder.gep(data, [i]), vector.as_pointer())


@intrinsic
def load(typing, array, i):  # noqa: ARG001
    """Return the vector that starts at ``array[i]``."""

    def generate(context, builder, signature, args):
        value = builder.load(_place(context, builder, signature.args[0], *args))
        value.align = signature.args[0].dtype.bitwidth // 8
        return value

    return _OF[array.dtype](array, types.intp), generate


@intrinsic
def store(typing, array, i, value):  # noqa: ARG001
    """Write a vector from ``array[i]`` on."""

    def generate(context, builder, signature, args):
        written = builder.store(args[2], _place(context, builder, signature.args[0], args[0], args[1]))
        written.align = signature.args[0].dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic
def splat(typing, number):  # noqa: ARG001
    """Return a vector with the same number in every lane."""

    def generate(context, builder, signature, args):
        kind = context.get_value_type(signature.return_type)
        empty, index = ir.Constant(kind, ir.Undefined), ir.IntType(32)
        one = builder.insert_element(empty, args[0], ir.Constant(index, 0))
        return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(index, kind.count), [0] * kind.count))

    return _OF[number](number), generate


@intrinsic
def fma(typing, x, y, z):  # noqa: ARG001
    """Return ``x * y + z``."""

    def generate(context, builder, signature, args):  # noqa: ARG001
        product = builder.fmul(args[0], args[1], flags=("contract",))
        return builder.fadd(product, args[2], flags=("contract",))

    return z(x, y, z), generate


@intrinsic
def total(typing, x):  # noqa: ARG001
    """Return the sum over the lanes."""

    def generate(context, builder, signature, args):  # noqa: ARG001
        kind = args[0].type
        suffix = "f64" if isinstance(kind.element, ir.DoubleType) else "f32"
        wanted = ir.FunctionType(kind.element, (kind.element, kind))
        reduce = builder.module.declare_intrinsic(f"llvm.vector.reduce.fadd.v{kind.count}{suffix}", (), wanted)
        return builder.call(reduce, (ir.Constant(kind.element, -0.0), args[0]), fastmath=("reassoc",))

    return x.element(x), generate


@intrinsic
def get(typing, array, i):  # noqa: ARG001
    """Return ``array[i]`` without numba's test for a negative index, which keeps loops from being vectorized."""

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load(builder.gep(data, [args[1]]))

    return array.dtype(array, types.intp), generate
