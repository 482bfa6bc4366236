"""Device, precision, and the processes that a launcher may have started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list

from labeltree.recipes import Recipe

T = TypeVar("T")


def make_accelerator(recipe: Recipe) -> Accelerator:
    """Device and precision for a recipe; several processes where a launcher started them."""
    precision = recipe.training.precision
    if precision == "auto":
        # Without AMX, bfloat16 is slower than float32 on CPUs.
        fast = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        precision = "bfloat16" if fast else "float32"
    return Accelerator(
        mixed_precision="bf16" if precision == "bfloat16" else "no",
        cpu=not torch.cuda.is_available(),
    )


def as_first_process(accelerator: Accelerator, make: Callable[[], T]) -> T:
    """What `make` gives in the first process, in all of them."""
    box: list[Any] = [make() if accelerator.is_main_process else None]
    if accelerator.num_processes > 1:
        broadcast_object_list(box)
    made: T = box[0]
    return made
