"""Open whatever a person names: a known set, a folder, a table."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError, validate_call

from labeltree.data.categories import into_categories
from labeltree.data.category_tables import Categories
from labeltree.data.collection import Source
from labeltree.data.download import Place
from labeltree.data.limits import Limits
from labeltree.data.sources import cifar10, cifar100, imagenet, mnist, stanford_dogs, tiny_imagenet
from labeltree.data.sources.cifar10 import open_cifar10
from labeltree.data.sources.cifar100 import open_cifar100
from labeltree.data.sources.cifar100_pairs import open_cifar100_pairs
from labeltree.data.sources.digits import open_digits
from labeltree.data.sources.folder import open_folder
from labeltree.data.sources.glyph_pairs import open_glyph_pairs
from labeltree.data.sources.glyphs import open_glyphs
from labeltree.data.sources.imagenet import open_imagenet
from labeltree.data.sources.mnist import open_mnist
from labeltree.data.sources.stanford_dogs import open_stanford_dogs
from labeltree.data.sources.table import PARQUET_SUFFIX, TEXT_SUFFIXES, open_table, parquet_parts
from labeltree.data.sources.tiny_imagenet import open_tiny_imagenet
from labeltree.data.subsets import relabel
from labeltree.errors import ConfigError, DataError, suggestion
from labeltree.taxonomy.tree import Taxonomy

SOURCES: dict[str, Callable[..., Source]] = {
    "glyphs": open_glyphs,
    "glyph-pairs": open_glyph_pairs,
    "digits": open_digits,
    "cifar100": open_cifar100,
    "cifar100-pairs": open_cifar100_pairs,
    "cifar10": open_cifar10,
    "mnist": open_mnist,
    "tiny-imagenet": open_tiny_imagenet,
    "imagenet": open_imagenet,
    "stanford-dogs": open_stanford_dogs,
}
"""Known sets by name."""

PLACES: dict[str, Place] = {
    "cifar100": cifar100.LAYOUT.place,
    "cifar100-pairs": cifar100.LAYOUT.place,
    "cifar10": cifar10.LAYOUT.place,
    "mnist": mnist.PLACE,
    "tiny-imagenet": tiny_imagenet.PLACE,
    "imagenet": imagenet.PLACE,
    "stanford-dogs": stanford_dogs.PLACE,
}
"""Where those that need files may lie."""

NUMBERED = ("glyphs", "glyph-pairs")
"""Sets that make their images: `glyphs:1000` makes them of 1,000 classes."""


def open_source(
    data: str | Path,
    data_root: Path | None = None,
    *,
    taxonomy: Taxonomy | Path | str | None = None,
    categories: Categories | None = None,
    min_side: int | None = None,
    full_classes: bool = False,
    classes: int | None = None,
    random_groups: int | None = None,
    images_per_class: int | None = None,
    subset_seed: int = 0,
    **options: Any,
) -> Source:
    """Open a known set, a folder of nested folders, or a table.

    What is asked of the images is done in this order.

    Args:
        data: a name in `SOURCES` (`glyphs:1000` is `glyphs` with 1,000 classes); a folder; a
            CSV, JSONL or parquet file.
        data_root: where known sets lie; see `labeltree.data.roots.data_roots`.
        options: of that kind of source: see `open_glyphs`, `open_table`, ...
        taxonomy: another tree (or a file that holds one) for the same images, whose labels are
            looked up in it; see `relabel`.
        categories: only these classes, under these categories; see `into_categories`.
        min_side: leave out images with a side under so many pixels; see `without_small_images`.
        full_classes: only the classes with the most training images; see `take_full_classes`.
        classes: take only so many; see `limit`. A source that makes its images, `glyphs`, makes
            so many; of `glyphs:1000` they are drawn from the 1,000. (So do `glyph-pairs` and
            `cifar100-pairs`, and the pairs are drawn from these classes.)
        random_groups: deal the classes into so many groups; see `into_random_groups`.
        images_per_class: take at most so many training images of each; see `limit`. Where images
            are made of others, of those with one label.
        subset_seed: which classes and images are taken, and how they are dealt.

    Raises:
        DataError: nothing of that name, or it cannot be used.
        ConfigError: the source has no such option; the nearest is named.
    """
    if not str(data):
        raise DataError("the name of the data is empty; '.' is the folder you are in")
    limits = Limits(
        min_side=min_side,
        full_classes=full_classes,
        classes=classes,
        random_groups=random_groups,
        images_per_class=images_per_class,
        subset_seed=subset_seed,
    )
    name, _, number = str(data).partition(":")
    opener: Callable[..., Source]
    if name in SOURCES:
        opener = SOURCES[name]
        if number and (name not in NUMBERED or not number.isdecimal()):
            wanted = " or ".join(f"{made}:N" for made in NUMBERED)
            raise DataError(f"{data}: expected {wanted} with N classes, or a name without ':'")
        options["data_root"] = data_root
    else:
        opener = _opener(Path(data).expanduser())
        options |= {"path": Path(data).expanduser(), "data_root": data_root}
        number = ""
    accepted = set(inspect.signature(opener).parameters)
    made, limits = limits.for_maker(accepted, int(number) if number else None, categories is None)
    source = _call(opener, data, {**_checked(data, options, accepted), **made})
    if taxonomy is not None:
        source = relabel(source, _read_tree(taxonomy))
    if categories is not None:
        source = into_categories(source, categories)
    return limits.apply(source)


def _call(opener: Callable[..., Source], data: str | Path, options: dict[str, Any]) -> Source:
    """Open with options whose types are checked against the opener's signature."""
    checked = validate_call(config=ConfigDict(coerce_numbers_to_str=True))(
        opener
    )  # a column named 3
    try:
        return checked(**options)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(
            f"{data}: option {first['loc'][0]!r}: {first['msg']} (got {first['input']!r})"
        ) from None


def _opener(path: Path) -> Callable[..., Source]:
    if path.is_dir():
        return open_table if parquet_parts(path) else open_folder
    suffix = path.suffix.lower()
    if path.is_file() and suffix in (*TEXT_SUFFIXES, PARQUET_SUFFIX):
        return open_table
    if path.exists():
        known = ", ".join((*TEXT_SUFFIXES, PARQUET_SUFFIX))
        raise DataError(f"{path}: expected a folder, or a table ({known}); unpack an archive first")
    hint = suggestion(str(path), SOURCES, otherwise=f"known sets: {', '.join(SOURCES)}")
    raise DataError(f"{path}: no such folder, table or known set; {hint}")


def _checked(data: str | Path, options: dict[str, Any], accepted: set[str]) -> dict[str, Any]:
    """The options, or an error for one that this source does not know."""
    always = {"path", "data_root"}
    for key in set(options) - accepted - always:
        hint = suggestion(key, sorted(accepted - always))
        raise ConfigError(f"{data}: no such option of this source: {key!r}; {hint}")
    return {key: value for key, value in options.items() if key in accepted}


def _read_tree(taxonomy: Taxonomy | Path | str) -> Taxonomy:
    if isinstance(taxonomy, Taxonomy):
        return taxonomy
    if not isinstance(taxonomy, str | Path):
        raise ConfigError(f"taxonomy is {taxonomy!r}; expected the path of a label tree")
    from labeltree.taxonomy import read_taxonomy

    return read_taxonomy(taxonomy)
