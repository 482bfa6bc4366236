"""Images whose label looks wrong: the model contradicts it with confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import Suspect
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Figure, Gallery, Picture, Table
from labeltree.reports.words import count, percent, plural, printable, short_name, shorten

NAME, TITLE = "suspects", "Labels that look wrong"
FILE = "suspicious_labels.csv"
MOST_PICTURES = 200
LONGEST_NAME = 22


def suspects(audit: AuditFolder) -> Iterator[Figure | Remark]:
    """The surest with their pictures; words where there is none."""
    found = audit.record.suspects
    if found is None:
        return
    if found:
        yield from _figure(audit, found)
    else:
        yield Remark(NAME, TITLE, "No label does: the model contradicts none with confidence.")


def _figure(audit: AuditFolder, found: Sequence[Suspect]) -> Iterator[Figure]:
    in_all = max(len(found), audit.record.suspects_in_all)
    pictures = tuple(_pictures(audit, found))
    shown = ""
    if len(pictures) < in_all:
        there = f" All are in {FILE}." if (audit.path / FILE).is_file() else ""
        shown = f" Here are the {count(len(pictures))} surest with a picture.{there}"
    yield Figure(
        name=NAME,
        title=TITLE,
        lead=f"The model contradicts the label of {plural(in_all, 'image')} with confidence, the "
        f"surest first.{shown}",
        alt=f"{plural(len(pictures), 'image')} with the label and what the model says.",
        panels=(Gallery(pictures, filters=_filters(audit)),),
        table=_table(found, in_all),
        note="Not every one is wrong: some images are hard, some show both. Under each picture: "
        "its label, what the model says instead and how sure it is of that, the name of the image "
        "(a click selects it).",
    )


def _filters(audit: AuditFolder) -> tuple[str, ...]:
    return ("Labelled as",) if audit.has_one_level else ("In the branch", "Wrong from level")


def _pictures(audit: AuditFolder, found: Sequence[Suspect]) -> Iterator[Picture]:
    """The surest of which there is a picture."""
    for one in [one for one in found if one.index in audit.examples][:MOST_PICTURES]:
        label, answer = (shorten(audit.label(p), LONGEST_NAME) for p in (one.label, one.answer))
        branch = short_name(one.label.partition("/")[0])
        keys = (branch,) if audit.has_one_level else (branch, short_name(one.level))
        words = f"labelled {label},\nlooks like {answer}\n({percent(one.confidence, 0)})"
        yield Picture(audit.examples[one.index], words, printable(one.image), keys)


def _table(found: Sequence[Suspect], in_all: int) -> Table:
    rows = tuple(
        (
            printable(one.image),
            printable(one.label),
            printable(one.answer),
            short_name(one.level),
            percent(one.confidence),
            percent(one.label_probability),
        )
        for one in found
    )
    head = ("image", "label", "suggested", "wrong from level", "confidence", "of the label")
    return Table(head, rows, 4, in_all - len(rows))
