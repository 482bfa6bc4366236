"""Memory is used again only when nothing of what was in it is needed."""

import numpy as np
import torch
from torch import Tensor

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.data.loading import DataConfig, make_loader
from labeltree.data.reused_memory import ReusedMemory
from labeltree.taxonomy import Taxonomy

CPU = torch.device("cpu")


def place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def test_a_tensor_like_any_other() -> None:
    made = ReusedMemory(CPU).empty((5, 3, 2))
    assert (made.shape, made.dtype, made.device) == ((5, 3, 2), torch.float32, CPU)
    assert made.is_contiguous() and made.data_ptr() % 64 == 0  # as torch's own
    assert ReusedMemory(CPU).empty((0, 7)).shape == (0, 7)


def test_a_view_keeps_it() -> None:
    memory = ReusedMemory(CPU)
    made = memory.empty((4, 8)).fill_(3)
    before, part = place(made), made[3:].T
    del made
    assert place(other := memory.empty((4, 8)).zero_()) != before
    assert (part == 3).all()
    del part
    assert place(memory.empty((2, 2))) == before != place(other)


def test_an_array_and_autograd_keep_it() -> None:
    memory = ReusedMemory(CPU)
    made = memory.empty((4, 8)).fill_(3)
    before, array = place(made), made.numpy()
    weight = torch.ones(8, requires_grad=True)
    loss = (made * weight).sum()
    del made
    memory.empty((4, 8)).zero_()
    assert (array == 3).all()
    del array
    memory.empty((4, 8)).zero_()
    loss.backward()
    assert (weight.grad == 12).all()
    del loss
    assert place(memory.empty((4, 8))) == before


def test_more_is_made_where_it_is_too_small() -> None:
    memory = ReusedMemory(CPU)
    memory.empty((2,))
    assert memory.empty((9, 9)).fill_(1).sum() == 81


def test_batches_that_are_kept_stay_as_they_are() -> None:
    pixels = np.arange(12, dtype=np.uint8)[:, None, None, None] * np.ones((8, 8, 3), np.uint8)
    data = Collection(Taxonomy.from_paths(["cat", "dog"]), ArrayImages(pixels), np.ones(12))
    config = DataConfig(batch_size=2, evaluation_batch_size=2, image_size=16)
    loader = make_loader(data, config, ((0,) * 3, (1 / 255,) * 3), False, "cpu", 0)
    kept = [images for images, _ in loader.batches(0)]
    assert torch.cat(kept).amax((1, 2, 3)).round().tolist() == list(range(12))
    passing = {images.data_ptr() for images, _ in loader.batches(0)}
    assert len(passing) == 2  # one is looked at while the next is made
