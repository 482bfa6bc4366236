from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages, FileImages
from labeltree.runs import results
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, BEAGLE, PUG = (TREE.find(path) for path in ("cat", "dog/beagle", "dog/pug"))


def collection(targets: list[int]) -> Collection:
    pixels = np.zeros((len(targets), 4, 4, 3), dtype=np.uint8)
    return Collection(TREE, ArrayImages(pixels), np.array(targets))


def answered(*leaves: tuple[float, float, float]) -> np.ndarray:
    return TREE.roll_up(np.array(leaves))


def test_names_are_kept_a_line_for_each(tmp_path: Path) -> None:
    test = collection([CAT, PUG])
    test = replace(test, images=FileImages(["a/é.png", "b\nc\udcff.png"]))
    results.write_results(tmp_path, {}, test, answered((1, 0, 0), (0, 0, 1)))
    names = (tmp_path / results.TEST_IMAGES).read_bytes()
    assert names.decode() == "a/é.png\nb\\nc\\udcff.png\n"


def test_right_answers_are_no_mistakes_nor_is_a_beagle_for_a_dog() -> None:
    test = collection([CAT, TREE.find("dog")])
    assert results.confident_mistakes(test, answered((0.9, 0.1, 0), (0.1, 0.8, 0.1))) == []


def test_common_pairs_come_first_then_the_surest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_COMMON_PAIRS", 1)
    test = collection([CAT, BEAGLE, BEAGLE, PUG, CAT])
    probabilities = answered(
        (0.0, 0.99, 0.01),  # a cat, surely a beagle: rare
        (0.1, 0.2, 0.7),  # a beagle taken for a pug
        (0.0, 0.1, 0.9),  # likewise, surer
        (0.6, 0.0, 0.4),  # a pug taken for a cat: rare
        (1.0, 0.0, 0.0),
    )
    assert results.confident_mistakes(test, probabilities) == [2, 1, 0, 3]


def test_few_of_each_pair() -> None:
    test = collection([CAT] * 9)
    assert len(results.confident_mistakes(test, answered(*[(0.1, 0.8, 0.1)] * 9))) == 4
