"""What a repository on the hub holds, and how it may be called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labeltree.errors import ConfigError

CONFIG, TAXONOMY, WEIGHTS = "config.json", "taxonomy.json", "model.safetensors"
CARD, RECORD, EXPORTED = "README.md", "record.json", "model.onnx"

_MIB = 2**20


@dataclass(frozen=True)
class HubFile:
    """One file of the layout.

    Attributes:
        what: it holds.
        needed: whether it takes part in making a folder a model.
        most: bytes that are fetched at most; None for what is as large as the network.
    """

    what: str
    needed: bool
    most: int | None = None


LAYOUT = {
    CONFIG: HubFile("architecture, preprocessing, labels, decoding", True, 64 * _MIB),
    TAXONOMY: HubFile("the label tree", True, 64 * _MIB),
    WEIGHTS: HubFile("the weights", True),
    CARD: HubFile("the model card", False, 4 * _MIB),
    RECORD: HubFile("how it was made and measured", False, 64 * _MIB),
    EXPORTED: HubFile("the same model for ONNX Runtime", False),
}
"""All that is ever sent or fetched. No file that could be unpickled is among them."""

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?")


def check_repository(name: str) -> str:
    """The name, if a repository may be called so.

    Raises:
        ConfigError: it is not `owner/name` as the hub takes it.

    >>> check_repository("kennel/dog-breeds")
    'kennel/dog-breeds'
    >>> check_repository("../dogs")
    Traceback (most recent call last):
    labeltree.errors.ConfigError: '../dogs' is no name of a repository; expected owner/name, each \
of up to 96 letters, digits, '-', '_' and '.', with no '.' or '-' at an end and no '--' or '..'
    """
    parts = name.split("/")
    fits = len(parts) == 2 and all(_NAME.fullmatch(part) for part in parts)
    if not fits or "--" in name or ".." in name or name.endswith(".git"):
        raise ConfigError(
            f"{name!r} is no name of a repository; expected owner/name, each of up to 96 letters, "
            "digits, '-', '_' and '.', with no '.' or '-' at an end and no '--' or '..'"
        )
    return name


def bare_name(repo: str) -> str:
    """The name without its owner."""
    return repo.rpartition("/")[2]
