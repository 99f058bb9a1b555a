"""The group of all commands: bad input is one clear line and exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from bplab.errors import BplabError

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130  # exit codes


class Commands(click.Group):
    """A group whose first argument may also be a file: then it opens the window."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Obey the command line and leave the program; bad input is one clear line and exit code 2."""
        try:
            code = super().main(*args, **(extra | {"standalone_mode": False}))
        except BplabError as error:
            say(str(error))
            code = BAD_INPUT
        except click.ClickException as error:
            say(f"{error.format_message()} {_help(error)}")
            code = error.exit_code
        except click.Abort:
            say("Interrupted.")
            code = INTERRUPTED
        sys.exit(code)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Take a first argument that is no command, but a file or a name of one, as the file to open."""
        if args[0] not in self.commands and (args[0].endswith(".bplab") or Path(args[0]).is_file()):
            return "window", self.commands["window"], args
        return super().resolve_command(ctx, args)


def say(message: str) -> None:
    """Print one line on the error stream."""
    click.echo(f"bplab: {' '.join(message.split())}", err=True)


def _help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"Try '{context.command_path} --help'." if context else ""
