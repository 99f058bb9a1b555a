"""Random numbers as a function of where they are used."""

import numpy as np
import pytest

from bplab.engine.randomness import DROPOUT, GOLDEN, SHUFFLE, bits, mix, permutation, start, uniforms

# The first numbers of splitmix64 from state 0, as published with Vigna's reference implementation.
KNOWN = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]


def test_bits_are_those_of_splitmix64():
    assert [int(value) for value in bits(0, 4)] == KNOWN


def test_mixing_one_number_is_mixing_many():
    assert [mix((i + 1) * GOLDEN % 2**64) for i in range(4)] == KNOWN


@pytest.mark.parametrize("state", [0, 1, 2**63, 2**64 - 1])
def test_the_first_bits_do_not_depend_on_how_many_are_asked_for(state):
    assert (bits(state, 50)[:7] == bits(state, 7)).all()
    assert int(bits(state, 1)[0]) == mix((state + GOLDEN) % 2**64)


def test_every_place_has_numbers_of_its_own():
    places = [(seed, stream, place) for seed in (0, 1, 2**63) for stream in (SHUFFLE, DROPOUT) for place in range(50)]
    states = {start(*place) for place in places}
    assert len(states) == len(places)
    assert all(0 <= state < 2**64 for state in states)


def test_uniform_numbers_fill_their_range_evenly():
    u = uniforms(start(1, DROPOUT, 0), 100_000)
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert np.histogram(u, 20, (0, 1))[0] == pytest.approx(5000, abs=5 * np.sqrt(5000))
    assert np.corrcoef(u[:-1], u[1:])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_uniform_numbers_are_the_upper_53_bits():
    assert uniforms(0, 1)[0] == (KNOWN[0] >> 11) / 2**53


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 1000])
def test_a_permutation_holds_every_sample_once(count):
    order = permutation(5, 3, count)
    assert order.dtype == np.intp
    assert sorted(order) == list(range(count))


def test_a_permutation_depends_on_seed_and_epoch_alone():
    assert (permutation(5, 3, 100) == permutation(5, 3, 100)).all()
    assert (permutation(5, 3, 100) != permutation(5, 4, 100)).any()
    assert (permutation(5, 3, 100) != permutation(6, 3, 100)).any()


def test_all_orders_are_equally_likely():
    found = np.array([permutation(0, epoch, 4) for epoch in range(24_000)])
    _, counts = np.unique(found @ [64, 16, 4, 1], return_counts=True)
    assert len(counts) == 24
    chi_square = ((counts - 1000.0) ** 2 / 1000.0).sum()
    assert chi_square < 49.7  # the 0.1 % point of 23 degrees of freedom


def test_every_sample_comes_to_every_place_alike():
    found = np.array([permutation(seed, 0, 7) for seed in range(14_000)])
    for place in range(7):
        assert np.bincount(found[:, place], minlength=7) == pytest.approx(2000, abs=5 * np.sqrt(2000))
