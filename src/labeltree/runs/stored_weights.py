"""A network with the weights of a file, after a look at both that costs no memory.

What a stranger's `config.json` describes may need gigabytes. So the network is first built of
tensors without values, and must be the one whose weights are in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from labeltree.errors import LabeltreeError
from labeltree.methods import find_method, make_method
from labeltree.methods.protocol import Method
from labeltree.runs.untrusted import damaged
from labeltree.taxonomy import Taxonomy

Tensor = tuple[str, tuple[int, ...]]  # type, as safetensors writes it, and shape

_TYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.bool: "BOOL",
}  # fmt: skip


def load_method(
    name: str, taxonomy: Taxonomy, backbone: str, options: dict[str, object], weights: Path
) -> Method:
    """A trained network.

    Args:
        name: of the method.
        taxonomy: the label tree.
        backbone: see `make_method`; nothing is ever downloaded for it.
        options: of the method.
        weights: the safetensors file.

    Raises:
        LabeltreeError: name, backbone and options make no network for this tree.
        ModelFolderError: the weights are damaged, or those of another network.
    """
    stored = _stored(weights)
    names = [backbone, *_backbones(name, options)]
    for long in filter(re.compile(r"\d{5}").search, names):
        raise LabeltreeError(f"{long!r} is larger than any network")
    if (parts := _num_parts(name, taxonomy, options)) > len(stored):
        raise damaged(weights, f"{len(stored)} tensors for {parts} networks")

    def build() -> Method:
        return make_method(name, taxonomy, backbone, options)

    expected = _described(build)
    if expected is not None:
        _compare(weights, expected, stored)
    try:
        method = build()
    except (RuntimeError, MemoryError) as error:
        raise damaged(weights, error) from None
    _compare(weights, _tensors(method), stored)
    try:
        method.load_state_dict(load_file(weights))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise damaged(weights, error) from None
    if not all(value.isfinite().all() for value in method.state_dict().values()):
        raise damaged(weights, "some weights are not numbers")
    return method.eval()


def _stored(path: Path) -> dict[str, Tensor]:
    """What the header of a file promises; safetensors checks it against the file's length."""
    try:
        with safe_open(path, "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            return {name: (s.get_dtype(), tuple(s.get_shape())) for name, s in slices.items()}
    except (SafetensorError, OSError) as error:
        raise damaged(path, error) from None


def _described(build: Callable[[], Method]) -> dict[str, Tensor] | None:
    """The tensors of a network that is built without values; None if it cannot be built so."""
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):
                return _tensors(build())
        except RuntimeError:  # code that looks at values while it builds
            return None


def _tensors(method: Method) -> dict[str, Tensor]:
    return {
        name: (_TYPES.get(value.dtype, str(value.dtype)), tuple(value.shape))
        for name, value in method.state_dict().items()
    }


def _compare(path: Path, expected: dict[str, Tensor], stored: dict[str, Tensor]) -> None:
    if missing := sorted(expected.keys() - stored.keys()):
        raise damaged(path, f"{len(missing)} weights are missing, such as {missing[0]}")
    if extra := sorted(stored.keys() - expected.keys()):
        raise damaged(path, f"{len(extra)} weights too many, such as {extra[0]}")
    for name, (kind, shape) in expected.items():
        if stored[name] != (kind, shape):
            found = f"{stored[name][0]} {list(stored[name][1])}"
            raise damaged(path, f"{name} is {found}, expected {kind} {list(shape)}")


def _backbones(name: str, options: dict[str, object]) -> tuple[str, ...]:
    entry = find_method(name)
    return entry.backbones(entry.config(**options)) if entry.backbones else ()


def _num_parts(name: str, taxonomy: Taxonomy, options: dict[str, object]) -> int:
    entry = find_method(name)
    return len(entry.parts(taxonomy, entry.config(**options))) if entry.parts else 1
