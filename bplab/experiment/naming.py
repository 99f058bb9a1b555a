"""What keeps its name through every edit: layers by their keys, neurons by their numbers, and so every connection.

Names are found again in a network by their place in its flat vector of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.errors import SettingError
from bplab.experiment.spec import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bplab.engine.layer import Parameters
    from bplab.engine.network import Network, Places
    from bplab.experiment.spec import ExperimentSpec, LayerSpec, NetworkSpec

INPUT, OUTPUT = 0, -1  # the keys of the layers that are always there


def layer_keys(network: NetworkSpec) -> list[int]:
    """Return the key of every layer, the input layer first."""
    return [INPUT, *(layer.key for layer in network.hidden), OUTPUT]


def neuron_names(layer: LayerSpec) -> tuple[int, ...]:
    """Return the name of every neuron of a hidden layer, in their order."""
    return layer.neurons or tuple(range(1, layer.size + 1))


def all_names(spec: ExperimentSpec, sizes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the names of the neurons of every layer of a network of these sizes; those of the ends just count."""
    first, last = (tuple(range(1, size + 1)) for size in (sizes[0], sizes[-1]))
    return [first, *map(neuron_names, spec.network.hidden), last]


def part_at(spec: ExperimentSpec, sizes: tuple[int, ...], layer: int, neuron: int, source: int | None = None) -> Part:
    """Return the name of a neuron, or of the connection to it, that is at a place of the picture.

    Parameters
    ----------
    layer : int
        Number of a dense layer, from 1.
    neuron, source : int
        Places in their layers, from 0; without a source it is the whole neuron.
    """
    names = all_names(spec, sizes)
    key = layer_keys(spec.network)[layer]
    return Part(layer=key, neuron=names[layer][neuron], source=None if source is None else names[layer - 1][source])


def kept(before: tuple[int, ...], after: tuple[int, ...], copies: Iterable[tuple[int, int]] = ()) -> Places:
    """Return where the neurons that are still there were, and where they are now; a new copy was its original."""
    were = {name: place for place, name in enumerate(before)}
    origins = {copy: original for copy, original in copies if copy not in were}
    found = [(were.get(origins.get(name, name)), place) for place, name in enumerate(after)]
    pairs = np.array([pair for pair in found if pair[0] is not None], dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def places(spec: ExperimentSpec, network: Network, parts: Iterable[Part]) -> np.ndarray:
    """Return where parts are in the flat vector of a network, ascending.

    Raises
    ------
    SettingError
        If the network has no such part.
    """
    parts = tuple(parts)
    if not parts:
        return np.empty(0, dtype=np.intp)
    keys, names = layer_keys(spec.network), all_names(spec, network.sizes)
    numbers = network.views(np.arange(float(len(network.parameters))))
    found = [block for part in parts for block in _places(part, keys, names, numbers)]
    return np.unique(np.concatenate(found)).astype(np.intp)


def _places(
    part: Part, keys: list[int], names: list[tuple[int, ...]], numbers: tuple[Parameters, ...]
) -> list[np.ndarray]:
    """Return the places of one part, in blocks."""
    if part.layer not in keys[1:]:
        raise SettingError(f"There is no layer with the key {part.layer}.", "Name a layer of the network.")
    layer = keys.index(part.layer)
    own = numbers[layer - 1]
    if part.neuron is None:
        return [block.ravel() for block in own]
    row = _place(names[layer], part.neuron, layer)
    if part.source is None:
        return [own.W[row], *(block[row : row + 1] for block in own[1:])]
    if part.source == 0:
        return [own.b[row : row + 1]]
    column = _place(names[layer - 1], part.source, layer - 1)
    return [own.W[row, column : column + 1]]


def _place(names: tuple[int, ...], neuron: int, layer: int) -> int:
    if neuron not in names:
        raise SettingError(f"Layer {layer} has no neuron named {neuron}.", "Name one that it has.")
    return names.index(neuron)


def is_there(part: Part, before: NetworkSpec, after: NetworkSpec) -> bool:
    """Tell whether a part of the network before an edit is still one after it.

    A connection is gone when its layer hears from another layer; the neurons of the ends are always there.
    """
    keys_before, keys_after = layer_keys(before), layer_keys(after)
    if part.layer not in keys_after[1:]:
        return False
    was, now = keys_before.index(part.layer), keys_after.index(part.layer)
    if part.neuron is not None and not _has(after, now, part.neuron):
        return False
    if not part.source:
        return True
    return keys_before[was - 1] == keys_after[now - 1] and _has(after, now - 1, part.source)


def _has(network: NetworkSpec, layer: int, neuron: int) -> bool:
    is_end = not 1 <= layer <= len(network.hidden)
    return is_end or neuron in neuron_names(network.hidden[layer - 1])
