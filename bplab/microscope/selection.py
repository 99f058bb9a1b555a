"""What the user has picked on the canvas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """A neuron, or the connection from `source` of the layer before to it.

    Parameters
    ----------
    layer : int
        0 is the input layer; dense layers count from 1.
    neuron : int
        Place within the layer, from 0 at the top.
    source : int, optional
        Place of the connection's start within the layer before; None for the neuron itself.
    """

    layer: int
    neuron: int
    source: int | None = None

    @property
    def is_connection(self) -> bool:
        """Whether a connection is picked."""
        return self.source is not None
