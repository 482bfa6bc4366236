"""What can be wrong with a taxonomy as somebody wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

KINDS: dict[str, Severity] = {
    "cycle": "error",
    "two parents": "error",
    "duplicate siblings": "error",
    "repeated row": "warning",
    "empty inner node": "warning",
    "single child": "warning",
    "similar names": "warning",
    "bad name": "error",
    "gap": "error",
    "bad row": "error",
    "unplaced class": "warning",
    "no labels": "error",
}
"""Every kind of finding. An error leaves it open which tree is meant; a warning does not."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or looks wrong.

    Attributes:
        kind: a key of `KINDS`.
        message: one line; what was found and, for an error, the remedy.
        place: `file:line`, or the file or folder and the path of the node in it.
    """

    kind: str
    message: str
    place: str

    @property
    def severity(self) -> Severity:
        """`error` if no tree can be built with this in it, else `warning`."""
        return KINDS[self.kind]

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message}"
