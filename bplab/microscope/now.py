"""Where "now" is within a step, down to single operations, and what is known by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from bplab.engine.network import Network
    from bplab.engine.record import PhaseKind, StepRecord

OperationKind = Literal["term", "bias", "activation", "share", "mean", "request", "slope", "gradient"]
MOST_SINGLE = 12  # a sum of more terms is one operation


@dataclass(frozen=True)
class Operation:
    """One stroke of the pen within a phase; it is done for every neuron of the layer at once.

    Parameters
    ----------
    kind : str
        "term": the product of a weight and what came in; "bias"; "activation"; "share": an output's part of the loss;
        "mean" of the batch; "request": the product of a weight and an error of the next layer; "slope" of the
        activation; "gradient": the error times what came in.
    neuron : int, optional
        Whose term, share or request it is; None for all of them at once.
    is_last : bool
        Whether the phase is done with it.
    """

    kind: OperationKind
    neuron: int | None = None
    is_last: bool = False


def operations(sizes: tuple[int, ...], phase: PhaseKind, layer: int | None) -> tuple[Operation, ...]:
    """Return what a phase is made of, in its order."""
    last = len(sizes) - 1
    if phase == "forward" and layer is not None:
        return _marked([*_each("term", sizes[layer - 1]), Operation("bias"), Operation("activation")])
    if phase == "loss":
        return _marked([*_each("share", sizes[-1]), Operation("mean")])
    if phase == "backward" and layer is not None:
        heard = _each("request", sizes[layer + 1]) if layer < last else []
        return _marked([*heard, Operation("slope"), Operation("gradient")])
    return ()


def _each(kind: OperationKind, count: int) -> list[Operation]:
    return [Operation(kind, neuron) for neuron in range(count)] if count <= MOST_SINGLE else [Operation(kind)]


def _marked(found: list[Operation]) -> tuple[Operation, ...]:
    return (*found[:-1], Operation(found[-1].kind, found[-1].neuron, is_last=True))


@dataclass(frozen=True)
class Now:
    """A moment of a step.

    Parameters
    ----------
    phase : str or None
        None between steps.
    layer : int or None
        The dense layer that goes forward or backward, from 1; None for loss, update, and a sample looked at alone.
    operation : Operation or None
        None where the phase is done.
    """

    phase: PhaseKind | None = None
    layer: int | None = None
    operation: Operation | None = None

    @property
    def is_amid(self) -> bool:
        """Whether the present phase is not done yet."""
        return self.operation is not None and not self.operation.is_last

    def knows_sum(self, layer: int) -> bool:
        """Whether z of a layer is known."""
        amid = self.operation is not None and self.operation.kind == "term"
        return self.phase != "forward" or layer < (self.layer or 0) + (not amid)

    def knows_activation(self, layer: int) -> bool:
        """Whether the forward pass has been at a layer, 0 being the input."""
        return self.phase != "forward" or layer < (self.layer or 0) + (not self.is_amid)

    @property
    def knows_loss(self) -> bool:
        """Whether the loss is known."""
        return self.phase != "forward" and not (self.phase == "loss" and self.is_amid)

    def knows_error(self, layer: int) -> bool:
        """Whether the backward pass has been at a dense layer."""
        if self.phase in ("forward", "loss"):
            return False
        return self.phase != "backward" or layer > (self.layer or 0) - (not self.is_amid)

    @property
    def knows_update(self) -> bool:
        """Whether the parameters have been changed."""
        return self.phase in (None, "update")


def so_far(network: Network, record: StepRecord, sample: int, now: Now) -> np.ndarray | None:
    """Return what has been worked out for each neuron of the layer at which "now" is, for one sample of the batch.

    Returns
    -------
    ndarray of shape (n_out,) or None
        Forward: the sum of the terms so far, z, then the activation. Backward: what the next layer has asked for so
        far, dL/da, then the error dL/dz of the sample's own loss. None where no operation is being looked at.
    """
    operation, layer = now.operation, now.layer
    if operation is None or layer is None:
        return None
    seen, batch = record.layers[layer - 1], len(record.indices)
    if operation.kind == "term":
        count = seen.W.shape[1] if operation.neuron is None else operation.neuron + 1
        return np.asarray(seen.W[:, :count] @ seen.a_prev[sample, :count])
    if operation.kind == "bias":
        return np.asarray(seen.z[sample])
    if operation.kind == "activation":
        return np.asarray(seen.a[sample])
    if operation.kind == "request" and operation.neuron is not None and operation.neuron + 1 < network.sizes[layer + 1]:
        after = record.layers[layer]
        count = operation.neuron + 1
        return np.asarray(after.delta[sample, :count] @ after.W[:count] * batch)
    if operation.kind == "request":
        return np.asarray(seen.pull[sample])  # with what reaches it through skip connections
    return np.asarray(seen.delta[sample] * batch)
