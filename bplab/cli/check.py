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

if TYPE_CHECKING:
    from bplab.engine.gradient_check import CheckedPart

ROW = "{:>5}  {:<6}{:>11}{:>11}{:>9}{:>9}   {:<12}"
SHOWN = 5  # places of each kind; --json has all


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def check(file: Path, as_json: bool) -> None:
    """Check every gradient of the next step of FILE by central differences; exit code 1 if one is wrong."""
    trainer = Experiment.open(file).trainer()
    with progress(len(trainer.network.parameters), "Checking") as advance:
        parts = trainer.check_gradients(advance)
    if as_json:
        click.echo(json.dumps({"passed": _passed(parts), "parts": [_as_json(part) for part in parts]}))
    else:
        click.echo("\n".join(_table(parts)))
    sys.exit(0 if _passed(parts) else FAILED)


def _passed(parts: tuple[CheckedPart, ...]) -> bool:
    return not any(part.failed for part in parts)


def _as_json(part: CheckedPart) -> dict[str, Any]:
    return {
        "layer": part.layer,
        "part": part.symbol,
        "parameters": part.count,
        "largest_difference": part.largest_difference,
        "failed": part.failed,
        "skipped": [{"place": place, "reason": reason} for place, reason in part.skipped],
    }


def _table(parts: tuple[CheckedPart, ...]) -> list[str]:
    lines = [ROW.format("layer", "part", "parameters", "difference", "skipped", "wrong", "").rstrip()]
    for part in parts:
        numbers = part.count, f"{part.largest_difference:.1e}", len(part.skipped), len(part.failed)
        lines.append(ROW.format(part.layer, part.symbol, *numbers, "WRONG" if part.failed else "right").rstrip())
    for part in parts:
        lines += [f"wrong: layer {part.layer}, {part.symbol}{_place(place)}" for place in part.failed[:SHOWN]]
    for part in parts:
        lines += [
            f"skipped: layer {part.layer}, {part.symbol}{_place(place)}: {reason} has a kink there"
            for place, reason in part.skipped[:SHOWN]
        ]
    count = sum(part.count - len(part.skipped) for part in parts)
    lines.append(f"{count} gradients compared: {'all right' if _passed(parts) else 'NOT all right'}")
    return lines


def _place(place: tuple[int, ...]) -> str:
    return f"[{', '.join(str(i + 1) for i in place)}]"
