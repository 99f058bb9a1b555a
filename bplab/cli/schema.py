"""``bplab schema``: what experiment.json, within a .bplab file, may hold."""

from __future__ import annotations

import click

from bplab.experiment.header import schema_text


@click.command()
def schema() -> None:
    """Print the JSON schema of the experiment.json in a .bplab file."""
    click.echo(schema_text(), nl=False)
