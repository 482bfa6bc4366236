"""Real processes: killed at random moments and resumed, and divided in two."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from in_this_process import in_this_process
from safetensors.torch import load_file
from small_folder import small_recipe, write_small_folder

from labeltree.recipes import Recipe
from labeltree.runs.training import run_training

TRAIN = Path(__file__).parents[1] / "training_process.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("work") / "data", per_class=24)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the processes have: more threads round otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def recipe_of(data: Path, epochs: float, **changes: object) -> Recipe:
    recipe = small_recipe(data, epochs=epochs, image_sizes=((0.5, 12),), ema_decay=0.9)
    return recipe.replace(**{"method": "merged", **changes})


def python(*arguments: object) -> subprocess.Popen:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    return subprocess.Popen([sys.executable, *arguments], env=environment)


def begin(recipe: Recipe, out: Path) -> subprocess.Popen:
    """Train, or go on, in a process of its own."""
    (out.parent / "recipe.yaml").write_text(recipe.to_yaml())
    return python(TRAIN, out.parent / "recipe.yaml", out)


def trained(recipe: Recipe, out: Path) -> dict[str, torch.Tensor]:
    """The weights of a training that nothing interrupts, in this process."""
    with in_this_process():
        run_training(recipe, out)
    return weights(out)


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "model" / "model.safetensors")


def assert_same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.equal(found[name], value), name


def last_saved(folder: Path) -> int:
    """When the last checkpoint was written; 0 if none is there."""
    files = folder.glob("checkpoints/*.safetensors")
    return max((file.stat().st_mtime_ns for file in files), default=0)


def kill_after_a_checkpoint(recipe: Recipe, out: Path, delay: float, part: str = ".") -> None:
    """Train until a checkpoint is written and `delay` seconds more, then `kill -9`."""
    before = last_saved(out / part)
    process = begin(recipe, out)
    while process.poll() is None and last_saved(out / part) == before:
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended first"


def test_killed_at_random_and_resumed_gives_the_same_bits(data: Path, tmp_path: Path) -> None:
    recipe, out = recipe_of(data, 12), tmp_path / "killed"
    moments = random.Random()  # the moments differ from run to run; the result may not
    for _ in range(2):
        kill_after_a_checkpoint(recipe, out, moments.uniform(0, 0.3))
    assert begin(recipe, out).wait() == 0
    assert_same(weights(out), trained(recipe, tmp_path / "whole"))


def test_killed_while_the_router_learns_and_while_the_experts_do(
    data: Path, tmp_path: Path
) -> None:
    recipe = recipe_of(data, 8, method="routed", method_options={"misrouted": "random"})
    out = tmp_path / "killed"
    for part in ("router", "animal"):
        kill_after_a_checkpoint(recipe, out, 0, f"parts/{part}")
        assert not (out / "parts" / part / "record.json").exists()
        for lock in out.glob("parts/*/lock"):  # what trained beside it saves and ends
            FileLock(lock).acquire(timeout=300).lock.release()
    assert (out / "parts/router/record.json").exists()
    assert begin(recipe, out).wait() == 0
    assert_same(weights(out), trained(recipe, tmp_path / "whole"))


def test_two_processes_give_the_result_of_one(data: Path, tmp_path: Path) -> None:
    # Four steps: rounding differs, and training amplifies whatever differs.
    recipe, out = recipe_of(data, 0.4), tmp_path / "together"
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml())
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    command = ("train", data, "--recipe", tmp_path / "recipe.yaml", "--out", out)
    assert python(*launcher, "-m", "labeltree", *command).wait() == 0
    together, alone = weights(out), trained(recipe, tmp_path / "alone")
    assert together.keys() == alone.keys()
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=1e-4, atol=1e-5)
