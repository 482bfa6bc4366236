"""ImageNet as ILSVRC-2012 hands it out: a folder per class, named by its WordNet id.

```
imagenet/
  train/n01440764/n01440764_18.JPEG ...     ILSVRC2012_img_train.tar, and the archives in it
  val/n01440764/ILSVRC2012_val_00000293.JPEG ...       sorted into classes
  val/ILSVRC2012_val_00000001.JPEG ...                 or as ILSVRC2012_img_val.tar holds them
```

Validation images that are not sorted need a file of labels; see `imagenet_labels`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import numpy as np

from labeltree.data.collection import Collection, FileImages, Source
from labeltree.data.download import Place, locate
from labeltree.data.sources.imagenet_labels import find_labels, read_labels
from labeltree.data.subsets import class_names
from labeltree.errors import DataError
from labeltree.taxonomy.tree import Taxonomy

PLACE = Place(
    ("imagenet",),
    "the folder imagenet, with train/<wnid>/*.JPEG and val/<wnid>/*.JPEG of ILSVRC-2012 (its "
    "licence allows no download by a program: ask for the images at image-net.org),",
)
_SUFFIXES = (".JPEG", ".jpeg", ".jpg")


def open_imagenet(
    data_root: Path | None = None, tree: Literal["wordnet", "flat"] = "wordnet"
) -> Source:
    """ImageNet (ILSVRC-2012): 1,000 classes of WordNet, 1.28 million + 50,000 photos.

    The official test images have no labels, so the validation images are the test part. No file
    but that of the labels is opened. A folder with some of the classes will do.

    Args:
        data_root: where known sets lie.
        tree: `wordnet`, the hierarchy that comes with the package; or `flat`, one level.

    Raises:
        DataError: the set is nowhere, a part of it is missing, or labels do not fit.
    """
    base = locate("imagenet", PLACE, data_root, download=False)
    classes, sorted_tests = _check_layout(base)
    train = _by_class(base / "train", classes)
    if sorted_tests is None:
        labels = read_labels(base, _list_images(base / "val"))
    else:
        labels = _by_class(base / "val", sorted_tests)
    trained = set(classes)
    tested = {file: wnid for file, wnid in labels.items() if wnid in trained}
    if not train or not tested:
        part = "val, of the classes in train" if train else "train"
        raise DataError(f"{base}: no *.JPEG in {part}; unpack the official archives again")
    taxonomy, paths = _tree(classes, tree)
    number = {wnid: taxonomy.find(path) for wnid, path in paths.items()}

    def collect(part: dict[str, str]) -> Collection:
        targets = np.array([number[wnid] for wnid in part.values()], dtype=np.int64)
        return Collection(taxonomy, FileImages(list(part)), targets)

    others = len(labels) - len(tested)
    note = f"left out {others:,} images of val whose classes are not in train"
    return Source(
        "imagenet",
        collect(train),
        test=collect(tested),
        notes=(note,) if others else (),
        aliases=paths,
    )


def _tree(classes: list[str], tree: str) -> tuple[Taxonomy, dict[str, str]]:
    """The tree, and the path of each class in it."""
    from labeltree.taxonomy import wordnet_paths

    paths = wordnet_paths(classes)
    taxonomy = Taxonomy.from_paths(paths.values())
    if tree == "wordnet":
        return taxonomy, paths
    leaves = [taxonomy.paths[leaf] for leaf in taxonomy.leaves]
    names = dict(zip(leaves, class_names(taxonomy), strict=True))
    flat = {wnid: names[path] for wnid, path in paths.items()}
    return Taxonomy.from_paths(flat.values()), flat


def _check_layout(base: Path) -> tuple[list[str], list[str] | None]:
    """The classes of train, and those of val if its images are sorted into classes.

    Raises:
        DataError: what is expected where, and what is there.
    """
    for part in ("train", "val"):
        if not (base / part).is_dir():
            raise DataError(
                f"{base}: there is no folder {part}; expected train/<wnid>/*.JPEG and "
                "val/<wnid>/*.JPEG (or val/*.JPEG), the official archives unpacked"
            )
    trained, tested = _classes(base / "train"), _classes(base / "val")
    if not trained:
        raise DataError(
            f"{base / 'train'}: no class folders; expected train/<wnid>/*.JPEG, with each "
            "archive of ILSVRC2012_img_train.tar unpacked into a folder of its name"
        )
    if not tested:
        find_labels(base)
    return trained, tested or None


def _classes(folder: Path) -> list[str]:
    """The class folders in a folder, in order."""
    from labeltree.taxonomy.imagenet import imagenet_classes

    with os.scandir(folder) as entries:
        found = sorted(
            entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")
        )
    if strange := sorted(set(found).difference(imagenet_classes())):
        more = f" and {len(strange) - 1} more" if strange[1:] else ""
        raise DataError(
            f"{folder}: folder {strange[0]!r}{more} is none of ImageNet's 1,000 WordNet ids "
            "(n01440764, ...); move it away"
        )
    return found


def _by_class(folder: Path, classes: list[str]) -> dict[str, str]:
    """The class of each image in these class folders."""
    return {file: wnid for wnid in classes for file in _list_images(folder / wnid)}


def _list_images(folder: Path) -> list[str]:
    """The images in a folder, in order; their names tell enough, so none is looked at."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(_SUFFIXES))
    return [f"{folder}{os.sep}{name}" for name in names if not name.startswith(".")]
