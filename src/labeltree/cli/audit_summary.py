"""An audit in a few lines for the console."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Line = tuple[str, str]

_MOST = 3


def summary(record: Json) -> Iterator[Line]:
    """A word and a sentence for each line: accuracy, accounting, the worst of each kind."""
    for note in record["notes"]:
        yield "note", note
    right = (f"{one['level']} {_percent(one['top1'])}" for one in record["accuracy"])
    yield "right", ", ".join(right)
    yield from _accounting(record)
    for kind, between in (("within", "in one branch"), ("across", "across branches")):
        for pair in record["pairs"][kind][:_MOST]:
            yield "pair", _pair(pair, between)
    yield from _misfits(record)
    yield from _suspects(record)


def _accounting(record: Json) -> Iterator[Line]:
    for level, part in zip(record["levels"], record["accounting"], strict=True):
        counts = part["counts"]
        yield (
            "errors",
            f"{part['level']}: {counts['wrong']:,} of {counts['images']:,} wrong "
            f"({_percent(part['total'])}) = {counts['within']:,} within a branch "
            f"({_percent(part['within'])}) + {counts['between']:,} leaked "
            f"({_percent(part['between'])})",
        )
        if level["flows"]:
            worst, flow = level["branches"][0], level["flows"][0]
            yield (
                "leak",
                f"{level['level']}: most of {worst['path']}, {_percent(worst['leaked'])} of its "
                f"images; most often {flow['from']} to {flow['to']}, {flow['images']:,} images",
            )


def _pair(pair: Json, between: str) -> str:
    return (
        f"{between}: {pair['a']} and {pair['b']}, {pair['images']:,} images "
        f"({pair['a_as_b']:,} and {pair['b_as_a']:,}), {_percent(pair['share'])} of theirs"
    )


def _misfits(record: Json) -> Iterator[Line]:
    found = record["misfits"]
    if record["misfits_judged"]:
        yield (
            "misfits",
            f"{record['misfits_in_all']:,} of {record['misfits_judged']:,} classes would fit "
            "better under another parent",
        )
    for one in found[:_MOST]:
        yield "misfit", f"{one['path']} under {one['better_parent']} (p = {one['p_corrected']:.2g})"


def _suspects(record: Json) -> Iterator[Line]:
    number = record["suspects_in_all"]
    yield (
        "suspects",
        f"{number:,} {'image has a label' if number == 1 else 'images have labels'} "
        "that may be wrong",
    )
    for one in record["suspects"][:_MOST]:
        yield (
            "suspect",
            f"{one['image']} is labelled {one['label']}, looks like {one['answer']} "
            f"({_percent(one['confidence'])})",
        )


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"
