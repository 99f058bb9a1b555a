"""The network: one vector, views into it, and the weights that outlive an edit."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.initializers import INITIALIZERS
from bplab.engine.layer import LayerPlan, Parameters
from bplab.engine.network import Network, transplant
from bplab.engine.normalization import NORMALIZATIONS
from bplab.errors import SettingError
from tests.engine.build import batch, network


def test_layers_are_views_into_one_vector_weights_row_by_row_then_bias():
    net = Network([2, 3, 1], [ACTIVATIONS.choose("tanh"), ACTIVATIONS.choose("identity")])
    net.parameters[:] = np.arange(13.0)
    first, second = net.layers
    assert first.W.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert first.b.tolist() == [6, 7, 8]
    assert second.W.tolist() == [[9, 10, 11]]
    assert second.b.tolist() == [12]
    second.W[0, 1] = -1.0
    assert net.parameters[10] == -1.0


def test_a_layer_is_as_long_as_it_has_neurons():
    assert [len(layer) for layer in network([3, 5, 2], ["tanh", "identity"]).layers] == [5, 2]


def test_the_number_of_activations_must_be_that_of_the_dense_layers():
    with pytest.raises(ValueError, match="zip"):
        Network([2, 3, 1], [ACTIVATIONS.choose("tanh")])


def test_initializing_draws_weights_from_the_seed_and_sets_biases_to_zero():
    one, two = network([3, 4, 2], ["tanh", "identity"]), network([3, 4, 2], ["tanh", "identity"], seed=9)
    for net in (one, two):
        net.initialize(INITIALIZERS.choose("he_normal"), 7)
    assert (one.parameters == two.parameters).all()
    assert all((layer.b == 0).all() and (layer.W != 0).all() for layer in one.layers)


def test_zero_weights_keep_the_neurons_of_a_layer_alike():
    net = network([3, 4, 2], ["sigmoid", "identity"])
    net.initialize(INITIALIZERS.choose("zeros"), 7)
    assert (net.forward(np.ones((1, 3)))[0][1] == 0.5).all()


def test_prediction_is_the_activation_of_the_last_layer():
    net, (X, _) = network([3, 5, 2], ["tanh", "identity"]), batch(3, 2)
    (first, second) = net.layers
    assert net.predict(X) == pytest.approx(np.tanh(X @ first.W.T + first.b) @ second.W.T + second.b, abs=1e-15)


@pytest.mark.parametrize("hidden", [name for name, entry in ACTIVATIONS.items() if not entry.output_only])
def test_permuting_hidden_neurons_changes_no_output(hidden):
    net, (X, _) = network([3, 5, 2], [hidden, "identity"]), batch(3, 2)
    before, order = net.predict(X), [4, 2, 0, 1, 3]
    first, second = net.layers
    first.W[:], first.b[:], second.W[:] = first.W[order], first.b[order], second.W[:, order]
    assert net.predict(X) == pytest.approx(before, abs=1e-14)


def test_the_vector_holds_gamma_and_beta_of_a_normalization_after_the_bias():
    plan = LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose("batch_norm"))
    net = Network([2, 2, 1], [plan, ACTIVATIONS.choose("identity")])
    net.parameters[:] = np.arange(13.0)
    first, second = net.layers
    assert [part.ravel().tolist() for part in (first.W, first.b, first.gamma, first.beta)] == [
        [0, 1, 2, 3],
        [4, 5],
        [6, 7],
        [8, 9],
    ]
    assert [part.ravel().tolist() for part in (second.W, second.b, second.gamma, second.beta)] == [
        [10, 11],
        [12],
        [],
        [],
    ]
    assert len(second.running_mean) == 0


def test_initializing_sets_every_gamma_to_one_and_every_beta_to_zero():
    plan = LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose("layer_norm"))
    net = network([3, 4, 2], [plan, "identity"])
    net.initialize(INITIALIZERS.choose("he_normal"), 7)
    assert net.layers[0].gamma.tolist() == [1.0] * 4
    assert net.layers[0].beta.tolist() == [0.0] * 4


def plan(activation="tanh", normalization="none", **settings):
    return LayerPlan(ACTIVATIONS.choose(activation), NORMALIZATIONS.choose(normalization), **settings)


OUTPUT = "The output layer cannot have normalization, dropout or a skip connection"


@pytest.mark.parametrize(
    ("sizes", "plans", "message"),
    [
        ([3, 4, 2], [plan("softmax"), plan()], "Layer 1 cannot have the activation 'softmax'.*output layer alone"),
        ([3, 4, 2], [plan(), plan(dropout=0.5)], OUTPUT),
        ([3, 4, 2], [plan(), plan(normalization="batch_norm")], OUTPUT),
        ([3, 4, 2], [plan(), plan(normalization="layer_norm")], OUTPUT),
        ([3, 4, 4], [plan(), plan(skip=1)], OUTPUT),
        ([3, 4, 2], [plan(skip=1), plan()], "from the input layer to layer 1 joins 3 and 4 neurons.*same number"),
        ([3, 4, 5, 2], [plan(), plan(skip=1), plan()], "from layer 1 to layer 2 joins 4 and 5 neurons"),
        ([3, 4, 4, 2], [plan(), plan(skip=2), plan()], "from the input layer to layer 2 joins 3 and 4 neurons"),
        ([3, 3, 2], [plan(skip=2), plan()], "Layer 1 cannot skip 2 layers.*There are 1 layers before it"),
        ([3, 3, 2], [plan(skip=-1), plan()], "Layer 1 cannot skip -1 layers"),
    ],
)
def test_a_layer_that_cannot_be_where_it_is_is_refused_with_the_reason(sizes, plans, message):
    with pytest.raises(SettingError, match=message):
        Network(sizes, plans)


def test_a_plan_of_an_activation_alone_is_plain():
    assert plan().is_plain
    for more in ({"skip": 1}, {"dropout": 0.1}, {"normalization": "layer_norm"}):
        assert not plan(**more).is_plain


def common(before, after):
    """Where the neurons of a layer were and are that both have."""
    return np.arange(min(before, after)), np.arange(min(before, after))


def layer(n_out, n_in, value):
    return Parameters(np.full((n_out, n_in), value), *(np.full(n_out, value) for _ in range(3)))


@pytest.mark.parametrize(("n_out", "n_in"), [(2, 2), (5, 4), (2, 5), (4, 3)])
def test_transplanting_keeps_every_weight_that_still_has_a_place(n_out, n_in):
    old, new = layer(4, 3, 1.0), layer(n_out, n_in, 0.0)
    transplant(old, new, common(4, n_out), common(3, n_in))
    assert (new.W[:4, :3] == 1.0).all()
    assert new.W.sum() == min(n_out, 4) * min(n_in, 3)
    for part in (new.b, new.gamma, new.beta):
        assert part.sum() == min(n_out, 4)


def test_transplanting_keeps_only_what_belongs_to_a_neuron_where_the_layer_before_is_another():
    old, new = layer(4, 3, 1.0), layer(4, 3, 0.0)
    transplant(old, new, common(4, 4), None)
    assert not new.W.any()
    assert all((part == 1.0).all() for part in (new.b, new.gamma, new.beta))


def test_transplanting_into_a_layer_without_normalization_leaves_the_scale_behind():
    old = layer(4, 3, 1.0)
    new = layer(4, 3, 0.0)._replace(gamma=np.empty(0), beta=np.empty(0))
    transplant(old, new, common(4, 4), common(3, 3))
    assert (new.W == 1.0).all()
    assert len(new.gamma) == 0


def test_transplanting_follows_neurons_that_change_their_places():
    old, new = layer(3, 2, 0.0), layer(3, 3, -1.0)
    old.W[:] = [[1, 2], [3, 4], [5, 6]]
    old.b[:] = [7, 8, 9]
    transplant(old, new, (np.array([2, 0]), np.array([0, 2])), (np.array([1]), np.array([2])))
    assert new.W.tolist() == [[-1, -1, 6], [-1, -1, -1], [-1, -1, 2]]
    assert new.b.tolist() == [9, -1, 7]
