"""Names that look like two spellings of one label.

Without comparing all pairs: names are brought to a common form and grouped; for typing errors,
words that share a form with one letter taken out are compared (the deletion neighbourhoods of
SymSpell). Both take time in proportion to the number of labels.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from labeltree.taxonomy.findings import Finding
from labeltree.taxonomy.relations import Relations

SHOWN = 4  # of the labels that share a name
CROWD = 8  # more names than this with one letter's difference are a system, no typing errors
MIN_LETTERS = 6  # shorter words are too often one letter from another word,
MIN_LETTERS_IF_OTHER = 8  # and so are these, if a consonant is another (castle, cattle)
VOWELS = frozenset("aeiouy")

BETWEEN_WORDS = re.compile(r"[\s_\-.,'’()·]+")
ACCENTS = re.compile("[\u0300-\u036f]")


def check_names(relations: Relations) -> list[Finding]:
    """Labels anywhere in the tree that differ by case, plural, accents, separators, or a typo."""
    parent_of = relations.parent_of()
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    forms: dict[str, tuple[str, ...]] = {}
    joined: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for node, name in enumerate(relations.names[1:], 1):
        form = forms.get(name)
        if form is None:
            form = forms[name] = common_form(name)
            if form not in groups:
                joined["".join(form)].append(form)
        groups[form].append(node)

    def finding(nodes: Iterable[int]) -> Iterator[Finding]:
        apart = _not_above_each_other(list(nodes), parent_of)
        if len(apart) > 1:
            yield _finding(relations, apart, parent_of)

    findings: list[Finding] = []
    for together in joined.values():  # "ice cream" and "icecream"
        findings += finding(node for form in together for node in groups[form])
    for one, other in typing_errors(groups):
        findings += finding([*groups[one], *groups[other]])
    return findings


def common_form(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, singular, without accents.

    >>> common_form("Big_Dogs"), common_form("épagneul breton")
    (('big', 'dog'), ('epagneul', 'breton'))
    """
    plain = name.casefold()
    if not plain.isascii():
        plain = ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
        plain = unicodedata.normalize("NFC", plain)
    words = tuple(_singular(word) for word in BETWEEN_WORDS.split(plain) if word)
    return words or (name,)


def _singular(word: str) -> str:
    """A form that the singular and the plural of an English word share; not always a word."""
    if len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith(("se", "xe", "ze", "che", "she")) else word


def typing_errors(
    forms: Iterable[tuple[str, ...]],
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Pairs of forms in which one long word has one letter more, less, other, or two swapped.

    A letter that is another counts if both are vowels, or if the word is very long.

    >>> list(typing_errors([("beagle", "dog"), ("begle", "dog"), ("house",), ("mouse",)]))
    [(('beagle', 'dog'), ('begle', 'dog'))]
    """
    words = list(forms)
    first: dict[str, int] = {}
    crowds: dict[str, list[int]] = {}  # only where several forms meet
    for number, form in enumerate(words):
        for key in _neighbourhood(form):
            before = first.setdefault(key, number)
            if before != number:
                crowds.setdefault(key, [before]).append(number)
    seen: set[tuple[int, int]] = set()
    for crowd in crowds.values():
        if len(crowd) <= CROWD:
            for one, other in combinations(crowd, 2):
                if (one, other) not in seen:
                    seen.add((one, other))
                    if _one_slip(words[one], words[other]):
                        yield words[one], words[other]


def _neighbourhood(form: tuple[str, ...]) -> set[str]:
    """The form, with each long word also without each letter; the first is hardly ever wrong."""
    keys = set()
    for at, word in enumerate(form):
        if len(word) >= MIN_LETTERS - 1 and not any(map(str.isdigit, word)):
            head, tail = " ".join((*form[:at], "")), " ".join(("", *form[at + 1 :]))
            keys.add(f"{at}{head}{word}{tail}")
            keys.update(
                f"{at}{head}{word[:cut]}{word[cut + 1 :]}{tail}" for cut in range(1, len(word))
            )
    return keys


def _one_slip(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    different = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or len(different) != 1:
        return False
    ((a, b),) = different
    if max(len(a), len(b)) < MIN_LETTERS or a[0] != b[0]:
        return False
    longest = max(len(a), len(b))
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(b))
    a, b = a[start:], b[start:]
    if a[1:] == b[1:]:
        return longest >= MIN_LETTERS_IF_OTHER or {a[:1], b[:1]} <= VOWELS
    return a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _not_above_each_other(nodes: list[int], parent_of: list[int]) -> list[int]:
    """Without those that stand below another of them: `car/car` is a choice, no slip."""
    chosen = set(nodes)
    apart = []
    for node in nodes:
        seen = {node}
        above = parent_of[node]
        while above > 0 and above not in chosen and above not in seen:
            seen.add(above)
            above = parent_of[above]
        if above <= 0 or above not in chosen:
            apart.append(node)
    return apart


def _finding(relations: Relations, nodes: list[int], parent_of: list[int]) -> Finding:
    shown = []
    for node in nodes[:SHOWN]:
        path, place = relations.path(node, parent_of), relations.places[node]
        shown.append(repr(path) if place.endswith(path) else f"{path!r} ({place})")
    more = f" and {len(nodes) - SHOWN} more" if len(nodes) > SHOWN else ""
    names = {relations.names[node] for node in nodes}
    what = "one name in several places" if len(names) == 1 else "names that look alike"
    return Finding(
        "similar names", f"{what}: {', '.join(shown)}{more}", relations.places[nodes[-1]]
    )
