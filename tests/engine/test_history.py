import itertools

import numpy as np
import pytest

from bplab.engine.history import EPOCHS_KEPT, STEPS_KEPT, History, stride


def grown(steps, n_layers=2):
    history = History(n_layers)
    for step in range(1, steps + 1):
        if history.wants_step(step):
            history.add_step(step, 1.0 / step, tuple(range(n_layers)))
    return history


@pytest.mark.parametrize(
    ("count", "apart"),
    [(0, 1), (1023, 1), (2047, 1), (2048, 2), (4095, 2), (4096, 4), (1024 * 1024, 1024)],
)
def test_rows_are_spaced_wider_as_the_run_gets_longer(count, apart):
    assert stride(count, STEPS_KEPT) == apart


def test_a_doubling_of_the_run_adds_a_bounded_number_of_rows():
    counts = [len(grown(length).steps) for length in (8192, 16384, 32768, 65536)]
    assert all(after - before <= STEPS_KEPT + 1 for before, after in itertools.pairwise(counts))


def test_the_first_steps_and_epochs_are_all_kept():
    history = History(1)
    assert all(history.wants_step(step) for step in range(2 * STEPS_KEPT))
    assert all(history.wants_epoch(epoch) for epoch in range(2 * EPOCHS_KEPT))
    assert not history.wants_epoch(2 * EPOCHS_KEPT + 1)


def test_truncating_forgets_what_came_after():
    history = grown(10)
    history.add_epoch(0, 0, (1.0, 2.0, 0.5, 0.6))
    history.add_epoch(1, 7, (0.5, 1.0, 0.7, 0.8))
    history.truncate(6)
    assert list(history.steps[:, 0]) == [1, 2, 3, 4, 5, 6]
    assert history.epochs.tolist() == [[0, 0, 1.0, 2.0, 0.5, 0.6]]


def test_tables_come_back_from_a_file_as_they_went():
    history, other = grown(5), History(2)
    history.add_epoch(1, 5, (0.5, np.nan, np.nan, np.nan))
    other.load(history.tables())
    assert np.array_equal(other.steps, history.steps)
    assert np.array_equal(other.epochs, history.epochs, equal_nan=True)


def test_readers_get_copies():
    history = grown(3)
    history.steps[:] = -1
    assert history.steps[0, 0] == 1


@pytest.mark.parametrize("n_layers", [1, 2, 4])
def test_a_resized_history_keeps_its_losses_and_says_what_is_not_known(n_layers):
    history = grown(4)
    history.add_epoch(0, 0, (1.0, 1.0, 1.0, 1.0))
    other = history.resized(n_layers)
    assert other.steps.shape == (4, 2 + n_layers)
    assert (other.steps[:, :2] == history.steps[:, :2]).all()
    assert np.isnan(other.steps[:, 4:]).all()
    assert (other.epochs == history.epochs).all()
