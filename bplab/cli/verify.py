"""``bplab verify``: the whole run once more, compared with what was saved."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import click

from bplab.cli.group import FAILED
from bplab.cli.progress import progress
from bplab.experiment.experiment import Experiment
from bplab.experiment.verify import Verified, in_words, verify


@click.command(name="verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def verify_command(file: Path, as_json: bool) -> None:
    """Train FILE's run anew, through every edit, and compare every parameter and every loss.

    Where the environment is the one it was trained in, every bit has to be the same. The exit code is 1 when the run
    does not come out as it was saved.
    """
    experiment = Experiment.open(file)
    with progress(experiment.trainer().newest, "Repeating") as advance:
        found = verify(experiment, advance)
    click.echo(json.dumps(_as_json(found)) if as_json else in_words(found))
    sys.exit(0 if found.is_repeated else FAILED)


def _as_json(found: Verified) -> dict[str, object]:
    differences = {name: d if math.isfinite(d := getattr(found, name)) else None for name in ("parameters", "losses")}
    return found._asdict() | differences | {"tolerance": found.tolerance, "repeated": found.is_repeated}
