"""An experiment in words and tables, as a report shows it: rows of plain text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bplab.catalogue import Choice
from bplab.data.sources import SOURCES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.metrics import ClassMetrics
from bplab.engine.normalization import NORMALIZATIONS
from bplab.experiment.spec import PARTS
from bplab.exports.markup import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.catalogue import Catalogue
    from bplab.engine.metrics import NumberMetrics
    from bplab.exports.subject import Part, Subject

MOST_NAMES = 24  # of inputs or classes that are listed
Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A heading, the names of the columns, and rows of text; the first column names the row."""

    title: str
    header: Row
    rows: tuple[Row, ...]
    kind: Literal["words", "numbers"] = "numbers"


def in_words(catalogue: Catalogue[Any], choice: Choice) -> str:
    """Return a choice such as "Adam, learning rate 0.01"."""
    settings = (f"{name.replace('_', ' ')} {value:g}" for name, value in choice.settings)
    return ", ".join([catalogue[choice.name].label, *settings])


def headline(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Return what is asked first: how far the run has come, and how well the network does."""
    scores = subject.judge.scores(subject.spec.training)._asdict().items()
    shown = ((name.replace("_", " "), number(value)) for name, value in scores if not math.isnan(value))
    return ("epoch", f"{subject.epoch:,}"), ("step", f"{subject.step:,}"), *shown


def architecture(subject: Subject) -> str:
    """Return the network in one line."""
    layers = (f"{len(part.layer)} {part.layer.activation.label}" for part in subject.parts)
    sizes = subject.network.sizes[0], len(subject.network.parameters)
    return f"{sizes[0]} inputs → {' → '.join(layers)} · {sizes[1]:,} parameters"


def layers(subject: Subject) -> Table:
    """Return what each layer is made of."""
    header = ("layer", "neurons", "activation", "normalization", "dropout", "adds the output of", "parameters")
    return Table("Layers", header, tuple(_layer(part) for part in subject.parts), "words")


def _layer(part: Part) -> Row:
    plan, layer = part.layer.plan, part.layer
    count = sum(array.size for array in (layer.W, layer.b, layer.gamma, layer.beta))
    before = part.number - plan.skip
    return (
        "output" if part.is_last else str(part.number),
        str(len(layer)),
        in_words(ACTIVATIONS, plan.activation),
        "–" if part.normalization == "none" else in_words(NORMALIZATIONS, plan.normalization),
        f"{plan.dropout:g}" if plan.dropout else "–",
        "–" if not plan.skip else f"layer {before}" if before else "the input",
        f"{count:,}",
    )


def data(subject: Subject) -> tuple[Row, ...]:
    """Return what the network learns from."""
    prepared, spec = subject.data, subject.spec.data
    source = spec.source
    target = "classes" if prepared.class_names else "numbers"
    return (
        ("data set", SOURCES[source.name].doc if isinstance(source, Choice) else prepared.dataset.name),
        ("samples", f"{len(prepared.X_train):,} for training, {len(prepared.X_test):,} for testing"),
        ("inputs", _listed(prepared.feature_names)),
        (f"target, {target}", _listed(prepared.class_names or prepared.output_names)),
        ("standardized", ", ".join(name for name, _ in subject.scales()) or "no"),
        ("seed of the data", str(spec.seed)),
    )


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(shortened(name) for name in names[:MOST_NAMES]) + more


def training(subject: Subject) -> tuple[Row, ...]:
    """Return the settings of the training that differ from none."""
    return tuple(_settings(subject))


def _settings(subject: Subject) -> Iterator[Row]:
    for name, value in subject.spec.training:
        word = name.replace("_", " ")
        if isinstance(value, Choice):
            if value.name not in ("none", "constant"):
                yield word, in_words(PARTS[name], value)
        elif isinstance(value, tuple):
            yield word, ", ".join(f"{weight:g}" for weight in value)
        elif value not in (None, "none", 0) or name == "seed":
            yield word, f"{value:,}" if isinstance(value, int) and name != "seed" else str(value)
    yield "precision", subject.dtype


def metrics(subject: Subject) -> tuple[Table, ...]:
    """Return how well the network does on the training and on the test data."""
    found = zip(("Training data", "Test data"), subject.judge.metrics(subject.spec.training), strict=True)
    return tuple(
        _of_classes(subject, title, m) if isinstance(m, ClassMetrics) else _of_numbers(subject, title, m)
        for title, m in found
        if m is not None
    )


def _of_classes(subject: Subject, title: str, found: ClassMetrics) -> Table:
    names = [shortened(name, 24) for name in subject.data.class_names]
    rows = zip(names, found.precision, found.recall, found.f1, found.confusion.tolist(), strict=True)
    return Table(
        f"{title}: {found.accuracy:.1%} right",
        ("class", "precision", "recall", "F1", *(f"as {name}" for name in names)),
        tuple((name, f"{p:.3f}", f"{r:.3f}", f"{f:.3f}", *map(str, counts)) for name, p, r, f, counts in rows),
    )


def _of_numbers(subject: Subject, title: str, found: NumberMetrics) -> Table:
    unit = subject.data.output_scale.std
    rows = zip(subject.data.output_names, found.rmse * unit, found.mae * unit, found.r2, strict=True)
    return Table(
        title, ("target", "RMSE", "MAE", "R²"), tuple((n, number(e), number(a), number(r)) for n, e, a, r in rows)
    )


def number(value: float) -> str:
    """Return a number in four digits, or a dash where there is none."""
    return f"{value:.4g}" if math.isfinite(value) else "–"
