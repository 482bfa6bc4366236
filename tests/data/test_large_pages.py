"""Memory in large pages is memory like any other."""

import gc
import mmap

import pytest
import torch

from labeltree.data import large_pages

CPU = torch.device("cpu")


@pytest.mark.parametrize("large", [True, False])
def test_a_tensor_like_any_other(monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    if not large:
        monkeypatch.delattr(mmap, "MADV_HUGEPAGE", raising=False)  # as on macOS and Windows
    made = large_pages.empty((5, 1024, 1024), CPU)
    assert (made.shape, made.dtype, made.device) == ((5, 1024, 1024), torch.float32, CPU)
    assert made.is_contiguous()
    part = made.fill_(3)[4, 1020:].requires_grad_()
    del made
    gc.collect()
    (part * part).sum().backward()
    assert (part == 3).all() and (part.grad == 6).all()  # the part keeps the whole


def test_a_small_one_is_torchs_own() -> None:
    assert large_pages.empty((0, 7), CPU).shape == (0, 7)
