"""Files that mean no good, each with what has to be said of it."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab import Experiment
from bplab.experiment.writing import take, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPENS = ""  # the message of a file that is odd, but right


@dataclass(frozen=True)
class Hostile:
    """A file: what it is, its content, and a pattern that its message has to match; none for one that opens."""

    name: str
    content: bytes
    message: str


@cache
def good() -> bytes:
    """A small experiment with everything in it: training, an edit, a frozen layer, inputs made from features."""
    from bplab.experiment import edits
    from bplab.experiment.spec import Part

    made = Experiment.new("moons", hidden=[3, 4], optimizer="adam", inputs="x1,x2,x1*x2", normalization="batch_norm")
    made.trainer().run(30)
    made.apply(edits.freeze(edits.add_layer(made.spec, 1, 2), [Part(layer=1)]))
    made.trainer().run(20)
    return to_bytes(take(made))


def members(content: bytes | None = None) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content or good())) as z:
        return {name: z.read(name) for name in z.namelist()}


def packed(parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for name, content in parts.items():
            z.writestr(zipfile.ZipInfo(name), content, compression)
    return out.getvalue()


def with_json(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The good file with its JSON changed."""
    parts = members()
    value = json.loads(parts["experiment.json"])
    change(value)
    return packed(parts | {"experiment.json": json.dumps(value).encode()})


def with_text(change: Callable[[str], str]) -> bytes:
    """The good file with the text of its JSON changed."""
    parts = members()
    return packed(parts | {"experiment.json": change(parts["experiment.json"].decode()).encode()})


def with_array(key: str, change: Callable[[np.ndarray], np.ndarray], rehash: bool = True) -> bytes:
    """The good file with an array changed, and its hash made right again."""
    parts = members()
    value, name = json.loads(parts["experiment.json"]), f"arrays/{key}.bin"
    array = change(np.frombuffer(parts[name], "<f8").reshape(value["arrays"][key]["shape"]).copy())
    if rehash:
        value["arrays"][key] |= {"shape": array.shape, "sha256": hashlib.sha256(array.tobytes()).hexdigest()}
    return packed(parts | {name: array.tobytes(), "experiment.json": json.dumps(value).encode()})


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    """A change of one place of the JSON."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[dict[str, Any]], None]:
    """A change that removes one place of the JSON."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


def corpus() -> Iterator[Hostile]:
    """All of them."""
    yield from _no_zips()
    yield from _zips()
    yield from _texts()
    yield from _fields()
    yield from _arrays()
    yield from _pasts()


def _no_zips() -> Iterator[Hostile]:
    whole = good()
    for name, content, message in (
        ("empty", b"", "it is empty"),
        ("text", b"hello", "not a bplab experiment"),
        ("zeros", b"\0" * 10_000, "not a bplab experiment"),
        ("a PNG", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not a bplab experiment"),
        ("PK and nothing", b"PK", "cut off"),
        ("PK and zeros", b"PK\x03\x04" + b"\0" * 1000, "cut off"),
        ("a gzip", b"\x1f\x8b" + zlib.compress(whole), "not a bplab experiment"),
        (
            "a pickle",
            b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
            "not a bplab experiment",
        ),
        ("JSON alone", members()["experiment.json"], "not a bplab experiment"),
        ("twice the last half", whole[len(whole) // 2 :] * 2, "not a bplab experiment|cut off"),
        ("a long comment after the end", whole + b"x" * 70_000, "cut off"),
    ):
        yield Hostile(name, content, message)
    for share in range(1, 20):
        yield Hostile(f"truncated to {share * 5} percent", whole[: len(whole) * share // 20], "cut off")
    for count in (1, 2, 10, 21):
        yield Hostile(f"truncated by {count} bytes", whole[:-count], "cut off")


def _zips() -> Iterator[Hostile]:
    parts = members()
    bomb = b"0" * 200_000_000
    table = {"sha256": hashlib.sha256(bomb).hexdigest(), "path": "t.csv", "targets": [], "kind": "auto"}
    value = json.loads(parts["experiment.json"])
    value["spec"]["data"]["source"] = table
    yield Hostile("another zip", packed({"a.txt": b"1"}), "zip file, but not a bplab experiment")
    yield Hostile("an empty zip", packed({}), "zip file, but not a bplab experiment")
    yield Hostile("no arrays", packed({"experiment.json": parts["experiment.json"]}), "are missing")
    yield Hostile("60,000 members", packed(parts | {f"x{n}": b"" for n in range(60_000)}), "too many members")
    yield Hostile(
        "a bomb as the JSON",
        packed(parts | {"experiment.json": b"[" + b" " * 50_000_000 + b"]"}, zipfile.ZIP_DEFLATED),
        "larger than it may be",
    )
    yield Hostile(
        "a bomb as the table",
        packed(
            parts | {"experiment.json": json.dumps(value).encode(), f"tables/{table['sha256']}.csv": bomb},
            zipfile.ZIP_DEFLATED,
        ),
        "larger than it may be",
    )
    yield Hostile(
        "a bomb as an array",
        packed(parts | {"arrays/slots.bin": b"\0" * 100_000_000}, zipfile.ZIP_DEFLATED),
        "slots are|weights of layer 1 are",
    )
    yield Hostile("a member too many", packed(parts | {"more": b"1"}), OPENS)
    yield Hostile("an absolute name", packed(parts | {"/etc/passwd": b"1"}), OPENS)
    yield Hostile("a name with dots", packed(parts | {"../../up": b"1"}), OPENS)
    yield Hostile("a name of 60,000 letters", packed(parts | {"n" * 60_000: b"1"}), OPENS)
    yield Hostile("an odd name", packed(parts | {"arrays/<img src='/x'>\n.bin": b"1"}), OPENS)
    yield Hostile("a comment", _commented(good(), b"made by hand"), OPENS)
    yield Hostile("a comment with a second end", _commented(good(), b"PK\x05\x06 is the end"), "too many members")
    yield Hostile("the JSON twice", _twice("experiment.json"), "two of its members have the same name")
    yield Hostile("an array twice", _twice("arrays/slots.bin"), "two of its members have the same name")
    yield Hostile("an encrypted member", _flagged(good(), b"experiment.json", 1), "cannot be read")
    yield Hostile(
        "a member that overlaps", _overlapping(good()), "cannot be read|cut off|changed after|missing|long as"
    )
    yield Hostile("a method that nobody has", _method(good(), 99), "does not use")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield Hostile(f"packed by method {method}", packed(parts, method), "does not use")
    end = good().rfind(b"PK\x05\x06")
    for name, place, number in (("members", 10, 65_535), ("size", 12, 2**32 - 1), ("offset", 16, 2**32 - 1)):
        content = bytearray(good())
        struct.pack_into("<I" if place > 10 else "<H", content, end + place, number)
        yield Hostile(
            f"a directory that lies about its {name}", bytes(content), "too many members|cut off|cannot be read"
        )


def _commented(content: bytes, comment: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as z:
        z.comment = comment
    return out.getvalue()


def _twice(member: str) -> bytes:
    parts, out = members(), io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in parts.items():
            z.writestr(zipfile.ZipInfo(name), content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            z.writestr(zipfile.ZipInfo(member), parts[member])
    return out.getvalue()


def _flagged(content: bytes, member: bytes, flag: int) -> bytes:
    out = bytearray(content)
    for signature, offset, name_at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        place = -1
        while (place := content.find(signature, place + 1)) >= 0:
            if content[place + name_at :].startswith(member):
                out[place + offset] |= flag
    return bytes(out)


def _method(content: bytes, method: int) -> bytes:
    out = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = content.find(signature)
        struct.pack_into("<H", out, place + offset, method)
    return bytes(out)


def _overlapping(content: bytes) -> bytes:
    """Let the second entry of the directory begin where the first does."""
    out = bytearray(content)
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    out[second + 42 : second + 46] = out[first + 42 : first + 46]
    return bytes(out)


def _texts() -> Iterator[Hostile]:
    parts = members()

    def text(name: str, content: bytes, message: str) -> Hostile:
        return Hostile(name, packed(parts | {"experiment.json": content}), message)

    yield text("no JSON", b"", "cannot be read")
    yield text("JSON that is not text", b"\xff\xfe\xfd", "cannot be read")
    yield text("JSON in UTF-16", parts["experiment.json"].decode().encode("utf-16"), "cannot be read")
    yield text("deep nesting", b"[" * 100_000, "cannot be read")
    yield text("deep nesting of objects", b'{"a":' * 50_000, "cannot be read")
    yield text("a million empty lists", b"[" + b"[]," * 1_000_000 + b"[]]", "more than an experiment can")
    yield text("a list", b"[]", "not a bplab experiment")
    yield text("null", b"null", "not a bplab experiment")
    yield text("a number", b"1e999", "not a bplab experiment")
    yield text("another format", b'{"format": "other", "version": 3}', "not a bplab experiment")

    def step(name: str, value: str, message: str) -> Hostile:
        return Hostile(name, with_text(lambda t: t.replace('"step": 50', f'"step": {value}', 1)), message)

    yield step("a duplicate key", '50, "step": 50', "twice")
    yield step("NaN", "NaN", "not a number")
    yield step("infinity", "-Infinity", "not a number")
    yield step("1e400", "1e400", "state.step is not a finite number")
    yield step("5,000 digits", "9" * 5000, "cannot be read")
    yield step("4,000 digits", "9" * 4000, "state.step")
    for name, value, message in (
        ("a surrogate", "\\ud800", "notes"),
        ("1 MB", "n" * 1_000_000, "notes"),
        ("markup", "<img src='/etc/passwd'><script>alert(1)</script>", OPENS),
        ("NUL", "\\u0000", OPENS),
        ("right to left", "\\u202egnp.exe", OPENS),
    ):
        changed = with_text(lambda t, v=value: t.replace('"notes": ""', f'"notes": "{v}"', 1))
        yield Hostile(f"notes: {name}", changed, message)


NOT_ONE = "not a bplab experiment"
VERSIONS = ((0, NOT_ONE), (-1, NOT_ONE), (5, "newer bplab"), (10**12, "newer bplab"), ("3", NOT_ONE), (True, NOT_ONE))
LAYER = ("spec", "network", "hidden", 0)
FIELDS: tuple[tuple[tuple[str | int, ...], object, str], ...] = (
    ((*LAYER, "size"), 0, "size is 0; it must be at least 1"),
    ((*LAYER, "size"), 4097, "at most 4096"),
    (("spec", "data", "scaling"), "cube", "scaling"),
    (("spec", "data", "split"), 7, "split"),
    (("spec", "data", "folds"), 1, "at least 2"),
    (("spec", "data", "fold"), 90, "no fold 90 of 5|fold"),
    (("spec", "data", "label_noise"), 2, "at most 1"),
    (("spec", "data", "most_samples"), -5, "at least 2"),
    (("spec", "training", "shuffle"), "maybe", "shuffle"),
    ((*LAYER, "size"), 10**30, "at most 4096"),
    ((*LAYER, "size"), "4", "weights of layer 1|whole number"),
    ((*LAYER, "size"), 3.5, "whole number"),
    ((*LAYER, "size"), 2, "weights of layer 1 should be 2 x 3, the file has 3 x 3"),
    ((*LAYER, "size"), 4096, "weights of layer 1 should be 4096 x 3, the file has 3 x 3"),
    ((*LAYER, "size"), None, "whole number"),
    ((*LAYER, "key"), 0, "at least 1"),
    ((*LAYER, "key"), -7, "at least 1"),
    ((*LAYER, "key"), 2**31, "at most"),
    ((*LAYER, "activation", "name"), "sorcery", "no activation 'sorcery'"),
    ((*LAYER, "activation", "name"), "softmax", "cannot have the activation 'softmax'"),
    ((*LAYER, "activation", "name"), "__class__", "no activation '__class__'"),
    ((*LAYER, "activation", "name"), None, "needs a name"),
    ((*LAYER, "activation", "name"), ["relu"], "needs a name"),
    ((*LAYER, "activation"), {"name": "tanh", "slope": 1}, "no setting 'slope'"),
    ((*LAYER, "activation"), {"name": "leaky_relu", "negative_slope": "x"}, "not a number"),
    ((*LAYER, "activation"), [], "needs a name"),
    ((*LAYER, "normalization", "name"), "group_norm", "no normalization 'group_norm'"),
    ((*LAYER, "dropout"), 1.0, "at most 0.95"),
    ((*LAYER, "dropout"), -0.1, "at least 0"),
    ((*LAYER, "skip_from"), 99, "begins at no layer before it"),
    ((*LAYER, "skip_from"), 0, OPENS),
    ((*LAYER, "name"), "x" * 61, "no longer than 60"),
    ((*LAYER, "neurons"), [1, 1, 2], "all different"),
    ((*LAYER, "neurons"), [1], "need as many names"),
    ((*LAYER, "neurons"), [0, 1, 2], "at least 1"),
    ((*LAYER, "surprise"), 1, "is not known"),
    (("spec", "network", "hidden"), {}, "a list"),
    (("spec", "network", "hidden"), [None], "an object"),
    (("spec", "network", "dtype"), "float16", "one of 'float64' or 'float32'"),
    (("spec", "network", "dtype"), "object", "one of"),
    (("spec", "network", "frozen"), [{"layer": 99}], "no layer with the key 99"),
    (("spec", "network", "frozen"), [{"layer": 1, "neuron": 50}], "no neuron named 50"),
    (("spec", "network", "pruned"), [{"layer": 1, "neuron": 1, "source": 1, "weight": 1e999}], "not a number"),
    (("spec", "network", "output_activation"), {"name": "relu"}, "cannot follow"),
    (("spec", "training", "batch_size"), 0, "batch_size is 0; it must be at least 1"),
    (("spec", "training", "batch_size"), 10**9, "at most 100000"),
    (("spec", "training", "seed"), -1, "at least 0"),
    (("spec", "training", "loss", "name"), "cross_product", "no loss 'cross_product'"),
    (("spec", "training", "loss"), {"name": "mse"}, OPENS),
    (("spec", "training", "optimizer", "name"), "sdg", "Did you mean 'sgd'"),
    (("spec", "training", "optimizer", "learning_rate"), 1e400, "not a number"),
    (("spec", "training", "optimizer", "learning_rate"), "fast", "not a number"),
    (("spec", "training", "schedule", "name"), "never", "no schedule"),
    (("spec", "training", "regularizer"), {"name": "l2", "strength": -1}, "Give a number"),
    (("spec", "training", "class_weights"), [1.0], "1 class weights for 2 classes"),
    (("spec", "training", "class_weights"), [0.0, 1.0], "more than 0"),
    (("spec", "training", "class_weights"), "heavy", "none|balanced"),
    (("spec", "training", "stop_accuracy"), 2, "at most 1"),
    (("spec", "data", "source"), {"name": "nowhere"}, "no data set 'nowhere'"),
    (("spec", "data", "source"), {"name": "moons", "samples": 10**9}, "Give a whole number"),
    (("spec", "data", "source"), {"name": "iris"}, "cannot judge a target of 3 classes"),
    (("spec", "data", "source"), {"path": "/etc/passwd", "sha256": "0" * 64}, "needs the data file passwd"),
    (("spec", "data", "source"), {"path": "\\\\evil\\share\\x.csv", "sha256": "0" * 64}, "needs the data file x.csv"),
    (("spec", "data", "source"), {"path": "..", "sha256": "0" * 64}, "needs the data file"),
    (("spec", "data", "source"), {"path": "/dev/zero", "sha256": "0" * 64}, "needs the data file zero"),
    (("spec", "data", "source"), {"path": "a\0b", "sha256": "0" * 64}, "needs the data file"),
    (("spec", "data", "source"), {"path": "x" * 5000, "sha256": "0" * 64}, "no longer than 4096"),
    (("spec", "data", "source"), {"path": "x", "sha256": "short"}, "of the form"),
    (("spec", "data", "inputs"), ["x1", "x1"], OPENS + "weights"),
    (("spec", "data", "inputs"), ["x9"], "needs a feature number 9"),
    (("spec", "data", "inputs"), ["import os"], "no input 'import os'"),
    (("spec", "data", "test_fraction"), 0.95, "at most 0.9"),
    (("spec", "data", "seed"), 2**40, "at most"),
    (("spec", "notes"), 5, "must be text"),
    (("state", "step"), -1, "at least 0"),
    (("state", "step"), 2**53, "less than"),
    (("state", "step"), 10**15, "do not fit"),
    (("state", "cursor"), 10**6, "do not fit"),
    (("state", "optimizer"), "sgd", "optimizer's slots should be"),
    (("state", "optimizer"), "__init__", "do not fit"),
    (("state", "newest"), 10**12, "do not fit"),
    (("state", "earliest"), 51, "do not fit"),
    (("log",), [], "do not fit"),
    (("log", 0, "step"), 60, "do not fit|do not follow"),
    (("log", 0, "origin"), 1000, "do not fit"),
    (("log", 0, "path"), "cuda", "one of"),
    (("environments",), [{"numpy": 5}], "text"),
    (("environments",), [{}] * 101, "no longer than 100"),
    (("arrays",), {}, "weights of layer 1 are missing"),
    (("arrays", "slots", "dtype"), "<f4", "of the form"),
    (("arrays", "slots", "dtype"), "|O", "of the form"),
    (("arrays", "slots", "shape"), [2, 10**12], "slots should be"),
    (("arrays", "slots", "shape"), [-2, -41], "slots should be"),
    (("arrays", "slots", "sha256"), "0" * 64, "optimizer's slots were changed after saving"),
    (("arrays", "layer2.W", "shape"), [3, 2], "weights of layer 2 should be 2 x 3, the file has 3 x 2"),
    (("arrays", "layer2.W", "shape"), [], "weights of layer 2 should be"),
    (("arrays", "layer2.W", "shape"), [2, 3, 1], "no longer than 2"),
    (("arrays", "history.steps", "shape"), [10**9, 6], "history of steps should be|long as"),
    (("surprise",), 1, "is not known"),
)  # fmt: skip
DROPPED = ("spec", "state", "log", "past", "arrays", "environments", "program")


def _fields() -> Iterator[Hostile]:
    for version, message in VERSIONS:
        yield Hostile(f"version {version!r}", with_json(put("version", value=version)), message)
    for number, (path, value, message) in enumerate(FIELDS):
        shown = repr(value)[:40].replace("\0", "NUL")
        yield Hostile(f"{number}: {'.'.join(map(str, path))} = {shown}", with_json(put(*path, value=value)), message)
    for name in DROPPED:
        yield Hostile(f"without {name}", with_json(drop(name)), f"{name} is missing|damaged")


def _arrays() -> Iterator[Hostile]:
    for key, words in (
        ("layer1.W", "weights of layer 1"),
        ("layer3.b", "biases of layer 3"),
        ("layer1.gamma", "scales of layer 1"),
        ("initial.layer2.W", "initial weights of layer 2"),
        ("slots", "optimizer's slots"),
        ("statistics", "running statistics"),
        ("history.steps", "history of steps"),
        ("monitor", "losses seen"),
    ):
        yield Hostile(
            f"{key}: a bit flipped", with_array(key, lambda a: a + 1.0, rehash=False), f"{words} were changed"
        )
        yield Hostile(f"{key}: missing", with_json(drop("arrays", key)), f"{words} are missing")
        message = "do not fit" if key == "history.steps" else f"{words} should be"
        yield Hostile(f"{key}: shorter", with_array(key, lambda a: a[: len(a) - 1 - len(a) // 4]), message)
    for key, number in (("layer1.W", np.nan), ("layer2.b", np.inf), ("initial.layer1.W", -np.inf), ("slots", np.nan)):
        yield Hostile(f"{key}: {number}", with_array(key, lambda a, n=number: np.full_like(a, n)), "are not all finite")
    huge = members(with_array("layer1.W", lambda a: np.full_like(a, 1e300)))
    single = json.loads(huge["experiment.json"])
    single["spec"]["network"]["dtype"] = "float32"
    content = packed(huge | {"experiment.json": json.dumps(single).encode()})
    yield Hostile("numbers that single precision does not have", content, "weights of layer 1 are not all finite")
    yield Hostile("history: steps that go back", with_array("history.steps", lambda a: a[::-1]), "do not fit")
    yield Hostile("history: no steps", with_array("history.steps", lambda a: a[:0]), "do not fit")
    yield Hostile("history: NaN as a step", with_array("history.steps", lambda a: a * np.nan), "do not fit")
    yield Hostile("history: NaN as losses", with_array("history.epochs", lambda a: a * np.nan), OPENS)
    yield Hostile("monitor: NaN", with_array("monitor", lambda a: a * np.nan), OPENS)


def _pasts() -> Iterator[Hostile]:
    for name, change, message in (
        ("a part that ends later", put("past", 0, "end", value=60), "do not follow"),
        ("a part without a log", put("past", 0, "log", value=[]), "do not follow"),
        ("a part that never was", put("past", value=[]), "do not follow"),
        ("a past that is not known", put("past", value=None), OPENS),
        ("a part of a huge network", put("past", 0, "network", "hidden", 0, "size", value=4096), OPENS),
        (
            "a part with an unknown layer",
            put("past", 0, "network", "hidden", 0, "activation", value="x"),
            "no activation 'x'",
        ),
        ("weights set nowhere", put("changed", value=[[-1, 0.5]]), "at least 0"),
        ("weights set to nothing", put("changed", value=[[1, None]]), "a number"),
        ("1,001 parts", lambda v: v.update(past=v["past"] * 1_001), "more than an experiment can|no longer than"),
    ):
        yield Hostile(name, with_json(change), message)
