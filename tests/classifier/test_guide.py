"""The code of docs/notebook.md runs, from top to bottom."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

GUIDE = Path(__file__).parents[2] / "docs" / "notebook.md"


def write_photos(folder: Path) -> None:
    random = np.random.default_rng(0)
    for number, name in enumerate(("cat", "dog/beagle", "dog/pug")):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            pixels = random.integers(60 * number, 60 * number + 99, (24, 30, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.jpg")


def test_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    write_photos(tmp_path / "photos")
    cells = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(cells) > 5
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, str(GUIDE), "exec"), names)
    matplotlib.pyplot.close("all")
    assert (tmp_path / "runs" / "pets" / "record.json").is_file()
