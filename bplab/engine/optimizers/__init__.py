"""Optimizers: how a gradient becomes a step. PyTorch's definitions and defaults, but for learning rates that suit.

To add one: an entry in a file here, its name in the catalogue below, one test row.
"""

from bplab.catalogue import Catalogue
from bplab.engine.optimizers.adam import ADAM, ADAMW, NADAM
from bplab.engine.optimizers.adaptive import ADAGRAD, RMSPROP
from bplab.engine.optimizers.descent import LION, MOMENTUM, NESTEROV, SGD
from bplab.engine.optimizers.optimizer import Optimizer, Part

__all__ = ["OPTIMIZERS", "Optimizer", "Part"]

OPTIMIZERS: Catalogue[Optimizer] = Catalogue(
    "optimizer", SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, NADAM, RMSPROP, ADAGRAD, LION
)
