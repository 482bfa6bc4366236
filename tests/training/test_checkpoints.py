from pathlib import Path

import pytest
import torch

from labeltree.errors import ModelFolderError
from labeltree.training import checkpoints


def test_nested_state_comes_back_as_it_was(tmp_path: Path) -> None:
    parts = {
        "optimizer": {
            "state": {0: {"momentum": torch.arange(3.0), "step": 7}},
            "groups": [1, None],
        },
        "loss": torch.tensor(2.5),
    }
    state = {"position": {"epoch": 3, "rows": [{"loss": 0.1}]}}
    checkpoints.save(tmp_path / "deep" / "c.safetensors", parts, state)
    back, back_state = checkpoints.load(tmp_path / "deep" / "c.safetensors")
    assert back_state == state
    assert back["optimizer"]["groups"] == [1, None]
    assert back["optimizer"]["state"][0]["step"] == 7
    assert torch.equal(back["optimizer"]["state"][0]["momentum"], torch.arange(3.0))
    assert back["loss"] == 2.5


@pytest.mark.parametrize("keep", [0, 5, 200])
def test_damaged_file_is_one_clear_line(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "c.safetensors"
    checkpoints.save(path, {"w": torch.zeros(100)}, {})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelFolderError, match=r"c\.safetensors: not a usable checkpoint") as info:
        checkpoints.load(path)
    assert "\n" not in str(info.value)


def test_foreign_safetensors_file_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"w": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelFolderError):
        checkpoints.load(tmp_path / "x.safetensors")


def test_failed_write_leaves_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.safetensors"
    checkpoints.save(path, {"w": torch.ones(1)}, {"step": 1})

    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(checkpoints, "save_file", fail)
    with pytest.raises(OSError, match="disk full"):
        checkpoints.save(path, {"w": torch.zeros(1)}, {"step": 2})
    assert checkpoints.load(path)[1] == {"step": 1}
