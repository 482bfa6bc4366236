from pathlib import Path

import pytest
from command_line import run_command
from exporting_models import new_model

from labeltree.runs.model_folder import save_model
from labeltree.runtime.exported import load_exported


def test_export_writes_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_model(new_model("flat"), tmp_path / "birds" / "model")
    monkeypatch.chdir(tmp_path)
    result = run_command(capsys, "export", "birds")
    assert result.code == 0, result.err
    assert "differ from PyTorch" in result.out and "birds.onnx" in result.out
    assert load_exported(tmp_path / "birds.onnx").metadata.name == "birds"
    again = run_command(capsys, "export", "birds")
    assert again.code == 2 and "--overwrite" in again.err


@pytest.mark.parametrize("options", [("--int8",), ("--calibrate", "glyphs")])
def test_int8_needs_data(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "export", tmp_path, *options)
    assert result.code == 2 and "go together" in result.err
