"""Pictures decoded by several threads while the network looks at those before them.

Threads, not processes: Pillow drops Python's lock while it decodes and scales, so that photos keep
all cores busy; of small images a core decodes several times as many as it can look at, lock or not.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.data.decoding import decode
from labeltree.data.machine import usable_cores
from labeltree.errors import BadImageError
from labeltree.prediction.sources import Picture
from labeltree.runtime import Preprocessing

Look = NDArray[np.uint8] | str
"""The views of a picture, or why it cannot be read."""

_CHUNK = 16  # pictures that a thread takes at once: handing over costs little then
_VIEWS = (16, 256)
_PIXELS = 1 << 20
_LARGE = 64 << 20  # bytes of a file
_OF_THE_PROCESS = (errno.EMFILE, errno.ENFILE)  # any other picture would fail, too


class Batch(NamedTuple):
    """Pictures that the network looks at together.

    Attributes:
        pictures: `n` of them, damaged ones too.
        views: of those that can be read, `(B, num_views, side, side, 3)`.
        problems: of each picture why it cannot be read; None where it can.
    """

    pictures: list[Picture]
    views: NDArray[np.uint8]
    problems: list[str | None]


def sensible_batch_size(shape: Preprocessing) -> int:
    """Images that are worth computing at once: a million pixels, but 16 to 256 views.

    >>> plain = {"mean": (0.5,) * 3, "std": (0.2,) * 3}
    >>> [sensible_batch_size(Preprocessing(image_size=side, **plain)) for side in (32, 128, 299)]
    [256, 64, 16]
    """
    least, most = _VIEWS
    views = min(most, max(least, _PIXELS // shape.image_size**2))
    return max(1, views // shape.num_views)


def batches(pictures: Iterable[Picture], shape: Preprocessing, size: int) -> Generator[Batch]:
    """Decode pictures ahead of whoever looks at them, in order.

    Has to be closed where it may not come to its end: threads that the garbage collection ends, in
    the middle of the start of another thread, wait for each other without end.

    Args:
        pictures: are named no sooner than they are decoded.
        shape: what is made of each.
        size: pictures of a batch.
    """
    threads = usable_cores()
    ahead = max(2, -(-4 * threads // size))  # batches: one beside the network, and one more
    waiting: deque[tuple[list[Picture], list[Future[list[Look]]]]] = deque()
    pictures = iter(pictures)
    pool = ThreadPoolExecutor(threads, "decode")
    try:
        while batch := list(islice(pictures, size)):
            chunks = (batch[start : start + _CHUNK] for start in range(0, size, _CHUNK))
            waiting.append((batch, [pool.submit(_looks, c, shape) for c in chunks if c]))
            if len(waiting) > ahead:
                yield _together(*waiting.popleft(), shape)
        while waiting:
            yield _together(*waiting.popleft(), shape)
    finally:
        pool.shutdown(cancel_futures=True)


def _looks(pictures: list[Picture], shape: Preprocessing) -> list[Look]:
    return [_look(picture, shape) for picture in pictures]


def _look(picture: Picture, shape: Preprocessing) -> Look:
    if picture.problem is not None:
        return picture.problem
    stored = picture.stored
    assert stored is not None
    if not stored:
        return f"{picture.place}: no image is given"
    if isinstance(stored, str):
        if _is_special(stored):
            return f"{picture.place}: not a regular file"
        stored = _at_once(stored)
    try:
        file = io.BytesIO(stored) if isinstance(stored, bytes) else stored
        return shape.views(decode(file, picture.place, shape.at_least))
    except BadImageError as error:
        return _reason(picture, error)


def _reason(picture: Picture, error: BadImageError) -> str:
    """Why a picture cannot be read; what says nothing of it is raised instead."""
    behind = error.__context__
    if isinstance(behind, MemoryError):
        return f"{picture.place}: too little memory to read it"
    if not isinstance(behind, OSError) or behind.errno in (None, errno.ENOENT):
        return str(error)
    if behind.errno in _OF_THE_PROCESS:
        raise behind
    return f"{picture.place}: cannot be read ({behind.strerror})"


def _is_special(path: str) -> bool:
    """Whether a path leads to a folder, pipe or device, which might be waited for without end."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 (once per image)
    except (OSError, ValueError):  # whoever opens it says why
        return False


def _at_once(path: str) -> str | bytes:
    """All of a file: Pillow would read a small one in many steps. Of a very large one the path."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (once per image)
            if os.fstat(file.fileno()).st_size <= _LARGE:
                return file.read()
    except (OSError, ValueError, MemoryError):  # whoever opens it again says why
        pass
    return path


def _together(
    pictures: list[Picture], looks: list[Future[list[Look]]], shape: Preprocessing
) -> Batch:
    found = [look for chunk in looks for look in chunk.result()]
    views = [look for look in found if not isinstance(look, str)]
    side = shape.image_size
    empty = np.empty((0, shape.num_views, side, side, 3), dtype=np.uint8)
    problems = [look if isinstance(look, str) else None for look in found]
    return Batch(pictures, np.stack(views) if views else empty, problems)
