"""``bplab diff``: what differs between two experiments, in words."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bplab.cli.group import FAILED
from bplab.experiment.difference import differences_of, in_words
from bplab.experiment.experiment import Experiment


@click.command()
@click.argument("one", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("other", metavar="OTHER", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def diff(one: Path, other: Path, as_json: bool) -> None:
    """Say what is different in OTHER: design, data, training, result. The exit code is 1 if anything is."""
    found = differences_of(Experiment.open(one), Experiment.open(other))
    click.echo(json.dumps({part.title.lower(): part.lines for part in found}) if as_json else in_words(found))
    sys.exit(FAILED if found else 0)
