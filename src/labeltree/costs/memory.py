"""The most memory that was in use at once."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import torch

from labeltree.costs.weights import MEGABYTE

_RESET = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Peak:
    """The most memory that was in use at once.

    Attributes:
        megabytes: in 10⁶ bytes; None where the system does not tell.
        of: `GPU`: tensors on it, of this process; `process`: this process, whatever it keeps in
            memory; `process since it began`: likewise, but where the system cannot forget what
            was before, an upper bound.
    """

    megabytes: float | None
    of: str | None


class PeakMemory:
    """Looks for the most memory in use at once while its block runs.

    What is in memory already counts, too: images that are kept there, the network, Python itself.
    On a GPU it is what torch allocated there for tensors, else the process's resident memory:
    other processes are not looked at. Linux forgets its high-water mark when asked to (5 written
    to `/proc/self/clear_refs`, see proc(5)); elsewhere the mark of the process's whole life is
    all there is. One block at a time: an inner one would make the outer one forget.

    Attributes:
        peak: known when the block is left.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.peak = Peak(None, None)

    def __enter__(self) -> Self:
        """Forget what was before, as far as that can be."""
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        else:
            self._forgotten = _forget()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look up the peak."""
        if self.device.type == "cuda":
            size = torch.cuda.max_memory_allocated(self.device)
            self.peak = Peak(size / MEGABYTE, "GPU")
        else:
            self.peak = _of_process(self._forgotten)


def _forget() -> bool:
    """Whether the process's high-water mark begins anew."""
    try:
        _RESET.write_text("5")
        return True
    except OSError:  # no Linux, or a container that does not allow it
        return False


def _of_process(forgotten: bool) -> Peak:
    if forgotten and (mark := _high_water_mark()) is not None:
        return Peak(mark / MEGABYTE, "process")
    try:
        import resource
    except ImportError:  # Windows
        return Peak(None, None)
    unit = 1 if sys.platform == "darwin" else 1024
    mark = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Peak(mark / MEGABYTE, "process since it began")


def _high_water_mark() -> int | None:
    """Bytes; None where the system does not tell."""
    try:
        lines = _STATUS.read_text(encoding="utf-8").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
