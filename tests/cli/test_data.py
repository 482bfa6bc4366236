"""`labeltree data`: for people and for machines."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from labeltree.cli.data import app
from labeltree.data import SOURCES
from labeltree.data.download import REMOTES
from labeltree.data.opening import PLACES
from labeltree.errors import ConfigError, DataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LABELTREE_DATA", raising=False)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number, name in enumerate(["cat/0.png", "cat/1.png", "dog/pug/0.png", "dog/1.png"]):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 5, 3), 9 * number, dtype=np.uint8)).save(path)
    return tmp_path / "photos"


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_list_names_every_source_and_the_remedy(tmp_path: Path) -> None:
    text = run("list", "--data-root", tmp_path)
    for name in SOURCES:
        assert name in text
    assert text.count("put ") == len(PLACES)
    assert text.count("downloaded at first use") == len(REMOTES)
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").touch()
    rows = {row["name"]: row for row in json.loads(run("list", "--data-root", tmp_path, "--json"))}
    assert rows["mnist"]["found"] == str(tmp_path / "mnist" / "train-images-idx3-ubyte.gz")
    assert rows["cifar10"]["found"] is None
    assert rows["glyphs"]["found"] == "in the program"


def test_check_a_sound_folder(photos: Path) -> None:
    text = run("check", photos)
    assert "photos: 2 classes, levels level 1, level 2" in text
    assert "train: 4 images; smallest / median / largest 5×4 / 5×4 / 5×4" in text
    assert "1 images are known only down to an inner node" in text
    assert "classes with one training image: 1\n  dog/pug" in text
    assert "nothing wrong was found" in text


def test_check_says_what_is_wrong(photos: Path) -> None:
    (photos / "empty").mkdir()
    (photos / "cat" / "1.png").write_bytes(b"")
    text = run("check", photos, code=2)
    assert "damaged: 1" in text
    assert "cat/1.png: empty file (0 bytes)" in text
    assert "classes without a training image: 1\n  empty" in text
    assert "nothing wrong" not in text
    found = json.loads(run("check", photos, "--json", code=2))
    assert found["parts"]["train"]["classes"] == {"cat": 2, "dog": 1, "dog/pug": 1}
    assert len(found["parts"]["train"]["damaged"]) == 1


def test_check_counts_images_and_not_their_labels(photos: Path) -> None:
    table = photos / "table.csv"
    rows = ["image,labels", "cat/0.png,cat", "cat/1.png,cat;dog/pug", "dog/pug/0.png,cat;dog/pug"]
    table.write_text("\n".join([*rows, "dog/1.png,cat;dog"]) + "\n")
    text = run("check", table)
    assert "train: 4 images;" in text
    assert "  images per class: 2 to 4\n" in text
    assert "  3 images with several labels\n" in text
    assert "  1 images are known only down to an inner node\n" in text
    part = json.loads(run("check", table, "--json"))["parts"]["train"]
    assert (part["images"], part["combined"]) == (4, 3)
    assert part["classes"] == {"cat": 4, "dog": 1, "dog/pug": 2}
    assert "several labels" not in run("check", photos)


def test_long_lists_are_cut(photos: Path) -> None:
    for number in range(12):
        (photos / f"empty {number}").mkdir()
    text = run("check", photos)
    assert "classes without a training image: 12" in text
    assert "… and 2 more (--json has all)" in text


def test_options_of_the_source(photos: Path) -> None:
    table = photos / "table.csv"
    table.write_text("image,race,kind\ncat/0.png,tabby,cat\ndog/1.png,,dog\n")
    text = run("check", table, "--set", "ranks=kind,race")
    assert "levels kind, race" in text
    tree = photos / "tree.csv"
    tree.write_text("order,kind\nmammal,cat\nmammal,dog\n")
    assert "levels order, kind" in run("check", table, "--set", "label=kind", "--taxonomy", tree)
    with pytest.raises(ConfigError, match="has no '='"):
        run("check", table, "--set", "ranks")
    with pytest.raises(ConfigError, match="did you mean 'ranks'"):
        run("check", table, "--set", "rank=x")
    with pytest.raises(DataError, match="no such folder"):
        run("check", photos / "nowhere")


@pytest.mark.parametrize("command", [["--help"], ["list", "--help"], ["check", "--help"], ["list"]])
def test_light_commands_load_nothing_heavy(command: list[str]) -> None:
    program = (
        "import sys\n"
        "from labeltree.cli.data import app\n"
        "try:\n    app(sys.argv[1:])\n"
        "finally:\n"
        "    print([m for m in ('torch', 'pyarrow', 'matplotlib', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout
