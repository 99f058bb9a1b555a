"""Start of the program: ``bplab`` and ``python -m bplab``."""

from __future__ import annotations

from threadpoolctl import threadpool_limits


def main() -> None:
    """Hold BLAS to one thread, so that results do not depend on the machine, then obey the command line."""
    import numpy  # noqa: F401, ICN001 - its BLAS has to be loaded before it can be held

    threadpool_limits(limits=1, user_api="blas")
    from bplab.cli import cli

    cli(prog_name="bplab")


if __name__ == "__main__":
    main()
