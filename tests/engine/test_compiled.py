"""The compiled path beside the readable one: the same parameters, the same history, the same bits again and again."""

import time

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.class_weights import weights_of_classes
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.compiled import loader
from bplab.engine.compiled.kernels import codes
from bplab.engine.compiled.steps import covers
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.engine.trainer import TAKEOVER, Samples, Trainer
from bplab.errors import BplabError, DivergedError
from tests.engine.build import batch, network, parameters, settings, trainer

HIDDEN = [name for name, entry in ACTIVATIONS.items() if not entry.output_only]
RATES = {"sgd": 0.02, "momentum": 0.005, "nesterov": 0.005}


@pytest.fixture(scope="module", autouse=True)
def compiled_code():
    return [loader.kernel(dtype, wait=True) for dtype in ("float64", "float32")]


def pair(make, **changes):
    """The same trainer twice, on either path."""
    both = make(**changes), make(**changes)
    for one, path in zip(both, ("numpy", "compiled"), strict=True):
        one.path = path
    return both


def distance(one, other):
    return np.abs(parameters(one) - parameters(other)).max() / max(1.0, np.abs(parameters(one)).max())


CANCELLING = (
    [3, 1, 2],
    ["selu", "identity"],
    {
        "loss": LOSSES.choose("hinge"),
        "optimizer": OPTIMIZERS.choose("adagrad", learning_rate=0.002),
        "regularizer": REGULARIZERS.choose("l1"),
        "batch_size": 17,
        "class_weights": "none",
        "seed": 2,
    },
)  # an output bias whose gradient is 0 but for rounding


def same_history(one, other):
    for table in ("steps", "epochs"):
        found, expected = getattr(other.history, table), getattr(one.history, table)
        assert found.shape == expected.shape
        assert np.allclose(found, expected, rtol=1e-9, atol=1e-11, equal_nan=True)


def test_the_compiled_code_knows_every_part_by_its_name():
    assert set(codes.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(codes.LOSSES) == set(LOSSES)
    assert set(codes.OPTIMIZERS) == set(OPTIMIZERS)
    assert set(codes.REGULARIZERS) == set(REGULARIZERS)
    assert set(codes.CLIPPINGS) == set(CLIPPINGS)


@st.composite
def runs(draw):
    """Any run that the compiled path covers."""
    loss = draw(st.sampled_from(sorted(LOSSES)))
    output = draw(st.sampled_from(LOSSES[loss].outputs))
    hidden = draw(st.lists(st.sampled_from(HIDDEN), max_size=3))
    sizes = [3, *(draw(st.integers(1, 9)) for _ in hidden), draw(st.integers(2, 5))]
    optimizer = draw(st.sampled_from(sorted(OPTIMIZERS)))
    smoothing = {"label_smoothing": 0.1} if "label_smoothing" in LOSSES[loss].settings and draw(st.booleans()) else {}
    changes = {
        "loss": LOSSES.choose(loss, **smoothing),
        "optimizer": OPTIMIZERS.choose(optimizer, learning_rate=RATES.get(optimizer, 0.002)),
        "regularizer": REGULARIZERS.choose(draw(st.sampled_from(sorted(REGULARIZERS)))),
        "clipping": CLIPPINGS.choose(draw(st.sampled_from(sorted(CLIPPINGS)))),
        "schedule": SCHEDULES.choose(draw(st.sampled_from(sorted(SCHEDULES)))),
        "warmup_steps": draw(st.sampled_from([0, 20])),
        "batch_size": draw(st.sampled_from([1, 3, 8, 17, 60])),
        "class_weights": draw(st.sampled_from(["none", "balanced"])),
        "seed": draw(st.integers(0, 2**31 - 1)),
    }
    return sizes, [*hidden, output], changes


def trained(sizes, plans, dtype="float64", **changes):
    X, Y = batch(sizes[0], sizes[-1], 50, one_hot=True)
    net = network(sizes, plans, dtype=dtype)
    return Trainer(net, settings(**changes), Samples(X[:40], Y[:40], X[40:], Y[40:], classes=True))


def neighbours(sizes, plans, changes):
    """The same run with other last bits: of its first weights, and of the share that each sample has in a gradient."""
    other_weights, other_shares = (trained(sizes, plans, **changes) for _ in range(2))
    other_weights.network.parameters[:] = np.nextafter(other_weights.network.parameters, np.inf)
    shares = weights_of_classes(other_shares.samples.Y_train, changes["class_weights"])
    shares = np.ones(sizes[-1]) if shares is None else shares
    shares[::2] *= 1 + 4 * np.finfo(float).eps
    other_shares.settings = settings(**changes | {"class_weights": tuple(shares)})
    return other_weights, other_shares


@given(runs())
@hypothesis_settings(max_examples=200, deadline=None)
@example(CANCELLING)
def test_both_paths_agree_after_a_hundred_steps(run):
    sizes, plans, changes = run
    one, other = pair(lambda: trained(sizes, plans, **changes))
    nearby = neighbours(sizes, plans, changes)
    for t in (one, other, *nearby):
        t.run(100)
    # Where the last bit already decides, as next to a kink, or where a sum cancels and Adagrad divides by its size, no
    # two ways of adding can agree.
    assume(all(distance(one, t) <= 1e-13 for t in nearby))
    assert {stretch.path for stretch in other.log} == {"compiled"}
    assert distance(one, other) <= 1e-12
    assert (one.step_count, one.epoch, one.cursor) == (other.step_count, other.epoch, other.cursor)
    same_history(one, other)


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_activation_and_optimizer_agrees(activation, optimizer):
    choice = OPTIMIZERS.choose(optimizer, learning_rate=RATES.get(optimizer, 0.002))
    one, other = pair(lambda: trained([3, 6, 5, 4], [activation] * 2 + ["identity"], optimizer=choice))
    one.run(100)
    other.run(100)
    assert distance(one, other) <= 1e-12


@pytest.mark.parametrize(("loss", "output"), [(loss, out) for loss, entry in LOSSES.items() for out in entry.outputs])
def test_every_loss_and_output_agrees(loss, output):
    one, other = pair(lambda: trained([3, 6, 4], ["tanh", output], loss=LOSSES.choose(loss)))
    one.run(100)
    other.run(100)
    assert distance(one, other) <= 1e-12
    same_history(one, other)


def test_wide_layers_agree():
    one, other = pair(lambda: trained([3, 300, 200, 4], ["tanh", "relu", "identity"], batch_size=20))
    one.run(30)
    other.run(30)
    assert distance(one, other) <= 1e-12


@pytest.mark.parametrize("batch_size", [64, 65, 100, 150])
@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_batches_that_go_through_in_parts_agree(batch_size, class_weights):
    X, Y = batch(40, 4, 170, one_hot=True)

    def made():
        net = network([40, 7, 4], ["tanh", "identity"])
        changes = {"batch_size": batch_size, "class_weights": class_weights}
        return Trainer(net, settings(**changes), Samples(X[:150], Y[:150], X[150:], Y[150:], classes=True))

    one, other = pair(made)
    one.run(50)
    other.run(50)
    assert {stretch.path for stretch in other.log} == {"compiled"}
    assert distance(one, other) <= 1e-12
    same_history(one, other)


def as_in_a_file(array):
    """The same values as a file gives them: read-only, and at an odd address."""
    raw = b"\0" + array.tobytes()
    return np.frombuffer(raw, array.dtype, array.size, 1).reshape(array.shape)


@pytest.mark.parametrize("form", [as_in_a_file, np.asfortranarray, lambda array: np.repeat(array, 2, 0)[::2]])
def test_samples_in_any_form_of_memory_go_through_the_one_compiled_function(form):
    """Else it would be compiled anew, and a window would stand still for as long as that takes."""
    X, Y = batch(3, 4, 60, one_hot=True)

    def made(change):
        samples = Samples(*map(change, (X[:50], Y[:50], X[50:], Y[50:])), classes=True)
        trained = Trainer(network([3, 7, 4], ["tanh", "identity"]), settings(batch_size=7), samples)
        trained.path = "compiled"
        trained.run(20)
        return trained

    one, other = made(np.array), made(form)
    assert {stretch.path for stretch in other.log} == {"compiled"}
    assert np.array_equal(parameters(one), parameters(other))
    assert {len(kernel.signatures) for kernel in map(loader.kernel, ("float64", "float32"))} == {2}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_single_precision_agrees_in_single_precision(optimizer):
    choice = OPTIMIZERS.choose(optimizer, learning_rate=0.01)
    one, other = pair(lambda: trained([3, 8, 4], ["tanh", "identity"], dtype="float32", optimizer=choice))
    one.run(100)
    other.run(100)
    assert other.network.parameters.dtype == np.float32
    assert distance(one, other) <= 1e-4


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nadam"])
def test_step_phases_and_run_give_the_same_bits(optimizer):
    made = [trainer(optimizer=OPTIMIZERS.choose(optimizer)) for _ in range(4)]
    for t in made:
        t.path = "compiled"
    one, two, three, four = made
    for _ in range(60):
        one.step()
        list(two.phases())
    three.run(60)
    for _ in range(6):
        four.run(10)
    assert all((parameters(one) == parameters(t)).all() for t in (two, three, four))
    same_history(one, three)


def test_a_record_is_that_of_the_step():
    one, other = pair(trainer, optimizer=OPTIMIZERS.choose("adam"))
    for _ in range(20):
        seen, done = one.step(), other.step()
        assert (seen.step, seen.epoch, seen.indices.tolist()) == (done.step, done.epoch, done.indices.tolist())
        assert np.allclose(seen.layers[0].dW, done.layers[0].dW, atol=1e-12)
        assert np.allclose(seen.layers[0].update_W, done.layers[0].update_W, atol=1e-12)
        assert np.allclose(done.layers[0].W + done.layers[0].update_W, other.network.layers[0].W, rtol=0, atol=1e-15)


def test_seek_finds_the_same_bits_across_a_change_of_path_and_settings():
    t = trainer(optimizer=OPTIMIZERS.choose("adam"))
    t.path, seen = "numpy", {}
    for number in range(1, 600):
        if number == 100:
            t.path = "compiled"
        if number == 300:
            t.settings = settings(optimizer=OPTIMIZERS.choose("nadam"), schedule=SCHEDULES.choose("exponential"))
        t.step()
        seen[number] = parameters(t)
    for number in (1, 99, 100, 101, 599, 300, 299, 301, 450, 5):
        t.seek(number)
        assert (parameters(t) == seen[number]).all()
    assert [stretch.path for stretch in t.log] == ["numpy", "compiled", "compiled"]
    t.seek_epoch(20)
    assert (t.epoch, t.cursor) == (20, 0)
    assert (parameters(t) == seen[t.step_count]).all()


@pytest.mark.parametrize("path", ["numpy", "compiled"])
def test_going_on_in_the_past_repeats_the_run(path):
    t = trainer()
    t.path = path
    t.run(200)
    end = parameters(t)
    t.seek(50)
    t.run(150)
    assert (parameters(t) == end).all()
    assert (t.step_count, t.newest) == (200, 200)


@pytest.mark.parametrize("clipping", CLIPPINGS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_divergence_is_found_at_the_same_step(optimizer, clipping):
    found = []
    for path in ("numpy", "compiled"):
        t = trainer(clipping=CLIPPINGS.choose(clipping))
        t.path = path
        t.run(10)
        t.settings = settings(
            optimizer=OPTIMIZERS.choose(optimizer, learning_rate=1e308), clipping=CLIPPINGS.choose(clipping)
        )
        with pytest.raises(DivergedError) as caught:
            t.run(50)
        found.append((caught.value.step, caught.value.place))
        assert np.isfinite(parameters(t)).all()
    assert found[0] == found[1]


@pytest.mark.parametrize(("loss", "output"), [("binary_cross_entropy", "sigmoid"), ("mse", "identity")])
def test_an_infinite_loss_is_found_at_the_same_step(loss, output):
    found = []
    for path in ("numpy", "compiled"):
        X, Y = batch(3, 1, 30)
        net = network([3, 4, 1], ["tanh", output])
        t = Trainer(net, settings(loss=LOSSES.choose(loss)), Samples(X, Y, X[:0], Y[:0], classes=False))
        t.path = path
        t.run(10)
        t.settings = settings(loss=LOSSES.choose(loss), optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308))
        with pytest.raises(DivergedError) as caught:
            t.run(50)
        found.append((caught.value.step, caught.value.place))
    assert found[0] == found[1]


def test_stop_conditions_and_plateaus_agree():
    changes = {
        "schedule": SCHEDULES.choose("reduce_on_plateau", patience=2, factor=0.5),
        "stop_patience": 60,
        "optimizer": OPTIMIZERS.choose("sgd", learning_rate=0.5),
    }
    one, other = pair(trainer, **changes)
    one.run(4000)
    other.run(4000)
    assert one.stop_reason == other.stop_reason != ""
    assert one.step_count == other.step_count < 4000
    assert one.learning_rate == other.learning_rate < 0.5


def test_a_run_can_be_interrupted_within_ten_milliseconds():
    t = trained([64, 64, 32, 4], ["relu", "relu", "identity"], batch_size=32)
    t.path = "compiled"
    t.run(2000)
    late = []
    for _ in range(20):
        began = time.perf_counter()
        t.run(10**9, seconds=0.02)
        late.append(time.perf_counter() - began - 0.02)
    assert np.median(late) <= 0.010


def test_a_run_goes_over_by_itself_when_the_code_is_ready():
    t = trainer()
    t.path = "auto"
    t.run(3 * TAKEOVER)
    assert [(s.step >= TAKEOVER, s.path) for s in t.log] == [(False, "numpy"), (True, "compiled")]


def test_nothing_changes_while_the_code_is_not_ready(monkeypatch):
    monkeypatch.setattr(loader, "kernel", lambda *_, **__: None)
    monkeypatch.setattr(loader, "loads_by_itself", False)
    t = trainer()
    t.path = "auto"
    t.run(2 * TAKEOVER)
    assert [s.path for s in t.log] == ["numpy"]


@pytest.mark.parametrize(
    "plan",
    [
        LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose("layer_norm")),
        LayerPlan(ACTIVATIONS.choose("tanh"), dropout=0.5),
        LayerPlan(ACTIVATIONS.choose("tanh"), skip=1),
    ],
    ids=["normalization", "dropout", "skip"],
)
def test_what_is_not_covered_goes_to_numpy_by_itself(plan):
    t = trained([3, 3, 4], [plan, "identity"])
    t.path = "compiled"
    t.run(20)
    assert not covers(t.network, t.settings)
    assert [s.path for s in t.log] == ["numpy"]


def test_without_numba_everything_works(monkeypatch):
    monkeypatch.setattr(loader, "is_installed", lambda: False)
    monkeypatch.setattr(loader, "_kernels", {})
    t = trainer()
    t.path = "auto"
    t.run(TAKEOVER + 100)
    assert [s.path for s in t.log] == ["numpy"]
    t.path = "compiled"
    with pytest.raises(BplabError, match="needs numba"):
        t.run(5)
    assert loader.kernel() is None


def test_a_run_of_the_compiled_path_is_shown_again_without_numba(monkeypatch):
    t = trainer()
    t.path = "compiled"
    t.run(100)
    middle = parameters(t)
    t.run(100)
    monkeypatch.setattr(loader, "is_installed", lambda: False)
    t.seek(100)
    assert np.abs(parameters(t) - middle).max() <= 1e-12


def test_scoring_can_be_left_out():
    t = trainer()
    t.path, t.scores_epochs = "compiled", False
    t.run(200)
    assert len(t.history.epochs) == 1
    t.path = "numpy"
    t.run(200)
    assert len(t.history.epochs) == 1


@pytest.mark.parametrize("shuffle", [True, False])
def test_samples_are_taken_in_order_unless_shuffled(shuffle):
    one, other = pair(lambda: trained([3, 6, 4], ["tanh", "identity"], batch_size=7, shuffle=shuffle))
    for each in (one, other):
        each.run(40)
    assert distance(one, other) <= 1e-12
    records = [each.step() for each in (one, other) for _ in range(6)]
    n = len(one.samples.X_train)
    in_order = [((np.diff(record.indices) == 1) | (np.diff(record.indices) == 1 - n)).all() for record in records]
    assert all(in_order) == (not shuffle)
    one.seek(3)
    other.seek(3)
    assert distance(one, other) <= 1e-12
