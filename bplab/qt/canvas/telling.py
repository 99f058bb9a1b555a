"""What the canvas says of a neuron or connection in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.experiment.naming import part_at

if TYPE_CHECKING:
    from bplab.experiment.spec import ExperimentSpec
    from bplab.microscope.selection import Selection
    from bplab.qt.canvas.scene import Scene


def describe(spec: ExperimentSpec, scene: Scene, found: Selection) -> str:
    """Return both ends of a connection with weight, gradient and update, or a neuron with its values."""
    if found.source is None:
        return _neuron(spec, scene, found)
    layer, record = scene.network.layers[found.layer - 1], scene.record
    source = neuron_name(spec, scene, found.layer - 1, found.source)
    ends = f"{source} → {neuron_name(spec, scene, found.layer, found.neuron)}"
    text = f"{ends}\nweight {layer.W[found.neuron, found.source]:+.4g}{_kept(spec, scene, found)}"
    if record is not None and scene.knows_error(found.layer):
        seen = record.layers[found.layer - 1]
        text += f"\ngradient {seen.dW[found.neuron, found.source]:+.4g}"
        if scene.knows_update:
            text += f"\nupdate {seen.update_W[found.neuron, found.source]:+.4g}"
    return text


def neuron_name(spec: ExperimentSpec, scene: Scene, layer: int, neuron: int) -> str:
    """Return what a neuron is called: a feature, an output, or its place in its layer."""
    if layer == 0:
        return scene.inputs[neuron] if neuron < len(scene.inputs) else f"input {neuron + 1}"
    if layer == len(scene.network.layers):
        return scene.outputs[neuron] if neuron < len(scene.outputs) else f"output {neuron + 1}"
    return f"{spec.network.hidden[layer - 1].name or f'layer {layer}'}, neuron {neuron + 1}"


def _neuron(spec: ExperimentSpec, scene: Scene, found: Selection) -> str:
    lines = [neuron_name(spec, scene, found.layer, found.neuron)]
    record, row = scene.record, scene.sample
    if found.layer == 0:
        if record is not None:
            lines.append(f"value {record.X[row, found.neuron]:+.4g}")
        return "\n".join(lines)
    lines.append(f"bias {scene.network.layers[found.layer - 1].b[found.neuron]:+.4g}{_kept(spec, scene, found)}")
    if record is not None and scene.knows_activation(found.layer):
        seen = record.layers[found.layer - 1]
        lines.append(f"sum {seen.z[row, found.neuron]:+.4g}, activation {seen.a[row, found.neuron]:+.4g}")
        if scene.knows_error(found.layer):
            lines.append(f"error {seen.delta[row, found.neuron] * len(record.indices):+.4g}")
    return "\n".join(lines)


def _kept(spec: ExperimentSpec, scene: Scene, found: Selection) -> str:
    """Return in words whether training leaves it as it is."""
    marks = scene.marks
    if marks is None:
        return ""
    part = part_at(spec, scene.network.sizes, found.layer, found.neuron, found.source)
    if part.name in {pruned.name for pruned in spec.network.pruned}:
        return ", pruned"
    frozen = marks.frozen[found.layer - 1]
    if found.source is not None:
        return ", frozen" if frozen.W[found.neuron, found.source] else ""
    return (
        ", frozen"
        if frozen.b[found.neuron] and (frozen.W[found.neuron] | marks.pruned[found.layer - 1].W[found.neuron]).all()
        else ""
    )
