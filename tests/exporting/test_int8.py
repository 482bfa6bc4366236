from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import onnx
import pytest
from exporting_models import TREE
from onnx import TensorProto, helper
from PIL import Image
from rich.console import Console

from labeltree.data.opening import open_source
from labeltree.errors import ConfigError
from labeltree.exporting import Calibration, Exported, export_model
from labeltree.exporting import int8 as module
from labeltree.exporting.quantising import left_in_float32
from labeltree.runtime.exported import load_exported

PER_LEAF = 10


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, random = tmp_path_factory.mktemp("data") / "photos", np.random.default_rng(0)
    for leaf in TREE.leaves:
        place = folder / TREE.paths[leaf]
        place.mkdir(parents=True)
        for number in range(PER_LEAF):
            pixels = random.integers(0, 256, (5, 5, 3), np.uint8)
            Image.fromarray(pixels).resize((16, 16)).save(place / f"{leaf}-{number}.png")
    return folder


def test_what_it_costs_is_measured_and_told(
    photos: Path,
    folder_of: Callable[[str], Path],
    exported: Callable[[str], Exported],
    tmp_path: Path,
) -> None:
    said = StringIO()
    done = export_model(
        folder_of("flat"),
        tmp_path / "m.onnx",
        int8=Calibration(str(photos), images=5),
        console=Console(file=said, width=200),
    )
    figures = done.metadata.int8
    assert done.metadata.precision == "int8" and figures is not None
    assert figures.calibrated_on == 5 and figures.data == photos.name
    assert 0 < figures.tested_on < PER_LEAF * TREE.num_leaves
    assert "points of right leaves" in said.getvalue() and "right answers" in said.getvalue()
    assert "no test split of its own" in said.getvalue()
    assert str(photos.parent).encode() not in done.path.read_bytes()
    model = load_exported(done.path)
    assert model.metadata == done.metadata
    assert done.path.stat().st_size < 1_000_000  # 0.48 million weights
    float32 = load_exported(exported("flat").path)
    images, _ = module._test_images(float32, folder_of("flat"), Calibration(str(photos)))
    before, after = (module._shares_right(m, images) for m in (float32, model))
    assert before == (figures.top1_float32, figures.answers_float32)
    assert after == (figures.top1_int8, figures.answers_int8)
    views = next(module._batches(images, model.preprocessing))
    difference = abs(model(views).probabilities - float32(views).probabilities)
    assert 0 < difference.max() < 0.2


def test_no_test_image_is_calibrated_with(
    photos: Path, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    class Model:
        taxonomy = TREE

    asked = Calibration(str(photos), images=1_000)
    sample, split = module._sample(Model(), folder_of("flat"), asked)
    test, _ = module._test_images(Model(), folder_of("flat"), asked)
    names = [{part.images.name(i) for i in range(len(part))} for part in (sample, test)]
    assert split == "validation" and names[0] and names[1] and not names[0] & names[1]
    assert len(names[0] | names[1]) < len(open_source(str(photos)).train)


@pytest.mark.parametrize("to", ["torch", "torchscript"])
def test_it_is_for_onnx(to: str, folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="int8 is for ONNX"):
        export_model(folder_of("flat"), tmp_path / "m", to=to, int8=Calibration("photos"))


def test_no_image_is_too_few() -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        Calibration("photos", images=0)


def test_first_and_last_products_stay() -> None:
    steps = ["Sub", "Conv", "Relu", "Conv", "Relu", "Conv", "Relu", "Gemm", "Add", "Softmax"]
    nodes = [
        helper.make_node(kind, [f"x{place}"], [f"x{place + 1}"], name=f"{kind} {place}")
        for place, kind in enumerate(steps)
    ]
    puts = [helper.make_tensor_value_info(f"x{n}", TensorProto.FLOAT, [1]) for n in (0, len(steps))]
    graph: onnx.GraphProto = helper.make_graph(nodes, "g", puts[:1], puts[1:])
    stays = left_in_float32(graph)
    assert stays == ["Sub 0", "Conv 1", "Gemm 7", "Add 8", "Softmax 9"]
