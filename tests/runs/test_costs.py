"""What records say of cost, against the models that the runs left behind."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from in_this_process import in_this_process
from small_folder import small_recipe, write_small_folder
from small_training import MEAN_STD, TREE
from torch import Tensor, nn

from labeltree.costs import Cost, multiply_adds
from labeltree.data.collection import Collection
from labeltree.data.config import DataConfig
from labeltree.data.images import ArrayImages
from labeltree.reports import write_report
from labeltree.runs.costing import cost_of
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import load_model
from labeltree.runs.part_records import cost_of_parts
from labeltree.runs.training import run_training


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def whole(photos: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("runs") / "whole"
    return out, run_training(small_recipe(photos), out)


@pytest.fixture(scope="module")
def apart(photos: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("runs") / "apart"
    recipe = small_recipe(photos).replace(method="per_category")
    with in_this_process():
        return out, run_training(recipe, out, jobs=2)


@pytest.fixture(params=["whole", "apart"])
def run(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


def forget_cost(file: Path) -> None:
    record = json.loads(file.read_text())
    del record["cost"]
    file.write_text(json.dumps(record))


def check_asking(cost: dict[str, Any], folder: Path, images: int) -> None:
    """What does not depend on how the network was trained."""
    method = load_model(folder).method
    weights = (folder / "model" / "model.safetensors").read_bytes()
    header = 8 + int.from_bytes(weights[:8], "little")
    assert cost["weight_mb"] == pytest.approx((len(weights) - header) / 1e6, abs=0.001)
    assert cost["parameters"] == sum(value.numel() for value in method.parameters())
    assert cost["macs"] == multiply_adds(method, torch.zeros(1, 3, 16, 16))
    assert cost["images_per_second"] > 0 and cost["batch"] == images
    assert cost["peak_memory_mb"] > 0
    if sys.platform == "linux" and not torch.cuda.is_available():
        assert cost["memory_of"] == "process"


def test_a_training_says_what_its_network_costs(run) -> None:
    out, record = run
    cost, training = record["cost"], record["training"]
    check_asking(cost, out, record["data"]["test"])
    assert cost["parameters"] == record["model"]["parameters"]
    networks = training.get("networks", 1)  # whose seconds are each rounded
    assert cost["seconds_per_epoch"] == pytest.approx(training["seconds"] / 2, abs=0.05 * networks)


def test_an_evaluation_says_so_too(run, photos: Path, tmp_path: Path) -> None:
    out, record = run
    again = run_evaluation(out, str(photos), which="train", out=tmp_path / "again")
    check_asking(again["cost"], out, record["data"]["train"])
    assert again["cost"]["seconds_per_epoch"] is None
    assert again["cost"]["macs"] == record["cost"]["macs"]


def test_networks_trained_apart_add_up(apart) -> None:
    out, record = apart
    parts = [json.loads(file.read_text())["cost"] for file in out.glob("parts/*/record.json")]
    assert len(parts) == 3
    cost = record["cost"]
    assert cost["seconds_per_epoch"] == pytest.approx(
        sum(part["seconds_per_epoch"] for part in parts), abs=0.002
    )
    assert cost["peak_memory_mb"] == max(part["peak_memory_mb"] for part in parts)
    assert cost["weight_mb"] == pytest.approx(sum(p["weight_mb"] for p in parts), abs=0.003)
    assert cost["macs"] == sum(part["macs"] for part in parts)


def test_parts_that_an_earlier_version_trained_can_be_put_together(apart, tmp_path: Path) -> None:
    out, record = apart
    shutil.copytree(out, tmp_path / "run")
    (tmp_path / "run" / "record.json").unlink()
    old = tmp_path / "run/parts/router/record.json"
    old.write_text(
        json.dumps({k: v for k, v in json.loads(old.read_text()).items() if k != "cost"})
    )
    recipe = small_recipe(Path(record["data"]["source"])).replace(method="per_category")
    again = run_training(recipe, tmp_path / "run", resume=True)
    assert again is not None
    assert (again["cost"]["seconds_per_epoch"], again["cost"]["peak_memory_mb"]) == (None, None)
    assert again["cost"]["macs"] == record["cost"]["macs"]


@pytest.mark.usefixtures("without_pictures")
def test_a_run_from_before_costs_were_measured_has_its_page(whole, tmp_path: Path) -> None:
    out, _ = whole
    shutil.copytree(out, tmp_path / "old")
    forget_cost(tmp_path / "old/record.json")
    write_report(tmp_path / "old")
    write_report(out)
    pages = [(folder / "report.html").read_text() for folder in (tmp_path / "old", out)]
    assert ["multiply–adds per image" in page for page in pages] == [False, True]


def costs(**figures: Any) -> dict[str, Any]:
    return {"cost": {"memory_of": "process", **figures}}


def test_seconds_of_parts_add_up_and_the_highest_peak_counts() -> None:
    router = costs(seconds_per_epoch=1.5, peak_memory_mb=300.0)
    expert = costs(seconds_per_epoch=2.0, peak_memory_mb=200.0)
    assert cost_of_parts([router, expert]) == Cost(
        peak_memory_mb=300.0, memory_of="process", seconds_per_epoch=3.5
    )


@pytest.mark.parametrize("other", [{}, {"cost": None}, costs(seconds_per_epoch=None)])
def test_what_one_part_does_not_tell_is_not_known_of_all(other: dict[str, Any]) -> None:
    known = costs(seconds_per_epoch=1.5, peak_memory_mb=300.0)
    cost = cost_of_parts([known, other])
    assert (cost.seconds_per_epoch, cost.peak_memory_mb) == (None, None)


class Watcher(nn.Module):
    """Remembers what it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = list[Tensor]()

    def forward(self, images: Tensor) -> Tensor:
        self.seen.append(images)
        return images


def shown(count: int, batch: int) -> tuple[Cost, list[int]]:
    """What the images are measured on whose brightness is their number."""
    pixels = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 3), np.uint8)
    images = Collection(TREE, ArrayImages(pixels), np.full(count, TREE.leaves[0]))
    network = Watcher()
    loading = DataConfig(image_size=8, evaluation_batch_size=batch, crops="multi-scale")
    cost = cost_of(network, images, loading, MEAN_STD, Accelerator())  # type: ignore[arg-type]
    if not network.seen:
        return cost, []
    values = network.seen[0][:, 0, 0, 0] * MEAN_STD[1][0] + MEAN_STD[0][0]
    assert len({len(part) for part in network.seen}) == 1
    return cost, (255 * values).round().int().tolist()


@pytest.mark.parametrize(
    ("count", "batch", "numbers"),
    [
        (10, 512, list(range(10))),
        (10, 10, list(range(10))),
        (10, 5, [0, 2, 4, 6, 8]),
        (10, 4, [0, 2, 5, 7]),
        (250, 3, [0, 83, 166]),
        (1, 512, [0]),
    ],
)
def test_the_images_are_spread_and_no_more_than_an_evaluation_batch(
    count: int, batch: int, numbers: list[int]
) -> None:
    cost, seen = shown(count, batch)
    assert seen == numbers and cost.batch == min(batch, count)


def test_no_image_to_measure_on() -> None:
    cost, seen = shown(0, 512)
    assert seen == []
    assert (cost.parameters, cost.macs, cost.images_per_second, cost.batch) == (0, None, None, None)
