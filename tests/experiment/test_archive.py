"""Saving and opening: bit for bit, and every damaged file refused in words."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bplab import BplabError, Experiment, resources
from bplab.experiment import edits, header
from bplab.experiment.verify import verify


def rewritten(content, change):
    """The file with its experiment.json changed by a function on the parsed JSON."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "experiment.json":
                value = json.loads(data)
                change(value)
                data = json.dumps(value).encode()
            new.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def saved(tmp_path):
    experiment = Experiment.new("iris", hidden=[6, 5], optimizer="adam")
    experiment.trainer().run(77)
    path = tmp_path / "x.bplab"
    experiment.save(path)
    return path


def opened_after(path, content):
    path.write_bytes(content)
    return Experiment.open(path)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("data", ["iris", "spiral", "sine"])
def test_a_run_goes_on_from_its_file_bit_for_bit(tmp_path, data, optimizer):
    whole = Experiment.new(data, hidden=[5, 4], optimizer=optimizer, l2=0.001)
    trainer = whole.trainer()
    trainer.run(133)
    whole.save(tmp_path / "a.bplab")
    again = Experiment.open(tmp_path / "a.bplab")
    assert again.spec == whole.spec
    for experiment in (whole, again):
        experiment.trainer().run(200)
    assert (whole.network.parameters == again.network.parameters).all()
    assert np.array_equal(trainer.history.steps, again.trainer().history.steps)
    assert np.array_equal(trainer.history.epochs, again.trainer().history.epochs, equal_nan=True)
    for experiment in (whole, again):
        experiment.trainer().seek(50)
    assert (whole.network.parameters == again.network.parameters).all()


def test_reset_after_opening_gives_the_same_initial_weights(saved):
    experiment = Experiment.open(saved)
    experiment.reset()
    assert (experiment.network.parameters == Experiment.new("iris", hidden=[6, 5]).network.parameters).all()


def test_a_table_travels_inside_the_file(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("a,b,y\n" + "".join(f"{i},{i * i},{'uv'[i % 2]}\n" for i in range(20)), encoding="utf-8")
    Experiment.new(table, hidden=[3]).save(tmp_path / "t.bplab")
    table.unlink()
    assert Experiment.open(tmp_path / "t.bplab").data.class_names == ("u", "v")


def test_equal_experiments_give_equal_files(saved, tmp_path):
    Experiment.open(saved).save(tmp_path / "again.bplab")
    assert (tmp_path / "again.bplab").read_bytes() == saved.read_bytes()


def test_every_truncation_is_refused_in_words(saved):
    content = saved.read_bytes()
    for cut in [0, 1, 30, *range(100, len(content), len(content) // 40)]:
        with pytest.raises(BplabError, match="x.bplab"):
            opened_after(saved, content[:cut])


def test_a_flipped_bit_in_an_array_names_the_layer(saved):
    content = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as z:
        place = z.getinfo("arrays/layer2.W.bin").header_offset + 80
    content[place] ^= 1
    with pytest.raises(BplabError, match="damaged"):
        opened_after(saved, bytes(content))


def test_weights_of_a_wrong_shape_are_named(saved):
    def transpose(value):
        value["arrays"]["layer2.W"]["shape"].reverse()

    with pytest.raises(BplabError, match=r"weights of layer 2 should be 5 x 6, the file has 6 x 5"):
        opened_after(saved, rewritten(saved.read_bytes(), transpose))


def test_a_newer_version_is_refused(saved):
    with pytest.raises(BplabError, match="newer bplab"):
        opened_after(saved, rewritten(saved.read_bytes(), lambda value: value.update(version=99)))


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.update(surprise=1),
        lambda v: v["spec"]["training"].update(batch_size=0),
        lambda v: v["spec"]["network"]["hidden"][0].update(size=10**9),
        lambda v: v["spec"]["training"]["optimizer"].update(name="sorcery"),
        lambda v: v["state"].update(cursor=10**6),
        lambda v: v["state"].update(step=-1),
        lambda v: v["arrays"].pop("slots"),
        lambda v: v["arrays"]["slots"].update(shape=[2, 10**12]),
        lambda v: v.pop("spec"),
    ],
)
def test_json_that_lies_is_refused(saved, change):
    with pytest.raises(BplabError):
        opened_after(saved, rewritten(saved.read_bytes(), change))


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"a":1,"a":2}', '{"format":"bplab","version":1,"x":NaN}', "[]"])
def test_json_that_is_not_an_experiment_is_refused(tmp_path, text):
    path = tmp_path / "x.bplab"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("experiment.json", text)
    with pytest.raises(BplabError):
        Experiment.open(path)


def test_other_files_are_refused(tmp_path):
    for name, content in (("a", b""), ("b", b"hello"), ("c", b"PK\x03\x04" + b"\0" * 100)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BplabError):
            Experiment.open(tmp_path / name)
    with pytest.raises(BplabError):
        Experiment.open(tmp_path)
    with pytest.raises(BplabError):
        Experiment.open(tmp_path / "nowhere")


def test_a_failed_save_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()
    monkeypatch.setattr("os.fsync", _no_space)
    with pytest.raises(BplabError, match="could not be saved"):
        Experiment.new("xor").save(saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def _no_space(descriptor):
    raise OSError(28, "No space left on device")


def test_the_largest_json_is_bounded():
    assert header.LARGEST_JSON < 2**25


EVERYTHING = {
    "batch norm, dropout, skip": {"normalization": "batch_norm", "dropout": 0.2, "skip": 1, "optimizer": "nadam"},
    "layer norm, single": {"normalization": "layer_norm", "dtype": "float32", "optimizer": "rmsprop:momentum=0.9"},
    "plateau": {"schedule": "reduce_on_plateau:patience=1,factor=0.5", "optimizer": "adagrad", "clipping": "value"},
    "one cycle": {
        "schedule": "one_cycle:steps=200",
        "warmup_steps": 20,
        "optimizer": "lion",
        "regularizer": "max_norm",
    },
    "weights": {"class_weights": (1.0, 2.0, 3.0), "loss": "cross_entropy:label_smoothing=0.1", "optimizer": "adamw"},
}


@pytest.mark.parametrize("kind", EVERYTHING)
def test_a_run_of_any_kind_goes_on_from_its_file_bit_for_bit(tmp_path, kind):
    whole = Experiment.new("iris", hidden=[5, 5], **EVERYTHING[kind])
    whole.trainer().run(133)
    whole.save(tmp_path / "a.bplab")
    again = Experiment.open(tmp_path / "a.bplab")
    for experiment in (whole, again):
        experiment.trainer().run(200)
    for step in (333, 50, 133, 140):
        for experiment in (whole, again):
            experiment.trainer().seek(step)
        one, other = (experiment.trainer().checkpoint() for experiment in (whole, again))
        for vector in ("parameters", "slots", "statistics"):
            assert (getattr(one, vector) == getattr(other, vector)).all()
        assert np.array_equal(one.monitor, other.monitor, equal_nan=True)
        assert whole.trainer().learning_rate == again.trainer().learning_rate


def test_a_run_of_the_compiled_path_goes_on_from_its_file_bit_for_bit(tmp_path):
    whole = Experiment.new("iris", hidden=[5, 5], optimizer="adam")
    whole.trainer().run(50)
    whole.trainer().path = "compiled"
    whole.trainer().run(100)
    whole.save(tmp_path / "a.bplab")
    again = Experiment.open(tmp_path / "a.bplab")
    assert [stretch.path for stretch in again.trainer().log] == ["numpy", "compiled"]
    again.trainer().path = "auto"  # stays on the path that the run is on
    for experiment in (whole, again):
        experiment.trainer().run(200)
    assert (whole.network.parameters == again.network.parameters).all()
    for experiment in (whole, again):
        experiment.trainer().seek(60)
    assert (whole.network.parameters == again.network.parameters).all()


def as_version_3(value):
    value["version"] = 3
    data = value["spec"]["data"]
    data["standardize"] = data.pop("scaling") == "standardize"
    for name in ("split", "folds", "fold", "balance", "label_noise", "most_samples"):
        del data[name]


def as_version_2(value):
    as_version_3(value)
    value["version"] = 2
    value["environment"] = value.pop("environments")[-1]
    del value["past"], value["spec"]["notes"]
    value["arrays"] = {name: entry for name, entry in value["arrays"].items() if not name.startswith("given")}


def as_version_1(value):
    as_version_2(value)
    value["version"] = 1
    value["log"] = [[entry["step"], entry["settings"]] for entry in value["log"]]
    for name in ("monitor", "statistics"):
        del value["arrays"][name]
    new = {"schedule", "warmup_steps", "clipping", "bias_initializer", "class_weights"}
    new |= {name for name in value["spec"]["training"] if name.startswith("stop_")}
    for training in (value["spec"]["training"], *(settings for _, settings in value["log"])):
        for name in new:
            del training[name]
        del training["loss"]["label_smoothing"]
    del value["spec"]["network"]["dtype"]
    for layer in value["spec"]["network"]["hidden"]:
        for name in ("normalization", "dropout", "skip_from"):
            del layer[name]


@pytest.mark.parametrize(("name", "scaling"), [("iris", "standardize"), ("mazur", "none")])
def test_a_file_that_version_3_wrote_is_what_it_was(name, scaling):
    old = Experiment.open(Path(__file__).parent / "old" / f"version-3-{name}.bplab")
    now = Experiment.open(next(resources.path("examples").glob(f"{name}*.bplab")))
    assert old.spec.data.scaling == scaling
    assert (old.data.X_train == now.data.X_train).all()
    assert (old.data.Y_test == now.data.Y_test).all()
    assert (old.network.parameters == now.network.parameters).all()
    old.trainer().run(100)
    now.trainer().run(100)
    assert (old.network.parameters == now.network.parameters).all()


def test_a_file_of_version_1_keeps_its_weights_and_goes_on(saved):
    whole = Experiment.open(saved)
    old = opened_after(saved, rewritten(saved.read_bytes(), as_version_1))
    assert old.spec == whole.spec
    assert old.trainer().step_count == old.trainer().earliest == 77
    for experiment in (whole, old):
        experiment.trainer().run(100)
    assert (whole.network.parameters == old.network.parameters).all()
    old.save(saved)
    assert Experiment.open(saved).trainer().step_count == 177


@pytest.mark.parametrize("given", [False, True], ids=["drawn by the seed", "given"])
def test_a_file_of_version_2_keeps_its_run_and_can_be_repeated(saved, given):
    whole = Experiment.open(saved)
    if given:
        whole.load_weights(np.linspace(-1, 1, len(whole.network.parameters)))
        whole.trainer().run(50)
        whole.save(saved)
    old = opened_after(saved, rewritten(saved.read_bytes(), as_version_2))
    assert old.spec == whole.spec
    assert (old.run.given is not None) == given
    for experiment in (whole, old):
        experiment.trainer().run(100)
        experiment.trainer().seek(30)
    assert (whole.network.parameters == old.network.parameters).all()
    assert verify(old).is_repeated


def test_a_file_of_version_2_that_was_edited_on_the_way_says_what_it_does_not_hold(saved):
    experiment = Experiment.open(saved)
    experiment.apply(edits.add_layer(experiment.spec, 1))
    experiment.trainer().run(10)
    experiment.save(saved)
    old = opened_after(saved, rewritten(saved.read_bytes(), as_version_2))
    assert (old.network.parameters == experiment.network.parameters).all()
    with pytest.raises(BplabError, match="What happened before step 87"):
        verify(old)


def test_notes_travel_in_the_file_and_change_nothing_else(saved):
    experiment = Experiment.open(saved)
    run = experiment.run
    experiment.apply(edits.replace(experiment.spec, notes="Why does it stall at 0.3?\n<b>"))
    assert experiment.run.trainer is run.trainer
    experiment.save(saved)
    assert Experiment.open(saved).spec.notes == "Why does it stall at 0.3?\n<b>"


PAST_LIES = {
    "a part that ends after the next begins": lambda past: past[0].update(end=78),
    "a part without a log": lambda past: past[0].update(log=[]),
    "a part whose log goes on after its end": lambda past: past[0]["log"].append(past[0]["log"][0] | {"step": 80}),
}


@pytest.mark.parametrize("lie", PAST_LIES)
def test_a_past_that_cannot_be_true_is_refused(saved, lie):
    experiment = Experiment.open(saved)
    experiment.apply(edits.add_layer(experiment.spec, 1))
    experiment.save(saved)
    with pytest.raises(BplabError, match="do not follow each other"):
        opened_after(saved, rewritten(saved.read_bytes(), lambda value: PAST_LIES[lie](value["past"])))


def test_what_lay_ahead_of_the_present_is_kept(tmp_path):
    whole = Experiment.new("iris", hidden=[5])
    trainer = whole.trainer()
    trainer.run(400)
    end = whole.network.parameters.copy()
    for step in (100, 0):
        trainer.seek(step)
        whole.save(tmp_path / "a.bplab")
        again = Experiment.open(tmp_path / "a.bplab").trainer()
        assert (again.step_count, again.newest) == (step, 400)
        assert np.array_equal(again.history.steps, trainer.history.steps)
        again.run(50)
        assert np.array_equal(again.history.steps, trainer.history.steps)
        again.seek(400)
        assert (again.network.parameters == end).all()


LIES = {
    "a schedule from the future": lambda value: value["log"][0].update(origin=1000),
    "no log": lambda value: value.update(log=[]),
    "a log that begins late": lambda value: value["log"][0].update(step=90),
    "more steps than the history has": lambda value: value["state"].update(step=10**15),
    "a future that never was": lambda value: value["state"].update(newest=10**15),
}


@pytest.mark.parametrize("lie", LIES)
def test_counters_that_cannot_be_true_are_refused(saved, lie):
    with pytest.raises(BplabError, match="do not fit"):
        opened_after(saved, rewritten(saved.read_bytes(), LIES[lie]))
