"""``bplab desktop``: files and the menu of a Linux desktop know bplab, for the user's own account."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from bplab import resources, system
from bplab.errors import BplabError
from bplab.experiment.storage import write_atomically

PLACES = {  # below the user's data folder, and where each file is among the resources
    Path("applications/bplab.desktop"): ("linux", "bplab.desktop"),
    Path("mime/packages/bplab.xml"): ("linux", "bplab.xml"),
    Path("icons/hicolor/scalable/apps/bplab.svg"): ("icon.svg",),
}
REFRESH = (("update-mime-database", "mime"), ("update-desktop-database", "applications"))


@click.command()
@click.option("--remove", is_flag=True, help="Take it away again.")
def desktop(remove: bool) -> None:
    """Put bplab into the menu of a Linux desktop, and let a double click on a .bplab file open it."""
    if not system.IS_LINUX:
        raise BplabError(
            "This is for Linux desktops.",
            "Elsewhere choose the program that opens .bplab files by a right click on one.",
        )
    home = data_home()
    for place, resource in PLACES.items():
        path = home / place
        if remove:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content_of(resource))
        click.echo(f"{'removed' if remove else 'wrote'} {path}")
    for program, folder in REFRESH:
        if shutil.which(program) and (home / folder).is_dir():
            subprocess.run([program, str(home / folder)], check=False, capture_output=True)


def data_home() -> Path:
    """Return the user's data folder, as the XDG Base Directory Specification has it."""
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "share"


def content_of(resource: tuple[str, ...]) -> bytes:
    """Return what is written: the entry of the menu starts this very installation."""
    content = resources.path(*resource).read_bytes()
    program = Path(sys.executable).with_name("bplab")
    command = f'"{program}"' if program.exists() else f'"{sys.executable}" -m bplab'
    return content.replace(b"Exec=bplab %f", f"Exec={command} %f".encode())
