"""How text becomes a label name."""

from __future__ import annotations

import re
import unicodedata

SEPARATOR = "/"
"""Between the steps of a path."""

# Control characters would upset terminals and tables; surrogates cannot be written as UTF-8.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    r"""One spelling for one name: composed accents (NFC), single spaces, none outside.

    >>> clean("  big \t dog ")
    'big dog'
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def flaw(name: str) -> str | None:
    """Why a cleaned text cannot be a label name; None if it can.

    >>> flaw("cat/dog")
    "label 'cat/dog' holds '/', which separates the steps of a path; rename it"
    """
    if not name:
        return "a label has no name; give it one"
    if SEPARATOR in name:
        return f"label {name!r} holds {SEPARATOR!r}, which separates the steps of a path; rename it"
    if UNPRINTABLE.search(name):
        return f"label {name!r} holds a control character or is not valid Unicode; rename it"
    return None


def printable(text: str) -> str:
    r"""The text in one line, for messages: what cannot be printed is escaped.

    >>> printable("two\nlines, été")
    'two\\nlines, été'
    """
    return UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], text)
