"""What the command refuses before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run_command


@pytest.mark.parametrize("option", ["--models", "--data"])
def test_a_study_without_an_option_refuses_it(
    option: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    result = run_command(
        capsys, "study", "merged-architectures", option, "slim", "--out", tmp_path / "out"
    )
    assert result.code == 2 and not (tmp_path / "out").exists()
    assert f"study merged-architectures takes no {option}; leave it out" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--models", "slim,vgg61"), "unknown network 'vgg61'; did you mean 'vgg16'?"),
        (("--models", "slim,,vgg16"), "empty name"),
        (("--data", "glyphs:12,dgits"), "did you mean 'digits'?"),
        (("--models", "inception_v3", "--set", "image_size=74"), "at least 75 pixels, got 74"),
    ],
)
def test_networks_and_data_are_checked_before_training(
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    result = run_command(capsys, "study", "architectures", *arguments, "--out", out)
    assert result.code == 2 and not out.exists()
    assert message in " ".join(result.err.split())
