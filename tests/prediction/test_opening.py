"""A model is opened by what it is."""

from pathlib import Path

import pytest
from exporting_models import new_model

from labeltree.errors import ModelFolderError
from labeltree.prediction import open_predictor
from labeltree.runs.model_folder import save_model


@pytest.mark.parametrize(("ending", "kind"), [(".ts", "TorchScript"), (".PT2", "torch.export")])
def test_formats_that_are_not_read_are_named(tmp_path: Path, ending: str, kind: str) -> None:
    file = tmp_path / f"model{ending}"
    file.write_bytes(b"PK")
    with pytest.raises(ModelFolderError, match=rf"{ending} is a {kind} file .* --to onnx") as info:
        open_predictor(file)
    assert "\n" not in str(info.value)


def test_a_model_is_called_as_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(new_model("flat"), tmp_path / "dogs" / "model")
    (tmp_path / "best").symlink_to(tmp_path / "dogs")
    monkeypatch.chdir(tmp_path / "dogs")
    called = {".": "dogs", "model": "model", "../best": "best", "model/..": "dogs"}
    for path, name in called.items():
        assert open_predictor(Path(path)).name == name
