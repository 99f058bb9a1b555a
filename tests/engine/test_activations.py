"""Activations by themselves: values by hand, slopes against central differences, extreme sums."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS

ELEMENTWISE = [name for name, entry in ACTIVATIONS.items() if entry.slope is not None]
Z = np.array([[-3.0, -0.7, 0.4, 2.5]])


def value(name, z, **settings):
    a = np.empty_like(z)
    ACTIVATIONS[name].value(z, a, **ACTIVATIONS.choose(name, **settings).values)
    return a


def slope(name, z, **settings):
    out = np.empty_like(z)
    ACTIVATIONS[name].slope(z, value(name, z, **settings), out, **ACTIVATIONS.choose(name, **settings).values)
    return out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tanh", np.tanh(Z)),
        ("relu", [[0.0, 0.0, 0.4, 2.5]]),
        ("leaky_relu", [[-0.03, -0.007, 0.4, 2.5]]),
        ("sigmoid", np.exp(Z) / (1.0 + np.exp(Z))),
        ("identity", Z),
        ("softmax", np.exp(Z) / np.exp(Z).sum()),
    ],
)
def test_values_are_those_of_the_formula(name, expected):
    assert value(name, Z) == pytest.approx(np.array(expected), rel=1e-14)


def test_every_activation_has_a_slope_or_a_pull_back():
    assert all((entry.slope is None) != (entry.pull_back is None) for entry in ACTIVATIONS.values())


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slopes_equal_central_differences(name):
    h = 1e-6
    assert slope(name, Z) == pytest.approx((value(name, Z + h) - value(name, Z - h)) / (2 * h), abs=1e-9)


def test_the_slope_of_relu_at_zero_is_zero():
    assert slope("relu", np.zeros((1, 1))) == 0.0


def test_the_slope_of_leaky_relu_at_zero_is_the_negative_one():
    assert slope("leaky_relu", np.zeros((1, 1)), negative_slope=0.3) == 0.3


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_extreme_sums_give_finite_activations(name):
    z = np.array([[-1e4, -50.0, 0.0, 50.0, 1e4]])
    with np.errstate(over="ignore"):
        assert np.isfinite(value(name, z)).all()
        assert np.isfinite(slope(name, z)).all()


def test_small_sigmoids_keep_all_their_digits():
    assert value("sigmoid", np.array([[-700.0]])) == pytest.approx(np.exp(-700.0), rel=1e-14)


def test_softmax_rows_add_up_to_one_even_for_huge_sums():
    a = value("softmax", np.array([[1e300, 0.0, -1e300], [1000.0, 1000.0, 1000.0]]))
    assert a.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-15)
    assert list(a[0]) == [1.0, 0.0, 0.0]


def test_softmax_does_not_change_when_all_sums_are_shifted():
    assert value("softmax", Z) == pytest.approx(value("softmax", Z + 64.0), rel=1e-13)


def test_softmax_pulls_back_by_its_jacobian():
    a, grad, out = value("softmax", Z), np.array([[0.3, -1.0, 2.0, 0.1]]), np.empty_like(Z)
    ACTIVATIONS["softmax"].backward(Z, a, grad, out)
    jacobian = np.diag(a[0]) - np.outer(a[0], a[0])
    assert out[0] == pytest.approx(jacobian @ grad[0], abs=1e-15)
