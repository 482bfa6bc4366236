"""Ctrl-C in a real process: the state is saved, and the printed command goes on with it."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import run_command
from small_folder import small_recipe, write_small_folder


def test_ctrl_c_saves_and_says_how_to_resume(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_small_folder(tmp_path / "my data")
    recipe = small_recipe(folder, epochs=500)
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml())
    out = tmp_path / "run"
    command = ["train", folder, "--recipe", tmp_path / "recipe.yaml", "--out", out]
    process = subprocess.Popen(
        [sys.executable, "-m", "labeltree", *command],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    while process.poll() is None and not list(out.glob("checkpoints/*.safetensors")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err and "what was learned is saved" in err

    name, *arguments = shlex.split(err.strip().splitlines()[-1].partition("Go on with: ")[2])
    assert name == "labeltree"
    shorter = ["--set", "training.epochs=1"]  # refused: the recipe would differ
    refused = run_command(capsys, *arguments, *shorter)
    assert refused.code == 2 and "training.epochs" in refused.err
