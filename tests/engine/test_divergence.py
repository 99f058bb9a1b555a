"""Values that are not finite: training stops, says where, and keeps the last finite state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.trainer import Samples, Trainer
from bplab.errors import DivergedError
from tests.engine.build import batch, network, parameters, settings, trainer


def line(X, Y, weights=(1.0, 0.0), activation="identity", **changes):
    """One neuron with one input."""
    X, Y = np.array(X).reshape(-1, 1), np.array(Y).reshape(-1, 1)
    net = Network([1, 1], [ACTIVATIONS.choose(activation)])
    net.parameters[:] = weights
    return Trainer(net, settings(**changes), Samples(X, Y, X, Y, classes=False))


def repeat(act, times):
    for _ in range(times):
        act()


@pytest.mark.parametrize("hidden", ["relu", "identity"])
@pytest.mark.parametrize("how", ["step", "run", "phases"])
def test_a_huge_learning_rate_stops_at_the_last_finite_step(hidden, how):
    X, Y = batch(3, 2, 30)
    t = Trainer(
        network([3, 5, 2], [hidden, "identity"]),
        settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308)),
        Samples(X, Y, X[:0], Y[:0], classes=False),
    )
    go_on = {"step": t.step, "run": lambda: t.run(100), "phases": lambda: list(t.phases())}[how]
    with pytest.raises(DivergedError) as caught:
        repeat(go_on, 100)
    error = caught.value
    assert "layer" in error.place or error.place == "loss"
    assert f"step {error.step}" in error.message
    assert (t.step_count, t.newest) == (error.step - 1, error.step - 1)
    assert np.isfinite(parameters(t)).all()
    assert len(t.history.steps) == t.step_count


def test_the_state_after_divergence_is_that_before_the_failing_step():
    t = trainer(optimizer=OPTIMIZERS.choose("adam"))
    t.run(37)
    before, bad = t.checkpoint(), settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308))
    t.settings = bad
    with pytest.raises(DivergedError):
        t.run(50)
    t.seek(37)
    after = t.checkpoint()
    assert (after.parameters == before.parameters).all()
    assert (after.slots == before.slots).all()
    assert after.optimizer == "adam"
    assert t.settings is bad


def test_a_smaller_learning_rate_goes_on_after_divergence():
    t, calm = trainer(), trainer()
    calm.run(10)
    t.settings = settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308))
    with pytest.raises(DivergedError):
        t.run(100)
    t.seek(0)
    t.settings = settings()
    t.run(10)
    assert (parameters(t) == parameters(calm)).all()


@pytest.mark.parametrize(
    ("t", "place"),
    [
        (line([1e200], [0.0], weights=(1e200, 0.0)), "activation of layer 1"),
        (line([10.0], [0.0], weights=(1e307, 0.0)), "loss"),
        (line([1e200], [0.0], weights=(1e-50, 0.0)), "gradient of layer 1"),
        # Clipped, this gradient would do no harm: an infinite number is a fault all the same.
        (line([1e200], [0.0], weights=(1e-50, 0.0), clipping=CLIPPINGS.choose("value")), "gradient of layer 1"),
        (line([1e3], [0.0], optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308)), "weights of layer 1"),
        (line([1e100], [0.0], optimizer=OPTIMIZERS.choose("adam")), "optimizer's memory"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_first_non_finite_place_is_named(t, place):
    before = parameters(t)
    with pytest.raises(DivergedError) as caught:
        t.step()
    assert (caught.value.step, caught.value.place) == (1, place)
    assert (parameters(t) == before).all()
    assert not t.checkpoint().slots.any()


def test_huge_but_finite_parameters_go_on():
    t = line([0.0], [1e200], weights=(1e300, 0.0), activation="tanh")
    t.step()
    assert t.step_count == 1


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    rate=st.floats(0.0, 1.7e308),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    loss=st.sampled_from([name for name, entry in LOSSES.items() if "relu" in entry.outputs]),
    hidden=st.sampled_from([name for name, entry in ACTIVATIONS.items() if not entry.output_only]),
    output=st.sampled_from(list(ACTIVATIONS)),
    regularizer=st.sampled_from(["l1", "l2", "weight_decay"]),
    strength=st.floats(0.0, 100.0),
    size=st.floats(-300, 300),
    batch_size=st.integers(1, 12),
    clipping=st.sampled_from(list(CLIPPINGS)),
    layer=st.sampled_from([{}, {"normalization": NORMALIZATIONS.choose("layer_norm")}, {"dropout": 0.5}, {"skip": 1}]),
    dtype=st.sampled_from(["float64", "float32"]),
)
def test_wild_settings_never_leave_a_value_that_is_not_finite(
    rate, optimizer, loss, hidden, output, regularizer, strength, size, batch_size, clipping, layer, dtype
):
    X, Y = batch(3, 2, 10)
    net = network([3, 3, 2], [LayerPlan(ACTIVATIONS.choose(hidden), **layer), output], dtype=dtype)
    chosen = settings(
        optimizer=OPTIMIZERS.choose(optimizer, learning_rate=rate),
        regularizer=REGULARIZERS.choose(regularizer, strength=strength),
        clipping=CLIPPINGS.choose(clipping),
        loss=LOSSES.choose(loss),
        batch_size=batch_size,
    )
    size = size if dtype == "float64" else size / 9  # float32 reaches to 1e38
    t = Trainer(net, chosen, Samples(X * 10.0**size, Y, X[:0], Y[:0], classes=False))
    try:
        t.run(30)
    except DivergedError as error:
        assert t.step_count == error.step - 1
    assert np.isfinite(parameters(t)).all()
    assert np.isfinite(t.checkpoint().slots).all()
