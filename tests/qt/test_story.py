"""What the inspector says is true: the factors on its cards make the error, for every kind of layer."""

import numpy as np
import pytest

from bplab.microscope import facts
from bplab.microscope.check import check
from bplab.microscope.selection import Selection
from bplab.microscope.words import Factor, Names
from bplab.qt.inspector.story import story
from tests.microscope.build import EVERY_KIND, moments


def told(moment, experiment, chosen):
    names = Names(experiment.data, len(experiment.network.layers))
    return story(moment, names, chosen, lambda m, c: check(m, c))


def value_of(cards):
    """Reckon what stands in brackets after "=": factors, times, minus; what goes on after an arrow is left out."""
    text = ""
    for card in cards:
        if isinstance(card, str) and card.startswith("→"):
            return None
        text += f"({card.value!r})" if isinstance(card, Factor) else card.replace("×", "*").replace("−", "-")
    return eval(text)


@EVERY_KIND
def test_the_cards_of_a_connection_multiply_to_its_gradient(kind):
    experiment, found = moments(kind)
    for moment in found:
        for layer, size in enumerate(experiment.network.sizes[1:], start=1):
            for neuron in range(size):
                cards = told(moment, experiment, Selection(layer, neuron, 1)).cards
                gradient, came_in, delta = cards[0].value, cards[2].value, cards[4].value
                assert gradient == pytest.approx(came_in * delta, rel=1e-6, abs=1e-12)
                made_of = cards[6:-1]
                made = value_of(made_of) if made_of else None
                if made is not None:
                    assert made == pytest.approx(delta, rel=1e-4, abs=1e-7)


@EVERY_KIND
def test_the_live_check_agrees_for_every_kind_of_layer(kind):
    _experiment, (moment, _) = moments(kind)
    for chosen in (Selection(1, 0, 2), Selection(2, 3, 1), Selection(3, 1, 4), Selection(2, 2, None)):
        found = check(moment, chosen)
        wide = 1e-6 if kind == "single" else 0.0  # the gradient that is checked was reckoned with 7 digits
        assert found.difference <= found.tolerance + wide, (chosen, found)


@EVERY_KIND
def test_who_asks_adds_up_to_what_is_asked(kind):
    _, found = moments(kind)
    for moment in found:
        for layer in (1, 2):
            for neuron in range(5):
                terms = sum(term.product for term in facts.requests(moment, layer, neuron))
                skips = sum(value for _, value in facts.skip_requests(moment, layer, neuron))
                assert terms + skips == pytest.approx(facts.pull(moment, layer, neuron), rel=1e-4, abs=1e-7)


def test_the_bars_have_the_gradient_as_their_mean():
    experiment, (moment, _) = moments("weights")
    bars = told(moment, experiment, Selection(3, 1, 2)).bars
    assert np.mean(bars.values) == pytest.approx(bars.mean, abs=1e-12)
