"""Answers one by one: in order, damaged images in their place."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from colour_predictor import ColourPredictor, animals, write_pictures
from PIL import Image

from labeltree.data.fitting import fit
from labeltree.data.views import CROPS, look
from labeltree.decoding import SetDecoder
from labeltree.prediction import predict_files
from labeltree.prediction.decoding import batches
from labeltree.prediction.sources import picture_in_file


@pytest.mark.parametrize("size", [1, 3, 16, 100])
def test_batches_keep_the_order(tmp_path: Path, size: int) -> None:
    write_pictures(tmp_path, animals(50))
    pictures = [picture_in_file(str(tmp_path / name)) for name in animals(50)]
    predictor = ColourPredictor()
    found = list(batches(iter(pictures), predictor.preprocessing, size))
    assert [picture for batch in found for picture in batch.pictures] == pictures
    assert {len(batch.pictures) for batch in found[:-1]} <= {size}
    for batch in found:
        good = [p for p, problem in zip(batch.pictures, batch.problems, strict=True) if not problem]
        expected = [np.asarray(Image.open(picture.stored)) for picture in good]
        assert batch.views.shape == (len(good), 1, 8, 8, 3)
        assert all(np.array_equal(a[0], b) for a, b in zip(batch.views, expected, strict=True))


def test_no_more_is_named_than_is_decoded_ahead(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["cat.png"])
    named = 0

    def endless():
        nonlocal named
        while True:
            named += 1
            yield picture_in_file(str(tmp_path / "cat.png"))

    found = batches(endless(), ColourPredictor().preprocessing, 32)
    assert len(next(found).pictures) == 32 and named < 32 * 20
    found.close()


def test_answers_in_order_and_problems_in_their_place(tmp_path: Path) -> None:
    write_pictures(tmp_path, animals(20))
    paths = [str(tmp_path / name) for name in animals(20)]
    files = list(predict_files(ColourPredictor(), paths))
    assert [file.image for file in files] == paths
    for file in files:
        kind = Path(file.image).name.split(" ")[0]
        if kind == "bad":
            assert file.answer is None and file.problem == (
                f"{file.image}: not an image, or of an unknown format"
            )
        else:
            path = {"cat": "cat", "dog": "dog"}.get(kind, f"dog/{kind}")
            assert file.problem is None and file.answer.path == path
    assert not list(predict_files(ColourPredictor(), []))


def test_what_is_known_bounds_the_answers(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["cat.png"])
    predictor = ColourPredictor(SetDecoder((0.5, 0.5, 0.5)))
    path = str(tmp_path / "cat.png")
    dog = predictor.taxonomy.find("dog")
    (free,), (told,) = (predict_files(predictor, [path], known) for known in (None, dog))
    assert free.answer.path == "cat" and [label for label, _ in free.answer.labels] == ["cat"]
    assert told.answer.path.startswith("dog") and told.answer.labels[-1][0].startswith("dog/")


@pytest.mark.parametrize("size", [(8, 8), (9, 8), (40, 30), (3, 50)])
def test_one_view_is_the_fitted_image(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    shape = ColourPredictor().preprocessing
    found = shape.views(image)
    assert np.array_equal(found, fit(image, 8)[None])
    assert np.array_equal(found, look(image, CROPS["one"].plan(*size, 8), 8))


def test_no_torch() -> None:
    code = "import labeltree.prediction, sys; print({'torch', 'pyarrow'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
