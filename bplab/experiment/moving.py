"""From one network to the next: every weight, slot and statistic that still has a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.engine.network import Network, Places, transplant
from bplab.experiment.naming import all_names, is_there, kept, layer_keys, places

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.experiment.spec import ExperimentSpec


class Side(NamedTuple):
    """A network and the spec that names its parts."""

    spec: ExperimentSpec
    network: Network


class Move:
    """What has a place both before an edit and after it."""

    def __init__(self, before: Side, after: Side) -> None:
        self._before, self._after = before, after
        self._keys = layer_keys(before.spec.network), layer_keys(after.spec.network)
        names = [all_names(side.spec, side.network.sizes) for side in (before, after)]
        copies = [(), *(layer.copies for layer in after.spec.network.hidden), ()]
        self._kept: dict[int, Places] = {}  # by the number of the layer after the edit
        for number, key in enumerate(self._keys[1]):
            if key in self._keys[0]:
                self._kept[number] = kept(names[0][self._keys[0].index(key)], names[1][number], copies[number])

    def vector(self, old: Array, fresh: Array, shares: bool = False) -> Array:
        """Return the flat vector `fresh` with everything of `old` that still has a place.

        Parameters
        ----------
        shares : bool
            Let a copy of a neuron and its original halve what they tell the next layer, so that its sums stay.
        """
        result = fresh.copy()
        before, after = self._before.network.views(old), self._after.network.views(result)
        for number, was in self._layers():
            heard = self._keys[0][was - 1] == self._keys[1][number - 1]
            transplant(
                before[was - 1], after[number - 1], self._kept[number], self._kept[number - 1] if heard else None
            )
            if heard and shares:
                origins, now = self._kept[number - 1]
                after[number - 1].W[:, now] /= np.bincount(origins)[origins]
        return result

    def statistics(self) -> None:
        """Give the new network the running statistics of every batch norm that is still there."""
        for number, was in self._layers():
            old, new = self._before.network.layers[was - 1], self._after.network.layers[number - 1]
            if len(old.running_mean) and len(new.running_mean):
                were, are = self._kept[number]
                new.running_mean[are] = old.running_mean[were]
                new.running_variance[are] = old.running_variance[were]

    def prune(self, parameters: Array, initial: Array) -> None:
        """Set what is pruned to 0, and what no longer is to what it was."""
        gone = {part.name for part in self._after.spec.network.pruned}
        for part in self._before.spec.network.pruned:
            if part.name not in gone and is_there(part, self._before.spec.network, self._after.spec.network):
                place = places(self._after.spec, self._after.network, [part])
                parameters[place], initial[place] = part.weight, part.initial
        place = places(self._after.spec, self._after.network, self._after.spec.network.pruned)
        parameters[place], initial[place] = 0.0, 0.0

    def _layers(self) -> list[tuple[int, int]]:
        """Return the number of every dense layer that is still there, and the number that it had."""
        keys = self._keys[1][1:]
        return [(n, self._keys[0].index(key)) for n, key in enumerate(keys, start=1) if key in self._keys[0]]
