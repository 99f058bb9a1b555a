"""bplab: a desktop lab for understanding and debugging backpropagation."""

from bplab.data.dataset import Dataset
from bplab.engine.network import Network
from bplab.engine.trainer import Trainer
from bplab.errors import BplabError
from bplab.experiment.experiment import Experiment

__version__ = "0.1.0"

__all__ = ["BplabError", "Dataset", "Experiment", "Network", "Trainer", "__version__"]
