"""The command line. Qt is imported only to open the window and to draw."""

from __future__ import annotations

from pathlib import Path

import click

from bplab import __version__
from bplab.cli.check import check
from bplab.cli.desktop import desktop
from bplab.cli.diff import diff
from bplab.cli.export import export
from bplab.cli.group import Commands
from bplab.cli.info import info
from bplab.cli.load_weights import load_weights
from bplab.cli.new import new
from bplab.cli.opening import open_window
from bplab.cli.playground import playground
from bplab.cli.predict import predict
from bplab.cli.record import record
from bplab.cli.run import run
from bplab.cli.schema import schema
from bplab.cli.verify import verify_command


@click.group(cls=Commands, invoke_without_command=True, subcommand_metavar="[FILE.bplab | COMMAND [ARGS]...]")
@click.version_option(__version__, prog_name="bplab")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Understand and debug backpropagation. Without a command: open the window, with FILE.bplab if one is given."""
    if ctx.invoked_subcommand is None:
        open_window(None)


@cli.command(hidden=True)
@click.argument("file", type=click.Path(path_type=Path))
def window(file: Path) -> None:
    """Open the window with FILE."""
    open_window(file)


for command in (new, run, predict, info, check, verify_command, diff, export, record):
    cli.add_command(command)
for command in (schema, desktop, load_weights, playground):
    cli.add_command(command)
