"""Studies: a paper's experiment as one command. They train members and write a record.

A study is a folder of its own; what all of them need (scales, cached members, the record) is in
`study`, `members` and `running`. Importing this package is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from labeltree.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from labeltree.studies.study import Study


@dataclass(frozen=True)
class Entry:
    """One study of the table.

    Attributes:
        description: one line for lists and help.
        folder: of this package; holds its `STUDY`, imported when it is asked for.
    """

    description: str
    folder: str

    def load(self) -> Study:
        """Import it."""
        study: Study = import_module(f"labeltree.studies.{self.folder}").STUDY
        return study


STUDIES: dict[str, Entry] = {
    "size-scaling": Entry("error against the number of classes (paper 000)", "size_scaling"),
    "shared-vs-separate": Entry(
        "one network for all categories or one for each, leakage (paper 000)",
        "shared_vs_separate",
    ),
    "category-labels": Entry(
        "class labels against class and category labels (paper 000)", "category_labels"
    ),
    "coarse-to-fine": Entry(
        "a router and experts against flat networks of the same cost (paper 004)", "coarse_to_fine"
    ),
    "streaming": Entry(
        "multi-label networks that go on learning from new combinations alone (paper 003)",
        "streaming",
    ),
    "architectures": Entry(
        "any networks on any data: accuracy, cost, confusion, mistakes (paper 001)", "architectures"
    ),
    "merged-architectures": Entry(
        "coarse and fine networks that share stages, adaptation, ensembles (paper 002)",
        "merged_architectures",
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
