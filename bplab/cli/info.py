"""``bplab info``: what an experiment is, and how well it does."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bplab.cli.describe import as_text, describe, facts_of, metrics_as_json, metrics_as_text, scores_of
from bplab.errors import DamagedError
from bplab.experiment.experiment import Experiment
from bplab.experiment.reading import LARGEST_FILE, examine
from bplab.experiment.storage import read_bytes


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def info(file: Path, as_json: bool) -> None:
    """Say what the experiment in FILE is and how far it has come; of a damaged one, what is damaged."""
    try:
        experiment = Experiment.open(file)
    except DamagedError as error:
        raise DamagedError(error.message, _rescue(file, as_json)) from None
    state = scores_of(experiment.trainer())
    if as_json:
        click.echo(json.dumps(facts_of(experiment) | state | {"metrics": metrics_as_json(experiment)}))
        return
    for word, text in (describe(experiment) | {"state": as_text(state)}).items():
        click.echo(f"{word:<12} {text}")
    click.echo("\n".join(metrics_as_text(experiment)))


def _rescue(file: Path, as_json: bool) -> str:
    """Print what the file's design is, and everything that is damaged; return what can be done."""
    experiment = Experiment.open(file, weights=False)
    faults = examine(read_bytes(file, LARGEST_FILE), file)
    if as_json:
        click.echo(json.dumps(facts_of(experiment) | {"damaged": faults}))
    else:
        click.echo("\n".join(f"{word:<12} {text}" for word, text in describe(experiment).items()))
        click.echo("\n".join(f"{'damaged':<12} {fault}" for fault in faults))
    return "Its design is whole: open it in the window, or with Experiment.open(path, weights=False)."
