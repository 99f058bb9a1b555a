"""What the inspector says while nothing is selected: what happens now, in a sentence, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.microscope import facts
from bplab.microscope.words import Names, Row, number

if TYPE_CHECKING:
    from bplab.engine.network import Network
    from bplab.microscope.facts import Moment
    from bplab.microscope.now import Operation

CLICK = "Click a connection for its weight, gradient and update, a neuron for its sum, activation and error."
KEYS = "space  train or pause      .  one step forward      ,  one step back      M  one step in slow motion"
TRAINING = (
    "Training: batch after batch goes forward, the loss judges the output, the error goes back, and every weight moves"
    " a little. Press space to pause, and look at a step."
)
SHORT_KEYS = "space  train      .  step      ,  back      M  slow motion"


def rows(moment: Moment | None, names: Names) -> tuple[Row, ...]:
    """Return which connection the loss pulls at most, and what can be done next."""
    shown = [Row("ASK", (CLICK, "Click a connection or a neuron."), "muted"), Row("KEYS", (KEYS, SHORT_KEYS), "muted")]
    if moment is not None and moment.knows_error(1):
        most = facts.largest_gradient(moment.record)
        gradient = number(facts.update(moment, most).gradient)
        where = names.of(most)
        text = f"{gradient}: {where}"
        shown.insert(
            0, Row("LARGEST", (f"The largest gradient is {text}; the key G picks it", f"{text} (key G)", text))
        )
    return tuple(shown)


def title(moment: Moment | None) -> str:
    """Return where "now" is."""
    if moment is None:
        return "before the first step"
    if moment.record.is_look:
        return "one sample, no step"
    if moment.now.phase is None:
        return f"after step {moment.record.step:,}"
    if _is_sample(moment):
        return f"sample {moment.sample + 1} of {len(moment.record.indices)} · step {moment.record.step:,}"
    layers = len(moment.record.layers)
    where = f" · layer {moment.now.layer} of {layers}" if moment.now.layer else ""
    operation = f" · {named(moment.now.operation)}" if moment.now.operation else ""
    return f"{moment.now.phase}{where}{operation} · step {moment.record.step:,}"


def sentence(moment: Moment | None, network: Network, is_playing: bool = False) -> str:
    """Return what happens now."""
    if is_playing and (moment is None or moment.now.phase is None):
        return TRAINING
    if moment is None:
        return (
            f"A step takes a batch of samples forward through {len(network.layers)} layers, lets the loss judge the"
            " output, passes the error back layer by layer, and moves every weight a little against its gradient."
        )
    if moment.record.is_look:
        return (
            "One sample was taken forward, judged by the loss, and its error taken back, with the weights as they are."
            " No step was done: the colours are the gradients of this sample alone."
        )
    if moment.now.phase is None:
        return (
            "Forward, loss, backward and update are done. The colour of a connection is the gradient of its weight,"
            " averaged over the batch; an arrow says where the loss wants the neuron to go."
        )
    if _is_sample(moment):
        return (
            "This sample went forward, the loss judged it, and its error came back through every layer. The colours are"
            f" its own gradients; the update takes the mean over the {len(moment.record.indices)} samples of the batch."
        )
    said = {"forward": _forward, "loss": _loss, "backward": _backward, "update": _update}
    if moment.now.operation is not None:
        return _operation(moment, moment.now.operation, moment.now.layer or len(network.layers))
    return said[moment.now.phase](moment, moment.now.layer or len(network.layers))


def _is_sample(moment: Moment) -> bool:
    """Tell whether "now" is a sample of the batch, not a layer."""
    return moment.now.phase == "backward" and moment.now.layer is None


def named(operation: Operation) -> str:
    """Return what an operation is called."""
    place = "" if operation.neuron is None else f" {operation.neuron + 1}"
    return f"{operation.kind}{place}"


def _operation(moment: Moment, operation: Operation, layer: int) -> str:
    """Say what one stroke of the pen does, for every neuron of the layer at once."""
    one, before = operation.neuron, "input" if layer == 1 else f"neuron of layer {layer - 1}"
    batch, label = len(moment.record.indices), _activation(moment, layer)
    if operation.kind == "term":
        what = f"what comes from {before} {one + 1}" if one is not None else f"everything that comes from each {before}"
        return f"Every neuron of layer {layer} adds {what}, times the weight of that connection. The sum grows."
    if operation.kind == "share":
        what = "Every output" if one is None else f"Output {one + 1}"
        return (
            f"{what} adds its share to the loss of this sample: how far it is from its target, as the loss counts it."
        )
    if operation.kind == "request":
        asking = f"neuron {one + 1} of layer {layer + 1}" if one is not None else f"every neuron of layer {layer + 1}"
        return (
            f"Each neuron of layer {layer} hears from {asking}: its error, times the weight that leads there."
            " What all of them ask for adds up."
        )
    output = layer == len(moment.record.layers)
    asked = "what the loss asks of it" if output else "what it was asked for"
    said = {
        "bias": f"Every neuron of layer {layer} adds its bias: the sum z is complete.",
        "activation": f"{label} turns each sum z into the activation that the neuron passes on.",
        "mean": f"The loss of the batch is the mean over its {batch} samples: {moment.record.loss:.4g}.",
        "slope": f"The error δ of each neuron: {asked}, times the slope of {label} at its sum.",
        "gradient": f"The gradient of a weight: its target's error δ times what came in, the mean of {batch} samples.",
    }
    return said[operation.kind]


def _forward(moment: Moment, layer: int) -> str:
    before = "the inputs" if layer == 1 else f"the activations of layer {layer - 1}"
    return (
        f"Each neuron of layer {layer} adds up {before}, each times the weight of its connection, and its bias:"
        f" z = Σ w a + b. Its activation is {_activation(moment, layer)} of that sum."
    )


def _loss(moment: Moment, layer: int) -> str:  # noqa: ARG001
    loss = LOSSES[moment.training.loss.name]
    return (
        f"The loss says how far the outputs are from the targets: {loss.label}, the mean over the"
        f" {len(moment.record.indices)} samples of the batch, is {moment.record.loss:.4g}. {loss.doc}"
    )


def _backward(moment: Moment, layer: int) -> str:
    ends = "That error times what came in is the gradient of a weight."
    if layer == len(moment.record.layers):
        return (
            f"At each output the error δ says how much the loss rises with the neuron's sum; the output should go the"
            f" other way. {ends}"
        )
    return (
        f"Layer {layer + 1} passes its error back to layer {layer}: each neuron hears from the neurons that it feeds,"
        f" through the weights between them, times the slope of {_activation(moment, layer)}. {ends}"
    )


def _update(moment: Moment, layer: int) -> str:  # noqa: ARG001
    optimizer = moment.training.optimizer
    return (
        f"{OPTIMIZERS[optimizer.name].label} moves every weight and bias at once, against its gradient, averaged over"
        f" {len(moment.record.indices)} samples; the learning rate is {optimizer.values['learning_rate']:g}. Inputs"
        " are never changed."
    )


def _activation(moment: Moment, layer: int) -> str:
    return ACTIVATIONS[moment.network.layers[layer - 1].choice.name].label
