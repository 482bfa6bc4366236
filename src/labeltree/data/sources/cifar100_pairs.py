"""CIFAR-100 with combined labels: images of two classes blended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from labeltree.data.blending import blends, draw_pairs, hold_back, in_front
from labeltree.data.collection import Source
from labeltree.data.combined_classes import combinations_as_classes
from labeltree.data.sources.cifar100 import open_cifar100
from labeltree.data.subsets import limit

NAME = "cifar100-pairs"


def open_cifar100_pairs(
    data_root: Path | None = None,
    download: bool = True,
    pairs: int = 10,
    images_per_pair: int = 100,
    test_images_per_pair: int = 100,
    reserve: int = 100,
    seed: int = 0,
    originals: bool = False,
    as_classes: bool = False,
    classes: int | None = None,
    images_per_class: int | None = None,
    subset_seed: int = 0,
) -> Source:
    """CIFAR-100 with combined labels: two images of different classes blended into each.

    They stand for the mixed breeds of paper 003, which were never published: 10 of about 100 images
    each by section 7.1, which the defaults follow (section 8.1 counts 500 images in all). Training
    blends are made of the reserved training images, which `cifar100` with the same `reserve` leaves
    out, test blends of test images; no image is in two blends. A test image may also be in
    `originals`, by itself.

    Args:
        data_root: where known sets lie.
        download: whether to fetch CIFAR-100 if it is not there.
        pairs: number of combinations; see `labeltree.data.blending.draw_pairs`.
        images_per_pair: training blends of each, `reserve` at most.
        test_images_per_pair: test blends of each, at most what a class has of test images.
        reserve: the last so many training images of each class are for blends alone.
        seed: which pairs, and which images are blended.
        originals: put the other training images, and the test images, in front, with their one
            label each: to learn everything again from the start.
        as_classes: each combination is a class of its own; see `combinations_as_classes`.
        classes: only so many classes; see `labeltree.data.subsets.limit`.
        images_per_class: at most so many training images of each class among the originals.
        subset_seed: which classes and originals are taken; as those of `cifar100`.

    Raises:
        DataError: the set is nowhere or damaged, or has too few classes or images.
    """
    source = open_cifar100(data_root, download)
    kept, reserved = hold_back(source.train, reserve)
    source = replace(source, train=kept, validation=reserved)
    source = limit(source, classes, images_per_class, subset_seed)
    assert source.validation is not None
    assert source.test is not None
    pairing, training, testing = np.random.default_rng(seed).spawn(3)
    chosen = draw_pairs(source.taxonomy, source.taxonomy.leaves, pairs, pairing)
    train = blends(source.validation, chosen, images_per_pair, training, f"{NAME} train blend")
    test = blends(source.test, chosen, test_images_per_pair, testing, f"{NAME} test blend")
    if originals:
        train = in_front(source.train, train, f"{NAME} train image")
        test = in_front(source.test, test, f"{NAME} test image")
    combined = Source(NAME, train, test=test)
    return combinations_as_classes(combined) if as_classes else combined
