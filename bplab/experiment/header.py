"""experiment.json: what a file says of itself, checked, whatever version wrote it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from bplab.errors import FileError
from bplab.experiment.faults import faults
from bplab.experiment.past import MOST_CHAPTERS
from bplab.experiment.spec import ExperimentSpec, NetworkSpec, Spec, TrainingSpec

FORMAT, VERSION = "bplab", 4
WITH_PAST = 3  # the first version that keeps what a run was before its network changed
DTYPE = "<f8"
LARGEST_JSON = 16 * 2**20  # bytes
LARGEST_EMBEDDED_TABLE = 8 * 2**20
LARGEST_HISTORY = 4_000_000  # rows
SAFE = "Nothing was changed; the file needs to be saved again from an intact copy."
RESCUE = "Nothing was changed; its design can be opened without its weights."


class ArraySpec(Spec):
    """What the JSON promises of one array."""

    dtype: str = Field(pattern="^<f8$")
    shape: tuple[int, ...] = Field(max_length=2)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class StateSpec(Spec):
    """The counters of a run."""

    step: int = Field(ge=0, lt=2**53)
    epoch: int = Field(ge=0, lt=2**53)
    cursor: int = Field(ge=0, lt=2**53)
    updates: int = Field(ge=0, lt=2**53)
    optimizer: str = Field(max_length=100)
    earliest: int = Field(ge=0, lt=2**53)
    newest: int = Field(default=0, ge=0, lt=2**53)  # the present may be before it; a file of version 1 has none


class StretchSpec(Spec):
    """From which step on which settings held; see `bplab.engine.settings.Stretch`."""

    step: int = Field(ge=0, lt=2**53)
    settings: TrainingSpec
    path: Literal["numpy", "compiled"] = "numpy"
    origin: int = Field(default=0, ge=0, lt=2**53)


_Word = Annotated[str, Field(max_length=1000)]
Environment = Annotated[dict[_Word, _Word], Field(max_length=100)]
Changed = Annotated[tuple[tuple[Annotated[int, Field(ge=0)], float], ...], Field(max_length=10_000)]
Log = Annotated[tuple[StretchSpec, ...], Field(max_length=1_000_000)]


class ChapterSpec(Spec):
    """A part of the run before the network changed to what it is now; see `bplab.experiment.past.Chapter`."""

    network: NetworkSpec
    log: Log
    end: int = Field(ge=0, lt=2**53)
    changed: Changed = ()


class Document(Spec):
    """experiment.json."""

    format: str
    version: int
    program: str = Field(max_length=100)
    environments: tuple[Environment, ...] = Field(max_length=100)  # every one that it was trained in
    spec: ExperimentSpec
    state: StateSpec
    log: Log
    changed: Changed = ()
    past: tuple[ChapterSpec, ...] | None = Field(max_length=MOST_CHAPTERS)  # None: not known
    arrays: dict[str, ArraySpec]


def schema_text() -> str:
    """Return the JSON schema of experiment.json, as resources/experiment.schema.json has it."""
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"experiment.json, version {VERSION}"}
    return json.dumps(Document.model_json_schema(mode="serialization") | about, indent=1, ensure_ascii=False) + "\n"


MOST_VALUES = 1_000_000  # in the JSON: some 100 bytes of memory each


def parse(name: str, content: bytes) -> Document:
    """Return what the JSON of a file says; `name` is for messages.

    Raises
    ------
    FileError
        Saying what is wrong with it.
    """
    if sum(content.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise damaged(name, "its experiment.json holds more than an experiment can")
    try:
        value = json.loads(content.decode(), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise damaged(name, f"its experiment.json cannot be read ({str(error)[:100]})") from None
    version = value.get("version") if isinstance(value, dict) and value.get("format") == FORMAT else None
    if type(version) is not int or version < 1:
        raise FileError(f"{name} is not a bplab experiment.", "Choose a file saved by bplab.")
    if version > VERSION:
        raise FileError(
            f"{name} was written by a newer bplab (file version {str(version)[:20]}).",
            "Update bplab to open it; nothing was changed.",
        )
    for migrate in _MIGRATIONS[version - 1 :]:
        value = migrate(value)
    try:
        return Document.model_validate(value)
    except ValidationError as error:
        raise damaged(name, f"its experiment.json is not valid: {faults(error)}") from None


def _from_version_1(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of version 1 says, in the words of version 2.

    Its samples were shuffled otherwise, so its past cannot be done again: it goes on from where it was saved.
    """
    log, state = value.get("log"), value.get("state")
    if isinstance(log, list) and all(isinstance(entry, list) and len(entry) == 2 for entry in log):
        value = value | {"log": [{"step": step, "settings": settings} for step, settings in log]}
    if isinstance(state, dict):
        value = value | {"state": state | {"earliest": state.get("step")}}
    return value


def _from_version_2(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of version 2 says, in the words of version 3: it did not keep what was before an edit."""
    state, environment = value.pop("state", None), value.pop("environment", {})
    past: list[object] | None = None if isinstance(state, dict) and state.get("earliest") != 0 else []
    return value | {"state": state, "past": past, "environments": [environment]}


def _from_version_3(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of version 3 says, in the words of version 4: inputs were standardized, or not."""
    spec = value.get("spec")
    data = spec.get("data") if isinstance(spec, dict) else None
    if isinstance(spec, dict) and isinstance(data, dict):
        is_scaled = data.get("standardize", True)
        kept = {key: entry for key, entry in data.items() if key != "standardize"}
        scaling = ("standardize" if is_scaled else "none") if isinstance(is_scaled, bool) else ""
        value = value | {"spec": spec | {"data": kept | {"scaling": scaling}}}
    return value


_MIGRATIONS = (_from_version_1, _from_version_2, _from_version_3)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def damaged(name: str, what: str) -> FileError:
    """Return the error for a file that is not as it was saved."""
    return FileError(f"{name} is damaged: {what.rstrip('.')}.", SAFE)
