"""What an audit comes to: what is wrong, where, and what to do first."""

from __future__ import annotations

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import ConfusedPair
from labeltree.reports.facts import Facts, KeyNumber, environment_of, facts_of
from labeltree.reports.words import (
    count,
    known,
    listed,
    percent,
    plural,
    short_name,
)


def title(audit: AuditFolder) -> str:
    """The audit's own name, else its folder's."""
    return audit.record.name or audit.path.resolve().name


def subtitle(audit: AuditFolder) -> str:
    """Which model on which images, and when."""
    record = audit.record
    data, model = record.data, record.model
    parts = (
        "audit",
        str(model.get("method") or ""),
        str(model.get("backbone") or ""),
        data.source,
        plural(data.classes, "class", "classes") if known(data.classes) else "",
        record.date[:10],
    )
    return " · ".join(part for part in parts if part)


def sentences(audit: AuditFolder) -> list[str]:
    """As far as it was measured: what is wrong, where most, and what to do first."""
    made = (_wrong(audit), _where(audit), _first(audit))
    return [sentence for sentence in made if sentence]


def key_numbers(audit: AuditFolder) -> list[KeyNumber]:
    """How much of each kind was found."""
    record, found = audit.record, []
    if known(wrong := _wrong_share(audit)):
        images = plural(record.data.images, "image") if known(record.data.images) else ""
        found.append(KeyNumber(percent(wrong), "get a wrong class", images))
    if record.accounting and known(leaked := record.accounting[0].between):
        level = short_name(record.accounting[0].level)
        found.append(KeyNumber(percent(leaked), "leak into another branch", level))
    if record.suspects is not None:
        found.append(KeyNumber(count(_suspects_in_all(audit)), "labels that look wrong"))
    if record.misfits is not None and not audit.has_one_level:
        many = _misfits_in_all(audit)
        name = "class that would" if many == 1 else "classes that would"
        found.append(KeyNumber(count(many), f"{name} fit better elsewhere"))
    return found


def fact_tables(audit: AuditFolder) -> list[Facts]:
    """What was audited with what: the parts of the record that are there."""
    record = audit.record
    data = {key: value for key, value in record.data.model_dump().items() if value}
    return facts_of(
        {
            "Data": data,
            "Model": record.model,
            "Decoding": record.decoding,
            "Environment": environment_of(dict(record)),
        }
    )


def _suspects_in_all(audit: AuditFolder) -> int:
    return max(len(audit.record.suspects or ()), audit.record.suspects_in_all)


def _misfits_in_all(audit: AuditFolder) -> int:
    return max(len(audit.record.misfits or ()), audit.record.misfits_in_all)


def _wrong_share(audit: AuditFolder) -> float | None:
    """The share of images with a wrong class; a tree of one level has it as its accuracy."""
    record = audit.record
    if record.accounting:
        return record.accounting[0].total
    if record.accuracy and known(right := record.accuracy[-1].top1):
        return 1 - right
    return None


def _wrong(audit: AuditFolder) -> str:
    data, accounting, share = audit.record.data, audit.record.accounting, _wrong_share(audit)
    if not known(share):
        return ""
    what = f"{data.split} image".strip()
    images = plural(data.images, what) if known(data.images) else f"the {what}s"
    if share == 0:
        return f"Of {images}, not one gets a wrong class."
    if not accounting or not (known(accounting[0].within) and known(accounting[0].between)):
        return f"Of {images}, {percent(share)} get a wrong class."
    one = accounting[0]
    return (
        f"Of {images}, {percent(share)} get a wrong class: {percent(one.within)} within the right "
        f"branch, {percent(one.between)} in another."
    )


def _where(audit: AuditFolder) -> str:
    """The branch that suffers most, the largest leak and the most confused classes."""
    record, parts = audit.record, []
    level = next(iter(record.levels), None)
    if level and level.branches and level.branches[0].leaked:
        worst = level.branches[0]
        share = percent(worst.leaked)
        parts.append(f"Most leaks out of {audit.said(worst.path)} ({share} of its images)")
    if level and level.flows:
        flow = level.flows[0]
        names = " into ".join(audit.said(path) for path in (flow.source, flow.target))
        parts.append(f"The largest single leak is from {names} ({plural(flow.images, 'image')})")
    if pair := _most_confused(audit):
        names = listed(audit.said(path) for path in (pair.a, pair.b))
        images = plural(pair.images, "image")
        parts.append(f"The classes most often taken for each other are {names} ({images})")
    return "".join(f"{part}. " for part in parts).strip()


def _first(audit: AuditFolder) -> str:
    """The cheapest first: labels, then the tree, then images."""
    steps, record = [], audit.record
    if record.suspects:
        images = plural(_suspects_in_all(audit), "image")
        steps.append(f"look at the {images} whose label looks wrong")
    if record.misfits:
        first, many = record.misfits[0], _misfits_in_all(audit)
        better = f"{audit.said(first.path)} would fit better under "
        better += audit.said(first.better_parent)
        which = "" if many == 1 else f" {plural(many, 'class', 'classes')} stand under the right"
        steps.append(f"ask whether{which} parent: {better}" if which else f"see why {better}")
    if steps:
        return f"What to do first: {'; then '.join(steps)}."
    if pair := _most_confused(audit):
        names = listed(audit.said(path) for path in (pair.a, pair.b))
        return f"What helps most: more or better images of the confused classes, {names} first."
    return ""


def _most_confused(audit: AuditFolder) -> ConfusedPair | None:
    found = audit.record.pairs
    pairs = [*(found.within or ())[:1], *(found.across or ())[:1]]
    return max(pairs, key=lambda pair: pair.images, default=None)
