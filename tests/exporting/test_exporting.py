import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from exporting_models import TREE, new_model
from hypothesis import given
from hypothesis import strategies as st

from labeltree.errors import ConfigError, ModelFolderError, OutputExistsError
from labeltree.exporting import FORMATS, Exported, export_model, exporting, formats, parity
from labeltree.exporting.formats import read
from labeltree.exporting.graph import Graph, first
from labeltree.exporting.names import format_of
from labeltree.methods import METHODS
from labeltree.methods.routed.regrouping import most_probable
from labeltree.methods.routed.routing import Routing
from labeltree.runs.model_folder import load_model, save_model
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runtime.exported import load_exported
from labeltree.runtime.metadata import ExportMetadata

Make = Callable[[str], Path]
Export = Callable[[str], Exported]


def views(count: int, num_views: int = 1) -> np.ndarray:
    shape = (count, num_views, 16, 16, 3)
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers_as_pytorch_does(
    method: str, folder_of: Make, exported: Export
) -> None:
    assert exported(method).difference <= 1e-4
    ours, theirs = (
        load_exported(exported(method).path),
        TorchPredictor(load_model(folder_of(method))),
    )
    images = views(5)
    for count in (1, 5):
        found, expected = ours(images[:count]), theirs(images[:count])
        np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-4)
        assert (found.presence is None) == (expected.presence is None) == (ours.sets is None)
        if expected.presence is not None:
            np.testing.assert_allclose(found.presence, expected.presence, atol=1e-4)
    assert np.ptp(ours(images).probabilities, axis=0).max() > 0.05  # images do differ
    assert ours.taxonomy == TREE and ours.decoder == theirs.decoder and ours.sets == theirs.sets


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_equals_one_by_one(method: str, exported: Export) -> None:
    model = load_exported(exported(method).path)
    images = views(4)
    one_by_one = [model(images[i : i + 1]).probabilities for i in range(4)]
    np.testing.assert_allclose(model(images).probabilities, np.concatenate(one_by_one), atol=1e-6)


def test_no_image_has_no_row(exported: Export) -> None:
    assert load_exported(exported("flat").path)(views(0)).probabilities.shape == (0, len(TREE))


def test_a_file_tells_what_it_is_and_not_where_it_was_made(exported: Export) -> None:
    path = exported("merged").path
    model = onnx.load(path)
    assert [prop.key for prop in model.metadata_props] == ["labeltree"]
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert str(Path.home()).encode() not in path.read_bytes()
    assert b"site-packages" not in path.read_bytes() and b"labeltree/" not in path.read_bytes()
    assert not any(node.op_type.startswith("Scatter") for node in model.graph.node)
    metadata = json.loads(model.metadata_props[0].value)
    assert metadata["name"] == "merged" and metadata["precision"] == "float32"
    assert metadata["nodes"] == list(TREE.paths) and metadata["int8"] is None


@pytest.mark.parametrize("to", [name for name in FORMATS if name != "onnx"])
def test_other_formats_hold_the_same(to: str, folder_of: Make, tmp_path: Path) -> None:
    folder = folder_of("merged")
    done = export_model(folder, tmp_path / f"made/for it/file{FORMATS[to].suffix}")
    assert done.to == to and done.difference <= 1e-4
    with zipfile.ZipFile(done.path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/labeltree"))
        stored = json.loads(archive.read(name))
    assert ExportMetadata(**stored) == done.metadata
    run, theirs = read(done.path, to), TorchPredictor(load_model(folder))
    for count in (1, 5):
        (found,) = run(views(count)[:, 0])
        np.testing.assert_allclose(found, theirs(views(count)).probabilities, atol=1e-4)


@pytest.mark.parametrize("routing", ["soft", "hard", "top-2"])
@pytest.mark.parametrize("misrouted", ["true", "reject"])
def test_experts_that_are_left_out_weigh_nothing(routing: str, misrouted: str) -> None:
    model = new_model("routed", misrouted=misrouted).with_routing(routing)
    images = views(9)
    with torch.inference_mode():
        (found,) = Graph(model).eval()(torch.from_numpy(images[:, 0]))
    expected = TorchPredictor(model)(images).probabilities
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_routing_and_views_are_settled(tmp_path: Path) -> None:
    save_model(new_model("routed", backbone="tiny"), tmp_path / "model")
    path = tmp_path / "m.onnx"
    done = export_model(tmp_path / "model", path, routing="hard", crops="flip")
    assert done.metadata.routing == "hard" and done.metadata.name == tmp_path.name
    model = load_exported(path)
    assert model.fitted_with == "with soft routing" and model.preprocessing.crops == "flip"
    theirs = load_model(tmp_path / "model").with_routing("hard").with_crops("flip")
    assert str(theirs.method.routing) == str(Routing(1))
    images = views(3, num_views=2)
    expected = TorchPredictor(theirs)(images).probabilities
    np.testing.assert_allclose(model(images).probabilities, expected, atol=1e-4)
    with pytest.raises(ConfigError, match="--routing soft"):
        model.check_told(1)


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), min_size=1, max_size=9), st.data())
def test_of_equal_logits_the_first_count(logits: list[float], data: st.DataObject) -> None:
    most = data.draw(st.integers(1, len(logits)))
    row = torch.tensor([logits])
    assert first(row, most).tolist() == most_probable(row, most).tolist()


def test_what_a_format_cannot_hold_is_one_line(
    folder_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("\x1b[96mno such step\x1b[0m\nand more")

    monkeypatch.setitem(formats._WRITERS, "torch", fails)
    monkeypatch.setattr(exporting, "program_of", lambda *_: None)
    with pytest.raises(ConfigError, match=r"written as torch: no such step; try another") as info:
        export_model(folder_of("flat"), tmp_path / "m.pt2", to="torch")
    assert "\n" not in str(info.value) and not list(tmp_path.iterdir())


def test_a_file_that_differs_is_not_kept(
    folder_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "m.pt2"
    out.write_text("of before")
    expected = parity.expected

    def wrong(*args: object) -> object:
        return [said._replace(probabilities=said.probabilities + 0.01) for said in expected(*args)]

    monkeypatch.setattr(parity, "expected", wrong)
    with pytest.raises(ConfigError, match=r"by up to 0\.01 .*was not kept"):
        export_model(folder_of("flat"), out, to="torch", overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["m.pt2"]
    assert out.read_text() == "of before"


def test_what_is_no_number_differs() -> None:
    with pytest.raises(ConfigError, match="inf"):
        parity.check(float("inf"), "onnx")
    with pytest.raises(ConfigError):
        parity.check(float("nan"), "onnx")
    parity.check(1e-4, "onnx")


def test_files_that_are_there_are_kept(folder_of: Make, tmp_path: Path) -> None:
    folder = folder_of("flat")
    out = tmp_path / "m.onnx"
    out.write_text("mine")
    with pytest.raises(OutputExistsError, match="--overwrite"):
        export_model(folder, out)
    with pytest.raises(ModelFolderError, match="is a folder"):
        export_model(folder, tmp_path, to="onnx")
    with pytest.raises(ConfigError, match="did you mean 'onnx'"):
        export_model(folder, tmp_path / "n", to="onxx")
    assert out.read_text() == "mine"


ENDINGS = [
    (None, None, "onnx"),
    ("torch", None, "torch"),
    (None, "a.ONNX", "onnx"),
    (None, "a.ts", "torchscript"),
    (None, "a.b.pt2", "torch"),
    ("torchscript", "a.ts", "torchscript"),
    ("onnx", "a.bin", "onnx"),
    ("torch", "a", "torch"),
]


@pytest.mark.parametrize(("to", "out", "expected"), ENDINGS)
def test_the_ending_tells_the_format(to: str | None, out: str | None, expected: str) -> None:
    assert format_of(to, None if out is None else Path(out)) == expected


@pytest.mark.parametrize(
    ("to", "out", "because"),
    [
        (
            "onnx",
            "a.ts",
            r"is the name of a file of torchscript, not of onnx: end it in \.onnx",
        ),
        ("torch", "a.onnx", r"of onnx, not of torch: end it in \.pt2, or leave --to out"),
        (
            None,
            "a.bin",
            r"a\.bin: give a file that ends in \.onnx, \.ts, \.pt2, or add --to",
        ),
        (None, "a", r"ends in \.onnx"),
    ],
)
def test_an_ending_that_says_otherwise_is_refused(
    to: str | None, out: str, because: str, folder_of: Make, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=because):
        export_model(folder_of("flat"), tmp_path / out, to=to)
    assert not list(tmp_path.iterdir())
