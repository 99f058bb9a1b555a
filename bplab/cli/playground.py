"""``bplab playground``: an experiment from an address of TensorFlow Playground."""

from __future__ import annotations

from pathlib import Path

import click

from bplab.cli.describe import describe
from bplab.cli.places import check_place
from bplab.imports.playground import from_address


@click.command()
@click.argument("address")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def playground(address: str, out: Path, force: bool) -> None:
    """Save the experiment that ADDRESS of TensorFlow Playground stands for to OUT."""
    check_place(out, force)
    experiment, notes = from_address(address)
    experiment.save(out)
    facts = describe(experiment)
    click.echo("\n".join([f"{out}: {facts['data']}; network {facts['network']}", *notes]))
