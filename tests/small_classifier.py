"""A classifier that learns 60 pictures of six classes within seconds."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree import TreeClassifier

CLASSES = np.array(["a/1", "a/2", "b/1", "b/2", "b/3", "c"])
SETTINGS = {
    "loading.batch_size": 16,
    "loading.image_size": 16,
    "training.image_sizes": [],
    "training.checkpoint_minutes": 0,
    "split.test_fraction": 0.2,
    "split.validation_fraction": 0.2,
}


class Set(NamedTuple):
    images: NDArray[np.uint8]
    labels: NDArray[np.str_]


def small_classifier(**parameters: Any) -> TreeClassifier:
    """Two epochs on few pictures: seconds."""
    return TreeClassifier(**{"epochs": 2, "random_state": 0, "settings": SETTINGS, **parameters})


def small_set() -> Set:
    """60 images of 16 × 16 pixels: noise around a colour for each class."""
    random = np.random.default_rng(0)
    kinds = np.arange(60) % len(CLASSES)
    colours = random.integers(40, 216, (len(CLASSES), 1, 1, 3))
    pixels = colours[kinds] + random.integers(-40, 40, (60, 16, 16, 3))
    return Set(pixels.astype(np.uint8), CLASSES[kinds])
