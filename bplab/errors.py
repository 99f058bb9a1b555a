"""The errors that bplab raises on purpose.

Anything else that escapes is a defect in bplab, never a fault of its user.
"""

from __future__ import annotations


class BplabError(Exception):
    """An expected fault: what happened and where, and what the user can do about it.

    Parameters
    ----------
    message : str
        What, where, and what was found, as one plain sentence.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingError(BplabError):
    """A name that no catalogue holds, a number outside its limits, or a combination that is not allowed."""


class DataError(BplabError):
    """A table or data set that cannot be used as it is."""


class FileError(BplabError):
    """An experiment file that cannot be read or written."""


class DamagedError(FileError):
    """An experiment file whose weights or history are damaged, but whose design can still be opened."""


class MissingDataError(FileError):
    """An experiment whose table is not there, or is not the one that it was made with.

    Parameters
    ----------
    name, sha256 : str
        Of the table that is wanted.
    """

    def __init__(self, message: str, hint: str, name: str, sha256: str) -> None:
        super().__init__(message, hint)
        self.name = name
        self.sha256 = sha256


class DivergedError(BplabError):
    """Training met a value that is not finite; the parameters are those of the step before.

    Parameters
    ----------
    step : int
        The step that could not be completed.
    place : str
        Where the first non-finite value was found, for example ``"weights of layer 2"``.
    """

    def __init__(self, step: int, place: str) -> None:
        super().__init__(
            f"Training stopped at step {step}: the {place} became infinite or undefined.",
            f"The network is back at step {step - 1}, the last finite one; try a smaller learning rate.",
        )
        self.step = step
        self.place = place
