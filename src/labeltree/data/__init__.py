"""Images with labels in a tree: where they come from, how they are split, loaded and checked.

`SOURCES` is the table of known sets; `open_source` opens them as well as folders and tables.
Importing this package imports no torch.
"""

from labeltree.data.categories import into_categories
from labeltree.data.checking import BadImage, check_images, without_bad_images
from labeltree.data.collection import Collection, Source, Splits
from labeltree.data.groups import into_random_groups
from labeltree.data.images import ArrayImages, EncodedImages, FileImages, Images
from labeltree.data.opening import SOURCES, open_source
from labeltree.data.splits import SplitConfig, split
from labeltree.data.subsets import (
    class_names,
    limit,
    relabel,
    take_classes,
    take_full_classes,
    take_images,
)

__all__ = [
    "SOURCES",
    "ArrayImages",
    "BadImage",
    "Collection",
    "EncodedImages",
    "FileImages",
    "Images",
    "Source",
    "SplitConfig",
    "Splits",
    "check_images",
    "class_names",
    "into_categories",
    "into_random_groups",
    "limit",
    "open_source",
    "relabel",
    "split",
    "take_classes",
    "take_full_classes",
    "take_images",
    "without_bad_images",
]
