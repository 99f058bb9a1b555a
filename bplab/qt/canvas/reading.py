"""How the user wants to read the canvas: every choice of its bar and of the View menu, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bplab.qt.canvas.measures import MEASURES

ScaleKind = Literal["log", "linear"]
WidthBy = Literal["weight", "gradient", "constant"]
Show = Literal["all", "strongest", "positive", "negative"]
Neurons = Literal["value", "error", "response", "weights", "gradients"]
Range = Literal["automatic", "locked", "pinned"]


@dataclass(frozen=True)
class Reading:
    """The choices.

    Parameters
    ----------
    color_by : str
        An entry of `MEASURES`.
    scale, is_per_layer :
        One scale for all layers, or one each.
    range : str
        "automatic" follows the largest value; "locked" keeps the ends of the scale; "pinned" shows what has changed
        since a step.
    width_by : str
        What the width of a connection shows.
    show, strongest :
        Which connections, and how many at most of the strongest.
    neurons : str
        What a neuron shows.
    has_matrices : bool
        Whether every layer's weights are shown as a matrix, and not only those of large layers.
    """

    color_by: str = "gradient"
    scale: ScaleKind = "log"
    is_per_layer: bool = False
    range: Range = "automatic"
    width_by: WidthBy = "weight"
    show: Show = "all"
    strongest: int = 20
    neurons: Neurons = "value"
    has_matrices: bool = False


@dataclass(frozen=True)
class Options:
    """One field of `Reading` with its values: (value, label, tooltip) each."""

    field: str
    label: str
    doc: str
    values: tuple[tuple[object, str, str], ...]


OPTIONS = (
    Options(
        "color_by",
        "Colour",
        "What the colour of a connection shows.",
        tuple((name, measure.label, measure.doc) for name, measure in MEASURES.items()),
    ),
    Options(
        "scale",
        "Scale",
        "How values become colours.",
        (
            ("log", "log", "Each power of ten takes as much of the scale: also small values differ."),
            ("linear", "linear", "Twice the value is twice as far on the scale."),
        ),
    ),
    Options(
        "is_per_layer",
        "Compared",
        "Within what the largest value takes the end of the scale.",
        (
            (False, "all layers", "One scale for all: layers can be compared."),
            (True, "per layer", "Each layer has its own scale: its own strongest connection stands out."),
        ),
    ),
    Options(
        "range",
        "Range",
        "Where the scale ends.",
        (
            ("automatic", "automatic", "The scale follows the largest value of each step."),
            ("locked", "locked", "The scale stays as it is now, so that steps can be compared."),
            ("pinned", "change since now", "The colours show what changes from this step on."),
        ),
    ),
    Options(
        "show",
        "Show",
        "Which connections are drawn.",
        (
            ("all", "all", "Every connection."),
            ("strongest", "strongest", "Only those with the largest values; choose how many beside it."),
            ("positive", "positive", "Only those whose value is positive."),
            ("negative", "negative", "Only those whose value is negative."),
        ),
    ),
    Options(
        "width_by",
        "Width",
        "What the width of a connection shows.",
        (
            ("weight", "weight", "The size of the weight."),
            ("gradient", "gradient", "The size of the gradient."),
            ("constant", "constant", "Nothing: all are equally wide."),
        ),
    ),
    Options(
        "neurons",
        "Neurons",
        "What a neuron shows.",
        (
            ("value", "value", "Its activation for the chosen sample."),
            ("error", "error δ", "Its error for the chosen sample: how the loss changes with its sum."),
            ("response", "response map", "Its activation for all values of the first two features."),
            ("weights", "incoming weights", "The weights into it, as a small image."),
            ("gradients", "incoming gradients", "The gradients of the weights into it, as a small image."),
        ),
    ),
    Options(
        "has_matrices",
        "Matrices",
        "Whether weights are shown as a matrix, a pixel each.",
        (
            (False, "of large layers", "A matrix where there are more than 10,000 connections between two layers."),
            (True, "of all layers", "A matrix below every pair of layers."),
        ),
    ),
)
