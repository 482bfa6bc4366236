"""Mean and standard deviation of the colour channels, for normalisation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import ArrayImages, Collection, Images
from labeltree.data.fitting import read_fitted
from labeltree.data.machine import usable_cores

_CHUNK = 1024
_SAMPLE_OF_ARRAY = 10_000
_SAMPLE_OF_FILES = 1_000  # photos are slow to decode, and this gives the mean to within 1 %
_SIDE = 64  # the distribution of colours needs no detail
_LEAST_STD = 1 / 255

Statistics = tuple[tuple[float, float, float], tuple[float, float, float]]


def channel_statistics(collection: Collection, sample: int | None = None) -> Statistics:
    """Mean and standard deviation of each channel over pixels in [0, 1].

    Args:
        collection: training images.
        sample: how many images, evenly spaced over the collection, to look at; at most 10,000 of
            an array and 1,000 encoded ones (at 64 × 64) if None.

    Returns:
        Means and standard deviations of red, green and blue. A channel that never varies gets
        1 / 255, so that dividing by it is harmless. An empty collection gives 0.5 and 0.25.

    Raises:
        BadImageError: an image of the sample cannot be decoded.

    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> half_black = np.zeros((1, 2, 2, 3), dtype=np.uint8)
    >>> half_black[:, 0] = 255
    >>> channel_statistics(Collection(tree, ArrayImages(half_black), np.array([1])))
    ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    """
    images = collection.images
    if not len(images):
        return (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
    if sample is None:
        sample = _SAMPLE_OF_ARRAY if isinstance(images, ArrayImages) else _SAMPLE_OF_FILES
    chosen = np.linspace(0, len(images) - 1, min(sample, len(images))).astype(np.int64)
    # Counts of the 256 values are exact and do not depend on the order of summation.
    counts = np.zeros((3, 256), dtype=np.int64)
    for start in range(0, len(chosen), _CHUNK):
        pixels = _pixels(images, chosen[start : start + _CHUNK])
        for channel in range(3):
            counts[channel] += np.bincount(pixels[..., channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    shares = counts / counts.sum(axis=1, keepdims=True)
    mean = shares @ values
    variance = (shares * (values - mean[:, None]) ** 2).sum(axis=1)
    std = np.maximum(np.sqrt(variance), _LEAST_STD)
    return _triple(mean), _triple(std)


def _pixels(images: Images, chosen: NDArray[np.int64]) -> NDArray[np.uint8]:
    if isinstance(images, ArrayImages):
        return images.array[chosen]
    with ThreadPoolExecutor(usable_cores()) as pool:
        return np.stack(list(pool.map(lambda i: read_fitted(images, i, _SIDE), chosen.tolist())))


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    red, green, blue = values.tolist()
    return red, green, blue
