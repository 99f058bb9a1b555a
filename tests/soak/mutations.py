"""Any bytes can be opened: ``python -m tests.soak.mutations --count 5000000``.

Half of the files have random bytes changed; half are taken apart, changed in their structure and zipped again with
right checksums. Each has to open or to be refused by a FileError, within a second, within 256 MB more memory, and
without any other file, process, socket or import. A finding is repeated by its seed: ``--seed N --count 1``.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import click
import numpy as np

from bplab import BplabError, Experiment, resources
from bplab.errors import FileError
from bplab.experiment import header, reading
from bplab.experiment.writing import take, to_bytes
from tests.hostile.corpus import corpus, good, members, packed

LONGEST_S = 1.0
MOST_MEMORY = 256 * 2**20
SAVED_AGAIN = 20  # every so many that open
VALUES = (
    None, True, False, 0, -1, 1, 2, 3.5, 1e308, -1e308, 10**9, 2**31, 2**53, 2**63, -(2**63), 10**40, "", "x", "tanh",
    "adam", "x1^2", "<b>", "\0", "a" * 5000, [], [[]], {}, {"name": "relu"}, {"name": "sgd"}, [0], [1, 2, 3], [None],
    "0" * 64, "../../etc/passwd", "\\\\host\\share", "/dev/zero", "NaN", "Infinity",
)  # fmt: skip
FORBIDDEN = (
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "socket.",
    "pickle.",
    "ctypes.dlopen",
    "exec",
)
PLANTS = ("key-error", "open-file", "slow", "memory")


class Watch:
    """Sees what Python's own audit events tell while a file is opened."""

    def __init__(self, folder: Path) -> None:
        self.allowed = (str(folder), str(resources.path("data")))
        self.is_on = False
        self.seen: list[str] = []
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.is_on:
            return
        if event == "open":
            name = str(arguments[0])
            if not name.startswith(self.allowed):
                self.seen.append(f"open {name[:100]}")
        elif event.startswith(FORBIDDEN):
            self.seen.append(event)


def seeds() -> list[bytes]:
    """Files to start from: a small one of each kind, and the hostile ones."""
    kinds = (
        Experiment.new("xor", hidden=[2]),
        Experiment.new("sine", hidden=[3], optimizer="momentum"),
        Experiment.new("iris", hidden=[2, 2], skip=1, dtype="float32"),
    )
    for experiment in kinds:
        experiment.trainer().run(5)
    return [good(), *(to_bytes(take(experiment)) for experiment in kinds)] + [
        file.content for file in corpus() if len(file.content) < 50_000
    ]


def mutated(rng: random.Random, files: list[bytes]) -> bytes:
    """Return a file that nobody has seen before."""
    content = files[0 if rng.random() < 0.3 else rng.randrange(4) if rng.random() < 0.6 else rng.randrange(len(files))]
    if rng.random() < 0.5:
        try:
            return structured(rng, members(content))
        except Exception:  # noqa: BLE001 - not every one can be taken apart; then its bytes are changed
            pass
    return scrambled(rng, content)


def scrambled(rng: random.Random, content: bytes) -> bytes:
    """Change, cut, double or insert bytes."""
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        place, kind = rng.randrange(len(out) + 1), rng.randrange(6)
        if kind == 0 and out:
            out[place - 1] ^= 1 << rng.randrange(8)
        elif kind == 1 and out:
            out[place - 1] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 2:
            del out[place:]
        elif kind == 3:
            del out[place : place + rng.choice((1, 4, 100))]
        elif kind == 4:
            out[place:place] = rng.randbytes(rng.choice((1, 2, 4, 100)))
        else:
            end = place + rng.choice((1, 4, 30, 500))
            target = rng.randrange(len(out) + 1)
            out[target:target] = out[place:end]
    return bytes(out)


def structured(rng: random.Random, parts: dict[str, bytes]) -> bytes:
    """Change the JSON or the arrays, and zip them again with right checksums."""
    value = json.loads(parts["experiment.json"])
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        kind = rng.randrange(10)
        if kind < 6:
            _change_json(rng, value)
        elif kind < 8:
            _change_array(rng, value, parts)
        elif kind == 8:
            parts.pop(rng.choice(list(parts)), None)
        else:
            one, other = rng.choice(list(parts)), rng.choice(list(parts))
            parts[one] = parts[other]
    text = json.dumps(value)
    if rng.random() < 0.1:
        text = scrambled(rng, text.encode()).decode("utf-8", "replace")
    if "experiment.json" in parts:
        parts["experiment.json"] = text.encode()
    return packed(parts, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def _change_json(rng: random.Random, value: object) -> None:
    """Walk to a random place, and put, remove, double or move something there."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(value[key], dict | list) and rng.random() < 0.8:  # type: ignore[index]
            value = value[key]  # type: ignore[index]
            continue
        kind = rng.randrange(5)
        if kind == 0:
            del value[key]  # type: ignore[attr-defined]
        elif kind == 1 and isinstance(value, dict):
            value[rng.choice(("name", "x", "step", "size", "layer1.W"))] = rng.choice(VALUES)
        elif kind == 2:
            value[key] = copy.deepcopy(value[rng.choice(keys)])  # type: ignore[index]
        elif kind == 3 and isinstance(value[key], int | float):  # type: ignore[index]
            value[key] = value[key] * rng.choice((-1, 0, 2, 10)) + rng.choice((-1, 0, 1))  # type: ignore[index]
        else:
            value[key] = rng.choice(VALUES)  # type: ignore[index]
        return


def _change_array(rng: random.Random, value: dict, parts: dict[str, bytes]) -> None:
    """Change numbers or the shape of an array, and make its hash right again."""
    arrays = value.get("arrays")
    name = rng.choice([name for name in parts if name.startswith("arrays/")])
    key = name.removeprefix("arrays/").removesuffix(".bin")
    if not isinstance(arrays, dict) or not isinstance(arrays.get(key), dict):
        return
    array = np.frombuffer(parts[name][: len(parts[name]) // 8 * 8], "<f8").copy()
    kind = rng.randrange(3)
    if kind == 0 and array.size:
        array[rng.randrange(array.size)] = rng.choice((np.nan, np.inf, -np.inf, 0.0, 1e308, -1e-320, 5.0))
    elif kind == 1:
        array = array[: rng.randrange(array.size + 1)]
        arrays[key]["shape"] = [array.size]
    elif isinstance(arrays[key].get("shape"), list):
        rng.shuffle(arrays[key]["shape"])
    parts[name] = array.tobytes()
    arrays[key]["sha256"] = hashlib.sha256(parts[name]).hexdigest()


def attempt(content: bytes, path: Path, watch: Watch, plant: str, use: bool) -> tuple[str, list[str]]:
    """Open a file; return how that ended, and everything that should not have happened."""
    before, began = peak_memory(anew=True), time.perf_counter()
    faults, outcome = [], "opened"
    watch.seen.clear()
    watch.is_on = True
    try:
        _misbehave(plant, content)
        experiment = reading.from_bytes(content, path)
        if use:
            experiment.trainer().run(1)
            to_bytes(take(experiment))
    except FileError:
        outcome = "refused"
    except BplabError:
        outcome = "stopped"  # training may well diverge
    except BaseException as error:  # noqa: BLE001 - this is what is looked for
        faults.append(f"{type(error).__name__}: {error}"[:300])
    watch.is_on = False
    took = time.perf_counter() - began
    grown = peak_memory() - before
    faults += watch.seen
    if took > LONGEST_S:
        faults.append(f"took {took:.2f} s")
    if grown > MOST_MEMORY:
        faults.append(f"took {grown / 2**20:.0f} MB")
    return outcome, faults


def peak_memory(anew: bool = False) -> int:
    """Return the most memory that this process has had, in bytes; on Linux since it was last measured `anew`."""
    clear, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if not clear.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if anew:
        clear.write_text("5", encoding="ascii")
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _misbehave(plant: str, content: bytes) -> None:
    """Do what a defect would do, for one file in a hundred."""
    if not plant or len(content) % 100:
        return
    if plant == "key-error":
        raise KeyError("planted")
    if plant == "open-file":
        Path("/etc/hostname").exists() and Path("/etc/hostname").open().close()
    elif plant == "slow":
        time.sleep(1.1 * LONGEST_S)
    elif plant == "memory":
        np.ones(MOST_MEMORY // 4).sum()


def soak(count: int, first: int = 0, plant: str = "") -> tuple[Counter[str], list[str]]:
    """Open `count` files; return how often each outcome was seen, and the findings with their seeds."""
    seen: Counter[str] = Counter()
    findings: list[str] = []
    files = seeds()
    for file in files:  # whatever is imported lazily is imported now
        attempt_quietly(file)
    with tempfile.TemporaryDirectory() as folder:
        watch, path = Watch(Path(folder)), Path(folder) / "x.bplab"
        for seed in range(first, first + count):
            content = mutated(random.Random(seed), files)
            outcome, faults = attempt(content, path, watch, plant, seed % SAVED_AGAIN == 0)
            seen[outcome] += 1
            findings += [f"seed {seed}: {fault}" for fault in faults]
    return seen, findings


def attempt_quietly(content: bytes) -> None:
    """Open a file for the side effects of the first time."""
    try:
        experiment = reading.from_bytes(content, Path("x.bplab"))
        experiment.trainer().run(1)
        to_bytes(take(experiment))
    except BplabError:
        return


@click.command()
@click.option("--count", default=100_000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first file.")
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, plant: str | None) -> None:
    """Open mutated files and report everything that should not have happened."""
    assert header.VERSION
    began = time.perf_counter()
    total: Counter[str] = Counter()
    findings: list[str] = []
    step = 10_000
    for first in range(seed, seed + count, step):
        seen, found = soak(min(step, seed + count - first), first, plant or "")
        total += seen
        findings += found
        rate = sum(total.values()) / (time.perf_counter() - began)
        click.echo(f"{sum(total.values()):,} files, {dict(total)}, {len(findings)} findings, {rate:.0f} a second")
        for finding in found[:20]:
            click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
