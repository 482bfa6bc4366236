"""Colours of the training images: mean and deviation to normalise by, principal components."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.data.fitting import read_fitted
from labeltree.data.images import ArrayImages, Images
from labeltree.data.machine import usable_cores

_CHUNK = 1024
_SAMPLE_OF_ARRAY = 10_000
_SAMPLE_OF_FILES = 1_000  # photos are slow to decode, and this gives the mean to within 1 %
_SIDE = 64  # the distribution of colours needs no detail
_LEAST_STD = 1 / 255
_PIXELS_AT_ONCE = 2**20

Colour = tuple[float, float, float]
Statistics = tuple[Colour, Colour]
Components = tuple[Colour, Colour, Colour]


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
    # Counts of the 256 values are exact and do not depend on the order of summation.
    counts = np.zeros((3, 256), dtype=np.int64)
    for pixels in _chunks(images, sample):
        for channel in range(3):
            counts[channel] += np.bincount(pixels[..., channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    shares = counts / counts.sum(axis=1, keepdims=True)
    mean = shares @ values
    variance = (shares * (values - mean[:, None]) ** 2).sum(axis=1)
    std = np.maximum(np.sqrt(variance), _LEAST_STD)
    return _triple(mean), _triple(std)


def principal_colours(collection: Collection, sample: int | None = None) -> Components:
    """Principal components of the colours, each as long as its eigenvalue, the largest first.

    The eigenvectors and eigenvalues of the 3 × 3 covariance of red, green and blue over pixels in
    [0, 1]. The unit matters, because an eigenvalue is a variance: Krizhevsky et al. 2012 (section
    4.1) shift colours by eigenvectors times eigenvalues times 0.1 and do not say in which unit.
    In [0, 1] the first one's shift has a deviation of about 0.02 on photos, 6 grey levels; in
    0 ... 255 the same words would mean 1,400. It is the unit of fb.resnet.torch, whose constants
    for ImageNet (0.2175, 0.0188, 0.0045) much later code has copied; CIFAR-100 has 0.1894, 0.0210
    and 0.0046. Krizhevsky's later cuda-convnet2 multiplies by what it calls standard deviations,
    the eigenvalues' roots, which have the pixels' own unit: with those constants twice as far
    along the first, seven and fifteen times along the others.

    Args:
        collection: training images.
        sample: see `channel_statistics`. Encoded images are looked at with 64 × 64 pixels, so
            detail, and the little of the variance that is in it, does not count.

    Returns:
        Red, green and blue of `eigenvalue * eigenvector` for each of the three. The sign, which
        is arbitrary, makes the largest of each vector's numbers positive. Zeros for an empty
        collection and for images of one colour.

    Raises:
        BadImageError: an image of the sample cannot be decoded.

    >>> from labeltree.taxonomy import Taxonomy
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> half_black = np.zeros((1, 2, 2, 3), dtype=np.uint8)
    >>> half_black[:, 0] = 255
    >>> first, _, _ = principal_colours(Collection(tree, ArrayImages(half_black), np.array([1])))
    >>> [round(value, 3) for value in first]  # 0.75 along the greys
    [0.433, 0.433, 0.433]
    """
    count, sums, products = 0, np.zeros(3), np.zeros((3, 3))
    for pixels in _chunks(collection.images, sample):
        colours = pixels.reshape(-1, 3)
        for start in range(0, len(colours), _PIXELS_AT_ONCE):
            # Sums of whole numbers below 2^53: exact, and the same in any order.
            some = colours[start : start + _PIXELS_AT_ONCE].astype(np.float64)
            count, sums, products = count + len(some), sums + some.sum(0), products + some.T @ some
    mean = sums / max(count, 1)
    covariance = (products / max(count, 1) - np.outer(mean, mean)) / 255**2
    values, vectors = np.linalg.eigh(covariance)
    vectors *= np.sign(vectors[np.abs(vectors).argmax(0), range(3)])
    third, second, first = (vectors * values.clip(min=0)).T
    return _triple(first), _triple(second), _triple(third)


def _chunks(images: Images, sample: int | None) -> Iterator[NDArray[np.uint8]]:
    """Pixels of the images to look at, some at a time, `(n, height, width, 3)`."""
    if sample is None:
        sample = _SAMPLE_OF_ARRAY if isinstance(images, ArrayImages) else _SAMPLE_OF_FILES
    chosen = np.linspace(0, len(images) - 1, min(sample, len(images))).astype(np.int64)
    for start in range(0, len(chosen), _CHUNK):
        yield _pixels(images, chosen[start : start + _CHUNK])


def _pixels(images: Images, chosen: NDArray[np.int64]) -> NDArray[np.uint8]:
    if isinstance(images, ArrayImages):
        return images.array[chosen]
    with ThreadPoolExecutor(usable_cores()) as pool:
        return np.stack(list(pool.map(lambda i: read_fitted(images, i, _SIDE), chosen.tolist())))


def _triple(values: NDArray[np.float64]) -> Colour:
    red, green, blue = values.tolist()
    return red, green, blue
