"""Classes that would fit better under another parent, with the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import Misfit
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Figure, Pair, Pairs, Picture, Table
from labeltree.reports.words import (
    MISSING,
    THIN,
    count,
    known,
    p_value,
    plural,
    printable,
    shorten,
)

NAME, TITLE = "misfits", "Better under another parent?"
MOST_DRAWN = 8
MOST_PICTURES = 6
LONGEST_NAME = 40


def misfits(audit: AuditFolder) -> Iterator[Figure | Remark]:
    """The classes found, the most certain first; words where there is none, or none can be."""
    found = audit.record.misfits
    if found is None:
        return
    if found:
        yield _figure(audit, found)
    elif audit.has_one_level:
        text = "The tree has one level: there is no other parent for any class."
        yield Remark(NAME, TITLE, text)
    else:
        yield Remark(NAME, TITLE, f"No class fits better elsewhere{_among(audit)}.")


def _among(audit: AuditFolder) -> str:
    judged = audit.record.misfits_judged
    if judged is None:
        return ""
    if not judged:
        return ": none could be compared, for lack of images, of siblings, or of another parent"
    return f": {plural(judged, 'class was', 'classes were')} compared with every other parent"


def _figure(audit: AuditFolder, found: Sequence[Misfit]) -> Figure:
    drawn = tuple(_pair(audit, one) for one in found[:MOST_DRAWN])
    first, in_all = found[0], max(len(found), audit.record.misfits_in_all)
    return Figure(
        name=NAME,
        title=TITLE,
        lead=f"{plural(in_all, 'class', 'classes')}; most surely {audit.said(first.path)}, "
        f"which resembles the classes of {audit.said(first.better_parent)} "
        f"({_share(first.other_affinity)}) more than its siblings under "
        f"{audit.said(first.parent)} ({_share(first.own_affinity)}).",
        alt="; ".join(f"{pair.truth} {pair.link} {pair.answer}: {pair.detail}" for pair in drawn),
        panels=(Pairs(drawn),),
        table=_table(found, in_all),
        note="Beside the bar: how much the class resembles those of the better parent, and how "
        "much its siblings. That is the mean probability, per class, that its images are theirs or "
        "theirs are its; the one class elsewhere that it resembles most is left out, since one "
        "twin is no reason to move. p: that so many of its images would lean that way by chance, "
        "corrected for all classes and parents compared.",
    )


def _share(affinity: float | None) -> str:
    """Most are far below one percent."""
    return f"{100 * affinity:.2g}{THIN}%" if known(affinity) else MISSING


def _pair(audit: AuditFolder, one: Misfit) -> Pair:
    other = one.other_affinity
    return Pair(
        truth=shorten(audit.label(one.path), LONGEST_NAME),
        answer=shorten(audit.label(one.better_parent)),
        images=other if known(other) else 0.0,
        asked=0,
        pictures=tuple(
            Picture(audit.examples[index]) for index in one.pictures if index in audit.examples
        )[:MOST_PICTURES],
        link="would fit under",
        amount=f"{_share(other)} vs {_share(one.own_affinity)}",
        detail=f"stands under {audit.said(one.parent)}{_certainty(one)}",
    )


def _certainty(one: Misfit) -> str:
    p = p_value(one.p_corrected if known(one.p_corrected) else one.p_value)
    images = plural(one.images, "image") if one.images is not None else ""
    parts = [part for part in (p if p != MISSING else "", images) if part]
    return f"; {', '.join(parts)}" if parts else ""


def _table(found: Sequence[Misfit], in_all: int) -> Table:
    rows = tuple(
        (
            printable(one.path),
            printable(one.parent),
            printable(one.better_parent),
            _share(one.own_affinity),
            _share(one.other_affinity),
            p_value(one.p_corrected),
            count(one.images),
        )
        for one in found
    )
    head = (
        "class",
        "parent",
        "better parent",
        "to siblings",
        "to the others",
        "corrected",
        "images",
    )
    return Table(head, rows, 3, in_all - len(rows))
