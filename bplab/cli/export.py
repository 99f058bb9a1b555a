"""``bplab export``: an experiment in a form that other programs know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bplab.cli.opening import system_libraries
from bplab.cli.places import check_place
from bplab.errors import BplabError
from bplab.experiment.experiment import Experiment
from bplab.exports.export import save
from bplab.exports.subject import Subject
from bplab.qt.exports import EXPORTS

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMS = "\n".join(f"  {entry.name:<16} {entry.doc}" for entry in EXPORTS.values())


@click.command(epilog=f"\b\nForms:\n{_FORMS}")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "form", required=True, metavar="FORM", help="One of the forms below.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write. Default: beside FILE, named after it.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def export(file: Path, form: str, out: Path | None, force: bool) -> None:
    """Write the experiment in FILE in another form."""
    entry = EXPORTS[form]
    place = out or file.with_name(file.stem + entry.ending)
    check_place(place)
    subject = Subject.of(Experiment.open(file))
    with system_libraries(f"The export '{form}'"):
        files = entry.files(subject, place)
    if not force:
        _check_new(files)
    save(files)
    for path in files:
        click.echo(path)


def _check_new(paths: Iterable[Path]) -> None:
    existing = [path.name for path in paths if path.exists()]
    if existing:
        verb = "exists" if len(existing) == 1 else "exist"
        raise BplabError(f"{', '.join(existing)} {verb} already.", "Choose another name, or replace with --force.")
