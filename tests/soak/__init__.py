"""Long proofs, started by hand; a short form of each runs with the tests.

- ``python -m tests.soak.mutations --count 5000000``: any bytes can be opened
- ``python -m tests.soak.kills --count 20000``: no save is lost, whenever the process is killed
- ``python -m tests.soak.system_calls``: every system call of a save fails once, in several ways (Linux, strace)
- ``python -m tests.soak.full_disk``: a disk that is full at every 256 bytes (Linux, root)
- ``python -m tests.soak.resume --count 10000``: a run that goes on from its file is the uninterrupted one
- ``python -m tests.soak.unsaved_work --count 500``: unsaved work at risk is at most two seconds old (not on Windows)
- ``python -m tests.soak.closings --count 1000``: the program ends within a second, during anything (Linux)

Each takes ``--plant`` with the name of a bug that it has to find; then it has to end with exit code 1.
"""
