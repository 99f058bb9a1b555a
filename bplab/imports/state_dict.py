"""A PyTorch state dict in a safetensors file: the weights of dense layers by their names.

The format: https://huggingface.co/docs/safetensors.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.errors import FileError
from bplab.exports.export import package
from bplab.imports.weights import MOST_LAYERS, FoundLayer, FoundNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
LARGEST_HEADER = 8 * 2**20


def read(content: bytes, name: str) -> FoundNetwork:
    """Return the dense layers, in the order in which they feed each other."""
    tensors = _tensors(content, name)
    dense = {key: value for key, value in tensors.items() if key.endswith("weight") and value.ndim == 2}
    if not dense:
        raise FileError(f"{name} holds no weights of a dense layer.", "They are two-dimensional and end in '.weight'.")
    if len(dense) > MOST_LAYERS:
        raise FileError(f"{name} holds {len(dense)} layers.", f"bplab has at most {MOST_LAYERS}.")
    for key, value in tensors.items():
        if key.endswith("weight") and (value.ndim > 2 or (value.ndim == 1 and f"{key[:-6]}bias" in tensors)):
            raise FileError(
                f"{name}: '{key}' is not of a dense layer, but of shape {_shown(value)}.",
                "Only dense layers can be read.",
            )
    layers = [_layer(key, tensors) for key in _in_order(name, dense)]
    used = {key for layer in layers for key in (layer.name, f"{layer.name[:-6]}bias")}
    left = sorted(tensors.keys() - used)
    notes = (f"Not taken over: {', '.join(left[:6])}{'…' if len(left) > 6 else ''}.",) if left else ()
    return FoundNetwork(name, tuple(layers), notes)


def _tensors(content: bytes, name: str) -> dict[str, np.ndarray]:
    length = int.from_bytes(content[:8], "little")
    if len(content) < 10 or not 2 <= length <= min(LARGEST_HEADER, len(content) - 8):
        raise FileError(f"{name} is damaged: it is not a safetensors file, or cut off.", "Save it again.")
    library = package("safetensors", "Reading PyTorch weights")
    try:
        found = library.deserialize(content)
    except Exception as error:  # noqa: BLE001 - the library raises an error of its own, made in Rust
        raise FileError(f"{name} is damaged: {str(error)[:120]}.", "Save it again.") from None
    return {key: _array(name, key, value) for key, value in found}


def _array(name: str, key: str, value: Mapping[str, Any]) -> np.ndarray:
    kind, shape, data = value["dtype"], tuple(value["shape"]), bytes(value["data"])
    if kind == "BF16":  # the upper half of a float32
        halves = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        numbers: np.ndarray = halves.view(np.float32)
    elif kind in KINDS:
        numbers = np.frombuffer(data, KINDS[kind])
    else:
        numbers = np.zeros(math.prod(shape)) if math.prod(shape) <= len(data) else np.empty(0)
    if numbers.size != math.prod(shape):
        raise FileError(f"{name} is damaged: '{key}' is not as long as its shape {shape}.", "Save it again.")
    return numbers.astype(np.float64).reshape(shape)


def _layer(key: str, tensors: Mapping[str, np.ndarray]) -> FoundLayer:
    W = tensors[key]
    return FoundLayer(key, W, tensors.get(f"{key[:-6]}bias", np.zeros(len(W))))


def _in_order(name: str, dense: Mapping[str, np.ndarray]) -> list[str]:
    """Return the names so that each layer hears as many inputs as the one before has neurons."""
    natural = sorted(dense, key=lambda key: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", key)])
    if _is_chain(natural, dense):
        return natural
    found = _chains(dense, [], list(natural))
    if len(found) != 1:
        what = "do not fit one after the other" if not found else "fit one after the other in several ways"
        shapes = ", ".join(f"{key} {_shown(dense[key])}" for key in natural[:8])
        raise FileError(f"{name}: its layers {what} ({shapes}).", "Name them in order, such as 0.weight, 2.weight.")
    return found[0]


def _is_chain(names: list[str], dense: Mapping[str, np.ndarray]) -> bool:
    return all(len(dense[a]) == dense[b].shape[1] for a, b in pairwise(names))


def _chains(dense: Mapping[str, np.ndarray], begun: list[str], left: list[str], most: int = 2) -> list[list[str]]:
    """Return the ways to put layers one after the other, no more than `most` of them."""
    if not left:
        return [begun]
    found: list[list[str]] = []
    if len(dense) > 8:  # more have too many orders to try
        return found
    for key in left:
        if not begun or len(dense[begun[-1]]) == dense[key].shape[1]:
            found += _chains(dense, [*begun, key], [other for other in left if other != key], most)
            if len(found) >= most:
                return found[:most]
    return found


def _shown(value: np.ndarray) -> str:
    return " x ".join(map(str, value.shape))
