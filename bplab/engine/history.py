"""What is remembered of a run: losses and gradient norms, thinned out so that it never grows without bound.

What is kept depends on the counters alone, never on time, so that equal runs have equal histories.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS_KEPT = 1024  # per doubling of the run's length
EPOCHS_KEPT = 64


def stride(count: int, kept: int) -> int:
    """Return how many steps (or epochs) apart rows are kept when the run has reached `count`."""
    return 1 << max(0, (count // kept).bit_length() - 1)


class History:
    """Two tables that grow with a run.

    ``steps`` has the columns step, loss of the batch, and the gradient norm of each layer; ``epochs`` has epoch,
    step, train loss, test loss, train accuracy and test accuracy. What does not apply is NaN.
    """

    def __init__(self, n_layers: int) -> None:
        self.n_layers = n_layers
        self._steps = array("d")
        self._epochs = array("d")

    @property
    def steps(self) -> np.ndarray:
        """A copy of the rows of single steps, shape (rows, 2 + n_layers)."""
        return np.array(self._steps).reshape(-1, 2 + self.n_layers)

    @property
    def epochs(self) -> np.ndarray:
        """A copy of the rows of evaluations, shape (rows, 6)."""
        return np.array(self._epochs).reshape(-1, 6)

    def wants_step(self, step: int) -> bool:
        """Tell whether this step is one of those that are kept."""
        return step % stride(step, STEPS_KEPT) == 0

    def strides(self, step: int, epoch: int) -> tuple[int, int]:
        """Return how many steps, and epochs, apart rows are kept from this step and epoch on."""
        return stride(step + 1, STEPS_KEPT), stride(epoch + 1, EPOCHS_KEPT)

    def steps_until_thinner(self, step: int) -> int:
        """Return after how many steps the first follows that is kept more sparingly."""
        return 2 * STEPS_KEPT * stride(step + 1, STEPS_KEPT) - 1 - step

    def epochs_until_thinner(self, epoch: int) -> int:
        """Return after how many epochs the first follows that is kept more sparingly."""
        return 2 * EPOCHS_KEPT * stride(epoch + 1, EPOCHS_KEPT) - 1 - epoch

    def add_rows(self, steps: np.ndarray, epochs: np.ndarray) -> None:
        """Append rows of both tables."""
        self._steps.frombytes(steps.tobytes())
        self._epochs.frombytes(epochs.tobytes())

    def wants_epoch(self, epoch: int) -> bool:
        """Tell whether the end of this epoch is one of those that are kept."""
        return epoch % stride(epoch, EPOCHS_KEPT) == 0

    def add_step(self, step: int, loss: float, norms: tuple[float, ...]) -> None:
        """Append one step."""
        self._steps.extend((step, loss, *norms))

    def add_epoch(self, epoch: int, step: int, scores: tuple[float, float, float, float]) -> None:
        """Append one evaluation: train loss, test loss, train accuracy, test accuracy."""
        self._epochs.extend((epoch, step, *scores))

    def truncate(self, step: int) -> None:
        """Forget what came after `step`."""
        self._steps = array("d", self.steps[self.steps[:, 0] <= step].ravel())
        self._epochs = array("d", self.epochs[self.epochs[:, 1] <= step].ravel())

    def tables(self) -> dict[str, np.ndarray]:
        """Return both tables by name, as a file keeps them."""
        return {"steps": self.steps, "epochs": self.epochs}

    def load(self, tables: Mapping[str, np.ndarray]) -> None:
        """Take both tables over from a file."""
        self._steps = array("d", tables["steps"].ravel())
        self._epochs = array("d", tables["epochs"].ravel())

    def resized(self, n_layers: int) -> History:
        """Return this history for a network with another number of layers; norms that are not known are NaN."""
        other = History(n_layers)
        other._epochs = array("d", self._epochs)
        steps = np.full((len(self.steps), 2 + n_layers), np.nan)
        width = min(steps.shape[1], 2 + self.n_layers)
        steps[:, :width] = self.steps[:, :width]
        other._steps = array("d", steps.ravel())
        return other
