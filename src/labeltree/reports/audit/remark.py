"""A section of the page without a figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """What was looked for and not found, said in words: silence could also mean "not looked".

    Attributes:
        name: anchor in the page.
        title: heading.
        text: a sentence or two.
    """

    name: str
    title: str
    text: str
