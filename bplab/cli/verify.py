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
from bplab.experiment.verify import Verified, verify


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


def in_words(found: Verified) -> str:
    """Return the result in a few lines."""
    begin = "from the weights that it was given" if found.given else "from its seed"
    shapes = f", through {found.chapters} shapes of the network" if found.chapters > 1 else ""
    lines = [f"{found.steps:,} steps were done again {begin}{shapes}; {found.compared:,} numbers were compared."]
    if not found.environment:
        lines.append("The environment is the one it was trained in: every bit has to be the same.")
    else:
        lines.append(f"The environment differs ({'; '.join(found.environment)}): {found.tolerance:g} is tolerated.")
    result = "The run is repeated" if found.is_repeated else "The run is NOT repeated"
    return "\n".join(
        [*lines, f"{result}: {_largest('parameters', found.parameters)}, {_largest('losses', found.losses)}."]
    )


def _largest(what: str, difference: float) -> str:
    if math.isinf(difference):
        return f"the {what} are not of the same steps, or not finite"
    return f"the {what} differ by at most {difference:.3g}" if difference else f"all {what} are the same"


def _as_json(found: Verified) -> dict[str, object]:
    differences = {name: d if math.isfinite(d := getattr(found, name)) else None for name in ("parameters", "losses")}
    return found._asdict() | differences | {"tolerance": found.tolerance, "repeated": found.is_repeated}
