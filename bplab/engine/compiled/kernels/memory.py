"""What functions hand to each other in a step: pointers, which cost nothing, where an array counts its references."""

from typing import Any, NamedTuple

from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.pointers import put
from bplab.engine.compiled.kernels.vectors import lanes


class Net(NamedTuple):
    """Pointers to what is so for each layer (see `codes`), the inputs being layer 0; and how much there is."""

    sizes: Any
    activations: Any
    W: Any
    b: Any
    places: Any
    settings: Any
    last: int
    n_parameters: int


class Lanes(NamedTuple):
    """Pointers: z, a and delta of all layers, targets, and what each lane counts for in the mean over the batch.

    Layers lie one after the other: layer i begins at ``places[i] * width``.
    """

    z: Any
    a: Any
    delta: Any
    targets: Any
    shares: Any


class Data(NamedTuple):
    """Pointers to rows of inputs and targets, and to the weights of samples if there are any; and how many they are."""

    X: Any
    Y: Any
    weights: Any
    n: int
    is_weighted: bool


@compiled
def width_of(size, numbers):
    """Return the lanes for `size` samples: whole vectors."""
    step = lanes(numbers)
    return (size + step - 1) // step * step


@compiled
def clear_padding(numbers, n, size):
    """Write 0 to the lanes without a sample."""
    width = width_of(size, numbers)
    for k in range(n):
        for s in range(size, width):
            put(numbers, k * width + s, 0.0)
