"""What can be done with what is picked on the canvas: one list for the menu, the context menu and the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from bplab.experiment import edits
from bplab.experiment.naming import layer_keys, part_at, places
from bplab.experiment.spec import ExperimentSpec, Part, Pruned

if TYPE_CHECKING:
    from bplab.experiment.experiment import Experiment
    from bplab.experiment.spec import LayerSpec
    from bplab.microscope.selection import Selection

Change: TypeAlias = Callable[[ExperimentSpec], ExperimentSpec]


@dataclass(frozen=True)
class NetworkAction:
    """One edit, in the words of the menu and of undo.

    Parameters
    ----------
    change : callable, optional
        From spec to spec; None where it is not possible now.
    """

    text: str
    tip: str
    key: str
    change: Change | None


def network_actions(
    experiment: Experiment, picks: tuple[Selection, ...], copied: LayerSpec | None = None
) -> tuple[NetworkAction, ...]:
    """Return the edits that go with what is picked, those of connections, of neurons, then of the last pick's layer.

    Parameters
    ----------
    copied : LayerSpec, optional
        The layer that can be pasted.
    """
    connections = [pick for pick in picks if pick.is_connection]
    neurons = [pick for pick in picks if not pick.is_connection and pick.layer > 0]
    layer = picks[-1].layer if picks else None
    return (
        *_of_connections(experiment, [_part(experiment, pick) for pick in connections]),
        *_of_neurons(experiment, neurons),
        *_of_layer(experiment, layer, copied),
    )


def _of_connections(experiment: Experiment, parts: list[Part]) -> list[NetworkAction]:
    what = _counted("connection", len(parts))
    pruned = {part.name for part in experiment.spec.network.pruned}
    if parts and all(part.name in pruned for part in parts):
        tip = "Put it in again, with the weight that it had."
        prune = NetworkAction(f"Bring {what} back", tip, "P", partial(edits.bring_back, parts=parts))
    else:
        tip = "Take it out: its weight becomes 0 and stays so, until you bring it back."
        taken = [_to_prune(experiment, part) for part in parts if part.name not in pruned]
        prune = NetworkAction(f"Prune {what}", tip, "P", partial(edits.prune, parts=taken) if parts else None)
    return [prune, _freezing(experiment, what, parts, "F")]


def _of_neurons(experiment: Experiment, neurons: list[Selection]) -> list[NetworkAction]:
    what, hidden = _counted("neuron", len(neurons)), experiment.spec.network.hidden
    inner = [pick for pick in neurons if pick.layer <= len(hidden)]
    taken = {pick.layer: sum(other.layer == pick.layer for other in inner) for pick in inner}
    possible = inner and all(count < hidden[layer - 1].size for layer, count in taken.items())
    tip = "Add a copy below it; both halve what they tell the next layer, so that no prediction changes."
    return [
        NetworkAction(
            f"Remove {what}",
            "The other neurons keep their weights.",
            "Del",
            partial(_one_by_one, edits.remove_neuron, inner) if possible else None,
        ),
        NetworkAction(
            f"Clone {what}", tip, "Ctrl+D", partial(_one_by_one, edits.clone_neuron, inner) if inner else None
        ),
        _freezing(experiment, what, [_part(experiment, pick) for pick in neurons], "Shift+F"),
    ]


def _of_layer(experiment: Experiment, layer: int | None, copied: LayerSpec | None) -> list[NetworkAction]:
    count = len(experiment.spec.network.hidden)
    place = layer - 1 if layer is not None and 1 <= layer <= count else None
    after = count if layer is None or layer > count else layer
    parts = [Part(layer=layer_keys(experiment.spec.network)[layer])] if layer else []

    def own(change: Callable[..., ExperimentSpec], shift: int | None = None) -> Change | None:
        if place is None or (shift is not None and not 0 <= place + shift < count):
            return None
        return (
            partial(change, position=place) if shift is None else partial(change, position=place, target=place + shift)
        )

    paste = None if copied is None else partial(edits.paste_layer, position=after, layer=copied)
    return [
        NetworkAction("Duplicate layer", "Add a layer like it after it.", "Ctrl+Shift+D", own(edits.duplicate_layer)),
        NetworkAction("Paste layer", "Add a layer like the copied one after this one.", "Ctrl+V", paste),
        NetworkAction(
            "Move layer left", "It changes places with the one before.", "Alt+Left", own(edits.move_layer, -1)
        ),
        NetworkAction(
            "Move layer right", "It changes places with the one after.", "Alt+Right", own(edits.move_layer, 1)
        ),
        NetworkAction("Remove layer", "Take the layer away; undo brings it back.", "Ctrl+Del", own(edits.remove_layer)),
        _freezing(experiment, "layer", parts, "Ctrl+Shift+F"),
    ]


def _freezing(experiment: Experiment, what: str, parts: list[Part], key: str) -> NetworkAction:
    frozen = {part.name for part in experiment.spec.network.frozen}
    if parts and all(part.name in frozen for part in parts):
        change = partial(edits.unfreeze, parts=parts)
        return NetworkAction(f"Unfreeze {what}", "Let training change its weights again.", key, change)
    tip = "Training leaves its weights as they are; the gradients are still shown."
    return NetworkAction(f"Freeze {what}", tip, key, partial(edits.freeze, parts=parts) if parts else None)


def _one_by_one(
    change: Callable[[ExperimentSpec, int, int], ExperimentSpec], picks: list[Selection], spec: ExperimentSpec
) -> ExperimentSpec:
    """Change neurons from the last one up, so that the places of the others hold."""
    for pick in sorted(picks, key=lambda pick: (pick.layer, pick.neuron), reverse=True):
        spec = change(spec, pick.layer - 1, pick.neuron)
    return spec


def _part(experiment: Experiment, pick: Selection) -> Part:
    return part_at(experiment.spec, experiment.network.sizes, pick.layer, pick.neuron, pick.source)


def _to_prune(experiment: Experiment, part: Part) -> Pruned:
    (place,) = places(experiment.spec, experiment.network, [part])
    weights = {"weight": experiment.network.parameters[place], "initial": experiment.run.initial[place]}
    return Pruned(layer=part.layer, neuron=part.neuron, source=part.source, **weights)


def _counted(what: str, count: int) -> str:
    return what if count <= 1 else f"{count} {what}s"
