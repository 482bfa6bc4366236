"""Numbers and labels as people read them."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from numbers import Real
from typing import TypeGuard

from labeltree.taxonomy import Taxonomy

THIN = "\u202f"  # a narrow space that does not break: between a number and its unit
MISSING = "–"


def known(value: object) -> TypeGuard[float]:
    """Whether a value of a record is a number that can be shown.

    >>> known(0.5), known(None), known(float("nan")), known(True)
    (True, False, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def percent(share: float | None, digits: int = 1) -> str:
    """A fraction in [0, 1] as a percentage; a dash where it is not known."""
    if share is None or not known(share):
        return MISSING
    return f"{100 * share:.{digits}f}{THIN}%"


def points(difference: float | None, digits: int = 2) -> str:
    """A difference of two fractions, in percentage points with its sign.

    >>> points(0.0123), points(-0.2, 1), points(-0.00001)
    ('+1.23', '−20.0', '0.00')
    """
    if difference is None or not known(difference):
        return MISSING
    value = round(100 * difference, digits)
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{abs(value):.{digits}f}"


def spread(mean: float | None, deviation: float | None, digits: int = 1) -> str:
    """A mean of fractions with its standard deviation, where there is one, as percentages.

    >>> spread(0.25, 0.003).replace(THIN, " "), spread(0.25, None).replace(THIN, " ")
    ('25.0 ± 0.3 %', '25.0 %')
    """
    if not known(mean) or not known(deviation):
        return percent(mean, digits)
    return f"{100 * mean:.{digits}f}{THIN}±{THIN}{percent(deviation, digits)}"


def p_value(p: float | None) -> str:
    """A p-value as it is written in a sentence; a dash where there is none.

    >>> p_value(0.0123), p_value(0.00001), p_value(None)
    ('p = 0.012', 'p < 0.001', '–')
    """
    if p is None or not known(p):
        return MISSING
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def count(number: float | None) -> str:
    """A whole number with thousands apart."""
    if number is None or not known(number):
        return MISSING
    return f"{round(number):,}"


def decimal(number: float | None, digits: int = 3) -> str:
    """A number with a fixed number of decimals; a dash where it is not known."""
    if number is None or not known(number):
        return MISSING
    return f"{number:.{digits}f}".replace("-", "−")


def compact(number: float | None) -> str:
    """A number with as few digits as tell it apart: learning rates, α."""
    if number is None or not known(number):
        return MISSING
    return f"{number:.3g}"


def large(number: float | None) -> str:
    """A number of operations in thousands, millions, …, to three digits.

    >>> [large(number).replace(THIN, " ") for number in (64, 20_963_328, 999_900, 1.814e9)]
    ['64', '21 M', '1 M', '1.81 G']
    """
    if number is None or not known(number):
        return MISSING
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= 0.9995 * size:
            digits = f"{number / size:.3g}" if abs(number) < 999.5 * size else count(number / size)
            return f"{digits}{THIN}{letter}"
    return compact(number)


def duration(seconds: float | None) -> str:
    """Seconds in the unit that suits them.

    >>> [duration(seconds).replace(THIN, " ") for seconds in (9, 200, 7260)]
    ['9 s', '3.3 min', '2.0 h']
    """
    if seconds is None or not known(seconds):
        return MISSING
    if seconds < 99.5:
        return f"{seconds:.0f}{THIN}s"
    if seconds < 5970:
        return f"{seconds / 60:.1f}{THIN}min"
    return f"{seconds / 3600:.1f}{THIN}h"


def plural(number: float, one: str, many: str | None = None) -> str:
    """A counted noun.

    >>> plural(1, "image"), plural(2000, "image"), plural(2, "class", "classes")
    ('1 image', '2,000 images', '2 classes')
    """
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence joined by commas and a last "and".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def level_noun(name: str) -> str:
    """What an answer at a level is called.

    >>> level_noun("species"), level_noun("level 2")
    ('species', 'label at level 2')
    """
    return f"label at {name}" if name.startswith("level ") else name


def shorten(text: str, length: int = 28) -> str:
    """Cut the middle out of a long label, so that both ends still tell labels apart.

    >>> shorten("chrysanthemum leucanthemum", 13)
    'chrysa…themum'
    """
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[len(text) - (length - head - 1) :]}"


def short_name(text: str) -> str:
    """A name from a record as it may stand in a figure, whatever it holds."""
    return shorten(printable(text))


def isolated(text: str) -> str:
    r"""A label within a sentence: one that is written from right to left turns nothing else round.

    >>> isolated("beagle"), ascii(isolated("\u0643\u0644\u0628"))
    ('beagle', "'\\u2068\\u0643\\u0644\\u0628\\u2069'")
    """
    turns = any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
    return f"\u2068{text}\u2069" if turns else text


def printable(text: str) -> str:
    """A label without line breaks, control and direction marks that would break a figure."""
    return "".join(char if char.isprintable() else " " for char in text)


def node_labels(taxonomy: Taxonomy) -> list[str]:
    """What to call each node: its bare name where that is unique in the tree, else its path.

    >>> tree = Taxonomy.from_paths(["cat/other", "dog/other", "dog/pug"])
    >>> node_labels(tree)
    ['all labels', 'cat', 'dog', 'cat/other', 'dog/other', 'pug']
    """
    times = Counter(taxonomy.names)
    labels = [
        printable(name if times[name] == 1 else path)
        for name, path in zip(taxonomy.names, taxonomy.paths, strict=True)
    ]
    labels[0] = "all labels"
    return labels
