"""How fast training is beside other libraries, and how it grows: ``python -m tests.benchmarks.training``.

Prints microseconds per step (forward, loss, backward and update, in a new order every epoch): medians of rounds in
which every contender has its turn, on one thread. Nothing here can fail a build. What is not installed has a dash:
``pip install torch jax scikit-learn`` brings the peers, Node the Playground's engine.
"""

from __future__ import annotations

import os
import time
from statistics import median

# Before any library asks. One processor is the surest way: JAX would use a second one whatever its flags say.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", NUMBA_NUM_THREADS="1")
os.environ.update(XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1", JAX_PLATFORMS="cpu")

import click

from tests.benchmarks.contenders import OWN, PEERS, UNABLE
from tests.benchmarks.workloads import GROWTH, WORKLOADS

COMPARED_AFTER_STEPS, ROUND_S = 500, 0.1
SAME_LOSS = 0.1  # by how much, relatively, losses may differ that were reached in different orders of the samples


@click.command()
@click.option("--table", type=click.Choice(["peers", "growth"]), help="Print only this table.")
@click.option("--workload", "names", multiple=True, type=click.Choice([w.name for w in WORKLOADS]), help="Only these.")
@click.option("--rounds", default=15, show_default=True, help="How often each contender is timed.")
def main(table, names, rounds):
    """Print how long a step of training takes."""
    if table != "growth":
        print_peers([w for w in WORKLOADS if w.name in (names or w.name)], rounds)
    if table != "peers":
        for what, workloads in GROWTH.items():
            print_growth(what, workloads, rounds)


def print_peers(workloads, rounds):
    contenders = OWN | PEERS
    print("Microseconds per step, one thread, medians of", rounds, "rounds\n")
    results = {workload: measure(workload, contenders, rounds) for workload in workloads}
    print(row("", *contenders))
    for workload, (times, _) in results.items():
        print(row(workload.name, *(number(times.get(name)) for name in contenders)))
    print("\nHow many times faster\n")
    print(row("", "best peer", *RATIOS))
    for workload, (times, _) in results.items():
        best = min((name for name in PEERS if name in times), key=times.get, default="-")
        ratios = (number(divide(times.get(slow), times.get(fast))) for slow, fast in compared(best))
        print(row(workload.name, best, *ratios))
    print("\nLoss reached from the same weights in the same number of epochs\n")
    for workload, (_, losses) in results.items():
        print(row(workload.name, *(f"{losses[name]:.4g}" if name in losses else "-" for name in contenders)))
        spread = max(losses.values()) / min(losses.values()) - 1.0
        if spread > SAME_LOSS:
            print(f"    not the same training: losses {spread:.0%} apart")
    print()
    for workload in workloads:
        print(workload)
    print()


RATIOS = ("comp/best", "comp/numpy", "np/PyTorch", "np/sklearn")


def compared(best):
    """Pairs (slower, faster) in the order of `RATIOS`."""
    return (best, "compiled"), ("numpy", "compiled"), ("PyTorch", "numpy"), ("sklearn", "numpy")


def print_growth(what, workloads, rounds):
    print(f"Microseconds per step by {what}: {str(workloads[0]).split('  ')[1]}\n")
    print(row(what, *OWN, "comp/numpy"))
    for workload in workloads:
        times, _ = measure(workload, OWN, rounds)
        faster = divide(times.get("numpy"), times.get("compiled"))
        print(row(workload.name, *(number(times.get(name)) for name in OWN), number(faster)))
    print()


def measure(workload, contenders, rounds):
    """Return microseconds per step, and the loss after the same number of epochs, by name of contender."""
    ready = prepare(workload, contenders)
    losses = {name: workload.loss(contender.weights()) for name, contender in ready.items()}
    for contender in ready.values():
        contender.run(workload.epochs(workload.warm_up_steps))
    epochs = {name: epochs_of_a_round(contender) for name, contender in ready.items()}
    times = {name: [] for name in ready}
    for _ in range(rounds):
        for name, contender in ready.items():
            times[name].append(seconds(contender, epochs[name]) / epochs[name] / workload.steps * 1e6)
    for contender in ready.values():
        getattr(contender, "close", bool)()
    return {name: median(found) for name, found in times.items()}, losses


def prepare(workload, contenders):
    """Make every contender that can be made, and train each for as many epochs: all compiling is done in them."""
    ready = {}
    for name, make in contenders.items():
        try:
            ready[name] = make(workload)
        except UNABLE:
            continue
        ready[name].run(workload.epochs(COMPARED_AFTER_STEPS))
    return ready


def epochs_of_a_round(contender):
    """Return how many epochs take as long as a round; one alone would say little of a quick contender."""
    epochs = 1
    while (took := seconds(contender, epochs)) < ROUND_S / 4:
        epochs *= 2
    return max(1, round(epochs * ROUND_S / took))


def seconds(contender, epochs):
    began = time.perf_counter()
    contender.run(epochs)
    return time.perf_counter() - began


def divide(slower, faster):
    return slower / faster if slower and faster else None


def number(value):
    return "-" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def row(first, *cells):
    return f"{first:6}" + "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    main()
