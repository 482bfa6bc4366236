"""Markdown that shows any text as it is, whatever signs it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def inline(text: str) -> str:
    r"""Text on one line that neither ends its cell nor becomes a link, an emphasis or a tag.

    >>> print(inline("a|b\n<script> [x](y)"))
    a\|b &lt;script> \[x](y)
    """
    return " ".join(re.sub(r"([\\|\[`*])", r"\\\1", text).replace("<", "&lt;").split())


def table_lines(
    head: Sequence[str], rows: Iterable[Sequence[str]], text_columns: int = 1
) -> Iterable[str]:
    """Lines of a table; columns after the first `text_columns` are numbers, set to the right."""
    rules = ["---" if number < text_columns else "---:" for number in range(len(head))]
    for line in ([inline(text) for text in head], rules, *(map(inline, row) for row in rows)):
        yield f"| {' | '.join(line)} |"
