"""Classes that are taken for each other, within a branch and across branches, with pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import ConfusedPair
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Figure, Pair, Pairs, Picture, Table
from labeltree.reports.words import count, isolated, known, percent, plural, printable, shorten

MOST_PAIRS = 10
MOST_PICTURES = 6
LONGEST_NAME, LONGEST_CAPTION = 40, 8
TITLES = {
    "pairs_within": "Taken for each other, under the same parent",
    "pairs_across": "Taken for each other, under different parents",
}
NONE = {
    "pairs_within": "No class was taken for another one of its parent.",
    "pairs_across": "No class was taken for one of another parent.",
}
NOTES = {
    "pairs_within": "Alike classes of one parent: more images of the two, sharper ones, or one "
    "class made of both.",
    "pairs_across": "Classes that should look different: look for wrong labels, for images that "
    "show both, and for a class that stands under the wrong parent.",
}

NOTE = (
    "Beside the bar: images of either class that were taken for the other, of all images of the "
    "two. Under each picture: its label."
)


def pairs(audit: AuditFolder) -> Iterator[Figure | Remark]:
    """The most confused pairs of both kinds; with one level, all pairs are of one kind."""
    kinds = {"pairs_within": audit.record.pairs.within, "pairs_across": audit.record.pairs.across}
    for name, found in kinds.items():
        if found is None or (audit.has_one_level and name == "pairs_across"):
            continue
        title = "Taken for each other" if audit.has_one_level else TITLES[name]
        if found:
            yield _figure(audit, name, title, found)
        else:
            text = "No class was taken for another." if audit.has_one_level else NONE[name]
            yield Remark(name, title, text)


def _figure(audit: AuditFolder, name: str, title: str, found: Sequence[ConfusedPair]) -> Figure:
    drawn = tuple(_pair(audit, one) for one in found[:MOST_PAIRS])
    first = drawn[0]
    return Figure(
        name=name,
        title=title,
        lead=f"Most often {audit.said(found[0].a)} and {audit.said(found[0].b)}: {first.detail}.",
        alt="Bars: "
        + "; ".join(f"{pair.truth} and {pair.answer}: {pair.shown_amount}" for pair in drawn[:5]),
        panels=(Pairs(drawn),),
        table=_table(found),
        note=NOTE if audit.has_one_level else f"{NOTES[name]} {NOTE}",
    )


def _pair(audit: AuditFolder, found: ConfusedPair) -> Pair:
    a, b = (shorten(audit.label(path), LONGEST_NAME) for path in (found.a, found.b))
    asked = round(found.images / found.share) if known(found.share) and found.share > 0 else 0
    return Pair(
        truth=a,
        answer=b,
        images=found.images,
        asked=asked,
        pictures=_pictures(audit, found),
        link="and",
        arrow="↔",
        amount="" if asked else plural(found.images, "image"),
        detail=f"{isolated(a)} taken for {isolated(b)} {_times(found.a_as_b)}, the other way round "
        f"{_times(found.b_as_a)}",
    )


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{count(number)} times")


def _pictures(audit: AuditFolder, found: ConfusedPair) -> tuple[Picture, ...]:
    """Pictures of both directions, as many of each as fit; under each, its label."""
    words = {"a": audit.label(found.a), "b": audit.label(found.b)}
    labels = found.labels if len(found.labels) == len(found.pictures) else ()
    sides = labels or ("",) * len(found.pictures)
    there = [
        (side, Picture(audit.examples[index], shorten(words.get(side, ""), LONGEST_CAPTION)))
        for index, side in zip(found.pictures, sides, strict=True)
        if index in audit.examples
    ]
    of_a = [picture for side, picture in there if side == "a"]
    others = [picture for side, picture in there if side != "a"]
    few_a = max(MOST_PICTURES // 2, MOST_PICTURES - len(others))
    kept = of_a[:few_a]
    return (*kept, *others[: MOST_PICTURES - len(kept)])


def _table(found: Sequence[ConfusedPair]) -> Table:
    rows = tuple(
        (
            printable(one.a),
            printable(one.b),
            *(count(number) for number in (one.a_as_b, one.b_as_a, one.images)),
            percent(one.share),
        )
        for one in found
    )
    head = ("one", "the other", "one as the other", "the other as one", "images", "of both")
    return Table(head, rows, 2)
