"""Settings chosen from the record and put beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from labeltree.reports.study.figures.coarse_to_fine.record import Setting, softness
from labeltree.reports.words import count

FLAT = "flat"


def routed(settings: list[Setting]) -> list[Setting]:
    """Those with a router, each trained in one way with misrouted images: the commonest.

    So what is drawn side by side differs in one thing only, wherever that can be.
    """
    there = [one for one in settings if one.like.routing]
    ways: dict[str, list[str]] = {}
    for one in there:
        of_system = ways.setdefault(one.system, [])
        if one.like.misrouted not in of_system:
            of_system.append(one.like.misrouted)
    systems = Counter(way for of_system in ways.values() for way in of_system)
    chosen = {
        system: max(of_system, key=lambda way: systems[way]) for system, of_system in ways.items()
    }
    return [one for one in there if one.like.misrouted == chosen[one.system]]


def flat_of(settings: Iterable[Setting]) -> list[Setting]:
    """The flat networks: what a router must beat."""
    return [one for one in settings if one.like.kind == FLAT]


def several_ways(settings: list[Setting]) -> dict[str, list[Setting]]:
    """The systems that were trained in several ways with misrouted images."""
    there = [one for one in settings if one.like.routing and one.like.misrouted]
    systems = _grouped(there, lambda one: one.system)
    return {system: mine for system, mine in systems.items() if len(by_way(mine)) > 1}


def by_grouping(settings: list[Setting]) -> dict[str, list[Setting]]:
    """In the order of the record."""
    return _grouped(settings, lambda one: one.like.grouping)


def by_name(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """The systems of one grouping, without its name."""
    return _grouped(settings, lambda one: one.name)


def by_way(settings: list[Setting]) -> dict[str, list[Setting]]:
    """What became of misrouted training images."""
    return _grouped(settings, lambda one: one.way)


def by_routing(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """From the hardest to the softest."""
    found = _grouped(settings, lambda one: one.like.routing)
    return dict(sorted(found.items(), key=lambda item: softness(item[0])))


def _grouped(
    settings: Iterable[Setting], key: Callable[[Setting], str]
) -> dict[str, list[Setting]]:
    found: dict[str, list[Setting]] = {}
    for one in settings:
        found.setdefault(key(one), []).append(one)
    return found


def seeds_told(settings: list[Setting], drawn: str) -> str:
    """Over how many seeds the means are; `drawn` says how their deviation is."""
    numbers = sorted({len(one.rows) for one in settings})
    if numbers == [1]:
        return "One seed: nothing tells how much of it is chance."
    several = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else count(numbers[0])
    return f"Means over {several} seeds{drawn}."
