"""Networks to begin with: each shows something that is worth seeing, and is a page of one's own to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bplab.catalogue import Catalogue, Entry
from bplab.engine.activations import ACTIVATIONS
from bplab.experiment.edits import replace
from bplab.experiment.spec import ExperimentSpec, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Template(Entry):
    """A way to lay out hidden layers.

    Parameters
    ----------
    activation : str
        That of every hidden layer.
    sizes : callable
        From the number of inputs to the neurons of each hidden layer.
    skips : bool
        Whether every hidden layer but the first adds what the one before it gives.
    """

    activation: str
    sizes: Callable[[int], tuple[int, ...]]
    skips: bool = False


TEMPLATES = Catalogue(
    "template",
    Template(
        name="perceptron",
        label="Perceptron",
        doc="No hidden layer: it can only draw a straight line between two classes.",
        source="F. Rosenblatt, The perceptron, Psychological Review 65 (1958).",
        activation="tanh",
        sizes=lambda _: (),
    ),
    Template(
        name="xor_net",
        label="XOR net",
        doc="Two hidden neurons: the fewest that tell the four corners of xor apart.",
        source="D. Rumelhart, G. Hinton, R. Williams, Learning internal representations (1986).",
        activation="tanh",
        sizes=lambda _: (2,),
    ),
    Template(
        name="deep_narrow",
        label="Deep and narrow",
        doc="Eight layers of four sigmoids: the gradient vanishes on its way to the first.",
        source="X. Glorot, Y. Bengio, Understanding the difficulty of training deep networks (2010).",
        activation="sigmoid",
        sizes=lambda _: (4,) * 8,
    ),
    Template(
        name="wide_shallow",
        label="Wide and shallow",
        doc="One layer of 64 neurons: it fits a great many shapes, with short ways for the gradient.",
        source="G. Cybenko, Approximation by superpositions of a sigmoidal function (1989).",
        activation="relu",
        sizes=lambda _: (64,),
    ),
    Template(
        name="residual",
        label="Residual",
        doc="Eight layers of eight, each adding what the one before it gives: the gradient keeps its size.",
        source="K. He et al., Deep residual learning for image recognition (2016).",
        activation="tanh",
        sizes=lambda _: (8,) * 8,
        skips=True,
    ),
    Template(
        name="autoencoder",
        label="Autoencoder",
        doc="Layers that narrow to three neurons and widen again: all that passes has to be told in three numbers.",
        source="G. Hinton, R. Salakhutdinov, Reducing the dimensionality of data (2006).",
        activation="tanh",
        sizes=lambda n: (max(4, n), 3, max(4, n)),
    ),
)


def apply_template(spec: ExperimentSpec, name: str, n_inputs: int) -> ExperimentSpec:
    """Return the spec with the hidden layers of a template, for a network of so many inputs.

    Raises
    ------
    SettingError
        If there is no such template.
    """
    template = TEMPLATES[name]
    activation = ACTIVATIONS.choose(template.activation)
    # Keys that no layer has had, so that the new layers get weights of their own.
    first = max((layer.key for layer in spec.network.hidden), default=0) + 1
    layers = [
        LayerSpec(
            key=key,
            size=min(size, 4096),
            activation=activation,
            skip_from=key - 1 if template.skips and key > first else None,
        )
        for key, size in enumerate(template.sizes(n_inputs), start=first)
    ]
    return replace(spec, network=replace(spec.network, hidden=layers, frozen=(), pruned=()))
