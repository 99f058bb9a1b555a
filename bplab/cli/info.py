"""``bplab info``: what an experiment is, and how well it does."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bplab.cli.describe import as_text, describe, facts_of, metrics_as_json, metrics_as_text, scores_of
from bplab.experiment.experiment import Experiment


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def info(file: Path, as_json: bool) -> None:
    """Say what the experiment in FILE is and how far it has come."""
    experiment = Experiment.open(file)
    state = scores_of(experiment.trainer())
    if as_json:
        click.echo(json.dumps(facts_of(experiment) | state | {"metrics": metrics_as_json(experiment)}))
        return
    for word, text in (describe(experiment) | {"state": as_text(state)}).items():
        click.echo(f"{word:<12} {text}")
    click.echo("\n".join(metrics_as_text(experiment)))
