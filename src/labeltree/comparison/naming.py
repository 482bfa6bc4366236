"""What runs are called: runs that differ in their seeds only are one model.

Alike must be the recipe, the labels and the data that were learned from. The same recipe with more
images or other labels makes another model, whose runs must not be taken for seeds of the first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from labeltree.comparison.figures import number, part
from labeltree.reports.run.folder import RunFolder, level_told
from labeltree.reports.words import printable
from labeltree.runs.run_folder import read_identity

Named = tuple[str, int]  # model and seed
Configuration = tuple[str, frozenset[str]]


def name_runs(runs: Sequence[RunFolder]) -> list[Named]:
    """Model and seed of each run.

    A model is called after its backbone (behind its method, unless that is `flat`), after its
    folder where another model has that name, too. Its runs are told apart by the seed of training,
    else by that of the split; those that neither tells apart are models of their own, as are runs
    of `evaluate`, which do not keep the recipe.
    """
    groups: dict[Configuration, list[int]] = {}
    for place, run in enumerate(runs):
        groups.setdefault(_configuration(run), []).append(place)
    models = [
        model
        for places in groups.values()
        for model in _told_apart(places, [runs[place] for place in places])
    ]
    models.sort(key=lambda model: min(model))
    firsts = [runs[min(model, key=lambda place: model[place])] for model in models]
    names = unique_names([_names(run) for run in firsts])
    found: dict[int, Named] = {}
    for name, model in zip(names, models, strict=True):
        found |= {place: (name, seed) for place, seed in model.items()}
    return [found[place] for place in range(len(runs))]


def unique_names(candidates: Sequence[Sequence[str]]) -> list[str]:
    """For each its first name that no other has, too; a number behind it where there is none.

    >>> unique_names([["slim", "a"], ["slim", "b"], ["resnet50", "c"], ["slim", "b"]])
    ['a', 'b', 'resnet50', 'b 2']
    """
    chosen = [names[0] for names in candidates]
    for place in range(1, max(map(len, candidates))):
        times = Counter(chosen)
        chosen = [
            names[min(place, len(names) - 1)] if times[name] > 1 else name
            for name, names in zip(chosen, candidates, strict=True)
        ]
    taken: set[str] = set()
    for place, name in enumerate(chosen):
        again = 1
        while chosen[place] in taken:
            again += 1
            chosen[place] = f"{name} {again}"
        taken.add(chosen[place])
    return chosen


def _told_apart(places: list[int], runs: list[RunFolder]) -> list[dict[int, int]]:
    """The models that runs of one configuration make: the seed of each place."""
    seeds = [_seeds(run) for run in runs]
    for kind in zip(*seeds, strict=True):
        if len(set(kind)) == len(kind):
            return [dict(zip(places, kind, strict=True))]
    return [{place: seed} for place, (seed, _) in zip(places, seeds, strict=True)]


def _configuration(run: RunFolder) -> Configuration:
    """All that decides the result but seeds; of a run without a recipe, its folder.

    The data are known by what `data.json` tells of them, not by their path, which may change.
    """
    recipe = part(run.record, "recipe")
    labels = frozenset(run.taxonomy.paths if run.taxonomy is not None else ())
    if not recipe:
        return str(run.path), labels
    told = {
        **{key: value for key, value in recipe.items() if key != "data"},
        "training": _without_seed(recipe.get("training")),
        "split": _without_seed(recipe.get("split")),
    }
    all_told = [told, level_told(run.record), read_identity(run.path)]
    return json.dumps(all_told, sort_keys=True, default=str), labels


def _without_seed(part: Any) -> Any:
    return {k: v for k, v in part.items() if k != "seed"} if isinstance(part, dict) else part


def _seeds(run: RunFolder) -> tuple[int, int]:
    """Those of training and split; 0 where they are not known."""
    recipe = part(run.record, "recipe")
    training, split = (number(part(recipe, name).get("seed")) for name in ("training", "split"))
    return int(training or 0), int(split or 0)


def _names(run: RunFolder) -> list[str]:
    model = part(run.record, "model")
    folder = run.path.resolve()
    names = [folder.name, f"{folder.parent.name}/{folder.name}"]
    if backbone := model.get("backbone"):
        method = model.get("method", "flat")
        name = str(backbone) if method == "flat" else f"{method} {backbone}"
        if told := level_told(run.record).get("level"):
            name += f", {told} given"
        names.insert(0, name)
    return [printable(name) for name in names]
