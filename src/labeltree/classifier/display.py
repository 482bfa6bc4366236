"""How a classifier looks in a notebook: one piece of HTML that needs nothing else.

Colours are the notebook's own, made paler: it is as readable on dark ground as on light.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from labeltree.reports.words import known, plural
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.classifier.estimator import TreeClassifier

MOST_NODES = 2000
"""Nodes of a tree that are shown; those nearest to the root come first."""

_STYLE = """
.labeltree{font:13px/1.45 system-ui,sans-serif;max-width:46em;padding:.8em 1em;
 border:1px solid rgba(128,128,128,.4);border-radius:6px}
.labeltree h4{font-size:15px;margin:0 0 .2em}
.labeltree p{margin:.2em 0 .6em;opacity:.8}
.labeltree table{border-collapse:collapse;margin:.3em 0 .7em;font:inherit;width:auto}
.labeltree th,.labeltree td{padding:.2em .9em .2em 0;text-align:right;background:none;border:0;
 border-bottom:1px solid rgba(128,128,128,.25);font-variant-numeric:tabular-nums}
.labeltree th{font-weight:600}
.labeltree tr>:first-child{text-align:left}
.labeltree tr>:last-child{padding-right:0}
.labeltree td.text{text-align:left;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.labeltree tr.default{opacity:.7}
.labeltree summary{cursor:pointer;padding:.05em 0}
.labeltree .leaf{padding:.05em 0 .05em 1.05em}
.labeltree .below{margin-left:.45em;padding-left:.75em;border-left:1px solid rgba(128,128,128,.35)}
.labeltree .count{opacity:.7}
.labeltree .tree{max-height:24em;overflow:auto}
"""


def as_html(classifier: TreeClassifier) -> str:
    """The parameters; of a fitted classifier also what it learned, how well, and the tree."""
    if not hasattr(classifier, "predictor_"):
        body = f"<p>not fitted</p>{_parameters(classifier)}"
    else:
        body = (
            f"<p>{escape(_summary(classifier))}</p>{_figures(classifier)}"
            f'<details open class="tree"><summary>{_tree_words(classifier.taxonomy_)}</summary>'
            f"{_tree(classifier.taxonomy_)}</details>"
            f"<details><summary>parameters</summary>{_parameters(classifier)}</details>"
        )
    name = escape(type(classifier).__name__)
    return f'<div class="labeltree"><style>{_STYLE}</style><h4>{name}</h4>{body}</div>'


def _summary(classifier: TreeClassifier) -> str:
    """What was trained, on how much and for how long, as far as it is known."""
    record = classifier.record_ or {}
    model, data, training = (record.get(part) or {} for part in ("model", "data", "training"))
    network = [
        " on ".join(str(model[key]) for key in ("method", "backbone") if model.get(key)),
        f"{model['parameters']:,} parameters" if known(model.get("parameters")) else "",
    ]
    spent = [
        f"on {plural(data['train'], 'image')}" if known(data.get("train")) else "",
        "for " + _counted(f"{training['epochs']:.3g}", "epoch")
        if known(training.get("epochs"))
        else "",
        f"in {duration(training['seconds_in_all'])}"
        if known(training.get("seconds_in_all"))
        else "",
        f"on {training['device']}" if training.get("device") else "",
    ]
    told = [", ".join(filter(None, network)), " ".join(["trained", *filter(None, spent)])]
    if any(network) and any(spent):
        return "; ".join(told)
    return f"{classifier.predictor_.name}, computed by {classifier.predictor_.backend}"


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(1.2), duration(42.4), duration(150)
    ('1 second', '42 seconds', '2.5 minutes')
    """
    if seconds >= 100:
        return _counted(f"{seconds / 60:.1f}", "minute")
    return _counted(f"{seconds:.0f}", "second")


def _counted(number: str, noun: str) -> str:
    """A number as it is shown, and what it counts."""
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def _figures(classifier: TreeClassifier) -> str:
    """Accuracy at each level, of the images that were set aside to measure it."""
    record = classifier.record_ or {}
    test, back_off = (record.get(part) or {} for part in ("test", "back_off"))
    if not known(test.get("images")) or not test["images"]:
        return ""
    measured = f"Measured on {plural(test['images'], 'image')} that were set aside."
    if known(back_off.get("target_accuracy")):
        measured = (
            f"Answers for a target of {back_off['target_accuracy']:.0%}: "
            f"{_share(back_off.get('accuracy'))} right, {_share(back_off.get('leaf_share'))} of "
            f"them leaves. {measured}"
        )
    levels = test.get("levels") or ()
    tree = classifier.taxonomy_
    five = any(_has_more_than_five(tree, level) for level in levels)
    rows = [
        (
            str(level.get("level") or ""),
            f"{level['images']:,}" if known(level.get("images")) else "–",
            _share(level.get("top1")),
            _interval(level),
            *([_five_surest(tree, level)] if five else []),
        )
        for level in levels
    ]
    head = ("level", "images", "top-1", "95 % interval", *(["top-5"] if five else []))
    return f"{_table(rows, head)}<p>{escape(measured)}</p>"


def _has_more_than_five(tree: Taxonomy, level: dict[str, Any]) -> bool:
    depth = level.get("depth")
    if not isinstance(depth, int) or not 1 <= depth <= tree.depth:
        return True
    return len(tree.cut(depth)) > 5


def _five_surest(tree: Taxonomy, level: dict[str, Any]) -> str:
    """Of at most five labels they are right whatever the model says: that is no figure."""
    return _share(level.get("top5")) if _has_more_than_five(tree, level) else "–"


def _share(value: Any) -> str:
    return f"{value:.1%}" if known(value) else "–"


def _interval(level: dict[str, Any]) -> str:
    ends = [_share(level.get(end)) for end in ("low", "high")]
    return "–" if "–" in ends else " to ".join(ends)


def _table(rows: Iterable[Sequence[str]], head: Sequence[str]) -> str:
    lines = [
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in [("th", head), *(("td", row) for row in rows)]
    ]
    return f"<table>{''.join(lines)}</table>"


def _parameters(classifier: TreeClassifier) -> str:
    """All of them, those that were changed first."""
    values = classifier.get_params(deep=False)
    defaults = type(classifier)().get_params(deep=False)
    rows = [(values[name] == defaults[name], name, repr(values[name])) for name in defaults]
    lines = [
        f"<tr{' class=default' if usual else ''}><td>{escape(name)}</td>"
        f'<td class="text">{escape(text[:200])}</td></tr>'
        for usual, name, text in sorted(rows, key=lambda row: row[0])
    ]
    return f"<table>{''.join(lines)}</table>"


def _tree_words(tree: Taxonomy) -> str:
    levels = escape(", ".join(tree.level_names))
    return f"{plural(tree.num_leaves, 'class', 'classes')} <span class=count>{levels}</span>"


def _tree(tree: Taxonomy) -> str:
    """Nested lists that open; from the last node to the first, so that children come before."""
    shown = min(len(tree), MOST_NODES)
    drawn = [""] * shown
    for node in reversed(range(shown)):
        name, children = escape(tree.names[node]), tree.children(node)
        below = "".join(drawn[children.start : min(children.stop, shown)])
        if (hidden := children.stop - max(children.start, shown)) > 0:
            below += f'<div class="leaf count">… {hidden:,} more</div>'
        if node == 0:
            return f'<div class="below">{below}</div>'
        if tree.is_leaf[node]:
            drawn[node] = f'<div class="leaf">{name}</div>'
        else:
            count = f"<span class=count>{tree.leaf_counts[node]:,}</span>"
            drawn[node] = (
                f'<details><summary>{name} {count}</summary><div class="below">{below}</div>'
                "</details>"
            )
    raise AssertionError("a tree has a root")
