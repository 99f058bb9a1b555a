"""Every system call of a save fails once: ``python -m tests.soak.system_calls`` (Linux, with strace).

For each call that a save makes in its folder, and for each way to fail, one save is done under strace, which lets that
call fail, or kills the process there. The file has to be the old one or the new one, whole; an error has to be told in
words; and nothing may be left beside it, except by a kill.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from bplab import BplabError, Experiment
from bplab.experiment import edits

WAYS = {
    "kill": "signal=KILL",
    "ENOSPC": "error=ENOSPC",
    "EIO": "error=EIO",
    "EACCES": "error=EACCES",
    "EROFS": "error=EROFS",
}
CALLS = (
    "openat,write,fsync,rename,renameat,renameat2,unlink,unlinkat,chmod,fchmod,fchmodat,chown,fchown,fchownat,close,"
    "read,lseek,fstat,stat,lstat,newfstatat,statx,access,faccessat,faccessat2,readlink,getdents64,ioctl,fcntl"
)
CHILD = """
import sys
from pathlib import Path
from bplab import BplabError, Experiment
from tests.soak.system_calls import plant
path, bug = Path(sys.argv[1]), sys.argv[2]
experiment = Experiment.open(path.with_name("source"))
plant(bug)
sys.stderr.write("READY")
sys.stderr.flush()
try:
    experiment.save(path)
except BplabError as error:
    print(error)
    sys.exit(2)
"""
PLANTS = ("in-place", "silent", "no-fsync")
MISSED = "another call was reached"  # Python makes one call more or less, now and then
STALE = ".bplab-stale.tmp"  # what an earlier save has left, so that its removal is among the calls


class Result(NamedTuple):
    """What a save under strace did: its exit code (negative: killed), what it printed, and the calls that it made."""

    code: int
    output: str
    calls: list[str]


def plant(bug: str) -> None:
    """Put a bug into this process."""
    from bplab.experiment import storage, writing

    if bug == "in-place":
        writing.write_atomically = lambda path, *pieces: path.write_bytes(b"".join(pieces))  # type: ignore[assignment]
    elif bug == "no-fsync":
        os.fsync = lambda _: None  # type: ignore[assignment]
    elif bug == "silent":
        real = storage.write_atomically

        def write(path: Path, *pieces: storage.Piece) -> object:
            try:
                return real(path, *pieces)
            except BplabError:
                return None

        writing.write_atomically = write  # type: ignore[assignment]


def saved(folder: Path, inject: str, bug: str) -> Result:
    """Save under strace, with a fault; only calls after the program was ready are looked at."""
    log = folder.parent / "strace.log"
    command = ["strace", "-f", "-y", "-o", str(log), "-e", f"trace={CALLS}"]
    if inject:
        command += ["-e", f"inject={inject}"]
    command += [sys.executable, "-c", CHILD, str(folder / "x.bplab"), bug]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Result(done.returncode, done.stdout + done.stderr, log.read_text(errors="replace").splitlines())


def calls_of(result: Result, folder: Path) -> list[tuple[str, int]]:
    """Return the calls of the save that concern its folder: name, and how many of that name came before and with it."""
    counts: dict[str, int] = {}
    found, ready = [], False
    for line in result.calls:
        match = re.match(r"\d+\s+(\w+)\(", line)
        if match is None:
            continue
        name = match[1]
        counts[name] = counts.get(name, 0) + 1
        ready = ready or '"READY"' in line
        if ready and str(folder) in line:
            found.append((name, counts[name]))
    return found


def unsynced(calls: list[tuple[str, int]]) -> list[str]:
    """Return what a power cut could take: a file that is renamed before it is on the disk, or a name that is not."""
    names = [name for name, _ in calls]
    place = next((place for place, name in enumerate(names) if name.startswith("rename")), 0)
    faults = {"the content is not synced before the rename": names[:place], "the folder is not synced": names[place:]}
    return [fault for fault, there in faults.items() if "fsync" not in there]


def check(folder: Path, old: bytes, way: str, result: Result) -> str:
    """Return what is wrong after a save in which a call failed, or nothing."""
    path = folder / "x.bplab"
    now = path.read_bytes()
    try:
        Experiment.open(path)
    except BplabError as error:
        return f"the file is damaged: {error}"
    left = [file.name for file in folder.iterdir() if file.name not in ("x.bplab", "source", STALE)]
    hit = [line for line in result.calls if ("(INJECTED)" in line or way == "kill") and re.match(r"\d+\s+\w+\(", line)]
    if not hit or str(folder) not in hit[-1]:
        return f"{MISSED}: {hit[-1:]}"
    if way == "kill":
        return "" if "killed by SIGKILL" in result.calls[-1] else "it was not killed"
    if left:
        return f"left behind: {left}"
    if result.code == 0:
        return "" if now != old else "it said that it saved, but the old file is there"
    if result.code == 2 and "perhaps not for good" in result.output:
        return "" if now != old else "it said that it saved, but the old file is there"
    if result.code == 2:
        return "" if "could not be saved" in result.output and now == old else f"unclear: {result.output[-200:]}"
    return f"exit code {result.code}: {result.output[-300:]}"


def soak(bug: str = "", ways: tuple[str, ...] = tuple(WAYS), only: tuple[str, ...] = ()) -> tuple[int, list[str]]:
    """Return how many saves were done, and the findings; `only` names the calls to look at, none for all."""
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "folder"
        folder.mkdir()
        old = _prepared(folder)
        calls = calls_of(saved(folder, "", bug), folder)
        findings += unsynced(calls)
        calls = [call for call in calls if not only or call[0] in only]
        for call, number in calls:
            for way in ways:
                fault = MISSED
                for _ in range(3):
                    if fault.startswith(MISSED):
                        _prepared(folder)
                        fault = check(folder, old, way, saved(folder, f"{call}:{WAYS[way]}:when={number}", bug))
                if fault:
                    findings.append(f"{call} number {number}, {way}: {fault}")
    return len(calls) * len(ways), findings


def _prepared(folder: Path) -> bytes:
    """Fill the folder with an old file, and with what is to be saved over it."""
    shutil.rmtree(folder)
    folder.mkdir()
    experiment = Experiment.new("xor", hidden=[2])
    experiment.save(folder / "x.bplab")
    experiment.apply(edits.replace(experiment.spec, notes="new"))
    experiment.save(folder / "source")
    (folder / STALE).touch()
    os.utime(folder / STALE, (1, 1))
    if os.geteuid() == 0:
        os.chown(folder / "x.bplab", 1234, 5678)
    return (folder / "x.bplab").read_bytes()


@click.command()
@click.option("--plant", "bug", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(bug: str | None) -> None:
    """Let every system call of a save fail in every way."""
    if not shutil.which("strace"):
        raise click.ClickException("strace is needed: apt install strace")
    count, findings = soak(bug or "")
    click.echo(f"{count} saves, {len(findings)} findings")
    for finding in findings:
        click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
