"""What an audit found, as `record.json` holds it; see `docs/formats.md`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from labeltree.audit import Audit, BranchLevel
from labeltree.data.images import Images
from labeltree.metrics import top_k_accuracy
from labeltree.taxonomy import Probabilities

Json = dict[str, Any]

EXAMPLES = "examples"
_MOST_ROWS = 200  # branches, flows, misfits
_MOST_PAIRS = 50
_MOST_SUSPECTS = 500
_PER_PAIR = 6


def figures(audit: Audit, probabilities: Probabilities, images: Images) -> Json:
    """The part of the record that the audit itself fills.

    Args:
        audit: what was found.
        probabilities: decoded, shape `(n, num_nodes)`.
        images: for their names.
    """
    return {
        "accuracy": _accuracy(audit, probabilities),
        "levels": [_level(audit, level) for level in audit.levels],
        "accounting": [_accounting(audit, level) for level in audit.levels],
        "pairs": {
            "within": _pairs(audit, audit.pairs.is_within),
            "across": _pairs(audit, ~audit.pairs.is_within),
        },
        "misfits": _misfits(audit),
        "misfits_in_all": len(audit.misfits.found),
        "misfits_judged": audit.misfits.judged,
        "suspects": _suspects(audit, images),
        "suspects_in_all": len(audit.suspects.images),
    }


def pictured(record: Json) -> list[int]:
    """Positions of all images that a record shows, in rising order."""
    shown: set[int] = {suspect["index"] for suspect in record["suspects"]}
    for part in (*record["pairs"]["within"], *record["pairs"]["across"], *record["misfits"]):
        shown.update(part["pictures"])
    return sorted(shown)


def table_name(audit: Audit, depth: int) -> str:
    """The file of the leakage matrix at a depth: its level's name, as far as files may have it."""
    names = [_file_part(name) for name in audit.taxonomy.level_names]
    name = names[depth - 1]
    return f"leakage_{name}.csv" if names.count(name) == 1 else f"leakage_{depth}_{name}.csv"


def _file_part(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-").casefold() or "level"


def _accuracy(audit: Audit, probabilities: Probabilities) -> list[Json]:
    tree = audit.taxonomy
    shares = top_k_accuracy(tree, probabilities, audit.targets)
    return [
        {
            "level": name,
            "top1": None if math.isnan(share) else share,
            "images": int(tree.reaches_cut(audit.targets, depth).sum()),
        }
        for depth, (name, share) in enumerate(zip(tree.level_names, shares, strict=True), 1)
    ]


def _level(audit: Audit, level: BranchLevel) -> Json:
    paths, counts, whole = audit.taxonomy.paths, level.accounting, level.accounting.whole
    branches = [
        {
            "path": paths[level.nodes[i]],
            "images": int(counts.images[i]),
            "error": float(counts.wrong[i] / counts.images[i]),
            "within": float(counts.within[i] / counts.images[i]),
            "leaked": float(counts.between[i] / counts.images[i]),
        }
        for i in level.worst_first()[:_MOST_ROWS].tolist()
    ]
    return {
        "level": audit.taxonomy.level_names[level.depth - 1],
        "depth": level.depth,
        "images": int(whole.images[0]),
        "leaked": _share(whole.between, whole.images),
        "categories": len(level.nodes),
        "file": table_name(audit, level.depth),
        "branches": branches,
        "flows": _flows(audit, level),
    }


def _flows(audit: Audit, level: BranchLevel) -> list[Json]:
    paths, pairs = audit.taxonomy.paths, level.leakage.pairs
    of_node = dict(zip(level.nodes.tolist(), level.accounting.images.tolist(), strict=True))
    first = np.flatnonzero(pairs.targets != pairs.answers)[:_MOST_ROWS]
    flows = zip(*(part[first].tolist() for part in pairs), strict=True)
    return [
        {"from": paths[true], "to": paths[told], "images": count, "share": count / of_node[true]}
        for true, told, count in flows
    ]


def _accounting(audit: Audit, level: BranchLevel) -> Json:
    whole = level.accounting.whole
    return {
        "level": audit.taxonomy.level_names[level.depth - 1],
        "depth": level.depth,
        "total": _share(whole.wrong, whole.images),
        "within": _share(whole.within, whole.images),
        "between": _share(whole.between, whole.images),
        "counts": {
            "images": int(whole.images[0]),
            "wrong": int(whole.wrong[0]),
            "within": int(whole.within[0]),
            "between": int(whole.between[0]),
        },
    }


def _share(part: np.ndarray, whole: np.ndarray) -> float | None:
    return float(part[0] / whole[0]) if whole[0] else None


def _pairs(audit: Audit, chosen: np.ndarray) -> list[Json]:
    return [_pair(audit, i) for i in np.flatnonzero(chosen)[:_MOST_PAIRS].tolist()]


def _pair(audit: Audit, i: int) -> Json:
    tree, pairs = audit.taxonomy, audit.pairs
    a, b = int(pairs.a[i]), int(pairs.b[i])
    pictures = audit.pictures(a, b, _PER_PAIR)
    return {
        "a": tree.paths[a],
        "b": tree.paths[b],
        "a_as_b": int(pairs.a_as_b[i]),
        "b_as_a": int(pairs.b_as_a[i]),
        "images": int(pairs.images[i]),
        "share": float(pairs.share[i]),
        "level": tree.level_names[pairs.parted_at[i] - 1],
        "pictures": pictures,
        "labels": ["a" if audit.targets[index] == a else "b" for index in pictures],
    }


def _misfits(audit: Audit) -> list[Json]:
    tree = audit.taxonomy
    return [
        {
            "path": tree.paths[one.leaf],
            "parent": tree.paths[tree.parents[one.leaf]],
            "better_parent": tree.paths[one.better_parent],
            "own_affinity": one.own_affinity,
            "other_affinity": one.other_affinity,
            "p_value": one.p_value,
            "p_corrected": one.p_corrected,
            "images": one.images,
            "pictures": list(one.pictures),
        }
        for one in audit.misfits.found[:_MOST_ROWS]
    ]


def _suspects(audit: Audit, images: Images) -> list[Json]:
    return [
        {
            **suspect,
            "image": images.name(suspect["index"]),
            "picture": f"{EXAMPLES}/{suspect['index']}.png",
        }
        for suspect in suspect_rows(audit, _MOST_SUSPECTS)
    ]


def suspect_rows(audit: Audit, most: int | None = None) -> Iterable[Json]:
    """The suspects in words, the surest first; all if `most` is None."""
    tree = audit.taxonomy
    columns = (part[:most].tolist() for part in audit.suspects)
    for index, label, answer, confidence, probability, parted_at in zip(*columns, strict=True):
        yield {
            "index": index,
            "label": tree.paths[label],
            "answer": tree.paths[answer],
            "confidence": confidence,
            "label_probability": probability,
            "level": tree.level_names[parted_at - 1],
        }
