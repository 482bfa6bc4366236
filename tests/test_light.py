"""Without torch and what comes with it, exported models answer; the rest says what is missing.

What may be imported is settled by pyproject.toml: all that belongs to another extra than `runtime`
and `serve` is refused in a process of its own. `.ci/run` does the same with a real installation.
"""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from labeltree.cli.extras import IMPORTED_AS, extras, missing_extra

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
    "data check digits": "train",
    "data check glyphs": "train",
    "demo --out demo": "train",
    "evaluate runs/a glyphs": "train",
    "extend runs/a glyphs --out runs/b": "train",
    "models list": "train",
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
            if not name.startswith("labeltree["):
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
    commands = [*NEEDS, *WORKS]
    code = COMMANDS.format(commands=[command.split() for command in commands])
    found = json.loads(refusing(HEAVY | LIGHT, code, folder).splitlines()[-1])
    return dict(zip(commands, found, strict=True))


@pytest.mark.parametrize(("command", "extra"), NEEDS.items())
def test_a_missing_extra_is_one_line(
    ends: dict[str, tuple[int, str, str]], command: str, extra: str
) -> None:
    code, _, err = ends[command]
    assert code == 2, (code, err)
    assert err.startswith("error: ") and err.count("\n") == 1
    assert f"pip install 'labeltree[{extra}]'" in err


@pytest.mark.parametrize("command", WORKS)
def test_what_needs_no_extra_works(ends: dict[str, tuple[int, str, str]], command: str) -> None:
    code, out, err = ends[command]
    assert code == 0, (code, err)
    assert out and not err
