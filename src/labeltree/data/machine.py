"""What the machine offers: free memory and cores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_CGROUP = Path("/sys/fs/cgroup")
_UNKNOWN = 4 * 2**30


def free_bytes(device: torch.device) -> int:
    """Bytes that could be allocated on `device` now: free GPU memory, or the host's."""
    if device.type == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info(device)
        return int(free)
    return min(_available_on_host(), _left_in_container())


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _available_on_host() -> int:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        # Systems without that line tell the total; half of it is a fair guess.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (OSError, ValueError, AttributeError):
        return _UNKNOWN


def _left_in_container() -> int:
    """What a container's limit leaves (cgroup v2); page cache counts as used: a cautious answer."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
        return max(int(limit) - used, 0)
    except (OSError, ValueError):  # no container, or no limit ("max")
        return 2**63 - 1
