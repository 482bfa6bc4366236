"""Studies: a paper's experiment as one command. They train members and write a record.

A study is a folder of its own; what all of them need (scales, cached members, the record) is in
`study`, `members` and `running`. Importing this package is cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeltree.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from labeltree.studies.study import Study


@dataclass(frozen=True)
class Entry:
    """One study of the table.

    Attributes:
        description: one line for lists and help.
        load: imports and returns it.
    """

    description: str
    load: Callable[[], Study]


def _merged_architectures() -> Study:
    from labeltree.studies.merged_architectures import STUDY

    return STUDY


STUDIES: dict[str, Entry] = {
    "merged-architectures": Entry(
        "coarse and fine networks that share stages, adaptation, ensembles (paper 002)",
        _merged_architectures,
    ),
}


def find_study(name: str) -> Study:
    """The table's entry, imported.

    Raises:
        ConfigError: no such study; the message names the nearest, or all.
    """
    if name not in STUDIES:
        raise ConfigError(f"unknown study {name!r}; {suggestion(name, STUDIES)}")
    return STUDIES[name].load()


__all__ = ["STUDIES", "Entry", "find_study"]
