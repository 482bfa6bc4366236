"""Without torch and what comes with it, exported models answer; the rest says what is missing.

What may be imported is settled by pyproject.toml: all that belongs to another extra than `runtime`
and `serve` is refused in a process of its own. `.ci/run` does the same with a real installation.
"""

import csv
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import labeltree
from labeltree.cli.extras import IMPORTED_AS, extras, missing_extra
from labeltree.cli.main import app

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
EXTRAS = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
HEAVY = {module for module, extra in extras().items() if extra not in {"runtime", "serve", "dev"}}
LIGHT = {module for module, extra in extras().items() if extra in {"runtime", "serve"}}

REFUSING = """
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refusing())
"""
COMMANDS = """
import contextlib, io, json, traceback
from labeltree.cli.main import main
ends = []
for command in {commands!r}:
    sys.argv, out, err, code = ["labeltree", *command], io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            code = traceback.format_exc()
    ends.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(ends))
"""

NEEDS = {
    "adapt runs/a runs/b": "train",
    "audit runs/a glyphs": "train",
    "compare runs/a runs/b": "train",
    "data check digits": "train",
    "data check glyphs": "train",
    "demo --out demo": "train",
    "evaluate runs/a glyphs": "train",
    "export runs/a": "export",
    "extend runs/a glyphs --out runs/b": "train",
    "models list": "train",
    "pull someone/model": "hub",
    "push runs/a someone/model": "train",
    "report runs/a": "report",
    "study size-scaling --out study": "train",
    "taxonomy discover confusion.csv --groups 2": "train",
    "train glyphs --out runs/b": "train",
}
"""Commands by the extra that they ask for where there is none."""

WORKS = (
    "--version",
    "adapt p.npz --taxonomy tree.json",
    "data check photos",
    "data list",
    "taxonomy check imagenet",
    "taxonomy show tree.json",
)


OTHERWISE = ("predict", "serve")  # tested below with a model


def refusing(refused: set[str], code: str, folder: Path) -> str:
    """What a process prints that cannot import some modules."""
    started = [sys.executable, "-c", REFUSING.format(refused=refused) + code]
    done = subprocess.run(started, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_extras_are_those_of_pyproject() -> None:
    for extra, requirements in EXTRAS.items():
        for requirement in requirements:
            name = requirement.split(";")[0].split(">")[0].strip().lower()
            if not name.startswith("labeltree[") and name != "pillow":  # is there without an extra
                assert extras()[IMPORTED_AS.get(name, name.replace("-", "_"))] == extra
    assert {"torch", "torchvision", "timm", "accelerate", "scipy", "sklearn", "pyarrow",
            "matplotlib", "safetensors", "onnx", "jinja2", "huggingface_hub"} <= HEAVY  # fmt: skip
    assert {"onnxruntime", "fastapi", "uvicorn"} <= LIGHT


def test_every_module_has_the_name_that_the_extras_say() -> None:
    installed = packages_distributions()
    names = {module for module, extra in extras().items() if extra != "dev"}
    assert names <= set(installed), "add it to IMPORTED_AS"


@pytest.mark.parametrize(
    "name", ["labeltree.no_such_module", "torch.no_such_module", "json5", None]
)
def test_a_bug_is_no_missing_extra(name: str | None) -> None:
    assert missing_extra(ModuleNotFoundError("No module named …", name=name)) is None


def names_extra(err: str, extra: str) -> bool:
    return f"install labeltree with its extra '{extra}'" in err


def test_no_message_installs_from_an_index_that_has_no_labeltree() -> None:
    for path in Path(labeltree.__file__).parent.rglob("*.py"):
        assert "pip install 'labeltree" not in path.read_text(encoding="utf-8"), path


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str, str]]:
    """How each command ends in an environment with the base package alone."""
    import numpy as np
    from PIL import Image

    folder = tmp_path_factory.mktemp("light")
    tree = {"cat": ["manx"], "dog": ["beagle", "pug"]}
    (folder / "tree.json").write_text(json.dumps(tree))
    (folder / "confusion.csv").write_text(",a,b,c\na,9,1,0\nb,1,8,1\nc,0,2,8\n")
    np.savez(folder / "p.npz", probabilities=np.eye(3), names=["cat/manx", "dog/beagle", "dog/pug"])
    for name in ("cat/manx", "dog/pug"):
        (folder / "photos" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8), "red" if name == "dog/pug" else "grey").save(
            folder / "photos" / name / "1.png"
        )
    (folder / "runs" / "a").mkdir(parents=True)
    (folder / "runs" / "a" / "record.json").write_text("{}")
    lines = [*NEEDS, *WORKS]
    code = COMMANDS.format(commands=[line.split() for line in lines])
    found = json.loads(refusing(HEAVY | LIGHT, code, folder).splitlines()[-1])
    return dict(zip(lines, found, strict=True))


def test_no_command_is_left_out() -> None:
    tested = [*NEEDS, *WORKS, *OTHERWISE]
    for command in commands(get_command(app)):
        assert any(f"{line} ".startswith(f"{command} ") for line in tested), command


def commands(command: Any, words: str = "") -> Iterator[str]:
    """All commands of a command line, those of groups with the group's name before them."""
    below = getattr(command, "commands", None)
    if below is None:
        yield words.strip()
    for name, each in (below or {}).items():
        yield from commands(each, f"{words} {name}")


@pytest.mark.parametrize(("command", "extra"), NEEDS.items())
def test_a_missing_extra_is_one_line(
    ends: dict[str, tuple[int, str, str]], command: str, extra: str
) -> None:
    code, _, err = ends[command]
    assert code == 2, (code, err)
    assert err.startswith("error: ") and err.count("\n") == 1
    assert names_extra(err, extra)


@pytest.mark.parametrize("command", WORKS)
def test_what_needs_no_extra_works(ends: dict[str, tuple[int, str, str]], command: str) -> None:
    code, out, err = ends[command]
    assert code == 0, (code, err)
    assert out and not err


ANSWERING = """
import asyncio, io, json, sys
from contextlib import redirect_stdout
from pathlib import Path
import httpx
from labeltree.cli.main import main
from labeltree.runtime.exported import load_exported
from labeltree.serving.app import create_app
from labeltree.serving.settings import ServerSettings

def printed(*arguments):
    sys.argv = ["labeltree", "predict", "model.onnx", "image.png", *arguments]
    with redirect_stdout(io.StringIO()) as out:
        try:
            main()
        except SystemExit as end:
            assert not end.code, end.code
    return out.getvalue()

async def asked(app):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        picture = Path("image.png").read_bytes()
        answer = await client.post("/predict", files={"images": ("image.png", picture)})
        return answer.json()

printed("--out", "out.csv"), printed("--out", "out.jsonl")
app = create_app(load_exported(Path("model.onnx")), ServerSettings())
print(json.dumps({
    "json": json.loads(printed("--json")),
    "csv": printed("--csv").splitlines(),
    "out.csv": Path("out.csv").read_text().splitlines(),
    "out.jsonl": Path("out.jsonl").read_text().splitlines(),
    "served": asyncio.run(asked(app)),
    "modules": sorted(sys.modules),
}))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an exported model and an image."""
    from exporting_models import new_model
    from PIL import Image

    from labeltree.exporting import export_model
    from labeltree.runs.model_folder import save_model

    folder = tmp_path_factory.mktemp("exported")
    save_model(new_model("flat"), folder / "model")
    export_model(folder / "model", folder / "model.onnx")
    Image.new("RGB", (20, 20), "red").save(folder / "image.png")
    return folder


def test_an_exported_model_answers_and_is_served(exported: Path) -> None:
    from labeltree.prediction import open_predictor

    said = json.loads(refusing(HEAVY, ANSWERING, exported).splitlines()[-1])
    assert not {name.partition(".")[0] for name in said["modules"]} & HEAVY
    path = said["json"]["path"]
    assert path in {"", *open_predictor(exported / "model").taxonomy.paths}
    assert said["csv"][1].split(",")[:2] == ["image.png", path]
    assert said["out.csv"][1].startswith("image.png,")
    assert json.loads(said["out.jsonl"][0])["image"] == "image.png"
    assert said["served"]["results"][0]["answer"]["path"] == path


def test_without_onnx_runtime_or_server_one_line_says_so(exported: Path) -> None:
    lines = ["predict model.onnx image.png", "serve model.onnx", "predict model image.png"]
    code = COMMANDS.format(commands=[line.split() for line in lines])
    ends = json.loads(refusing(HEAVY | LIGHT, code, exported).splitlines()[-1])
    for (code, _, err), extra in zip(ends, ["runtime", "serve", "train"], strict=True):
        assert code == 2 and err.count("\n") == 1
        assert names_extra(err, extra)


def test_parquet_needs_an_extra_of_its_own(exported: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"image": ["image.png"]}), exported / "images.parquet")
    lines = ("image.png --out out.parquet", "images.parquet --out from_parquet.csv")
    code = COMMANDS.format(commands=[f"predict model.onnx {line}".split() for line in lines])
    without = json.loads(refusing(HEAVY, code, exported).splitlines()[-1])
    for end, _, err in without:
        assert end == 2 and err.count("\n") == 1 and names_extra(err, "parquet")
    with_it = json.loads(refusing(HEAVY - {"pyarrow"}, code, exported).splitlines()[-1])
    assert [end for end, _, _ in with_it] == [0, 0], with_it
    (row,) = pq.read_table(exported / "out.parquet").to_pylist()
    with (exported / "from_parquet.csv").open(newline="") as file:
        (cells,) = csv.DictReader(file)
    assert (row["image"], row["path"]) == (cells["image"], cells["path"])
    assert row["problem"] is None and cells["problem"] == ""


def test_large_trees_are_summed_without_scipy() -> None:
    code = """
import numpy as np
from labeltree.taxonomy import Taxonomy
tree = Taxonomy.from_paths([f"{group}/{leaf}" for group in range(5000) for leaf in range(2)])
values = tree.roll_up(np.full((20, 10000), 1e-4, np.float32))
assert np.allclose(values[:, 0], 1) and np.allclose(values[:, 1:5001], 2e-4)
"""
    refusing(HEAVY, code, Path.cwd())
