"""Real processes: killed at random moments and resumed, and divided in two."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from safetensors.torch import load_file
from small_folder import small_recipe, write_small_folder


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory):
    """Start `labeltree train … --resume` as a process of its own."""
    folder = tmp_path_factory.mktemp("work")
    write_small_folder(folder / "data", per_class=24)

    def start(
        name: str, epochs: float, *launcher: str, **changes: object
    ) -> tuple[subprocess.Popen, Path]:
        settings = {"epochs": epochs, "image_sizes": ((0.5, 12),), "ema_decay": 0.9}
        recipe = small_recipe(folder / "data", **settings)
        recipe = recipe.replace(**{"method": "merged", **changes})
        out, file = folder / name, folder / f"{name}.yaml"
        file.write_text(recipe.to_yaml())
        command = [sys.executable, *launcher, "-m", "labeltree", "train", folder / "data"]
        command += ["--recipe", file, "--out", out, "--resume"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
        return subprocess.Popen(command, env=environment), out

    return start


def weights_after(process: subprocess.Popen, out: Path) -> dict[str, torch.Tensor]:
    assert process.wait() == 0
    return load_file(out / "model" / "model.safetensors")


def killed_after_a_checkpoint(
    process: subprocess.Popen, out: Path, delay: float, part: str = "."
) -> bool:
    """Wait for a checkpoint and `delay` seconds more, then `kill -9`; False if it ended first."""
    while process.poll() is None and not list((out / part).glob("checkpoints/*.safetensors")):
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def test_killed_at_random_and_resumed_gives_the_same_bits(begin) -> None:
    uninterrupted = weights_after(*begin("whole", 12))
    moments = random.Random()  # the moments differ from run to run; the result may not
    kills = 0
    for _ in range(4):
        kills += killed_after_a_checkpoint(*begin("killed", 12), moments.uniform(0, 0.6))
    assert kills >= 2
    resumed = weights_after(*begin("killed", 12))
    assert resumed.keys() == uninterrupted.keys()
    for name, value in uninterrupted.items():
        assert torch.equal(resumed[name], value), name


def test_killed_while_the_router_learns_and_while_the_experts_do(begin) -> None:
    options = {"method": "routed", "method_options": {"misrouted": "random"}}
    uninterrupted = weights_after(*begin("routed", 8, **options))
    for part in ("router", "animal"):
        process, out = begin("routed and killed", 8, **options)
        assert killed_after_a_checkpoint(process, out, 0, f"parts/{part}")
        assert not (out / "parts" / part / "record.json").exists()
        for lock in out.glob("parts/*/lock"):  # what trained beside it saves and ends
            FileLock(lock).acquire(timeout=300).lock.release()
    assert (out / "parts/router/record.json").exists()
    resumed = weights_after(*begin("routed and killed", 8, **options))
    assert resumed.keys() == uninterrupted.keys()
    for name, value in uninterrupted.items():
        assert torch.equal(resumed[name], value), name


def test_two_processes_give_the_result_of_one(begin) -> None:
    # Four steps: rounding differs, and training amplifies whatever differs.
    alone = weights_after(*begin("alone", 0.4))
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    together = weights_after(*begin("together", 0.4, *launcher))
    assert together.keys() == alone.keys()
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=1e-4, atol=1e-5)
