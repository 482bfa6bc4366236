"""Which differences are more than chance: what two systems have in common is said once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from labeltree.reports.charts import Figure
from labeltree.reports.record import Json
from labeltree.reports.study.figures.coarse_to_fine.record import Setting, settings_of
from labeltree.reports.study.figures.significance import ERRORS, significance_of

_COMMA = ", "
_draw = significance_of(
    {
        "flat": "routed or flat",
        "merged": "routed or merged",
        "routings": "hard or soft routing",
        "misrouted": "misrouted images",
        "experts": "experts",
        "groupings": "groupings",
    },
    f"{ERRORS} Systems with a router are named by their experts.",
)


def significance(record: Json) -> Figure | None:
    """A panel per grouping and kind of comparison; None without tests."""
    tests = record.get("tests")
    if not isinstance(tests, list):
        return _draw(record)
    settings = settings_of(record)
    groupings = {one.like.grouping for one in settings if one.like.grouping}
    names = {_name(one): one for one in settings}
    return _draw({**record, "tests": [_shortened(test, groupings, names) for test in tests]})


def _name(setting: Setting) -> str:
    """What the study calls it in a test."""
    return _COMMA.join(filter(None, (setting.like.system, setting.like.routing)))


def _shortened(test: Any, groupings: Collection[str], names: dict[str, Setting]) -> Any:
    """A test whose two names say no more than wherein they differ.

    Their grouping becomes the panel's, if it is one; what else they share stands before them.
    """
    if not isinstance(test, dict) or not all(isinstance(test.get(key), str) for key in "ab"):
        return test  # damage, which is told where it is read
    a, b = test["a"], test["b"]
    grouping, other = (_grouping(name, groupings) for name in (a, b))
    if other not in ("", grouping):
        grouping = ""
    first, second = (_parts(name, grouping) for name in (a, b))
    before: list[str] = []
    after: list[str] = []
    while first and second and first[0] == second[0]:
        before.append(first.pop(0))
        second.pop(0)
    while first and second and first[-1] == second[-1]:
        after.insert(0, first.pop())
        second.pop()
    # A name may say no more than that it is trained as usual: the record says how that is.
    return {
        **test,
        "network": grouping,
        "variant": _COMMA.join(before + after),
        "a": _COMMA.join(first) or _way(names.get(a)),
        "b": _COMMA.join(second) or _way(names.get(b)),
    }


def _grouping(name: str, groupings: Collection[str]) -> str:
    return max((one for one in groupings if name.startswith(one + _COMMA)), key=len, default="")


def _parts(name: str, grouping: str) -> list[str]:
    """What a name says besides the grouping; that experts are experts goes without saying."""
    parts = name.removeprefix(grouping + _COMMA).split(_COMMA)
    return [part.removesuffix(" experts") for part in parts]


def _way(setting: Setting | None) -> str:
    return setting.way if setting and setting.way else "as usual"
