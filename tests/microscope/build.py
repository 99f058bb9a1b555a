"""Steps of networks of every kind, to look at."""

import pytest

from bplab import Experiment
from bplab.microscope.facts import Moment
from bplab.microscope.now import Now

KINDS = {
    "plain": {},
    "momentum": {"optimizer": "momentum", "regularizer": "l1_l2"},
    "dropout": {"dropout": 0.3},
    "skip": {"skip": 1},
    "weights": {"class_weights": (1.0, 2.0, 0.5)},
    "smoothing": {"loss": "cross_entropy:label_smoothing=0.2"},
    "layer norm": {"normalization": "layer_norm"},
    "batch norm": {"normalization": "batch_norm", "dropout": 0.2, "skip": 1},
    "hinge": {"loss": "hinge"},
    "mse": {"loss": "mse", "output": "softmax"},
    "single": {"dtype": "float32"},
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def moments(kind, samples=(0, 3)):
    experiment = Experiment.new("iris", hidden=[5, 5], **KINDS[kind])
    trainer = experiment.trainer()
    trainer.run(20)
    record = trainer.step()
    network = experiment.network
    return experiment, [Moment(network, record, sample, Now(), True) for sample in samples]
