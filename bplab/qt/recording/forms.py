"""The forms of a film, one entry each: from frames to a file."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage

from bplab.catalogue import Catalogue, Entry
from bplab.errors import BplabError
from bplab.experiment.storage import write_atomically
from bplab.exports.export import package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bplab.qt.recording.film import Film

PURPOSE = "Recording"


class CancelledError(BplabError):
    """The user does not want the film any more; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Form(Entry):
    """A kind of file.

    Parameters
    ----------
    needs : str
        The package that it is written with.
    encode : callable
        ``encode(frames, fps)`` returns the file's content, of frames of shape (height, width, 3) of uint8.
    """

    needs: str
    encode: Callable[[Iterable[np.ndarray], int], bytes]


def _gif(frames: Iterable[np.ndarray], fps: int) -> bytes:
    pillow = package("PIL.Image", PURPOSE)
    images = [pillow.fromarray(frame).quantize(128, dither=pillow.Dither.NONE) for frame in frames]
    return _animated(images, "GIF", fps)


def _apng(frames: Iterable[np.ndarray], fps: int) -> bytes:
    pillow = package("PIL.Image", PURPOSE)
    return _animated([pillow.fromarray(frame) for frame in frames], "PNG", fps)


def _animated(images: list[Any], form: str, fps: int) -> bytes:
    content = io.BytesIO()
    first, *others = images
    first.save(content, form, save_all=True, append_images=others, duration=1000 / fps, loop=0)
    return content.getvalue()


def _mp4(frames: Iterable[np.ndarray], fps: int) -> bytes:
    ffmpeg = package("imageio_ffmpeg", PURPOSE)
    with tempfile.TemporaryDirectory() as folder:
        path, writer = Path(folder, "film.mp4"), None
        for frame in frames:
            even = np.ascontiguousarray(frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2])
            if writer is None:
                size = even.shape[1], even.shape[0]
                writer = ffmpeg.write_frames(str(path), size, fps=fps, macro_block_size=2, quality=8)
                writer.send(None)
            writer.send(even)
        if writer is not None:
            writer.close()
        return path.read_bytes()


FORMS: Catalogue[Form] = Catalogue(
    "form of a recording",
    Form(name="gif", label="GIF", doc="Moves in any document and browser; 128 colours.", needs="pillow", encode=_gif),
    Form(name="apng", label="APNG", doc="Moves in any browser, in all colours.", needs="pillow", encode=_apng),
    Form(name="mp4", label="MP4", doc="A video, the smallest file.", needs="imageio-ffmpeg", encode=_mp4),
)


def record(film: Film, form: str, path: Path, advance: Callable[[int], bool]) -> None:
    """Write a film, whole or not at all.

    Parameters
    ----------
    advance : callable
        Is told how many frames are done; says whether to go on.

    Raises
    ------
    MissingPackageError, FileError
    CancelledError
        If `advance` says no.
    """

    def frames() -> Iterable[np.ndarray]:
        for done, picture in enumerate(film.frames(), start=1):
            if not advance(done):
                raise CancelledError("The recording was cancelled.", "Nothing was written.")
            yield pixels(picture)

    write_atomically(path, FORMS[form].encode(frames(), film.fps))


def pixels(picture: QImage) -> np.ndarray:
    """Return an image as an array of shape (height, width, 3) of uint8."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def form_of(path: Path) -> str:
    """Return the form that a file's name asks for."""
    suffix = path.suffix.lower().lstrip(".")
    form = {"png": "apng"}.get(suffix, suffix)
    if form not in FORMS:
        raise BplabError(f"'{path.name}' does not say what kind of film it is.", "End it in .gif, .apng, .png or .mp4.")
    return form
