"""What `labeltree adapt` works on: files, run folders, models; several become their mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labeltree.errors import DataError, ModelFolderError
from labeltree.probabilities import NODE_PROBABILITIES, NodeProbabilities, load_probabilities
from labeltree.taxonomy import Taxonomy


class Parts(NamedTuple):
    """The images to adapt, and others with labels to choose α on, if there are any."""

    test: NodeProbabilities
    validation: NodeProbabilities | None


def open_sources(
    sources: Sequence[Path],
    tree: Taxonomy | None,
    *,
    exclusive: bool,
    data: str | None,
    data_root: Path | None,
    skip_bad_images: bool,
) -> Parts:
    """Open every source; several are averaged, member by member.

    Args:
        sources: files, run folders or model folders.
        tree: the label tree; None takes the first source's.
        exclusive: whether levels must sum to 1; only then is there an α to choose on validation.
        data: run the models in folders on these images; None reads what runs kept.
        data_root: where known sets lie.
        skip_bad_images: leave damaged images out instead of stopping.

    Raises:
        LabeltreeError: a source that cannot be used, or sources of different images or trees.
    """

    def open_one(source: Path) -> Parts:
        if source.is_file():
            return Parts(load_probabilities(source, tree, exclusive=exclusive), None)
        if not source.is_dir():
            raise DataError(f"{source}: no such file or folder")
        if data is None:
            return _kept_by_run(source, tree, exclusive)
        return _predicted(source, tree, exclusive, data, data_root, skip_bad_images)

    if data is not None and not any(source.is_dir() for source in sources):
        raise DataError(f"--data {data}: {sources[0]} holds no model to run; give a model folder")
    opened: list[Parts] = []
    for source in sources:
        opened.append(open_one(source))
        tree = opened[0].test.taxonomy
    tests = [parts.test for parts in opened]
    if not len(tests[0]):
        raise DataError(f"{sources[0]}: holds no image")
    validations = [parts.validation for parts in opened if parts.validation is not None]
    whole = len(validations) == len(sources)
    return Parts(_mean(tests, sources), _mean(validations, sources) if whole else None)


def _kept_by_run(folder: Path, tree: Taxonomy | None, exclusive: bool) -> Parts:
    """What a run or an evaluation wrote of its images."""
    from labeltree.runs.extensions import check_told_there

    def kept(split: str) -> NodeProbabilities:
        return load_probabilities(
            folder / NODE_PROBABILITIES / f"{split}.npz", tree, exclusive=exclusive
        )

    if not (folder / NODE_PROBABILITIES / "test.npz").is_file():
        if (folder / "members").is_dir():
            remedy = "a study's runs are in its folder 'members': give one or several of them"
        else:
            remedy = "add --data DATA to run its model on images"
        raise ModelFolderError(
            f"{folder}: holds no {NODE_PROBABILITIES}/test.npz, which runs write; {remedy}"
        )
    check_told_there(folder)
    test = kept("test")
    if exclusive and (folder / NODE_PROBABILITIES / "validation.npz").is_file():
        validation = kept("validation")
        return Parts(test, validation if len(validation) else None)
    return Parts(test, None)


def _predicted(
    folder: Path,
    tree: Taxonomy | None,
    exclusive: bool,
    data: str,
    data_root: Path | None,
    skip_bad_images: bool,
) -> Parts:
    """What the model in a folder says of images that it has not seen."""
    from labeltree.runs.evaluation import raw_probabilities
    from labeltree.runs.model_folder import load_model
    from labeltree.runs.unseen import open_unseen

    model = load_model(folder)
    if tree is not None and tree.paths != model.taxonomy.paths:
        raise DataError(
            f"{folder}: its model has another taxonomy ({model.taxonomy}) than the one given or "
            f"the first source's ({tree}); average models of one taxonomy"
        )

    def predicted(split: str) -> tuple[NodeProbabilities, str]:
        images, chosen, _ = open_unseen(
            folder, model.taxonomy, data, split, data_root, skip_bad_images
        )
        if not len(images):
            return NodeProbabilities(
                model.taxonomy, np.ones((0, len(model.taxonomy)), "f4")
            ), chosen
        names = tuple(images.images.name(index) for index in range(len(images)))
        values = raw_probabilities(model, images).astype(np.float32, copy=False)
        return NodeProbabilities(model.taxonomy, values, images.targets, names), chosen

    test, chosen = predicted("auto")
    if exclusive and chosen == "test":  # not where all images are judged
        validation, _ = predicted("validation")
        return Parts(test, validation if len(validation) else None)
    return Parts(test, None)


def _mean(members: Sequence[NodeProbabilities], sources: Sequence[Path]) -> NodeProbabilities:
    """The mean of members that speak of the same images."""
    from labeltree.decoding import average

    first, paths = members[0], members[0].taxonomy.paths
    for member, source in zip(members, sources, strict=True):
        if len(member) != len(first):
            raise DataError(
                f"{source} has {len(member):,} images, {sources[0]} {len(first):,}; {_SAME}"
            )
    if len(members) == 1:
        return first
    labels = [
        None if member.targets is None else [paths[node] for node in member.targets.tolist()]
        for member in members
    ]
    labelled = members[_first_telling(labels, sources)]
    named = members[_first_telling([member.names for member in members], sources)]
    values = average([member.probabilities for member in members])
    return replace(first, probabilities=values, targets=labelled.targets, names=named.names)


_SAME = "an ensemble needs the same images in the same order"


def _first_telling(told: Sequence[Sequence[str] | None], sources: Sequence[Path]) -> int:
    """Number of the first member that tells something of its images; all that do must agree."""
    telling = [number for number, texts in enumerate(told) if texts is not None]
    first = telling[0] if telling else 0
    for number in telling[1:]:
        pairs = zip(told[first] or (), told[number] or (), strict=True)
        for row, (one, other) in enumerate(pairs):
            if one != other:
                raise DataError(
                    f"{sources[number]}: row {row} is {other!r}, in {sources[first]} {one!r}; "
                    f"{_SAME}"
                )
    return first
