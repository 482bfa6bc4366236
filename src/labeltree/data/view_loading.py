"""The loader for several views of each image; where one is enough it is that of all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from labeltree.data import views
from labeltree.data.batch_plan import BatchPlan
from labeltree.data.collection import Collection
from labeltree.data.colours import normalised
from labeltree.data.config import Crops, DataConfig
from labeltree.data.fitting import Ground, ground_of
from labeltree.data.images import ArrayImages, Images
from labeltree.data.loading import Loader, MeanStd, image_size_of, make_loader
from labeltree.data.streaming import leave_interrupts_to_the_parent, number_of_workers
from labeltree.errors import BadImageError

if TYPE_CHECKING:
    from labeltree.data.views import View

Answer = NDArray[np.uint8] | str  # the views of an image, or what is wrong with it


def make_view_loader(
    collection: Collection,
    config: DataConfig,
    mean_std: MeanStd,
    device: torch.device | str,
    seed: int,
    rank: int = 0,
    world_size: int = 1,
) -> Loader:
    """An evaluation loader that yields the views that `config.crops` asks for.

    Args:
        collection: images and targets.
        config: see `DataConfig`.
        mean_std: mean and standard deviation per channel, of pixels in [0, 1].
        device: where batches are wanted.
        seed: as for `make_loader`; nothing here is random.
        rank: number of this process among `world_size`.
        world_size: how many processes divide the images among them, never the views of one image.

    Returns:
        For one view that of `make_loader`, else a `ViewLoader`.

    Raises:
        BadImageError: as `make_loader`.
    """
    if config.crops == "one":
        return make_loader(collection, config, mean_std, False, device, seed, rank, world_size)
    return ViewLoader(collection, config, mean_std, torch.device(device), rank, world_size)


class ViewLoader:
    """Batches of images with all their views, cut as they are needed.

    A `labeltree.data.loading.Loader` but for one thing: of `V` views each, `B` images are
    `(B * V, 3, side, side)`, the views of an image in a row, beside `B` targets. A batch has at
    most `config.evaluation_batch_size` views, or one image.

    Nothing is kept: each view is needed once, and all of a set together are `V` times as large.
    """

    kind = "stream"

    def __init__(
        self,
        collection: Collection,
        config: DataConfig,
        mean_std: MeanStd,
        device: torch.device,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        side = image_size_of(collection, config)
        cutting = _Cutting(collection.images, config.crops, side, ground_of(config, mean_std[0]))
        images_at_once = max(1, config.evaluation_batch_size // cutting.count)
        self.plan = BatchPlan(
            len(collection), images_at_once, train=False, rank=rank, world_size=world_size
        )
        self.num_batches, self.num_images = self.plan.num_batches, self.plan.num_images
        self.why = f"stream: {cutting.count} views of each of {len(collection):,} images"
        self._device = device
        self._targets = torch.from_numpy(collection.labels)
        self._mean, self._std = (torch.tensor(list(v), device=device) for v in mean_std)
        self._cutting = cutting
        self._workers = number_of_workers(config.workers, world_size)

    def batches(
        self, epoch: int, size: int | None = None, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """See `labeltree.data.loading.Loader.batches`; the views have one size only.

        Raises:
            BadImageError: an image cannot be decoded.
        """
        assert size in (None, self._cutting.side), "evaluation has one size"
        batches = [positions for _, positions, _ in self.plan.batches(epoch, start)]
        cut = DataLoader(
            self._cutting,
            batch_sampler=[positions.tolist() for positions in batches],
            num_workers=self._workers,
            collate_fn=_together,
            pin_memory=self._device.type == "cuda",
            # Without a generator of its own it would draw from torch's global one.
            generator=torch.Generator(),
            worker_init_fn=leave_interrupts_to_the_parent,
        )
        for positions, (pixels, problem) in zip(batches, cut, strict=True):
            if problem:
                raise BadImageError(problem)
            pixels = pixels.to(self._device, non_blocking=True)
            targets = self._targets[positions].to(self._device, non_blocking=True)
            yield normalised(pixels, self._mean, self._std), targets


class _Cutting(Dataset[Answer]):
    """From the position of an image to its views; lives in the workers.

    Attributes:
        side: of a view in pixels.
        count: views of each image.
    """

    def __init__(self, images: Images, crops: Crops, side: int, ground: Ground) -> None:
        self.images = images
        self.side = side
        self._ground = ground
        self.count = views.count(crops)
        self._plan = views.CROPS[crops].plan
        self._same: tuple[View, ...] | None = None
        shape = images.array.shape[1:3] if isinstance(images, ArrayImages) else None
        if ground is not None:
            shape = (side, side)  # whatever theirs was
        if shape is not None:  # all of one
            height, width = shape
            self._same = views.distinct(self._plan(width, height, side))
            self.count = len(self._same)
        # At which scale a photo is needed; a JPEG may be decoded at that.
        self._at_least = max(view.scaled for view in self._plan(side, side, side))

    def __getitem__(self, position: int) -> Answer:
        try:
            image = self.images.read(position, at_least=self._at_least)
        except BadImageError as error:
            # A DataLoader would wrap an exception in a page of traceback.
            return str(error)
        plan = self._same or self._plan(*image.size, self.side)
        return views.look(image, plan, self.side, self._ground)


def _together(answers: list[Answer]) -> tuple[Tensor, str | None]:
    """Views of all images, uint8 `(B * V, side, side, 3)`; the first problem, if any."""
    problem = next((answer for answer in answers if isinstance(answer, str)), None)
    if problem is not None:
        return torch.empty(0), problem
    return torch.from_numpy(np.concatenate(answers)), None
