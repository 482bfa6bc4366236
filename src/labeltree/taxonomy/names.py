"""How text becomes a label name."""

from __future__ import annotations

import unicodedata


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
    if "/" in name:
        return f"label {name!r} holds '/', which separates the steps of a path; rename it"
    if not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name):
        return f"label {name!r} is not valid Unicode; rename it"
    return None
