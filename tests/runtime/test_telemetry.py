"""ONNX Runtime reports nothing to its makers, whichever part of labeltree brings it in."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_exported import write_small_exported

import labeltree

PACKAGE = Path(labeltree.__file__).parent
OPEN = """
import os, sys
from pathlib import Path
from labeltree.runtime.exported import load_exported
load_exported(Path(sys.argv[1]))
print(os.environ["ORT_DISABLE_TELEMETRY"])
"""


def opened(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process that opens a file at home in an empty folder."""
    file = write_small_exported(folder / "m.onnx")
    (folder / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if "ORT_" not in name}
    kept |= {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "home/c"), **environment}
    return subprocess.run(
        [sys.executable, "-c", OPEN, str(file)], env=kept, capture_output=True, text=True
    )


def test_opening_a_file_leaves_nothing_at_home(tmp_path: Path) -> None:
    done = opened(tmp_path)
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert not list((tmp_path / "home").iterdir())


@pytest.mark.skipif(not Path("/proc").exists(), reason="no folder that nobody can write")
def test_a_home_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    done = opened(tmp_path, HOME="/proc", XDG_CACHE_HOME="/proc")
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_what_the_user_set_stays(tmp_path: Path) -> None:
    assert opened(tmp_path, ORT_DISABLE_TELEMETRY="0").stdout == "0\n"


def test_whoever_imports_it_has_imported_what_switches_it_off() -> None:
    """Also by onnxscript, which torch.onnx needs, and which imports it."""
    brought = {"onnxruntime", "onnxscript"}
    seen = 0
    for path in PACKAGE.rglob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(str(node.module))
        if brought & {name.partition(".")[0] for name in names}:
            seen += 1
            assert path.parent.name == "runtime" or any(
                name.startswith("labeltree.runtime") for name in names
            ), path
    assert seen >= 3
