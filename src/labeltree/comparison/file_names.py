"""Names of files after data sets and models, whatever these are called."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 100  # of the 255 bytes that a file name may have


def slug(name: str) -> str:
    """A name as part of a file name.

    >>> slug("torchvision:vgg16+fc1000"), slug("flat slim-w64")
    ('torchvision-vgg16-fc1000', 'flat-slim-w64')
    """
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:_LONGEST]


def file_names(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """For each data set and model `<dataset>_<model>`; `-2`, … behind one that another has, too.

    Also where the two differ in upper and lower case only, which many file systems do not tell.

    >>> file_names([("a", "b:c"), ("a", "b+c"), ("a", "B c")])
    ['a_b-c', 'a_b-c-2', 'a_B-c-3']
    """
    taken: set[str] = set()
    found = []
    for dataset, model in pairs:
        base = name = f"{slug(dataset)}_{slug(model)}"
        again = 1
        while name.casefold() in taken:
            again += 1
            name = f"{base}-{again}"
        taken.add(name.casefold())
        found.append(name)
    return found
