"""``bplab predict``: what the network says of the rows of a table."""

from __future__ import annotations

from pathlib import Path

import click

from bplab.cli.places import check_place
from bplab.data.tables.files import read_table
from bplab.experiment.experiment import Experiment
from bplab.experiment.storage import write_atomically
from bplab.exports.predictions import predictions
from bplab.exports.subject import Subject


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Save the predictions here, as CSV.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def predict(file: Path, table: Path, out: Path, force: bool) -> None:
    """Let the network in FILE say what it thinks of every row of TABLE, raw values by the names of its columns."""
    check_place(out, force)
    rows = read_table(table)
    write_atomically(out, predictions(Subject.of(Experiment.open(file)), rows))
    click.echo(f"{out}: {rows.n_rows:,} predictions")
