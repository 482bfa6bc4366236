"""The formats of exported files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Name = Literal["onnx", "torchscript", "torch"]


@dataclass(frozen=True)
class Format:
    """One row of `FORMATS`.

    Attributes:
        description: for people.
        suffix: of its files.
    """

    description: str
    suffix: str


FORMATS: dict[Name, Format] = {
    "onnx": Format("ONNX: for `labeltree predict` and `serve` without torch, and others", ".onnx"),
    "torchscript": Format("TorchScript: for libtorch, from C++ too", ".ts"),
    "torch": Format("torch.export: for torch.export.load and compilers", ".pt2"),
}

assert tuple(FORMATS) == get_args(Name)
