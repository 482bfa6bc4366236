"""The in-memory loader: the whole set is one uint8 tensor on the device.

Small images are kept at their own size and enlarged there, a batch at a time: stored as 224 × 224
pixels, the 100,000 images of Tiny-ImageNet would be 15 GB instead of 1.2. On a CPU they are
enlarged as whole grey levels and normalised then: `torch`'s kernel for uint8 takes an eighth of the
time (0.04 ms an image of 28 → 224, one core) that the one for float32 takes, which is what
normalising the few pixels first would lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from labeltree.data import augment, colours
from labeltree.data.batch_plan import BatchPlan, first_flips, generator
from labeltree.data.config import AugmentConfig
from labeltree.data.fitting import Ground, read_fitted
from labeltree.data.images import ArrayImages, Images
from labeltree.data.machine import usable_cores
from labeltree.data.reused_memory import ReusedMemory
from labeltree.data.statistics import Components

Progress = Callable[[int, int], None]
_CHUNK = 4096
_VALUES_PER_THREAD = 2**22


class MemoryLoader:
    """Batches cut out of one tensor; see `labeltree.data.loading.Loader`.

    Args:
        pixels: uint8, `(n, S + 2p, S + 2p, 3)` on the device, padded by the `p` pixels of
            `augmentation.crop_padding` when training; never written to.
        targets: node numbers, int64, `(n,)`.
        plan: which images make up which batch.
        augmentation: what is done to training images.
        mean_std: per channel in [0, 1].
        image_size: side of the images that `batches` yields if it is not told another.
        why: in words, why this loader was chosen.
        components: principal components of the training images' colours, for
            `augmentation.pca_colour`.
    """

    kind = "memory"

    def __init__(
        self,
        pixels: Tensor,
        targets: Tensor,
        plan: BatchPlan,
        augmentation: AugmentConfig,
        mean_std: tuple[Sequence[float], Sequence[float]],
        image_size: int,
        why: str,
        components: Components | None = None,
    ) -> None:
        self.why = why
        self.plan = plan
        self.augmentation = augmentation if plan.train else AugmentConfig()
        self.image_size = image_size
        self.num_batches, self.num_images = plan.num_batches, plan.num_images
        self._pixels = pixels
        self._targets = targets.to(pixels.device)
        self._mean, self._std = (torch.tensor(list(v), device=pixels.device) for v in mean_std)
        self._components = components
        self._first_flips = first_flips(plan.count, plan.seed)

    def batches(
        self, epoch: int, size: int | None = None, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """See `labeltree.data.loading.Loader.batches`."""
        device = self._pixels.device
        reused = ReusedMemory(device)
        for number, positions, mine in self.plan.batches(epoch, start):
            random = generator("augmentation", self.plan.seed, epoch, number)
            turn = self._first_flips[positions] ^ bool(epoch % 2)
            choices = augment.draw(self.augmentation, len(positions), random, turn).part(mine)
            here = positions[mine].to(device, non_blocking=True)
            side = size or self.image_size
            values = max(self._pixels[0].numel(), 3 * side**2)
            with _as_many_threads_as_pay(values * len(here)):
                images = self._images(here, choices, side, reused)
            yield images, self._targets[here]

    def _images(
        self, positions: Tensor, choices: augment.Choices, size: int, reused: ReusedMemory
    ) -> Tensor:
        side = self._pixels.shape[1] - 2 * self.augmentation.crop_padding
        if choices.shifts is None:
            images = self._pixels[positions]
        else:
            shifts = choices.shifts.to(positions.device, non_blocking=True)
            images = augment.shifted_crops(self._pixels, positions, shifts, side)
        if choices.flips is not None:
            images = augment.mirrored(images, choices.flips)
        if choices.boxes is not None:
            images = augment.resized_crops(images, choices.boxes, size)
        images = augment.resized(images, size)
        if choices.colours is not None:
            images = colours.recoloured(images, choices.colours)
        lights = None
        if choices.lights is not None:
            assert self._components is not None
            lights = colours.light_shifts(choices.lights, self._components)
        into = reused.empty(images.shape)
        return colours.normalised(images, self._mean, self._std, lights, into)


@contextmanager
def _as_many_threads_as_pay(values: int) -> Iterator[None]:
    """Make a small batch on one thread.

    It takes a millisecond; where cores are shared, waiting at each operation for a second thread
    to be scheduled has taken thirty. Setting the number costs less than a microsecond.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(min(before, 1 + values // _VALUES_PER_THREAD))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def load_pixels(
    images: Images,
    side: int,
    padding: int,
    device: torch.device,
    progress: Progress | None = None,
    colour: Sequence[int] | None = None,
    ground: Ground = None,
) -> Tensor:
    """Decode all images into one tensor.

    Args:
        images: square arrays are taken as they are; all others are fitted to `side`, which
            changes nothing if it is their own.
        side: of the stored images, in pixels.
        padding: pixels on every side.
        device: where the tensor shall be.
        progress: told the number of images done and of all images, now and then.
        colour: of the padding, see `augment.padding_colour`; reflected pixels if None.
        ground: of pictures that are padded to a square.

    Returns:
        uint8, `(n, side + 2 * padding, side + 2 * padding, 3)`. It may share memory with the
        images: do not write to it.

    Raises:
        BadImageError: an image cannot be decoded.
    """
    ready = images.array if isinstance(images, ArrayImages) else None
    if ready is not None and ready.shape[1] != ready.shape[2]:
        ready = None
    if ready is not None and not padding and device.type == "cpu" and ready.flags.writeable:
        return torch.from_numpy(ready)  # as it is: nothing to copy
    whole = side + 2 * padding
    pixels = torch.empty((len(images), whole, whole, 3), dtype=torch.uint8, device=device)
    with ThreadPoolExecutor(usable_cores()) as pool:
        for start in range(0, len(images), _CHUNK):
            numbers = range(start, min(start + _CHUNK, len(images)))
            if ready is not None:
                chunk = np.array(ready[numbers.start : numbers.stop])
            else:
                fitted = pool.map(lambda i: read_fitted(images, i, side, ground), numbers)
                chunk = np.stack(list(fitted))
            here = torch.from_numpy(chunk).to(device)
            pixels[numbers.start : numbers.stop] = (
                augment.reflect_pad(here, padding)
                if colour is None
                else augment.colour_pad(here, padding, colour)
            )
            if progress:
                progress(numbers.stop, len(images))
    return pixels
