"""From folders to entries: names of data sets and models, answers in one set of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from labeltree.comparison.entries import Entry, as_it_is, has_top5
from labeltree.comparison.folders import read_run, run_folders
from labeltree.comparison.map_table import leaf_maps, read_map
from labeltree.comparison.mapping import Mapping, in_order_of
from labeltree.comparison.naming import name_runs, unique_names
from labeltree.comparison.same_data import Labels, longer_names, same_data, source_name
from labeltree.comparison.same_images import images_of
from labeltree.errors import ConfigError, TaxonomyError
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import read_with_probabilities
from labeltree.runs.results import PREDICTIONS
from labeltree.taxonomy import Taxonomy

_SHOWN = 5
_RENAMED = (
    "Labels were mapped, so that nothing tells for sure whether runs with other labels were tested "
    "on the same images: they are taken to be, where the mapped labels agree image by image."
)


def read_entries(
    folders: Sequence[Path], mapping: Path | None = None, apart: bool = False
) -> list[Entry]:
    """Read runs that are to be compared.

    Runs of one data set are those with the same labels whose data are the same (`same_data`); with
    `mapping` all runs are of the first one's data set.

    Args:
        folders: of runs; a study stands for its members.
        mapping: a table that puts the labels of other runs into those of the first (`map_table`).
        apart: show runs with other labels as another data set.

    Raises:
        ModelFolderError: a folder that is none of a finished run with answers, or is damaged.
        TaxonomyError: labels differ, and neither `mapping` nor `apart` is given; or the table does
            not fit.
        ConfigError: one run twice, or both `mapping` and `apart`.
    """
    if mapping is not None and apart:
        raise ConfigError("--map and --apart: one taxonomy or several; choose one of them")
    runs = [read_run(folder) for folder in run_folders(folders)]
    labels = [_labels(run) for run in runs]
    first: dict[Labels, RunFolder] = {}
    for run, own in zip(runs, labels, strict=True):
        first.setdefault(own, run)
    if mapping is not None:
        return _mapped(runs, labels, first, mapping)
    if len(first) > 1 and not apart:
        raise _difference(*list(first.values())[:2])
    keys = same_data(runs, labels)
    different = list(dict.fromkeys(keys))
    titles = unique_names([_titles(runs[keys.index(key)], len(first) > 1) for key in different])
    entries: dict[int, Entry] = {}
    for key, dataset in zip(different, titles, strict=True):
        places = [place for place, other in enumerate(keys) if other == key]
        tree = _tree(first[key[0]])
        names = name_runs([runs[place] for place in places])
        for place, (model, seed) in zip(places, names, strict=True):
            found = as_it_is(runs[place], dataset, model, seed)
            entries[place] = replace(found, predictions=in_order_of(found.predictions, tree))
    return [entries[place] for place in range(len(runs))]


def _mapped(
    runs: Sequence[RunFolder],
    labels: Sequence[Labels],
    first: dict[Labels, RunFolder],
    table: Path,
) -> list[Entry]:
    """All runs in the labels of the first."""
    trees = [_tree(run) for run in first.values()]
    goal, *others = trees
    leaves = leaf_maps(read_map(table), others, goal) if others else []
    mappings = {
        own: Mapping(tree, goal, leaf)
        for own, tree, leaf in zip(list(first)[1:], others, leaves, strict=True)
    }
    dataset = source_name(runs[0])
    entries = []
    for run, own, (model, seed) in zip(runs, labels, name_runs(runs), strict=True):
        found = as_it_is(run, dataset, model, seed)
        if mappings:
            found = replace(
                found, images=images_of(run, renamed=True), notes=(*found.notes, _RENAMED)
            )
        if own in mappings:
            entries.append(_in_goal(found, mappings[own]))
        else:
            entries.append(replace(found, predictions=in_order_of(found.predictions, goal)))
    return entries


def _in_goal(found: Entry, mapping: Mapping) -> Entry:
    """An entry whose labels are those of `mapping.source`, in any order, in those of its goal."""
    tree = found.predictions.taxonomy
    own = mapping if tree.paths == mapping.source.paths else _reordered(mapping, tree)
    _, values = read_with_probabilities(found.run.path / PREDICTIONS, tree)
    predictions = own.predictions(found.predictions, values)
    if values is not None:
        top5 = own.top5(predictions, values) if has_top5(predictions) else None
        return replace(found, predictions=predictions, top5=top5)
    kept = (
        f"{found.run.path.name} kept its answers, not their probabilities: each answer is mapped "
        "as it is, though the sum of several classes might have been larger."
    )
    return replace(found, predictions=predictions, top5=None, notes=(*found.notes, kept))


def _reordered(mapping: Mapping, tree: Taxonomy) -> Mapping:
    """The same mapping for a tree that numbers the same paths otherwise."""
    known = mapping.source
    nodes = [known.find(tree.paths[leaf]) for leaf in tree.leaves.tolist()]
    return Mapping(tree, mapping.goal, mapping.leaves[known.leaf_index[nodes]])


def _tree(run: RunFolder) -> Taxonomy:
    assert run.taxonomy is not None  # as `read_run` checks
    return run.taxonomy


def _labels(run: RunFolder) -> Labels:
    return frozenset(_tree(run).paths)


def _titles(run: RunFolder, trees_differ: bool) -> list[str]:
    """What its data may be called, the shortest first."""
    name = source_name(run)
    sized = [f"{name} ({_tree(run).num_leaves:,} classes)"] if trees_differ else []
    return [name, *sized, *longer_names(run)]


def _difference(one: RunFolder, other: RunFolder) -> TaxonomyError:
    """What to say of two runs whose labels differ."""
    sides = [
        f"only {run.path} has {_some(sorted(_labels(run) - _labels(against)))}"
        for run, against in ((one, other), (other, one))
        if _labels(run) - _labels(against)
    ]
    return TaxonomyError(
        f"the runs have different labels: {'; '.join(sides)}. Add --map TABLE (columns from,to: "
        f"each class of the others, and the class of {one.path} that it is), or --apart to show "
        "them beside each other"
    )


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
    return f"{', '.join(map(repr, paths[:_SHOWN]))}{more}"
