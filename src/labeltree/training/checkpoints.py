"""Checkpoints: one safetensors file, written whole or not at all, nothing pickled.

A checkpoint holds everything that decides how training goes on: weights, optimiser, schedule,
moving average, random state and the position in the data. Randomness of the data follows from the
position alone (see `labeltree.data`), so training resumed from any checkpoint repeats the same
arithmetic.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from labeltree.errors import ModelFolderError
from labeltree.writing import whole_file

FILE_NAME = "last.safetensors"
_SEPARATOR = "|"  # torch's own names hold dots


def save(path: Path, parts: dict[str, Any], state: dict[str, Any]) -> None:
    """Write a checkpoint atomically.

    Args:
        path: the file; its folder is made.
        parts: name → nested dicts and lists of tensors and plain values (state dicts).
        state: plain JSON values.
    """
    tensors: dict[str, Tensor] = {}
    plain = {name: _flatten(name, part, tensors) for name, part in parts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        save_file(tensors, unfinished, {"parts": json.dumps(plain), "state": json.dumps(state)})


def load(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a checkpoint: `(parts, state)` as they were given to `save`, tensors on the CPU.

    Raises:
        ModelFolderError: the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
            plain, state = json.loads(metadata["parts"]), json.loads(metadata["state"])
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelFolderError(
            f"{path}: not a usable checkpoint ({error}); remove it to start again"
        ) from None
    return {name: _restore(part, tensors) for name, part in plain.items()}, state


def _flatten(prefix: str, value: Any, tensors: dict[str, Tensor]) -> Any:
    """Move tensors out of a nested value into `tensors`; what is left is JSON."""
    if isinstance(value, Tensor):
        tensors[prefix] = value.detach().cpu().contiguous().clone()
        return {"tensor": prefix}
    if isinstance(value, dict):
        # Pairs, since JSON would turn an optimiser's integer keys into text.
        return {
            "pairs": [
                [key, _flatten(f"{prefix}{_SEPARATOR}{key}", item, tensors)]
                for key, item in value.items()
            ]
        }
    if isinstance(value, list | tuple):
        return [
            _flatten(f"{prefix}{_SEPARATOR}{place}", item, tensors)
            for place, item in enumerate(value)
        ]
    return value


def _restore(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, dict):
        if "tensor" in value:
            return tensors[value["tensor"]]
        return {key: _restore(item, tensors) for key, item in value["pairs"]}
    if isinstance(value, list):
        return [_restore(item, tensors) for item in value]
    return value


def random_state() -> dict[str, Tensor]:
    """State of torch's generators: the CPU's and, where there is one, the GPU's."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def set_random_state(state: dict[str, Tensor]) -> None:
    """Undo `random_state`."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
