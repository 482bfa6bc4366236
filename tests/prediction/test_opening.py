"""A model is opened by what it is."""

import sys
from pathlib import Path

import pytest
from exporting_models import new_model

from labeltree.errors import MissingExtraError, ModelFolderError
from labeltree.prediction import open_predictor
from labeltree.runs.model_folder import load_model, save_model


@pytest.mark.parametrize(("ending", "kind"), [(".ts", "TorchScript"), (".PT2", "torch.export")])
def test_formats_that_are_not_read_are_named(tmp_path: Path, ending: str, kind: str) -> None:
    file = tmp_path / f"model{ending}"
    file.write_bytes(b"PK")
    with pytest.raises(ModelFolderError, match=rf"{ending} is a {kind} file .* --to onnx") as info:
        open_predictor(file)
    assert "\n" not in str(info.value)


def test_a_folder_without_a_model_is_told_without_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for place in ("photos", ""):
        told = []
        for read in (load_model, open_predictor):
            with monkeypatch.context() as patch, pytest.raises(ModelFolderError) as info:
                if read is open_predictor:
                    patch.setitem(sys.modules, "torch", None)
                read(Path(place))
            told.append(str(info.value))
        assert told[0] == told[1] and "no model here" in told[0]
    save_model(new_model("flat"), tmp_path / "m")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match="a model folder needs torch"):
        open_predictor(tmp_path / "m")


def test_a_model_is_called_as_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(new_model("flat"), tmp_path / "dogs" / "model")
    (tmp_path / "best").symlink_to(tmp_path / "dogs")
    monkeypatch.chdir(tmp_path / "dogs")
    called = {".": "dogs", "model": "model", "../best": "best", "model/..": "dogs"}
    for path, name in called.items():
        assert open_predictor(Path(path)).name == name
