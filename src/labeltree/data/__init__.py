"""Images with labels in a tree: where they come from, how they are split and loaded."""

from labeltree.data.collection import (
    ArrayImages,
    Collection,
    EncodedImages,
    FileImages,
    Images,
    Source,
    Splits,
)

__all__ = [
    "ArrayImages",
    "Collection",
    "EncodedImages",
    "FileImages",
    "Images",
    "Source",
    "Splits",
]
