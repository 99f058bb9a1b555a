"""What decides whether a run gives the same bits again: versions of what calculates, and the kind of processor."""

from __future__ import annotations

import importlib.metadata
import platform
from contextlib import suppress
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_info

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def environment() -> Mapping[str, str]:
    """Return the fingerprint of this machine, by what each entry is called."""
    found = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "system": platform.system(),
    }
    blas: Mapping[str, object] = next((library for library in threadpool_info() if library["user_api"] == "blas"), {})
    for name, key in (("blas", "version"), ("processor", "architecture")):
        if blas.get(key):
            found[name] = str(blas[key])
    with suppress(importlib.metadata.PackageNotFoundError):
        found["numba"] = importlib.metadata.version("numba")
    return MappingProxyType(found)


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Return in words what differs between two environments, for example ``"numpy 2.1.0 and 2.2.0"``."""
    names = dict.fromkeys([*one, *other])
    return tuple(
        f"{name} {one.get(name, 'absent')} and {other.get(name, 'absent')}"
        for name in names
        if one.get(name) != other.get(name)
    )
