"""Photos in a folder per class that is named by its WordNet id: `n02110958/`, `n02110958-pug/`."""

from __future__ import annotations

import os
from collections.abc import Collection as Several
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from labeltree.data.collection import Collection
from labeltree.data.images import FileImages
from labeltree.data.sources.folder import is_folder
from labeltree.data.subsets import class_names
from labeltree.errors import DataError
from labeltree.taxonomy.tree import Taxonomy

Tree = Literal["wordnet", "flat"]
_SUFFIXES = (".JPEG", ".jpeg", ".jpg")


def class_folders(folder: Path) -> dict[str, str]:
    """The class folders in a folder, in order, each with its WordNet id.

    Raises:
        DataError: one is not named by an id of ImageNet's classes.
    """
    from labeltree.taxonomy.imagenet import imagenet_classes

    with os.scandir(folder) as entries:
        names = sorted(
            entry.name for entry in entries if is_folder(entry) and not entry.name.startswith(".")
        )
    found = {name: name.partition("-")[0] for name in names}
    classes = set(imagenet_classes())
    if strange := [name for name, wnid in found.items() if wnid not in classes]:
        more = f" and {len(strange) - 1} more" if strange[1:] else ""
        raise DataError(
            f"{folder}: folder {strange[0]!r}{more} is none of ImageNet's 1,000 WordNet ids "
            "(n01440764, ...); move it away"
        )
    return found


def images_by_class(folder: Path, folders: Mapping[str, str]) -> dict[str, str]:
    """The WordNet id of each image in these class folders."""
    return {file: wnid for name, wnid in folders.items() for file in list_images(folder / name)}


def list_images(folder: Path) -> list[str]:
    """The images in a folder, in order; their names tell enough, so none is looked at."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(_SUFFIXES))
    return [f"{folder}{os.sep}{name}" for name in names if not name.startswith(".")]


def class_tree(wnids: Several[str], tree: Tree) -> tuple[Taxonomy, dict[str, str]]:
    """The tree of these classes, and the path of each in it.

    Args:
        wnids: WordNet ids; repetitions are harmless.
        tree: `wordnet`, the hierarchy that comes with the package; or `flat`, one level.
    """
    from labeltree.taxonomy import wordnet_paths

    paths = wordnet_paths(wnids)
    taxonomy = Taxonomy.from_paths(paths.values())
    if tree == "wordnet":
        return taxonomy, paths
    leaves = [taxonomy.paths[leaf] for leaf in taxonomy.leaves]
    names = dict(zip(leaves, class_names(taxonomy), strict=True))
    flat = {wnid: names[path] for wnid, path in paths.items()}
    return Taxonomy.from_paths(flat.values()), flat


def collect(taxonomy: Taxonomy, paths: Mapping[str, str], labels: Mapping[str, str]) -> Collection:
    """Images and their classes.

    Args:
        taxonomy: the tree.
        paths: of each WordNet id in it.
        labels: the WordNet id of each image.
    """
    number = {wnid: taxonomy.find(path) for wnid, path in paths.items()}
    targets = np.array([number[wnid] for wnid in labels.values()], dtype=np.int64)
    return Collection(taxonomy, FileImages(list(labels)), targets)
