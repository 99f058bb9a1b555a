"""Vectors of the processor as values of numba, with operators: ``x * y + z`` is one fused multiply-add for all lanes.

Written out, because LLVM does not by itself keep eight sums in registers over a loop in the middle of three. A number
beside a vector counts for a vector that has it in every lane.
"""

import operator

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, models, register_jitable, register_model

BITS = 512 if get_host_cpu_features().get("avx512f") else 256
FUSED = ("contract",)  # a product and a sum may be taken in one
INDEX = ir.IntType(32)


class Vector(types.Type):
    """numba's type of a vector of `lanes` numbers."""

    def __init__(self, dtype):
        self.dtype, self.lanes = dtype, BITS // dtype.bitwidth
        super().__init__(f"Vector({dtype}, {self.lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        element = ir.DoubleType() if kind.dtype == types.float64 else ir.FloatType()
        super().__init__(manager, kind, ir.VectorType(element, kind.lanes))


VECTORS = {number: Vector(number) for number in (types.float64, types.float32)}


def indices(numbers):
    """Return a constant vector of places of lanes."""
    numbers = list(numbers)
    return ir.Constant(ir.VectorType(INDEX, len(numbers)), numbers)


def _spread(builder, value, lanes):
    empty = ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(INDEX, 0))
    return builder.shuffle_vector(first, empty, indices([0] * lanes))


def _vectors(context, builder, vector, values, kinds):
    """Turn the numbers among some values into vectors."""
    for value, kind in zip(values, kinds, strict=True):
        if isinstance(kind, Vector):
            yield value
        else:
            yield _spread(builder, context.cast(builder, value, kind, vector.dtype), vector.lanes)


def call_llvm(builder, name, result, args, **options):
    """Call one of LLVM's functions for vectors, all of which are named by the type of a vector."""
    vector = next(
        arg.type for arg in reversed(args) if hasattr(arg.type, "count") and arg.type.element != ir.IntType(1)
    )
    suffix = f"v{vector.count}" + ("f64" if isinstance(vector.element, ir.DoubleType) else "f32")
    wanted = ir.FunctionType(result, [arg.type for arg in args])
    function = builder.module.globals.get(f"{name}.{suffix}") or ir.Function(builder.module, wanted, f"{name}.{suffix}")
    return builder.call(function, args, **options)


@intrinsic
def lanes(typing, pointer):
    """Return how many of these numbers make a vector."""
    count = VECTORS[pointer.dtype].lanes

    def generate(context, builder, signature, args):
        return context.get_constant(types.int64, count)

    return types.int64(pointer), generate


@intrinsic
def like(typing, model, number):
    """Return a vector with one number in every lane; `model` is a vector or a pointer of the type wanted."""
    vector = VECTORS[model.dtype]

    def generate(context, builder, signature, args):
        (found,) = _vectors(context, builder, vector, args[1:], signature.args[1:])
        return found

    return vector(model, number), generate


# ---- between memory and registers


def place(context, builder, pointer, i, vector):
    """Return a pointer to the vector that starts at number i."""
    return builder.bitcast(builder.gep(pointer, [i]), context.get_value_type(vector).as_pointer())


@intrinsic
def load(typing, pointer, i):
    """Return the vector that starts at number i."""
    vector = VECTORS[pointer.dtype]

    def generate(context, builder, signature, args):
        return builder.load(place(context, builder, *args, vector), align=pointer.dtype.bitwidth // 8)

    return vector(pointer, types.intp), generate


@intrinsic
def store(typing, pointer, i, value):
    """Write a vector from number i on."""

    def generate(context, builder, signature, args):
        where = place(context, builder, *args[:2], value)
        builder.store(args[2], where, align=pointer.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(pointer, types.intp, value), generate


def _mask(builder, count, lanes):
    """Return which lanes come before lane `count`."""
    numbers = ir.Constant(ir.VectorType(count.type, lanes), list(range(lanes)))
    return builder.icmp_signed("<", numbers, _spread(builder, count, lanes))


@intrinsic
def load_part(typing, pointer, i, count):
    """Return a vector whose first `count` lanes start at number i; the others are 0."""
    vector, align = VECTORS[pointer.dtype], ir.Constant(INDEX, pointer.dtype.bitwidth // 8)

    def generate(context, builder, signature, args):
        where = place(context, builder, *args[:2], vector)
        kind = where.type.pointee
        rest = ir.Constant(kind, [0.0] * kind.count)
        return call_llvm(builder, "llvm.masked.load", kind, (where, align, _mask(builder, args[2], kind.count), rest))

    return vector(pointer, types.intp, types.intp), generate


@intrinsic
def store_part(typing, pointer, i, value, count):
    """Write the first `count` lanes of a vector from number i on."""
    align = ir.Constant(INDEX, pointer.dtype.bitwidth // 8)

    def generate(context, builder, signature, args):
        where = place(context, builder, *args[:2], value)
        mask = _mask(builder, args[3], value.lanes)
        call_llvm(builder, "llvm.masked.store", ir.VoidType(), (args[2], where, align, mask))
        return context.get_dummy_value()

    return types.void(pointer, types.intp, value, types.intp), generate


# ---- arithmetic


def _define(operation, instruction):
    @infer_global(operation)
    class _Template(AbstractTemplate):
        def generic(self, args, keywords):
            vector = next((arg for arg in args if isinstance(arg, Vector)), None)
            if vector is not None and len(args) == 2:
                return vector(*map(types.unliteral, args))
            return None

    def generate(context, builder, signature, args):
        x, y = _vectors(context, builder, signature.return_type, args, signature.args)
        return getattr(builder, instruction)(x, y, flags=FUSED)

    for kinds in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(operation, *kinds)(generate)


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.iadd, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define(_operation, _instruction)


@intrinsic
def pick(typing, x, y, a, b):
    """Return `a` where ``x > y``, and `b` elsewhere, also where x or y is not a number."""
    vector = VECTORS[next(arg for arg in (x, y, a, b) if isinstance(arg, Vector)).dtype]

    def generate(context, builder, signature, args):
        p, q, one, other = _vectors(context, builder, vector, args, signature.args)
        return builder.select(builder.fcmp_ordered(">", p, q), one, other)

    return vector(x, y, a, b), generate


@register_jitable
def at_least(x, low):
    """Return x, or `low` where that is more; what is not a number stays so."""
    return pick(low, x, low, x)


@register_jitable
def at_most(x, high):
    """Return x, or `high` where that is less; what is not a number stays so."""
    return pick(x, high, high, x)


@intrinsic
def sqrt(typing, x):
    """Return the square root of every lane."""

    def generate(context, builder, signature, args):
        return call_llvm(builder, "llvm.sqrt", args[0].type, args)

    return x(x), generate


@intrinsic
def total(typing, x):
    """Return the sum over the lanes."""

    def generate(context, builder, signature, args):
        element = args[0].type.element
        zero = ir.Constant(element, -0.0)
        return call_llvm(builder, "llvm.vector.reduce.fadd", element, (zero, *args), fastmath=("reassoc",))

    return x.dtype(x), generate


@intrinsic
def power_of_two(typing, t):
    """Return ``2^n`` for ``t = n + 1.5 * 2^52`` (2^23 in float32): the low bits of such a t are n."""
    bits, mantissa, bias = (64, 52, 1023) if t.dtype == types.float64 else (32, 23, 127)

    def generate(context, builder, signature, args):
        whole = ir.VectorType(ir.IntType(bits), t.lanes)
        exponent = builder.shl(builder.bitcast(args[0], whole), ir.Constant(whole, [mantissa] * t.lanes))
        power = builder.add(exponent, ir.Constant(whole, [bias << mantissa] * t.lanes))
        return builder.bitcast(power, args[0].type)

    return t(t), generate
