"""Set images aside for validation and test: stratified, seeded, for classes of any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from labeltree.configuration import Config
from labeltree.data.collection import Source, Splits
from labeltree.errors import DataError

Counts = NDArray[np.int64]


class SplitConfig(Config):
    """How images are set aside where a source does not do it itself; see `split`."""

    validation_fraction: float = Field(0.1, ge=0, lt=1, description="of the training images")
    test_fraction: float = Field(0.1, ge=0, lt=1, description="of the training images")
    seed: int = Field(0, ge=0, description="which images are set aside")


def split(
    source: Source,
    validation_fraction: float = 0.1,
    test_fraction: float = 0.1,
    seed: int = 0,
) -> Splits:
    """Complete a source to three parts; parts that it brings itself are kept as they are.

    Every node (every combination) gives its share, to within one image, and the shares add up to
    the fraction of the whole. It keeps at least one image to learn from, so a single image is never
    set aside.

    Args:
        source: what was opened; missing parts are taken from its training images.
        validation_fraction: share of the training images to set aside, 0 <= share < 1.
        test_fraction: likewise; the two together stay below 1.
        seed: equal seeds give equal splits.

    Raises:
        DataError: a fraction out of range, or so few images that a part would be empty.
    """
    shares = {
        "validation": 0.0 if source.validation is not None else validation_fraction,
        "test": 0.0 if source.test is not None else test_fraction,
    }
    if min(shares.values()) < 0 or sum(shares.values()) >= 1:
        raise DataError(
            f"validation fraction {validation_fraction} and test fraction {test_fraction}: "
            "expected two shares of at least 0 that add up to less than 1"
        )
    parts = _deal(source.train.kinds, shares["validation"], shares["test"], seed)
    for name, part in zip(shares, parts[1:], strict=True):
        if shares[name] > 0 and len(part) == 0:
            nothing = " ".join(f"--set split.{each}_fraction=0" for each in shares if shares[each])
            raise DataError(
                f"{source.name}: {len(source.train)} training images are too few to set aside "
                f"{shares[name]:.0%} for {name}; add images, raise split.{name}_fraction, bring a "
                f"{name} part, or set nothing aside: {nothing}"
            )
    train, validation, test = (source.train.subset(part) for part in parts)
    return Splits(
        train,
        validation if source.validation is None else source.validation,
        test if source.test is None else source.test,
    )


def _deal(targets: Counts, validation: float, test: float, seed: int) -> list[Counts]:
    """Indices of the three parts, each in ascending order."""
    order = np.random.default_rng(seed).permutation(len(targets))
    order = order[np.argsort(targets[order], kind="stable")]  # shuffled within each node
    _, sizes = np.unique(targets, return_counts=True)
    place = np.arange(len(targets)) - np.repeat(np.cumsum(sizes) - sizes, sizes)

    most = sizes - 1  # one image stays to learn from
    num_test = np.minimum(_shares(sizes, test), most)
    num_validation = np.minimum(_shares(sizes, validation), most - num_test)
    first, second = np.repeat(num_test, sizes), np.repeat(num_test + num_validation, sizes)
    in_test, in_validation = place < first, (place >= first) & (place < second)
    return [np.sort(order[part]) for part in (place >= second, in_validation, in_test)]


def _shares(sizes: Counts, fraction: float) -> Counts:
    """Whole numbers near `sizes * fraction` whose running total is never more than 1/2 off."""
    total = np.floor(np.cumsum(sizes) * fraction + 0.5 + 1e-9).astype(np.int64)
    return np.diff(total, prepend=0)
