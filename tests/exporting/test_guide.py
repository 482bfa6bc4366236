"""The loader in docs/export.md: it is run as it stands there."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.data.decoding import decode
from labeltree.exporting import Exported
from labeltree.exporting.formats import describe_onnx
from labeltree.runtime.exported import load_exported

GUIDE = Path(__file__).parents[2] / "docs" / "export.md"
ALONE = "import sys\nfor name in ('torch', 'labeltree', 'onnx'):\n    sys.modules[name] = None\n"


def loader() -> str:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def photos(folder: Path) -> list[Path]:
    random = np.random.default_rng(0)
    paths = [
        folder / name for name in ("wide.png", "tall.jpg", "grey.png", "small.png", "clear.png")
    ]
    sizes = [(24, 40, 3), (70, 30, 3), (33, 33), (16, 16, 3), (40, 26, 4)]
    turned = Image.Exif()
    turned[0x0112] = 6
    for path, size in zip(paths, sizes, strict=True):
        pixels = random.integers(0, 256, (3, 3, *size[2:]), np.uint8)
        image = Image.fromarray(pixels).resize(size[1::-1], Image.Resampling.BICUBIC)
        image.save(path, exif=turned)
    deep = np.linspace(0, 65535, 30 * 20).astype(np.uint16).reshape(30, 20)
    Image.fromarray(deep).save(folder / "16 bits.png")
    return [*paths, folder / "16 bits.png"]


def test_it_is_short() -> None:
    assert len(loader().splitlines()) <= 30


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_it_says_what_we_say(fit: str, exported: Callable[[str], Exported], tmp_path: Path) -> None:
    done = exported("merged")
    file = tmp_path / "m.onnx"
    file.write_bytes(done.path.read_bytes())
    shape = done.metadata.preprocessing.replace(fit=fit)
    describe_onnx(file, done.metadata.replace(preprocessing=shape).model_dump_json())
    paths, saved = photos(tmp_path), tmp_path / "said.npy"
    code = f"{ALONE}{loader()}\nnp.save({str(saved)!r}, probabilities)\n"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, file, *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    model = load_exported(file)
    pictures = np.stack([model.preprocessing.views(decode(path, path.name)) for path in paths])
    expected = model(pictures).probabilities
    np.testing.assert_allclose(np.load(saved), expected, atol=1e-6)
    tree = model.taxonomy
    best = [tree.paths[tree.leaves[leaf]] for leaf in expected[:, tree.leaves].argmax(axis=1)]
    assert [line.split()[-2] for line in ran.stdout.splitlines()] == best
