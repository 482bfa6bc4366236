"""From a collection to batches on the device: one interface, two loaders, an automatic choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from labeltree.data.collection import Collection
from labeltree.data.config import AugmentConfig, DataConfig
from labeltree.data.fitting import ground_of
from labeltree.data.images import ArrayImages, Images
from labeltree.data.machine import free_bytes
from labeltree.errors import BadImageError, ConfigError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = [
    "AugmentConfig",
    "DataConfig",
    "Loader",
    "MeanStd",
    "choose",
    "image_size_of",
    "make_loader",
]

MeanStd = tuple[Sequence[float], Sequence[float]]

_LARGEST_OWN_SIZE = 224
_SAMPLE = 64
_SHARE_OF_FREE_MEMORY = 0.4
_MOST_TO_DECODE_ON_HOST = 2 * 10**9
_MARGIN_FOR_BOXES = 1.15


class Loader(Protocol):
    """Batches of one collection, on the device.

    Attributes:
        kind: "memory" or "stream".
        why: why it is that kind, in words.
        num_batches: batches per epoch in this process.
        num_images: images per epoch, all processes together.
    """

    kind: str
    why: str
    num_batches: int
    num_images: int

    def batches(
        self, epoch: int, size: int | None = None, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One pass over the images.

        Args:
            epoch: from 0; with the seed it settles order and augmentation.
            size: side of the images in pixels; None is the loader's own size.
            start: begin with this batch, exactly as if those before it had been taken.

        Yields:
            Images, float32, `(B, 3, size, size)`, normalised, channels last in memory; targets,
            node numbers, int64, `(B,)`, or label sets, `(B, K)`. Which images: see
            `labeltree.data.batch_plan.BatchPlan`.

        Raises:
            BadImageError: an image cannot be decoded.
        """


def make_loader(
    collection: Collection,
    config: DataConfig,
    mean_std: MeanStd,
    train: bool,
    device: torch.device | str,
    seed: int,
    rank: int = 0,
    world_size: int = 1,
    progress: Callable[[int, int], None] | None = None,
    colours_of: Collection | None = None,
) -> Loader:
    """The loader for a collection: in memory where it fits, else streaming.

    Args:
        collection: images and targets.
        config: see `DataConfig`. Where several collections must agree on the image size, settle
            it once with `image_size_of`.
        mean_std: mean and standard deviation per channel, of pixels in [0, 1].
        train: in seeded random order and augmented; else in order and as they are.
        device: where batches are wanted.
        seed: of order and augmentation.
        rank: number of this process among `world_size`.
        world_size: how many processes divide each batch among them.
        progress: told (images done, all images) while images are decoded into memory.
        colours_of: the images whose principal components `pca_colour` shifts along: all of which
            `collection` may be a part; None is `collection`.

    Raises:
        ConfigError: batch size or padding does not fit.
        DataError: no image to train on.
        BadImageError: an image that is to be kept in memory, or whose size or colours are looked
            at, cannot be decoded.
    """
    import torch

    from labeltree.data.batch_plan import BatchPlan

    device = torch.device(device)
    side = config.image_size or image_size_of(collection, config)
    stored = _stored_side(collection, config, train, side)
    padding = config.augment.crop_padding if train else 0
    if padding >= stored:
        raise ConfigError(
            f"crop_padding {padding} for images of {stored} pixels; choose less than {stored}"
        )
    batch_size = config.batch_size if train else config.evaluation_batch_size
    plan = BatchPlan(len(collection), batch_size, train, seed, rank, world_size)
    components = None
    if train and config.augment.pca_colour:
        from labeltree.data.statistics import principal_colours

        components = principal_colours(collection if colours_of is None else colours_of)
    kind, why = choose(collection, config, stored + 2 * padding, device, world_size)
    if kind == "stream":
        from labeltree.data.streaming import StreamingLoader

        return StreamingLoader(
            collection, plan, config, mean_std, side, device, why, components, padded_side=stored
        )
    from labeltree.data.augment import padding_colour
    from labeltree.data.memory import MemoryLoader, load_pixels

    colour = padding_colour(config.augment, mean_std[0])
    boxes = train and config.augment.random_resized_crop  # of pictures, not of what they lie on
    ground = None if boxes else ground_of(config, mean_std[0])
    pixels = load_pixels(collection.images, stored, padding, device, progress, colour, ground)
    targets = torch.from_numpy(collection.labels)
    return MemoryLoader(pixels, targets, plan, config.augment, mean_std, side, why, components)


def image_size_of(collection: Collection, config: DataConfig) -> int:
    """The side in pixels at which images are used.

    `config.image_size` if set; else the images' own side if a sample of them all have the same
    size of at most 224; else 224. The side is the shorter one, or the longer one of pictures that
    are padded.

    Raises:
        BadImageError: an image of the sample cannot be decoded.
    """
    if config.image_size is not None:
        return config.image_size
    side_of = min if config.fit == "crop" else max
    own = _size_of_all(collection.images, lambda size: side_of(size) <= _LARGEST_OWN_SIZE)
    return side_of(own) if own else _LARGEST_OWN_SIZE


def _size_of_all(
    images: Images, wanted: Callable[[tuple[int, int]], bool]
) -> tuple[int, int] | None:
    """Width and height of the images, if a sample has one size and it is as wanted; else None."""
    if isinstance(images, ArrayImages):
        height, width = images.array.shape[1:3]
        return (width, height) if wanted((width, height)) else None
    own = None
    for i in range(0, len(images), max(1, len(images) // _SAMPLE)):
        size = images.read(i).size
        if not wanted(size) or own not in (None, size):
            return None  # at the first photo: photos are slow to decode
        own = size
    return own


def choose(
    collection: Collection, config: DataConfig, stored: int, device: torch.device, world_size: int
) -> tuple[str, str]:
    """Which loader, and why.

    Args:
        collection: what is to be loaded.
        config: may name the loader and the limit.
        stored: side of the stored, padded images in pixels.
        device: where the images would lie.
        world_size: processes that would each hold all images.

    Returns:
        "memory" or "stream", and a sentence that begins with that word.
    """
    need = len(collection) * stored * stored * 3
    size = f"{len(collection):,} images × {stored}×{stored}×3 bytes = {_in_words(need)}"
    if config.loader != "auto":
        return config.loader, f"{config.loader}: as set; {size}"
    limit, meaning = _limit(collection, config, device, world_size)
    if need <= limit:
        return "memory", f"memory: {size}, fits in {_in_words(limit)} ({meaning})"
    return "stream", f"stream: {size}, more than {_in_words(limit)} ({meaning})"


def _limit(
    collection: Collection, config: DataConfig, device: torch.device, world_size: int
) -> tuple[int, str]:
    if config.memory_limit is not None:
        return int(config.memory_limit * 1e9), "memory_limit"
    share = f"{_SHARE_OF_FREE_MEMORY:.0%} of free memory"
    limit = int(free_bytes(device) * _SHARE_OF_FREE_MEMORY)
    if device.type != "cuda":
        if world_size > 1:
            limit, share = limit // world_size, f"{share} for {world_size} processes"
        # Decoding a large set up front would keep the user waiting for the first step.
        if not isinstance(collection.images, ArrayImages) and limit > _MOST_TO_DECODE_ON_HOST:
            return _MOST_TO_DECODE_ON_HOST, "the most that is decoded in advance"
    return limit, share


def _stored_side(collection: Collection, config: DataConfig, train: bool, side: int) -> int:
    """Side at which the in-memory loader would keep the images.

    Square arrays, and files that are all squares of one smaller size (by a sample, as in
    `image_size_of`), keep their own: they are resized on the device, a batch at a time. Others are
    fitted to the side that is asked for once, before training.
    """
    images = collection.images
    as_it_is = isinstance(images, ArrayImages)
    try:
        own = _size_of_all(images, lambda size: size[0] == size[1] and (as_it_is or size[0] < side))
    except BadImageError:
        own = None  # whoever needs it says why
    if own is not None:
        return own[0]
    if train and config.augment.random_resized_crop:
        return round(side * _MARGIN_FOR_BOXES)  # so that small boxes keep some detail
    return side


def _in_words(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"
