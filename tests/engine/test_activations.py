"""Activations by themselves: values and slopes by hand, slopes against central differences, extreme sums."""

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


# Calculated to 17 digits with mpmath, from the formula of each.
BY_HAND = {
    "tanh": (
        [-0.99505475368673045, -0.6043677771171635, 0.37994896225522489, 0.98661429815143029],
        [0.0098660371654401913, 0.63473958998245859, 0.8556387860811777, 0.02659222668316062],
    ),
    "relu": ([0.0, 0.0, 0.4, 2.5], [0.0, 0.0, 1.0, 1.0]),
    "leaky_relu": ([-0.03, -0.007, 0.4, 2.5], [0.01, 0.01, 1.0, 1.0]),
    "sigmoid": (
        [0.047425873177566781, 0.33181222783183389, 0.598687660112452, 0.92414181997875645],
        [0.045176659730912133, 0.22171287329310905, 0.24026074574152915, 0.070103716545108157],
    ),
    "identity": ([-3.0, -0.7, 0.4, 2.5], [1.0, 1.0, 1.0, 1.0]),
    "elu": (
        [-0.95021293163213606, -0.50341469620859049, 0.4, 2.5],
        [0.049787068367863943, 0.49658530379140951, 1.0, 1.0],
    ),
    "selu": (
        [-1.670568728767112, -0.8850530455772054, 0.4202803949421922, 2.6267524683887012],
        [0.087530612080264885, 0.87304629527017146, 1.0507009873554805, 1.0507009873554805],
    ),
    "gelu": (
        [-0.0040496940948902836, -0.16937455655615111, 0.26216869664412967, 2.4844758366855597],
        [-0.011945647204183927, 0.023385898866340135, 0.80272979773165349, 1.0376110859081452],
    ),
    "silu": (
        [-0.14227761953270034, -0.23226855948228373, 0.2394750640449808, 2.3103545499468911],
        [-0.088104106015169617, 0.17661321652665756, 0.69479195840906366, 1.0994011113415268],
    ),
    "softplus": (
        [0.048587351573742059, 0.40318604888545789, 0.91301525239995262, 2.5788897342925496],
        [0.047425873177566781, 0.33181222783183389, 0.598687660112452, 0.92414181997875645],
    ),
    "softsign": (
        [-0.75, -0.41176470588235294, 0.28571428571428571, 0.71428571428571429],
        [0.0625, 0.34602076124567474, 0.51020408163265306, 0.08163265306122449],
    ),
    "sine": (
        [-0.14112000805986722, -0.64421768723769105, 0.38941834230865049, 0.59847214410395649],
        [-0.98999249660044546, 0.76484218728448843, 0.92106099400288508, -0.80114361554693371],
    ),
    "hardtanh": ([-1.0, -0.7, 0.4, 1.0], [0.0, 1.0, 1.0, 0.0]),
}


def test_every_activation_is_calculated_by_hand():
    assert set(BY_HAND) == set(ELEMENTWISE)
    assert set(ACTIVATIONS) - set(BY_HAND) == {"softmax"}


@pytest.mark.parametrize("name", BY_HAND)
def test_values_are_those_of_the_formula(name):
    assert value(name, Z)[0] == pytest.approx(BY_HAND[name][0], rel=1e-13)


@pytest.mark.parametrize("name", BY_HAND)
def test_slopes_are_those_of_the_formula(name):
    assert slope(name, Z)[0] == pytest.approx(BY_HAND[name][1], rel=1e-12)


def test_softmax_is_that_of_the_formula():
    e = [0.0497870683678639, 0.4965853037914095, 1.4918246976412703, 12.182493960703473]  # exp of each sum
    assert value("softmax", Z)[0] == pytest.approx([part / sum(e) for part in e], rel=1e-13)


@pytest.mark.parametrize(
    ("name", "settings", "values", "slopes"),
    [
        ("leaky_relu", {"negative_slope": 0.2}, [-0.6, -0.14, 0.4, 2.5], [0.2, 0.2, 1.0, 1.0]),
        ("leaky_relu", {"negative_slope": 1.0}, [-3.0, -0.7, 0.4, 2.5], [1.0, 1.0, 1.0, 1.0]),
        (
            "elu",
            {"alpha": 0.5},
            [-0.47510646581606803, -0.25170734810429525, 0.4, 2.5],
            [0.024893534183931972, 0.24829265189570476, 1.0, 1.0],
        ),
    ],
)
def test_settings_are_those_of_the_formula(name, settings, values, slopes):
    assert value(name, Z, **settings)[0] == pytest.approx(values, rel=1e-13)
    assert slope(name, Z, **settings)[0] == pytest.approx(slopes, rel=1e-13)


def test_every_activation_has_a_slope_or_a_pull_back():
    assert all((entry.slope is None) != (entry.pull_back is None) for entry in ACTIVATIONS.values())


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slopes_equal_central_differences(name):
    h = 1e-6
    assert slope(name, Z) == pytest.approx((value(name, Z + h) - value(name, Z - h)) / (2 * h), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "settings", "at_zero"),
    [("relu", {}, 0.0), ("leaky_relu", {"negative_slope": 0.3}, 0.3), ("elu", {"alpha": 0.3}, 0.3)],
)
def test_the_slope_at_a_kink_at_zero_is_that_of_negative_sums(name, settings, at_zero):
    assert slope(name, np.zeros((1, 1)), **settings) == at_zero


def test_the_slope_of_hardtanh_at_its_corners_is_zero():
    assert slope("hardtanh", np.array([[-1.0, 1.0]])).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if ACTIVATIONS[name].kinks])
def test_the_slope_jumps_at_every_declared_kink(name):
    for kink in ACTIVATIONS[name].kinks:
        left, right = slope(name, np.array([[kink - 1e-9, kink + 1e-9]]), **({"alpha": 0.5} if name == "elu" else {}))[
            0
        ]
        assert abs(right - left) > 0.1


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_extreme_sums_give_finite_activations(name):
    z = np.array([[-1e4, -50.0, 0.0, 50.0, 1e4]])
    with np.errstate(over="ignore"):
        assert np.isfinite(value(name, z)).all()
        assert np.isfinite(slope(name, z)).all()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("tanh", -1.0, 1.0),
        ("relu", 0.0, 1e4),
        ("leaky_relu", -100.0, 1e4),
        ("sigmoid", 0.0, 1.0),
        ("identity", -1e4, 1e4),
        ("elu", -1.0, 1e4),
        ("selu", -1.7580993408473766, 1.0507009873554805e4),
        ("gelu", 0.0, 1e4),
        ("silu", 0.0, 1e4),
        ("softplus", 0.0, 1e4),
        ("softsign", -1e4 / 10001, 1e4 / 10001),
        ("hardtanh", -1.0, 1.0),
    ],
)
def test_extreme_sums_reach_the_limits(name, low, high):
    with np.errstate(over="ignore"):
        assert value(name, np.array([[-1e4, 1e4]]))[0] == pytest.approx([low, high], rel=1e-14, abs=1e-300)


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
