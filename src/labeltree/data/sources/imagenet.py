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

from pathlib import Path

from labeltree.data.collection import Source
from labeltree.data.download import Place, locate
from labeltree.data.sources.imagenet_labels import find_labels, read_labels
from labeltree.data.sources.wordnet_folders import (
    Tree,
    class_folders,
    class_tree,
    collect,
    images_by_class,
    list_images,
)
from labeltree.errors import DataError

PLACE = Place(
    ("imagenet",),
    "the folder imagenet, with train/<wnid>/*.JPEG and val/<wnid>/*.JPEG of ILSVRC-2012 (its "
    "licence allows no download by a program: ask for the images at image-net.org),",
)


def open_imagenet(data_root: Path | None = None, tree: Tree = "wordnet") -> Source:
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
    trained, sorted_tests = _check_layout(base)
    train = images_by_class(base / "train", trained)
    if sorted_tests is None:
        labels = read_labels(base, list_images(base / "val"))
    else:
        labels = images_by_class(base / "val", sorted_tests)
    classes = set(trained.values())
    tested = {file: wnid for file, wnid in labels.items() if wnid in classes}
    if not train or not tested:
        part = "val, of the classes in train" if train else "train"
        raise DataError(f"{base}: no *.JPEG in {part}; unpack the official archives again")
    taxonomy, paths = class_tree(trained.values(), tree)
    others = len(labels) - len(tested)
    note = f"left out {others:,} images of val whose classes are not in train"
    return Source(
        "imagenet",
        collect(taxonomy, paths, train),
        test=collect(taxonomy, paths, tested),
        notes=(note,) if others else (),
        aliases=paths,
    )


def _check_layout(base: Path) -> tuple[dict[str, str], dict[str, str] | None]:
    """The class folders of train, and those of val if its images are sorted into classes.

    Raises:
        DataError: what is expected where, and what is there.
    """
    for part in ("train", "val"):
        if not (base / part).is_dir():
            raise DataError(
                f"{base}: there is no folder {part}; expected train/<wnid>/*.JPEG and "
                "val/<wnid>/*.JPEG (or val/*.JPEG), the official archives unpacked"
            )
    trained, tested = class_folders(base / "train"), class_folders(base / "val")
    if not trained:
        raise DataError(
            f"{base / 'train'}: no class folders; expected train/<wnid>/*.JPEG, with each "
            "archive of ILSVRC2012_img_train.tar unpacked into a folder of its name"
        )
    if not tested:
        find_labels(base)
    return trained, tested or None
