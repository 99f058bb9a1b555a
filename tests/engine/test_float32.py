"""Single precision: every array has it, and the numbers are near those in double precision."""

import dataclasses

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import batch, network, parameters, settings

HIDDEN = [name for name, entry in ACTIVATIONS.items() if not entry.output_only]


def trained(dtype, hidden="tanh", loss="mse", normalization="none", dropout=0.0, skip=0, **changes):
    X, Y = batch(3, 3, 30, one_hot=True)
    plan = LayerPlan(ACTIVATIONS.choose(hidden), NORMALIZATIONS.choose(normalization), dropout, skip)
    net = network([3, 3, 5, 3], [plan, hidden, LOSSES[loss].outputs[0]], dtype=dtype)
    chosen = settings(loss=LOSSES.choose(loss), **changes)
    return Trainer(net, chosen, Samples(X, Y, X[:7], Y[:7], classes=True))


CASES = [
    *({"hidden": name} for name in HIDDEN),
    *({"loss": name} for name in LOSSES),
    *({"optimizer": OPTIMIZERS.choose(name)} for name in OPTIMIZERS if name != "lion"),
    *({"regularizer": REGULARIZERS.choose(name)} for name in REGULARIZERS),
    *({"clipping": CLIPPINGS.choose(name)} for name in CLIPPINGS),
    *({"normalization": name} for name in ("batch_norm", "layer_norm")),
    {"dropout": 0.3},
    {"skip": 1},
    {"loss": "cross_entropy", "class_weights": "balanced"},
]


def named(case):
    return ", ".join(str(getattr(value, "name", value)) for value in case.values())


@pytest.mark.parametrize("case", CASES, ids=named)
def test_losses_are_near_those_in_double_precision(case):
    single, double = trained("float32", **case), trained("float64", **case)
    losses = [[t.step().loss for _ in range(40)] for t in (single, double)]
    assert losses[0] == pytest.approx(losses[1], rel=2e-4)
    assert losses[0] != losses[1]
    assert single.scores() == pytest.approx(double.scores(), rel=2e-4)


@pytest.mark.parametrize("case", [*CASES, {"optimizer": OPTIMIZERS.choose("lion")}], ids=named)
def test_every_array_is_in_single_precision(case):
    t = trained("float32", **case)
    record = t.step()
    arrays = [record.X, record.Y, record.shares, parameters(t), t.network.statistics, t.checkpoint().slots]
    arrays += [t.network.predict(t.samples.X_test), *t.samples[:4]]
    arrays += [] if record.weights is None else [record.weights]
    for seen in record.layers:
        found = [getattr(seen, field.name) for field in dataclasses.fields(seen)]
        arrays += [array for array in found if array is not None]
    assert {array.dtype.name for array in arrays} == {"float32"}


def test_the_same_run_in_single_precision_has_the_same_bits():
    one, two = (trained("float32", normalization="batch_norm", dropout=0.3) for _ in range(2))
    one.run(200)
    for _ in range(200):
        two.step()
    one.seek(70)
    one.seek(200)
    assert (parameters(one) == parameters(two)).all()


def test_a_finer_type_of_the_data_is_not_kept():
    t = trained("float32")
    assert t.samples.X_train.dtype == np.float32
    assert t.history.steps.dtype == np.float64
