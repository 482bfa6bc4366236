"""Stanford Dogs as it is handed out: a folder of photos per breed, and lists of two parts.

```
stanford-dogs/
  Images/n02085620-Chihuahua/n02085620_10074.jpg ...       images.tar (some copies: images/)
  train_list.mat, test_list.mat                            lists.tar
```
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from labeltree.data.collection import Source
from labeltree.data.download import Place, locate
from labeltree.data.sources.stanford_dogs_lists import LISTS, read_lists
from labeltree.data.sources.wordnet_folders import (
    Tree,
    class_folders,
    class_tree,
    collect,
    images_by_class,
)
from labeltree.errors import DataError

NAME = "stanford-dogs"
PLACE = Place(
    (NAME,),
    f"the folder {NAME}, with Images/<wnid>-<breed>/*.jpg of images.tar and {' and '.join(LISTS)} "
    "of lists.tar (page ImageNetDogs at vision.stanford.edu),",
)
_FOLDERS = ("images/Images", "Images", "images")


def open_stanford_dogs(
    data_root: Path | None = None,
    tree: Tree = "wordnet",
    split: Literal["official", "all"] = "official",
) -> Source:
    """Stanford Dogs: 120 breeds of ImageNet, 12,000 + 8,580 photos.

    The single-label set of paper 003 (section 7.1), whose mixed breeds were never published: those
    go into a table. No photo is opened.

    Args:
        data_root: where known sets lie.
        tree: `wordnet`, the hierarchy that comes with the package; or `flat`, one level.
        split: `official`, the parts of the lists (without these files: one part); or `all`, one
            part that is split at random (paper 003 sets 20 % aside, section 8.1).

    Source:
        Khosla et al., "Novel dataset for fine-grained image categorization: Stanford Dogs", 2011.

    Raises:
        DataError: the set is nowhere, or the lists are damaged or do not fit the photos.
    """
    base = locate(NAME, PLACE, data_root, download=False)
    folder = _image_folder(base)
    breeds = class_folders(folder)
    labels = images_by_class(folder, breeds)
    if not labels:
        raise DataError(f"{folder}: no <wnid>-<breed>/*.jpg in it; unpack images.tar again")
    taxonomy, paths = class_tree(breeds.values(), tree)
    there = [name for name in LISTS if (base / name).is_file()]
    if split == "all" or not there:
        note = f"{' and '.join(LISTS)} are not there, so that all images are one part"
        notes = () if split == "all" else (note,)
        return Source(NAME, collect(taxonomy, paths, labels), notes=notes, aliases=paths)
    train, test = read_lists(base, labels)
    others = len(labels) - len(train) - len(test)
    note = f"left out {others:,} images that are in neither list"
    return Source(
        NAME,
        collect(taxonomy, paths, train),
        test=collect(taxonomy, paths, test),
        notes=(note,) if others else (),
        aliases=paths,
    )


def _image_folder(base: Path) -> Path:
    for name in _FOLDERS:
        if (base / name).is_dir():
            return base / name
    raise DataError(
        f"{base}: there is no folder Images; expected Images/<wnid>-<breed>/*.jpg, the official "
        "images.tar unpacked"
    )
