"""Which optional part of the package brings a module that is not installed."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, requires

from labeltree.errors import MissingExtraError, with_extra

PACKAGE = "labeltree"
IMPORTED_AS = {"pillow": "PIL", "scikit-learn": "sklearn"}
"""Distributions whose module has another name; of all others it is the same, with `_` for `-`."""

_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


def missing_extra(error: ModuleNotFoundError, extra: str | None = None) -> MissingExtraError | None:
    """What to tell a person whose command needs a module of one of our extras.

    Args:
        error: the import that failed.
        extra: the one that the command needs as a whole; None is the smallest with that module.

    Returns:
        One line with what mends it; None for any other module, also for one that an
        installed package should have had: that is a bug, and its traceback is wanted.
    """
    found = extras().get(error.name or "")
    if found is None:
        return None
    return MissingExtraError(
        f"this needs {error.name}, which is not installed: {with_extra(extra or found)}"
    )


def extras() -> dict[str, str]:
    """The smallest extra that brings each optional module, from the metadata of the package.

    >>> extras()["torch"], extras()["sklearn"], extras()["onnxruntime"]
    ('train', 'train', 'runtime')
    """
    brought = defaultdict(set)
    try:
        requirements = requires(PACKAGE) or []
    except PackageNotFoundError:  # run from its source alone: nothing is known of it
        requirements = []
    always = set()  # there without any extra, which may only ask for a later version
    for requirement in requirements:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        module = IMPORTED_AS.get(name, name.replace("-", "_"))
        found = _EXTRA.findall(requirement)
        if not found:
            always.add(module)
        for extra in found:
            brought[extra].add(module)
    smallest_last = sorted(brought, key=lambda extra: (-len(brought[extra]), extra))
    return {module: extra for extra in smallest_last for module in brought[extra] - always}
