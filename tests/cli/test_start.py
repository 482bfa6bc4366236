"""Help and lists must start quickly: no command imports what it does not use."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "timm", "torchvision", "scipy", "sklearn", "pandas", "matplotlib", "plotly",
         "torchmetrics", "accelerate", "pyarrow")  # fmt: skip

COMMANDS = (
    (), ("demo",), ("train",), ("evaluate",), ("predict",), ("taxonomy", "check"),
    ("taxonomy", "show"), ("data", "list"), ("data", "check"), ("models", "list"),
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
