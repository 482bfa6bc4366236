"""What `labeltree taxonomy discover` works on: who is taken for whom, read from files or models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.cli.confusion import TABLES, Confusion, read_confusion
from labeltree.errors import ConfigError, DataError, ModelFolderError, TaxonomyError
from labeltree.probabilities import NODE_PROBABILITIES, NodeProbabilities, load_probabilities
from labeltree.probabilities.reading import READERS
from labeltree.taxonomy import SEPARATOR, Nodes, Taxonomy

VALIDATION = "validation"
SPLITS = (VALIDATION, "train", "test", "auto")


def open_confusion(
    source: Path, data: str | None, split: str, data_root: Path | None, skip_bad_images: bool
) -> Confusion:
    """Read a confusion matrix, or make one of probabilities.

    Args:
        source: a table, a file of probabilities with labels, a run folder or a model folder.
        data: run the model in the folder on these images; None reads what the run kept of its
            validation images. Never those of the test split: what is trained with the tree is to
            be judged on them.
        split: which of the images of `data`.
        data_root: where known sets lie.
        skip_bad_images: leave damaged images out instead of stopping.

    Raises:
        LabeltreeError: a source that cannot be used.
    """
    if data is not None and not source.is_dir():
        raise DataError(f"--data {data}: {source} holds no model to run; give a model folder")
    if split not in SPLITS:
        raise ConfigError(f"--split {split!r} is not known; give one of {', '.join(SPLITS)}")
    if data is not None:
        return _predicted(source, data, split, data_root, skip_bad_images)
    if source.is_dir():
        path = source / NODE_PROBABILITIES / f"{VALIDATION}.npz"
        if not path.is_file():
            raise ModelFolderError(
                f"{source}: holds no {NODE_PROBABILITIES}/{VALIDATION}.npz, which runs write; add "
                "--data DATA to run its model on validation images"
            )
        from labeltree.runs.extensions import check_told_there

        check_told_there(source)
        return soft_confusion(load_probabilities(path), source)
    if not source.is_file():
        raise DataError(f"{source}: no such file or folder")
    if source.suffix.lower() in TABLES:
        return read_confusion(source)
    if source.suffix.lower() in READERS:
        return soft_confusion(_probabilities(source), source)
    raise DataError(
        f"{source}: no reader for this kind of file; expected a confusion matrix (.csv), "
        f"probabilities with labels ({', '.join(READERS)}) or a run folder"
    )


def soft_confusion(found: NodeProbabilities, source: Path) -> Confusion:
    """Summed leaf probabilities for each true leaf; images known less deep are left out.

    Args:
        found: what a model says of images whose labels are known.
        source: where it comes from, for messages.

    Raises:
        DataError: no image has a leaf as its label.
    """
    tree = found.taxonomy
    targets = np.zeros(0, dtype=np.int64) if found.targets is None else found.targets
    known = np.flatnonzero(tree.is_leaf[targets])
    if not len(known):
        raise DataError(
            f"{source}: no image has a class as its label, so that nothing is known to be confused;"
            " add labels (see docs/formats.md), or give images with labels"
        )
    return Confusion(
        _sums(tree, found.probabilities, targets, known),
        tree,
        f"probabilities of {len(known):,} images",
    )


def _sums(
    tree: Taxonomy, probabilities: NDArray[np.floating], targets: Nodes, known: Nodes
) -> NDArray[np.float64]:
    """Leaf probabilities summed over the images of each leaf, `(num_leaves, num_leaves)`."""
    matrix = np.zeros((tree.num_leaves, tree.num_leaves))
    order = known[np.argsort(targets[known], kind="stable")]
    classes, starts = np.unique(targets[order], return_index=True)
    for leaf, images in zip(classes, np.split(order, starts[1:]), strict=True):
        leaf_values = probabilities[np.ix_(images, tree.leaves)]
        matrix[tree.leaf_index[leaf]] = leaf_values.sum(axis=0, dtype=np.float64)
    return matrix


def _probabilities(path: Path) -> NodeProbabilities:
    """A file of probabilities; columns with bare names, as a flat classifier has, are classes."""
    try:
        return load_probabilities(path)
    except DataError:
        tree = _flat_tree(path)
        if tree is None:
            raise
        return load_probabilities(path, tree)


def _flat_tree(path: Path) -> Taxonomy | None:
    """The classes of a file whose columns have bare names; None for any other file."""
    try:
        table = READERS[path.suffix.lower()](path)
        if table.taxonomy is None and not any(SEPARATOR in column for column in table.columns):
            return Taxonomy.from_paths(table.columns)
    except (DataError, TaxonomyError, OSError, UnicodeDecodeError):
        pass
    return None


def _predicted(
    folder: Path, data: str, split: str, data_root: Path | None, skip_bad_images: bool
) -> Confusion:
    """What the model in a folder says of images."""
    from labeltree.runs.evaluation import raw_probabilities
    from labeltree.runs.model_folder import load_model
    from labeltree.runs.unseen import open_unseen

    model = load_model(folder)
    images, _, _ = open_unseen(folder, model.taxonomy, data, split, data_root, skip_bad_images)
    if not len(images):
        raise DataError(f"--data {data}: holds no image of the {split} split; choose another")
    values = raw_probabilities(model, images).astype(np.float32, copy=False)
    return soft_confusion(NodeProbabilities(model.taxonomy, values, images.targets), folder)
