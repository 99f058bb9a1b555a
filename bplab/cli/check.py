"""``bplab check``: backpropagation against central differences, for every parameter."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bplab.cli.group import FAILED
from bplab.cli.progress import progress
from bplab.experiment.experiment import Experiment
from bplab.microscope.check import has_passed, in_words

if TYPE_CHECKING:
    from bplab.engine.gradient_check import CheckedPart


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def check(file: Path, as_json: bool) -> None:
    """Check every gradient of the next step of FILE by central differences; exit code 1 if one is wrong."""
    trainer = Experiment.open(file).trainer()
    with progress(len(trainer.network.parameters), "Checking") as advance:
        parts = trainer.check_gradients(advance)
    if as_json:
        click.echo(json.dumps({"passed": has_passed(parts), "parts": [_as_json(part) for part in parts]}))
    else:
        click.echo(in_words(parts))
    sys.exit(0 if has_passed(parts) else FAILED)


def _as_json(part: CheckedPart) -> dict[str, Any]:
    return {
        "layer": part.layer,
        "part": part.symbol,
        "parameters": part.count,
        "largest_difference": part.largest_difference,
        "failed": part.failed,
        "skipped": [{"place": place, "reason": reason} for place, reason in part.skipped],
    }
