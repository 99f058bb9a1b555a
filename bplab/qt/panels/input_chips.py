"""Which inputs the network hears of data with one or two features, each switched on and off by a button."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from bplab.data.features import FEATURES, Input, as_they_are, common_inputs
from bplab.qt.panels.setting_widgets import heading

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_FEATURES = 2
COLUMNS = 4


class InputChips(QWidget):
    """Hidden for data of more features; there is always at least one input.

    Parameters
    ----------
    on_change : callable
        Is told the inputs that the user wants; none for every feature as it is.
    """

    def __init__(self, on_change: Callable[[tuple[Input, ...]], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on_change = on_change
        self.chips: dict[Input, QToolButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self._grid.addWidget(heading("INPUTS"), 0, 0, 1, COLUMNS)

    def show_inputs(self, inputs: tuple[Input, ...], names: tuple[str, ...]) -> None:
        """Show which inputs are on, for features of these names."""
        self.setVisible(len(names) <= MOST_FEATURES)
        if self.isHidden():
            return
        offered = dict.fromkeys((*common_inputs(len(names)), *inputs))
        if list(offered) != list(self.chips):
            self._make(tuple(offered))
        shown = inputs or as_they_are(len(names))
        for i, chip in self.chips.items():
            with QSignalBlocker(chip):
                chip.setChecked(i in shown)
            chip.setEnabled(not (chip.isChecked() and len(shown) == 1))

    def _make(self, inputs: tuple[Input, ...]) -> None:
        for chip in self.chips.values():
            self._grid.removeWidget(chip)
            chip.deleteLater()
        self.chips = {i: self._chip(i) for i in inputs}
        for place, chip in enumerate(self.chips.values()):
            self._grid.addWidget(chip, 1 + place // COLUMNS, place % COLUMNS)

    def _chip(self, i: Input) -> QToolButton:
        feature = FEATURES[i.kind]
        chip = QToolButton()
        chip.setText(feature.symbol.format(*(f"x{'₁₂'[column - 1] if column <= 2 else column}" for column in i.of)))
        chip.setCheckable(True)
        chip.setAccessibleName(f"Input {i}")
        chip.setToolTip(f"{feature.doc} The network hears it while this is on.")
        chip.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)
        chip.toggled.connect(partial(self._on_toggled))
        return chip

    def _on_toggled(self, _on: bool) -> None:
        chosen = tuple(i for i, chip in self.chips.items() if chip.isChecked())
        plain = tuple(i for i in self.chips if i.kind == "identity")
        self._on_change(() if chosen == plain else chosen)
