"""A few old images that come along with the new ones."""

from __future__ import annotations

from labeltree.data.collection import Collection
from labeltree.data.joining import joined
from labeltree.data.subsets import take_images


def with_replay(new: Collection, old: Collection, per_class: int, seed: int) -> Collection:
    """The new training images and at most `per_class` old ones of each label (or combination).

    Args:
        new: what has arrived.
        old: the images that the old model learned from, labelled in the same tree.
        per_class: how many of each label were kept.
        seed: which ones.

    Raises:
        DataError: as `take_images`.

    Source: Rebuffi et al., "iCaRL", 2017, keep a few of each class; here they are drawn at random.
    """
    return joined(new, take_images(old, per_class, seed))
