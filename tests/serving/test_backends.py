"""Which library computes what is served, and that it makes no difference to the answers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_training import MEAN_STD, small_method

from labeltree.decoding import Decoder
from labeltree.errors import ConfigError, MissingExtraError, ModelFolderError
from labeltree.runs.model_folder import Architecture, Model, save_model
from labeltree.runtime import Preprocessing
from labeltree.serving import backends
from labeltree.serving.backends import choose_backend


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    preprocessing = Preprocessing(image_size=16, mean=MEAN_STD[0], std=MEAN_STD[1])
    architecture = Architecture(method="flat", backbone="slim")
    folder = tmp_path_factory.mktemp("run") / "small"
    save_model(Model(small_method(), architecture, preprocessing, Decoder()), folder)
    return folder


def test_both_backends_say_the_same(folder: Path, tmp_path: Path) -> None:
    views = np.random.default_rng(0).integers(0, 256, (5, 1, 16, 16, 3)).astype(np.uint8)
    torch = choose_backend(folder, "pytorch", tmp_path).open(1)
    onnx = choose_backend(folder, "onnxruntime", tmp_path).open(1)
    assert (torch.backend, onnx.backend) == ("pytorch", "onnxruntime")
    assert torch.name == onnx.name == "small"
    np.testing.assert_allclose(
        torch(views).probabilities, onnx(views).probabilities, atol=1e-4, rtol=0
    )


def test_auto_takes_pytorch_where_the_export_fails_and_says_why(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ConfigError("this network knows no export")

    monkeypatch.setattr(backends, "_export", fails)
    said: list[str] = []
    assert choose_backend(folder, "auto", tmp_path, say=said.append).path == folder
    assert len(said) == 1 and said[0].endswith("this network knows no export")
    with pytest.raises(ConfigError, match="knows no export"):
        choose_backend(folder, "onnxruntime", tmp_path)


def test_auto_takes_pytorch_where_nothing_exports(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    assert choose_backend(folder, "auto", tmp_path).open().backend == "pytorch"
    with pytest.raises(MissingExtraError, match=r"with its extra 'export'"):
        choose_backend(folder, "onnxruntime", tmp_path)


def test_what_the_export_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"no model here, config\.json is missing"):
        choose_backend(tmp_path, "onnxruntime", tmp_path)


def test_a_server_of_an_exported_file_imports_no_torch() -> None:
    code = (
        "import sys, labeltree.serving.processes, labeltree.serving.running\n"
        "assert not {'torch', 'scipy', 'sklearn', 'pyarrow', 'onnx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("stored", "asked", "backend", "served"),
    [
        ("hard", None, "auto", "pytorch"),
        ("top-2", None, "auto", "pytorch"),
        ("soft", "hard", "auto", "pytorch"),
        ("soft", None, "auto", "onnx"),
        ("hard", "soft", "auto", "onnx"),
        ("hard", None, "onnxruntime", "onnx"),
        (None, None, "auto", "onnx"),
    ],
)
@pytest.mark.parametrize("inside", ["", "model"])
def test_auto_does_not_compute_experts_that_are_not_asked(
    stored: str | None,
    asked: str | None,
    backend: str,
    served: str,
    inside: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = {} if stored is None else {"routing": stored}
    place = tmp_path / inside
    place.mkdir(exist_ok=True)
    config = {"architecture": {"method": "routed", "method_options": options}}
    (place / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(backends, "_export", lambda *_: tmp_path / "onnx")
    said: list[str] = []
    chosen = choose_backend(tmp_path, backend, tmp_path, routing=asked, say=said.append)
    assert (chosen.path == tmp_path) == (served == "pytorch")
    assert (chosen.routing, chosen.name) == (
        (asked, None) if served == "pytorch" else (None, tmp_path.name)
    )
    assert len(said) == (served == "pytorch")
