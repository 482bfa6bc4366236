"""Nothing of the machine, nothing of another model, nothing half, no licence lost."""

import json
import os
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hub_cases import TREE, small_model, write_run
from hub_stub import Hub, Repository, running_hub
from huggingface_hub import HfApi, ModelCard
from PIL import Image

from labeltree.errors import ModelFolderError
from labeltree.exporting import Calibration, export_model
from labeltree.hub import pull, push
from labeltree.hub.packing import Package
from labeltree.hub.stripping import stripped
from labeltree.runs.model_folder import save_model

REPO = "kennel/dogs"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


def api(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token="good-token")


def licence_of(hub: Hub) -> str:
    return str(ModelCard(hub.repositories[REPO].files["README.md"].decode()).data.license)


def test_a_file_of_8_bits_tells_what_it_costs_and_not_where_it_was_made(tmp_path: Path) -> None:
    random, photos = np.random.default_rng(0), tmp_path / "at home" / "photos"
    for leaf in TREE.leaves:
        place = photos / TREE.paths[leaf]
        place.mkdir(parents=True)
        for number in range(6):
            pixels = random.integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(place / f"{number}.png")
    run = write_run(tmp_path / "run")
    model = copytree(run / "model", tmp_path / "model")
    done = export_model(model, run / "model.onnx", int8=Calibration(str(photos), images=4))
    files = push(run, REPO, dry_run=tmp_path / "dry").files
    assert "model.onnx" in files
    for name in files:
        content = (tmp_path / "dry" / name).read_bytes()
        assert str(tmp_path).encode() not in content and b"at home" not in content
    figures, card = done.metadata.int8, (tmp_path / "dry/README.md").read_text()
    assert figures is not None and figures.top1_int8 is not None
    assert f"On {figures.tested_on} test image" in card and "of photos, " in card
    assert f"{100 * figures.top1_int8:.2f}" in card


def test_an_update_keeps_the_licence(hub: Hub, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    push(run, REPO, api=api(hub))
    assert licence_of(hub) == "unknown"
    push(run, REPO, licence="MIT", api=api(hub))
    push(run, REPO, api=api(hub))
    assert licence_of(hub) == "mit"
    push(run, REPO, licence="cc0-1.0", api=api(hub))
    assert licence_of(hub) == "cc0-1.0"


def test_of_options_only_those_that_name_files_are_cut() -> None:
    options = {"separator": "/", "label": "kind/breed", "min_side": 2, "ranks": ["a/b"]}
    places = {"combined": "clients/mixes.csv", "taxonomy": "clients/t.json"}
    groups = {"groups": "clients/groups.csv"}
    recipe = {
        "data": "clients/dogs",
        "data_options": {**options, **places, "categories": "c/d.csv"},
    }
    found = stripped({"recipe": {**recipe, "method_options": groups}})["recipe"]
    last = {"combined": "mixes.csv", "taxonomy": "t.json", "categories": "d.csv"}
    assert found["data"] == "dogs" and found["data_options"] == {**options, **last}
    assert found["method_options"] == {"groups": "groups.csv"}
    mapping = {"categories": {"pet": ["dog/pug"]}}
    assert stripped({"recipe": {"data_options": mapping}})["recipe"]["data_options"] == mapping


def test_a_dry_run_that_fails_leaves_nothing(tmp_path: Path) -> None:
    package = Package({"README.md": b"a card", "model.safetensors": tmp_path / "gone"})
    with pytest.raises(FileNotFoundError):
        package.write(tmp_path / "dry")
    assert not list((tmp_path / "dry").iterdir())


def test_what_a_killed_pull_left_is_removed_once_it_is_old(hub: Hub, tmp_path: Path) -> None:
    save_model(small_model(), tmp_path / "model")
    files = {file.name: file.read_bytes() for file in (tmp_path / "model").iterdir()}
    hub.repositories[REPO] = Repository(files)
    here = tmp_path / "here"
    for name in (".dogs.old.pulling", ".dogs.new.pulling", ".cats.old.pulling"):
        (here / name).mkdir(parents=True)
        (here / name / "config.json").touch()
        if "old" in name:
            for path in (here / name / "config.json", here / name):
                os.utime(path, (0, time.time() - 7200))
    pull(REPO, out=here / "dogs", api=api(hub))
    left = {folder.name for folder in here.iterdir()}
    assert left == {"dogs", ".dogs.new.pulling", ".cats.old.pulling"}


def test_a_tree_that_would_fill_the_memory_is_refused(hub: Hub, tmp_path: Path) -> None:
    save_model(small_model(), tmp_path / "model")
    files = {file.name: file.read_bytes() for file in (tmp_path / "model").iterdir()}
    tree = json.loads(files["taxonomy.json"])
    tree |= {"names": ["a"] * 20_000, "parents": list(range(20_000)), "level_names": None}
    files["taxonomy.json"] = json.dumps(tree).encode()
    hub.repositories[REPO] = Repository(files)
    tracemalloc.start()
    try:
        with pytest.raises(ModelFolderError, match=r"taxonomy\.json is damaged .*characters"):
            pull(REPO, out=tmp_path / "dogs", api=api(hub))
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
