"""Streaming: training goes on with newly arrived images only, protected against forgetting.

`PROTECTIONS` is the table of what `labeltree extend --protect` knows. Importing this package
imports no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labeltree.errors import ConfigError, suggestion
from labeltree.streaming.config import StreamingConfig


@dataclass(frozen=True)
class Entry:
    """One protection of the table.

    Attributes:
        description: one line for lists and help.
        field: of `StreamingConfig`.
        strength: what that field becomes unless another value is given.
        wants_old_images: whether it looks at images that the old model was trained on.
    """

    description: str
    field: str
    strength: float | int | bool
    wants_old_images: bool = False


PROTECTIONS: dict[str, Entry] = {
    "distill": Entry(
        "labels that nobody tells keep the scores that the old model gives", "distillation", 0.3
    ),
    "average": Entry("the share of the old weights in the result", "average", 0.3),
    "replay": Entry(
        "some old images of each class come along", "replay", 20, wants_old_images=True
    ),
    "dropout": Entry("drop a share of the features before the classifier", "dropout", 0.2),
    "l1": Entry("pull weights towards their old values, by their distance", "pull_l1", 1e-4),
    "l2": Entry("pull weights towards their old values, by its square", "pull_l2", 1e-2),
    "freeze": Entry("the first stages of the network stay as they are", "frozen_stages", 1),
    "freeze-norm": Entry(
        "the means and variances of batch norm stay as they are", "frozen_batch_norm", True
    ),
    "elastic": Entry(
        "pull each weight by its importance for the old images, looked at once",
        "elastic",
        1e-2,
        wants_old_images=True,
    ),
}

DEFAULT = ("distill", "average")
"""What `labeltree extend` protects by unless others are asked for, as measured (docs/log.md)."""


def parse_protections(asked: list[str]) -> Mapping[str, float | int | bool]:
    """Fields of `StreamingConfig` from `distill`, `replay=10` and the like.

    Raises:
        ConfigError: no such protection, one named twice, or a strength that is no number or 0.

    >>> parse_protections(["distill", "replay=10"])
    {'distillation': 0.3, 'replay': 10}
    """
    fields: dict[str, float | int | bool] = {}
    for text in asked:
        name, given, value = text.partition("=")
        if name not in PROTECTIONS:
            raise ConfigError(f"unknown protection {name!r}; {suggestion(name, PROTECTIONS)}")
        entry = PROTECTIONS[name]
        if entry.field in fields:
            raise ConfigError(f"--protect {name} is given twice; give it once")
        fields[entry.field] = _strength(entry, name, value) if given else entry.strength
    return fields


def _strength(entry: Entry, name: str, value: str) -> float | int | bool:
    if isinstance(entry.strength, bool):
        raise ConfigError(f"--protect {name}={value}: {name} has no strength; leave out ={value}")
    try:
        strength = type(entry.strength)(value)
    except ValueError:
        kind = "whole number" if isinstance(entry.strength, int) else "number"
        raise ConfigError(
            f"--protect {name}={value}: expected a {kind}, such as {name}={entry.strength}"
        ) from None
    if strength == 0:
        raise ConfigError(
            f"--protect {name}={value} protects by nothing; leave {name} out (--protect none "
            "switches all off)"
        )
    return strength


__all__ = ["DEFAULT", "PROTECTIONS", "Entry", "StreamingConfig", "parse_protections"]
