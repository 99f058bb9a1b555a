"""An experiment and its scores in words and numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bplab.engine.metrics import ClassMetrics

if TYPE_CHECKING:
    from bplab.catalogue import Choice
    from bplab.engine.metrics import Metrics
    from bplab.engine.trainer import Trainer
    from bplab.experiment.experiment import Experiment


def describe(experiment: Experiment) -> dict[str, str]:
    """Return the design in words."""
    network, training, data = experiment.network, experiment.spec.training, experiment.data
    layers = " > ".join([str(network.sizes[0]), *(f"{len(layer)} {layer.choice.name}" for layer in network.layers)])
    return {
        "data": f"{data.dataset.name}, {len(data.X_train)} training and {len(data.X_test)} test samples",
        "network": f"{layers}, {len(network.parameters):,} parameters",
        "loss": _in_words(training.loss),
        "optimizer": _in_words(training.optimizer),
        "schedule": _in_words(training.schedule),
        "regularizer": _in_words(training.regularizer),
        "clipping": _in_words(training.clipping),
        "initializer": _in_words(training.initializer),
        "batch size": str(training.batch_size),
        "seed": str(training.seed),
    }


def _in_words(choice: Choice) -> str:
    return ", ".join([choice.name, *(f"{name} {value:g}" for name, value in choice.settings)])


def facts_of(experiment: Experiment) -> dict[str, Any]:
    """Return the design as JSON has it."""
    return {
        "spec": experiment.spec.model_dump(mode="json"),
        "sizes": list(experiment.network.sizes),
        "activations": [layer.choice.name for layer in experiment.network.layers],
        "parameters": len(experiment.network.parameters),
        "train_samples": len(experiment.data.X_train),
        "test_samples": len(experiment.data.X_test),
    }


def scores_of(trainer: Trainer) -> dict[str, Any]:
    """Return position, losses and accuracies as JSON has them."""
    scores = {name: _finite(value) for name, value in trainer.scores()._asdict().items()}
    return {"epoch": trainer.epoch, "step": trainer.step_count, **scores}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_text(result: dict[str, Any]) -> str:
    """Return position, losses and accuracies in one line."""
    scores = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    shown = (f"{name.replace('_', ' ')} {result[name]:.4f}" for name in scores if result[name] is not None)
    return ", ".join([f"epoch {result['epoch']}", f"step {result['step']}", *shown])


def metrics_as_json(experiment: Experiment) -> dict[str, Any]:
    """Return the metrics of training and test data; those of numbers in the target's own units."""
    return {part: _as_json(found, experiment) for part, found in _metrics(experiment).items()}


def metrics_as_text(experiment: Experiment) -> list[str]:
    """Return the metrics of the test data, or of the training data if there are no others, as lines."""
    part, found = next(item for item in reversed(_metrics(experiment).items()) if item[1] is not None)
    if isinstance(found, ClassMetrics):
        rows = zip(experiment.data.class_names, found.precision, found.recall, found.f1, found.confusion, strict=True)
        head = f"{part + ' data':<20}{'precision':>10}{'recall':>8}{'F1':>7}   predicted as each class"
        return [
            head,
            *(f"{n[:19]:<20}{p:>10.3f}{r:>8.3f}{f:>7.3f}   {' '.join(map(str, c))}" for n, p, r, f, c in rows),
        ]
    values = _as_json(found, experiment) or {}
    numbers = zip(experiment.data.output_names, values["rmse"], values["mae"], values["r2"], strict=True)
    head = f"{part + ' data':<20}{'RMSE':>10}{'MAE':>10}{'R2':>8}"
    return [head, *(f"{n[:19]:<20}{_shown(e):>10}{_shown(a):>10}{_shown(r):>8}" for n, e, a, r in numbers)]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _metrics(experiment: Experiment) -> dict[str, Metrics | None]:
    train, test = experiment.trainer().metrics()
    return {"train": train, "test": test}


def _as_json(found: Metrics | None, experiment: Experiment) -> dict[str, Any] | None:
    if found is None:
        return None
    if isinstance(found, ClassMetrics):
        shares = {name: getattr(found, name).tolist() for name in ("precision", "recall", "f1")}
        return {"accuracy": found.accuracy, **shares, "confusion": found.confusion.tolist()}
    unit = experiment.data.output_scale.std
    numbers = {"rmse": found.rmse * unit, "mae": found.mae * unit, "r2": found.r2}
    return {name: [_finite(float(value)) for value in values] for name, values in numbers.items()}
