"""From places of the picture to places of the view: how far it is zoomed in, and where."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ZOOM, LEAST_ZOOM = 16.0, 0.01


@dataclass(frozen=True)
class Camera:
    """A place of the picture times `zoom`, plus `dx` or `dy`, is a place of the view, in pixels."""

    zoom: float = 1.0
    dx: float = 0.0
    dy: float = 0.0

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Return where in the view a place of the picture is."""
        return x * self.zoom + self.dx, y * self.zoom + self.dy

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return which place of the picture is at a place of the view."""
        return (x - self.dx) / self.zoom, (y - self.dy) / self.zoom

    def zoomed(self, factor: float, x: float, y: float, least: float) -> Camera:
        """Return a camera that is `factor` nearer, with the place of the view under (x, y) kept."""
        zoom = min(max(self.zoom * factor, least), MOST_ZOOM)
        share = zoom / self.zoom
        return Camera(zoom, x - (x - self.dx) * share, y - (y - self.dy) * share)

    def moved(self, dx: float, dy: float) -> Camera:
        """Return a camera that shows everything so much further right and down."""
        return Camera(self.zoom, self.dx + dx, self.dy + dy)

    def within(self, size: tuple[float, float], view: tuple[float, float]) -> Camera:
        """Return the nearest camera without an empty margin where a picture of that size is larger than the view."""
        (width, height), (across, down) = size, view
        return Camera(self.zoom, _held(self.dx, width * self.zoom, across), _held(self.dy, height * self.zoom, down))


def fitting(size: tuple[float, float], view: tuple[float, float]) -> Camera:
    """Return the camera that shows all of a picture, never larger than it is; a view may have no room at all."""
    zoom = min(1.0, view[0] / max(size[0], 1.0), view[1] / max(size[1], 1.0))
    return Camera(max(zoom, LEAST_ZOOM)).within(size, view)


def _held(shift: float, length: float, room: float) -> float:
    if length <= room + 0.5:
        return (room - length) / 2
    return min(0.0, max(shift, room - length))
