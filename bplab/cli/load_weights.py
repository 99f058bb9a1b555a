"""``bplab load-weights``: an experiment with the weights of another program."""

from __future__ import annotations

from pathlib import Path

import click

from bplab.cli.places import check_place
from bplab.experiment.experiment import Experiment
from bplab.imports.weights import begin_with, notes_of, read_weights


@click.command(name="load-weights")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("weights", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Save the result here.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def load_weights(file: Path, weights: Path, out: Path, force: bool) -> None:
    """Begin the experiment in FILE with WEIGHTS: a state dict as safetensors, or a dense network in ONNX."""
    check_place(out, force)
    experiment = Experiment.open(file)
    found = read_weights(weights)
    experiment = Experiment(begin_with(experiment, found), experiment.tables)
    experiment.save(out)
    click.echo(f"{out}: {len(experiment.network.parameters):,} parameters from {weights.name}")
    for note in notes_of(experiment, found):
        click.echo(note)
