"""Any text in Markdown as it is: no emphasis, no link, no tag, no formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from labeltree.reports.words import isolated, printable

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~$@&])")


def shown(text: str) -> str:
    r"""Text on one line; it must not stand at the beginning of one.

    >>> print(shown("a|b\n<script> [x](y) www.z"))
    a\|b \<script\> \[x\](y) www\.z
    """
    escaped = _SIGNS.sub(r"\\\1", " ".join(printable(text).split()))
    escaped = escaped.replace("://", r"\://")
    return isolated(re.sub(r"(www)\.", r"\1\\.", escaped, flags=re.IGNORECASE))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], text_columns: int = 1) -> list[str]:
    """Lines of a table of cells that are shown already; numbers are set to the right."""
    rules = ["---" if column < text_columns else "---:" for column in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rules, *rows)]
