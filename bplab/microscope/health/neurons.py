"""Diseases of neurons: those that are dead, saturated, or twins of each other."""

from __future__ import annotations

import numpy as np

from bplab.microscope.health.finding import Finding, Patient, listed
from bplab.microscope.selection import Selection

SATURATED, MOST_SATURATED = 0.05, 0.8  # of the steepest slope; of a layer's neurons and samples


def dead(patient: Patient) -> list[Finding]:
    """Find hidden neurons whose activation has no slope for any sample: no gradient can reach their weights."""
    found = []
    for layer in patient.hidden:
        slopes = patient.slopes(layer)
        if slopes is None or not len(slopes):
            continue
        neurons = np.flatnonzero((slopes == 0.0).all(axis=0))
        if len(neurons):
            label = patient.network.layers[layer - 1].activation.label
            found.append(
                Finding(
                    f"Dead {label}s",
                    f"layer {layer}, neuron{'s' if len(neurons) > 1 else ''} {listed(neurons)}",
                    f"Their sums are negative for every sample, so {label} passes nothing on: slope 0, gradient 0, and"
                    " their weights never change again.",
                    "Try a smaller learning rate, He initialization, or leaky ReLU, and begin again.",
                    Selection(layer, int(neurons[0])),
                )
            )
    return found


def saturated(patient: Patient) -> list[Finding]:
    """Find hidden layers whose activations are nearly flat for most samples."""
    found = []
    for layer in patient.hidden:
        slopes, entry = patient.slopes(layer), patient.network.layers[layer - 1].activation
        if slopes is None or not len(slopes) or entry.kinks:  # those with a kink die instead
            continue
        steepest = _steepest(patient, layer)
        flat = np.abs(slopes) < SATURATED * steepest
        share = float(flat.mean())
        if share > MOST_SATURATED:
            worst = int(flat.mean(axis=0).argmax())
            found.append(
                Finding(
                    "Saturation",
                    f"layer {layer}: {share:.0%} of its activations",
                    f"Their sums are so large that {entry.label} is flat there: whatever is asked of these neurons is"
                    " multiplied by a slope near 0.",
                    "Try smaller initial weights (Xavier), standardized inputs, or a smaller learning rate.",
                    Selection(layer, worst),
                )
            )
    return found


def _steepest(patient: Patient, layer: int) -> float:
    """Return the largest slope that the activation has near 0."""
    choice, entry = patient.network.layers[layer - 1].choice, patient.network.layers[layer - 1].activation
    z = np.linspace(-3.0, 3.0, 61)
    a, out = np.empty_like(z), np.empty_like(z)
    entry.value(z, a, **choice.values)
    assert entry.slope is not None
    entry.slope(z, a, out, **choice.values)
    return float(np.abs(out).max())


def symmetric(patient: Patient) -> list[Finding]:
    """Find hidden layers whose neurons are all the same: they get the same gradients, and stay the same for ever."""
    found = []
    for layer in patient.hidden:
        own, after = patient.network.layers[layer - 1], patient.network.layers[layer]
        same_in = (own.W[0] == own.W).all() and (own.b == own.b[0]).all()
        if len(own.b) > 1 and same_in and (after.W[:, :1] == after.W).all():
            kind = "zero" if not own.W.any() else "the same"
            found.append(
                Finding(
                    "Symmetric start",
                    f"layer {layer}",
                    f"All weights into each of its neurons are {kind}, and so are those out of it: every neuron gets"
                    " the same gradient, and they stay twins, as if there were only one.",
                    "Choose a random initializer, such as Xavier, and reset.",
                    Selection(layer, 0),
                )
            )
    return found
