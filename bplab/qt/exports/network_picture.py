"""The network of an experiment as a picture, in light colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.data.images import image_shape
from bplab.exports.markup import printable
from bplab.microscope.now import Now
from bplab.qt.canvas.layout import Wish
from bplab.qt.canvas.reading import Reading
from bplab.qt.canvas.scene import Scene, marks_of
from bplab.qt.exports import still as stills
from bplab.qt.exports.still import LABELS_PX, SHARPNESS, Still, layer_names, usual_size
from bplab.qt.snapshot import Snapshot
from bplab.qt.theme import LIGHT

if TYPE_CHECKING:
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject
    from bplab.qt.theme import Theme


def svg_file(subject: Subject, stem: str) -> Files:
    """Return the network as SVG."""
    return {f"{stem}.svg": svg(subject, LIGHT)}


def pdf_file(subject: Subject, stem: str) -> Files:
    """Return the network as PDF."""
    return {f"{stem}.pdf": stills.pdf(still_of(subject, LIGHT))}


def png_file(subject: Subject, stem: str) -> Files:
    """Return the network as PNG."""
    return {f"{stem}.png": stills.png(still_of(subject, LIGHT), SHARPNESS)}


def svg(subject: Subject, theme: Theme) -> bytes:
    """Return the network as SVG."""
    return stills.svg(still_of(subject, theme))


def still_of(subject: Subject, theme: Theme) -> Still:
    """Return what is shown: the gradients of the last step where it is known, otherwise the weights."""
    data = subject.data
    scene = Scene(
        network=subject.network,
        snapshot=snapshot_of(subject),
        marks=marks_of(subject.spec, subject.network),
        inputs=[printable(name) for name in data.feature_names],
        outputs=[printable(name) for name in data.output_names],
        classes=[printable(name) for name in data.class_names],
        unscale=data.unscale,
    )
    return Still(
        scene=scene,
        reading=Reading(color_by="weight", scale="linear") if subject.record is None else Reading(),
        theme=theme,
        names=[printable(name) for name in layer_names(subject.spec, scene)],
        size=usual_size(subject.network.sizes),
        wish=Wish(image=image_shape(data.feature_names), bottom=LABELS_PX),
    )


def snapshot_of(subject: Subject) -> Snapshot:
    """Return the moment at which the experiment was copied."""
    return Snapshot(
        generation=0,
        step=subject.step,
        epoch=subject.epoch,
        earliest=0,
        newest=subject.step,
        now=Now(),
        sample=None,
        record=subject.record,
        scores=subject.judge.scores(subject.spec.training),
        step_history=subject.steps,
        epoch_history=subject.epochs,
        steps_per_second=0.0,
    )
