"""How many experts are asked for each image."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from labeltree.errors import ConfigError

EXPECTED = "soft (all experts), hard (one), or top-2, top-3, …"


@dataclass(frozen=True)
class Routing:
    """The experts that answer for an image: those of its most probable groups.

    Attributes:
        most: how many groups; None for all of them (soft).

    >>> str(Routing.parse("soft")), str(Routing.parse("top-1")), Routing.parse("top-2").most
    ('soft', 'hard', 2)
    """

    most: int | None = None

    @classmethod
    def parse(cls, text: str, num_groups: int | None = None) -> Self:
        """What `soft`, `hard`, `top-2`, … mean; `hard` is `top-1`.

        Args:
            text: the word.
            num_groups: how many groups there are, if that is known.

        Raises:
            ConfigError: no such routing, or more experts than there are groups.
        """
        if text == "soft":
            return cls()
        found = re.fullmatch(r"top-([1-9][0-9]*)", "top-1" if text == "hard" else text)
        if found is None:
            raise ConfigError(f"routing {text!r} is not known; give {EXPECTED}")
        most = int(found[1])
        if num_groups is not None and most > num_groups:
            raise ConfigError(
                f"routing {text!r} asks {most} experts, but there are {num_groups} groups; give "
                f"at most top-{num_groups}, or soft for all"
            )
        return cls(most)

    def __str__(self) -> str:
        if self.most is None:
            return "soft"
        return "hard" if self.most == 1 else f"top-{self.most}"
