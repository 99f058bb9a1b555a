"""An experiment from the address of TensorFlow Playground, which holds everything after its # as key=value.

The keys and their defaults: https://github.com/tensorflow/playground, src/state.ts.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from bplab.errors import SettingError
from bplab.experiment.edits import replace
from bplab.experiment.experiment import Experiment

HOST = "playground.tensorflow.org"
ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "linear": "identity"}
DATASETS = {"circle": "circle", "xor": "xor", "gauss": "gauss", "spiral": "spiral"}
REGRESSIONS = {"reg-plane": "plane"}
FEATURES = {  # in the order in which Playground has them
    "x": "x1",
    "y": "x2",
    "xSquared": "x1^2",
    "ySquared": "x2^2",
    "xTimesY": "x1*x2",
    "cosX": "cos(x1)",
    "cosY": "cos(x2)",
    "sinX": "sin(x1)",
    "sinY": "sin(x2)",
}
DEFAULTS = {
    "activation": "tanh",
    "regularization": "",
    "batchSize": "10",
    "dataset": "circle",
    "regDataset": "reg-plane",
    "learningRate": "0.03",
    "regularizationRate": "0",
    "noise": "0",
    "networkShape": "4,2",
    "seed": "",
    "percTrainData": "50",
    "problem": "classification",
    "initZero": "false",
    "x": "true",
    "y": "true",
}
SAMPLES = {"classification": 500, "regression": 1200}
NOT_NEEDED = ("showTestData", "discretize", "collectStats", "hideText", "tutorial")


class Taken(NamedTuple):
    """An experiment, and what could not be taken over exactly, in sentences."""

    experiment: Experiment
    notes: tuple[str, ...]


def is_address(text: str) -> bool:
    """Tell whether a text is an address of TensorFlow Playground."""
    return bool(re.match(r"(https?://)?" + re.escape(HOST) + r"(/|#|$)", text.strip()))


def from_address(text: str) -> Taken:
    """Return the experiment that an address stands for.

    Raises
    ------
    SettingError
        If it is not such an address, or a value in it is not one that bplab has.
    """
    if len(text) > 4096 or not is_address(text):
        raise SettingError("That is not an address of TensorFlow Playground.", f"It begins with https://{HOST}/#.")
    given = dict(parse_qsl(urlsplit(text.strip()).fragment, keep_blank_values=True))
    values = DEFAULTS | {key: value for key, value in given.items() if key not in NOT_NEEDED}
    problem = _one_of(values, "problem", {"classification": "classification", "regression": "regression"})
    is_numbers = problem == "regression"
    data = _one_of(values, "regDataset" if is_numbers else "dataset", REGRESSIONS if is_numbers else DATASETS)
    seed = _seed(values["seed"])
    experiment = Experiment.new(
        f"{data}",
        hidden=_shape(values["networkShape"]),
        activation=_one_of(values, "activation", ACTIVATIONS),
        loss="half_squared_error",
        learning_rate=_number(values, "learningRate", 0.0, 1e6),
        batch_size=int(_number(values, "batchSize", 1, 1000)),
        regularizer=_regularizer(values),
        initializer="zeros" if _is_on(values, "initZero") else "playground",
        bias_initializer="constant:value=0.1",
        inputs=",".join(name for key, name in FEATURES.items() if _is_on(values, key)) or "x1,x2",
        output="identity" if is_numbers else "sigmoid",
        seed=seed,
    )
    return Taken(_with_data(experiment, values, SAMPLES[problem]), _notes(values, is_numbers))


def _with_data(experiment: Experiment, values: dict[str, str], samples: int) -> Experiment:
    """Return the experiment with Playground's number of samples, its noise and its split, and raw inputs."""
    from bplab.data.sources import SOURCES

    data = experiment.spec.data
    noise = _number(values, "noise", 0, 100) / 100
    source = SOURCES.replace(data.source, samples=samples, noise=noise)  # type: ignore[arg-type]
    share = 1 - _number(values, "percTrainData", 10, 90) / 100
    changed = replace(data, source=source, scaling="none", standardize_target=False, test_fraction=share)
    experiment.apply(replace(experiment.spec, data=changed))
    return experiment


def _notes(values: dict[str, str], is_numbers: bool) -> tuple[str, ...]:
    notes = ["The same seed draws other samples and weights here."] if values["seed"] else []
    if not is_numbers:
        notes.append(
            "Playground's output is a tanh from -1 to 1; here it is a sigmoid from 0 to 1, with the same loss."
        )
    if not any(_is_on(values, key) for key in FEATURES):
        notes.append("No input was switched on: x1 and x2 are.")
    return tuple(notes)


def _one_of(values: dict[str, str], key: str, known: dict[str, str]) -> str:
    value = values[key]
    if value not in known:
        raise SettingError(
            f"The address has {key}={value[:40]}, which bplab does not have.", f"It has: {', '.join(known)}."
        )
    return known[value]


def _number(values: dict[str, str], key: str, least: float, most: float) -> float:
    try:
        number = float(values[key])
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise SettingError(
            f"The address has {key}={values[key][:40]}.", f"It has to be a number from {least:g} to {most:g}."
        )
    return number


def _is_on(values: dict[str, str], key: str) -> bool:
    value = values.get(key, "false")
    if value not in ("true", "false"):
        raise SettingError(f"The address has {key}={value[:40]}.", "It has to be true or false.")
    return value == "true"


def _shape(text: str) -> list[int]:
    parts = [part for part in text.split(",") if part]
    if len(parts) > 64 or not all(part.isdecimal() and 1 <= int(part[:9]) <= 4096 for part in parts):
        raise SettingError(f"The address has networkShape={text[:40]}.", "It has to be numbers of neurons such as 4,2.")
    return [int(part) for part in parts]


def _regularizer(values: dict[str, str]) -> str:
    kind = _one_of(values, "regularization", {"": "none", "L1": "l1", "L2": "l2", "none": "none"})
    rate = _number(values, "regularizationRate", 0, 1e6)
    return "none" if kind == "none" or not rate else f"{kind}:strength={rate!r}"


def _seed(text: str) -> int:
    digits = re.sub(r"\D", "", text.partition(".")[2] or text)
    return int(digits[:6] or 1)
