"""Operations: what each neuron has worked out so far, and in which order it becomes known."""

import numpy as np
import pytest

from bplab import Experiment
from bplab.microscope.now import MOST_SINGLE, Now, operations, so_far
from bplab.qt.run_cursor import RunCursor


@pytest.fixture(params=[{}, {"skip": 1}, {"normalization": "layer_norm"}])
def experiment(request):
    return Experiment.new("iris", hidden=[5, 5, 4], batch_size=6, **request.param)


def walked(experiment):
    """Return every operation of a step, with its record."""
    cursor = RunCursor(experiment.trainer(), None)
    found = []
    cursor.step("operation")
    while cursor.phase != "update":
        found.append((cursor.now, cursor.record))
        cursor.step("operation")
    return found


def test_a_step_is_every_operation_of_every_phase_in_order(experiment):
    sizes = experiment.network.sizes
    phases = [("forward", n) for n in range(1, 5)] + [("loss", None)] + [("backward", n) for n in range(4, 0, -1)]
    wanted = [Now(phase, layer, one) for phase, layer in phases for one in operations(sizes, phase, layer)]
    assert [now for now, _ in walked(experiment)] == wanted
    assert [now.operation.kind for now in wanted[:6]] == ["term"] * 4 + ["bias", "activation"]


def test_sums_and_requests_grow_term_by_term_to_what_the_engine_says(experiment):
    network = experiment.network
    for now, record in walked(experiment):
        if now.layer is None:
            continue
        seen, row, kind = record.layers[now.layer - 1], 2, now.operation.kind
        found = so_far(network, record, row, now)
        if kind == "term":
            count = now.operation.neuron + 1
            by_hand = [sum(seen.W[j, k] * seen.a_prev[row, k] for k in range(count)) for j in range(len(seen.b))]
            np.testing.assert_allclose(found, by_hand, atol=1e-15)
        elif kind == "request":
            after, count = record.layers[now.layer], now.operation.neuron + 1
            if count < len(after.b):
                by_hand = (after.delta[row, :count, None] * after.W[:count]).sum(axis=0) * len(record.indices)
                np.testing.assert_allclose(found, by_hand, atol=1e-15)
            else:
                assert (found == seen.pull[row]).all()
        else:
            known = {"bias": seen.z, "activation": seen.a}.get(kind, seen.delta * len(record.indices))
            assert (found == known[row]).all()


def test_nothing_is_known_before_it_is_worked_out(experiment):
    for now, _ in walked(experiment):
        kind, layer = now.operation.kind, now.layer
        if now.phase == "forward":
            assert now.knows_activation(layer - 1)
            assert now.knows_activation(layer) == (kind == "activation")
            assert now.knows_sum(layer) == (kind != "term")
            assert not now.knows_loss
        elif now.phase == "loss":
            assert now.knows_loss == (kind == "mean")
            assert not now.knows_error(4)
        else:
            assert now.knows_error(layer) == (kind == "gradient")
            assert layer == 4 or now.knows_error(layer + 1)
        assert not now.knows_update


def test_long_sums_are_one_operation():
    assert [one.kind for one in operations((MOST_SINGLE + 1, 3, 2), "forward", 1)] == ["term", "bias", "activation"]
    assert len(operations((MOST_SINGLE, 3, 2), "forward", 1)) == MOST_SINGLE + 2


def test_operations_back_are_operations_forward(experiment):
    cursor = RunCursor(experiment.trainer(), None)
    forward = walked(experiment)
    for _ in forward:
        cursor.step("operation")
    for now, _ in reversed(forward):
        assert cursor.now == now
        cursor.step_back("operation")
    assert cursor.now == Now()


def test_a_coarser_grain_finishes_what_a_finer_one_began(experiment):
    cursor = RunCursor(experiment.trainer(), None)
    cursor.step("operation")
    cursor.step("phase")
    assert cursor.now == Now("forward", 1)
    cursor.step("phase")
    assert cursor.now == Now("forward", 2)
    cursor.step_back("operation")
    assert cursor.now.layer == 2
    assert cursor.now.operation.kind == "bias"
    cursor.step("batch")
    assert cursor.now == Now()
    assert cursor.trainer.step_count == 1
