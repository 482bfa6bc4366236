"""Peaks of this very process, and machines that tell less."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from labeltree.costs import PeakMemory, memory

CPU = torch.device("cpu")
forgets = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets its mark")


def occupy(megabytes: int) -> None:
    np.ones(megabytes * 125_000)


@forgets
def test_what_is_taken_within_counts_and_what_was_before_does_not() -> None:
    occupy(400)
    with PeakMemory(CPU) as before:
        pass
    with PeakMemory(CPU) as within:
        occupy(200)
    with PeakMemory(CPU) as after:
        pass
    assert before.peak.of == within.peak.of == after.peak.of == "process"
    assert before.peak.megabytes and within.peak.megabytes and after.peak.megabytes
    assert within.peak.megabytes - before.peak.megabytes == pytest.approx(200, abs=20)
    assert after.peak.megabytes - before.peak.megabytes == pytest.approx(0, abs=20)


@forgets
def test_what_is_kept_in_memory_counts() -> None:
    with PeakMemory(CPU) as empty:
        pass
    images = np.ones(25_000_000)
    with PeakMemory(CPU) as full:
        pass
    assert full.peak.megabytes and empty.peak.megabytes
    assert full.peak.megabytes - empty.peak.megabytes == pytest.approx(images.nbytes / 1e6, abs=20)


@forgets
def test_a_block_that_fails_is_measured_too() -> None:
    peak = PeakMemory(CPU)
    with pytest.raises(KeyError), peak:
        raise KeyError
    assert peak.peak.megabytes


@pytest.mark.parametrize("missing", ["_RESET", "_STATUS"])
def test_where_nothing_can_be_forgotten_it_is_the_peak_of_the_whole_life(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    occupy(300)
    monkeypatch.setattr(memory, missing, tmp_path / "not there" / "file")
    with PeakMemory(CPU) as whole:
        pass
    life = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    assert whole.peak.of == "process since it began"
    assert whole.peak.megabytes == life * unit / 1e6


@pytest.mark.parametrize("text", ["", "VmRSS: 5 kB\n", "VmHWM:\n", "VmHWM: many kB\n"])
def test_a_status_that_does_not_tell(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "status").write_text(text)
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "status")
    with PeakMemory(CPU) as whole:
        pass
    assert whole.peak.of != "process"


def test_a_system_that_tells_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "_RESET", tmp_path / "not there" / "file")
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    with PeakMemory(CPU) as none:
        pass
    assert (none.peak.megabytes, none.peak.of) == (None, None)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_counts_tensors() -> None:
    device = torch.device("cuda")
    kept = torch.ones(5_000_000, device=device)  # 20 MB
    torch.ones(50_000_000, device=device)  # 200 MB, gone
    with PeakMemory(device) as peak:
        torch.ones(10_000_000, device=device)  # 40 MB
    assert peak.peak.of == "GPU" and peak.peak.megabytes
    assert 60 <= peak.peak.megabytes < 100
    del kept
