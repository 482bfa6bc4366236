"""The formats of exported files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from labeltree.errors import ConfigError, suggestion

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

DEFAULT: Name = "onnx"


def format_of(to: str | None, out: Path | None) -> Name:
    """The format of a file: the one asked for, else the one that its ending tells.

    Args:
        to: what was asked for; None is left to the ending.
        out: the file; None is left to the format.

    Raises:
        ConfigError: there is no such format, the ending is that of another one, or tells none.

    >>> format_of(None, Path("birds.pt2")), format_of("torch", Path("birds.bin"))
    ('torch', 'torch')
    """
    if to is not None and to not in FORMATS:
        raise ConfigError(f"unknown format {to!r}; {suggestion(to, FORMATS)}")
    wanted = next((name for name in FORMATS if name == to), None)
    if out is None:
        return wanted or DEFAULT
    ending = out.suffix.lower()
    told = next((name for name, kind in FORMATS.items() if kind.suffix == ending), None)
    if wanted is not None and told not in (None, wanted):
        raise ConfigError(
            f"--out {out} is the name of a file of {told}, not of {wanted}: end it in "
            f"{FORMATS[wanted].suffix}, or leave --to out"
        )
    if wanted is None and told is None:
        endings = ", ".join(kind.suffix for kind in FORMATS.values())
        raise ConfigError(f"--out {out}: give a file that ends in {endings}, or add --to")
    return wanted or told or DEFAULT
