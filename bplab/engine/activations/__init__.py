"""Activation functions. To add one: an entry in a file here, its name in the catalogue below, one test row."""

from bplab.catalogue import Catalogue
from bplab.engine.activations.activation import Activation, Array
from bplab.engine.activations.rectifying import ELU, GELU, LEAKY_RELU, RELU, SELU, SILU, SOFTPLUS
from bplab.engine.activations.squashing import HARDTANH, IDENTITY, SIGMOID, SINE, SOFTMAX, SOFTSIGN, TANH

__all__ = ["ACTIVATIONS", "Activation", "Array"]

ACTIVATIONS: Catalogue[Activation] = Catalogue(
    "activation",
    *(TANH, RELU, LEAKY_RELU, SIGMOID, IDENTITY),
    *(ELU, SELU, GELU, SILU, SOFTPLUS, SOFTSIGN, SINE, HARDTANH),
    SOFTMAX,
)
