"""Makes the experiments that bplab ships: ``python -m tests.examples``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bplab import Experiment
from bplab.engine.activations import ACTIVATIONS
from bplab.experiment import edits

FOLDER = Path(__file__).parent.parent / "resources" / "examples"
MAZUR_TABLE = "x1,x2,y1,y2\n0.05,0.10,0.01,0.99\n"
MAZUR_PARAMETERS = np.array([0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60])


def mazur() -> Experiment:
    """Matt Mazur, A Step by Step Backpropagation Example (2015), with its start weights."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "mazur.csv"
        table.write_text(MAZUR_TABLE, encoding="utf-8")
        experiment = Experiment.new(
            table,
            target=("y1", "y2"),
            hidden=[2],
            activation="sigmoid",
            loss="half_squared_error",
            learning_rate=0.5,
            batch_size=1,
        )
    spec = experiment.spec
    source = edits.replace(spec.data.source, path="mazur.csv")
    data = edits.replace(spec.data, source=source, scaling="none", standardize_target=False, test_fraction=0.0)
    experiment.apply(edits.change_output(edits.replace(spec, data=data), ACTIVATIONS.choose("sigmoid")))
    experiment.load_weights(MAZUR_PARAMETERS)
    return experiment


def examples() -> dict[str, Experiment]:
    return {
        "iris": Experiment.new("iris", hidden=[6, 5], batch_size=8, seed=4),
        "spiral": Experiment.new("spiral", hidden=[8, 8], optimizer="adam"),
        "sine": Experiment.new("sine", hidden=[8, 8], optimizer="adam"),
        "digits": Experiment.new("digits", hidden=[32], activation="relu", optimizer="adam", batch_size=32),
        "mazur-2-2-2": mazur(),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, experiment in examples().items():
        experiment.save(FOLDER / f"{name}.bplab")
        print(f"{name}.bplab")


if __name__ == "__main__":
    main()
