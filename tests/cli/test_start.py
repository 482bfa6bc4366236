"""Help and lists must start quickly: no command imports what it does not use.

And whatever the terminal, they write to it.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from labeltree.probabilities import save_probabilities
from labeltree.taxonomy import Taxonomy

HEAVY = ("torch", "timm", "torchvision", "scipy", "sklearn", "pandas", "matplotlib", "plotly",
         "torchmetrics", "accelerate", "pyarrow")  # fmt: skip

COMMANDS = (
    (), ("demo",), ("train",), ("extend",), ("evaluate",), ("predict",), ("export",),
    ("serve",), ("adapt",), ("audit",), ("study",), ("report",), ("taxonomy", "check"),
    ("taxonomy", "show"), ("taxonomy", "discover"),
    ("data", "list"), ("data", "check"), ("models", "list"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_imports_nothing_heavy(command: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from labeltree.cli.main import main\n"
        f"sys.argv = ['labeltree', *{command!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_taxonomy_and_data_lists_run_without_torch() -> None:
    for command in (["taxonomy", "show", "imagenet"], ["data", "list"]):
        code = (
            "import sys\nfrom labeltree.cli.main import main\n"
            f"sys.argv = ['labeltree', *{command!r}]\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            "assert 'torch' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


def test_files_of_probabilities_are_adapted_without_torch(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["cat/manx", "dog/pug"])
    save_probabilities(tmp_path / "p.npz", tree, np.array([[1, 0.25, 0.75, 0.5, 0.5]]))
    code = (
        "import sys\nfrom labeltree.cli.main import main\n"
        f"sys.argv = ['labeltree', 'adapt', {str(tmp_path / 'p.npz')!r}]\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    assert "adapted" in done.stdout
    assert "| torch\n" not in done.stderr


def test_a_terminal_that_cannot_show_a_name_gets_it_escaped(tmp_path: Path) -> None:
    (tmp_path / "né").mkdir()
    (tmp_path / "né" / "1.png").touch()
    done = subprocess.run(
        [sys.executable, "-m", "labeltree", "data", "check", tmp_path],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 2, done.stderr
    assert b"n\\xe9" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "labeltree", "data", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert done.returncode == 2
    assert done.stderr == "error: No space left on device\n"
