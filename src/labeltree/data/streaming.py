"""The streaming loader: images are decoded as they are needed, by several processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from labeltree.data import augment, colours
from labeltree.data.batch_plan import BatchPlan, first_flips, generator, stable_seed
from labeltree.data.collection import Collection
from labeltree.data.config import AugmentConfig, DataConfig
from labeltree.data.fitting import Ground, ground_of, read_fitted
from labeltree.data.images import Images
from labeltree.data.machine import usable_cores
from labeltree.data.statistics import Components
from labeltree.data.transforms import transforms
from labeltree.errors import BadImageError

_FEW_CORES = 2
_MOST_WORKERS = 12

Request = tuple[int, int, int]  # position of the image, epoch, side
Answer = tuple[int, NDArray[np.uint8] | str]  # position of the image; pixels, or what is wrong


class StreamingLoader:
    """Batches decoded on the fly; see `labeltree.data.loading.Loader`.

    The random choices for an image depend on seed, epoch and image alone: not on the batch it is
    in, the worker that decodes it or the number of workers.

    Args:
        collection: images and targets.
        plan: which images make up which batch.
        config: augmentation, how pictures are fitted, number of workers.
        mean_std: per channel in [0, 1].
        image_size: side of the images that `batches` yields if it is not told another.
        device: where batches are wanted.
        why: in words, why this loader was chosen.
        components: principal components of the training images' colours, for
            `config.augment.pca_colour`.
        padded_side: side at which training images are padded, as the loader in memory pads those
            that it stores; None is `image_size`.
    """

    kind = "stream"

    def __init__(
        self,
        collection: Collection,
        plan: BatchPlan,
        config: DataConfig,
        mean_std: tuple[Sequence[float], Sequence[float]],
        image_size: int,
        device: torch.device,
        why: str,
        components: Components | None = None,
        padded_side: int | None = None,
    ) -> None:
        self.why = why
        self.plan = plan
        self.image_size = image_size
        self.num_batches, self.num_images = plan.num_batches, plan.num_images
        self._light = config.augment.pca_colour
        self._components = components
        self._device = device
        self._targets = torch.from_numpy(collection.labels)
        self._mean, self._std = (torch.tensor(list(v), device=device) for v in mean_std)
        self._requests: list[list[Request]] = []
        workers = number_of_workers(config.workers, plan.world_size)
        self._decoded = DataLoader(
            _Decoding(
                collection.images,
                config.augment,
                padded_side or image_size,
                plan.train,
                plan.seed,
                augment.padding_colour(config.augment, mean_std[0]),
                ground_of(config, mean_std[0]),
            ),
            batch_sampler=self._requests,
            num_workers=workers,
            collate_fn=_together,
            pin_memory=device.type == "cuda",
            # Workers that outlive an epoch save its start; evaluation happens too seldom for that.
            persistent_workers=plan.train and workers > 0,
            # Without a generator of its own it would draw from torch's global one.
            generator=torch.Generator(),
            worker_init_fn=leave_interrupts_to_the_parent,
        )

    def batches(
        self, epoch: int, size: int | None = None, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """See `labeltree.data.loading.Loader.batches`."""
        side = size or self.image_size
        self._requests[:] = [
            [(position, epoch, side) for position in positions[mine].tolist()]
            for _, positions, mine in self.plan.batches(epoch, start)
        ]
        for positions, pixels, problem in self._decoded:
            if problem:
                raise BadImageError(problem)
            pixels = pixels.to(self._device, non_blocking=True)
            targets = self._targets[positions].to(self._device, non_blocking=True)
            lights = self._lights(epoch, positions)
            yield colours.normalised(pixels, self._mean, self._std, lights), targets

    def _lights(self, epoch: int, positions: Tensor) -> Tensor | None:
        """Added here and not in the workers, who hand on whole grey levels between 0 and 255."""
        if self._components is None:
            return None
        drawn = [
            augment.draw_lights(self._light, 1, generator("light", self.plan.seed, epoch, position))
            for position in positions.tolist()
        ]
        return colours.light_shifts(torch.cat(drawn), self._components)


class _Decoding(Dataset[Answer]):
    """From a request to pixels; lives in the workers."""

    def __init__(
        self,
        images: Images,
        config: AugmentConfig,
        own_side: int,
        train: bool,
        seed: int,
        colour: tuple[int, ...] | None,
        ground: Ground,
    ) -> None:
        self.images = images
        self.config = config
        self.own_side = own_side
        self.train = train
        self.seed = seed
        self.colour = colour
        self.ground = ground
        self.first_flips = first_flips(len(images), seed).tolist()

    def __getitem__(self, request: Request) -> Answer:
        position, epoch, side = request
        try:
            if not self.train:
                return position, read_fitted(self.images, position, side, self.ground)
            return position, self._augmented(position, epoch, side)
        except BadImageError as error:
            # A DataLoader would wrap an exception in a page of traceback.
            return position, str(error)

    def _augmented(self, position: int, epoch: int, side: int) -> NDArray[np.uint8]:
        turn = self.first_flips[position] ^ bool(epoch % 2)
        chain = transforms(self.config, self.own_side, side, turn, self.colour, self.ground)
        # A box of the least share still has about as many pixels as it is scaled to.
        least_area = self.config.random_resized_crop or 1.0
        image = self.images.read(position, round(side / least_area**0.5))
        before = torch.get_rng_state()
        # Not torch.manual_seed, which would reseed the GPUs as well.
        torch.default_generator.manual_seed(stable_seed("image", self.seed, epoch, position))
        try:
            pixels: NDArray[np.uint8] = np.array(chain(image), dtype=np.uint8)
            return pixels
        finally:
            torch.set_rng_state(before)


def _together(answers: list[Answer]) -> tuple[Tensor, Tensor, str | None]:
    """Positions, int64 `(B,)`; pixels, uint8 `(B, side, side, 3)`; the first problem, if any."""
    positions = torch.tensor([position for position, _ in answers])
    problem = next((answer for _, answer in answers if isinstance(answer, str)), None)
    if problem is not None:
        return positions, torch.empty(0), problem
    return positions, torch.from_numpy(np.stack([pixels for _, pixels in answers])), None


def leave_interrupts_to_the_parent(_worker: int) -> None:
    """What a worker does first: Ctrl-C reaches all processes, and one of them answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def number_of_workers(asked: int | None, world_size: int = 1) -> int:
    """Processes that decode, for each process that trains: as asked, else by the cores."""
    if asked is not None:
        return asked
    cores = usable_cores() // world_size
    return 0 if cores <= _FEW_CORES else min(cores - 1, _MOST_WORKERS)
