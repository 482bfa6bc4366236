"""CIFAR-100 and glyphs with combined labels; CIFAR-100 is a small made-up one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.data import ArrayImages, Collection, Source, open_source, split
from labeltree.data.blending import blend
from labeltree.data.sources.cifar100 import LAYOUT
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy.label_sets import present_nodes

CLASSES, TRAIN, TEST, RESERVE = 6, 12, 4, 5
FINE = ["bee", "shark", "ant", "ray", "elm", "oak"]
ABOVE = [1, 0, 1, 0, 2, 2]
SMALL = {"pairs": 3, "images_per_pair": 5, "test_images_per_pair": 4}
FEW = {**SMALL, "reserve": RESERVE}
PAINTED = {**SMALL, "size": 12, "images_per_class": 7, "test_images_per_class": 2}


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    """Six classes in turn: every image is noise, so each pair of images has a blend of its own."""
    folder = tmp_path / LAYOUT.folder
    folder.mkdir()
    rng = np.random.default_rng(0)
    for file, each in ((LAYOUT.train[0], TRAIN), (LAYOUT.test, TEST)):
        fine = np.tile(np.arange(CLASSES), each)
        pixels = rng.integers(0, 256, (len(fine), 3 * 32 * 32))
        records = np.column_stack([np.array(ABOVE)[fine], fine, pixels])
        (folder / file).write_bytes(records.astype(np.uint8).tobytes())
    for file, names in zip(LAYOUT.names, (["fish", "insects", "trees"], FINE), strict=True):
        (folder / file).write_text("\n".join(names))
    return tmp_path


def pixels(part: Collection | None) -> np.ndarray:
    assert part is not None
    assert isinstance(part.images, ArrayImages)
    return part.images.array


def shown(part: Collection | None) -> list[set[str]]:
    """The names of what each image shows."""
    assert part is not None
    assert part.sets is not None
    return [{part.taxonomy.names[node] for node in row} for row in present_nodes(part.sets)]


def parents_of(blended: np.ndarray, names: list[set[str]], pool: Collection) -> list[list[int]]:
    """Of each blend the two images of the pool whose mean it is, and nothing else is."""
    array = pixels(pool)
    called = [pool.taxonomy.names[node] for node in pool.targets]
    found = []
    for image, wanted in zip(blended, names, strict=True):
        one, other = sorted(wanted)
        made_of = [
            [i, j]
            for i in range(len(pool))
            for j in range(len(pool))
            if (called[i], called[j]) == (one, other)
            and np.array_equal(blend(array[i], array[j]), image)
        ]
        assert len(made_of) == 1
        found += made_of
    return found


def test_reserve_leaves_out_the_last_images(cifar: Path) -> None:
    whole = open_source("cifar100", cifar)
    rest = open_source("cifar100", cifar, reserve=RESERVE)
    first = CLASSES * (TRAIN - RESERVE)
    assert np.array_equal(pixels(rest.train), pixels(whole.train)[:first])
    assert np.array_equal(rest.train.targets, whole.train.targets[:first])
    assert np.array_equal(pixels(rest.test), pixels(whole.test))
    for reserve in (-1, TRAIN):
        with pytest.raises(DataError, match=rf"reserve is {reserve}, .*12 training.* 0 to 11"):
            open_source("cifar100", cifar, reserve=reserve)


def test_blends_are_made_of_what_the_base_never_saw(cifar: Path) -> None:
    whole = open_source("cifar100", cifar)
    source = open_source("cifar100-pairs", cifar, **FEW)
    assert (source.name, source.mirror) == ("cifar100-pairs", True)
    assert source.taxonomy == whole.taxonomy
    assert whole.test is not None
    assert source.test is not None
    made_of = parents_of(pixels(source.train), shown(source.train), whole.train)
    used = np.array(made_of).ravel()
    assert (used >= CLASSES * (TRAIN - RESERVE)).all()  # classes take turns: these are the last
    assert len(set(used.tolist())) == len(used) == 2 * 3 * 5
    tested = np.array(parents_of(pixels(source.test), shown(source.test), whole.test)).ravel()
    assert len(set(tested.tolist())) == len(tested) == 2 * 3 * 4
    base = open_source("cifar100", cifar, reserve=RESERVE)
    assert not {image.tobytes() for image in pixels(base.train)} & {
        pixels(whole.train)[i].tobytes() for i in used
    }


def test_pairs_of_all_three_classes_and_both_kinds(cifar: Path) -> None:
    source = open_source("cifar100-pairs", cifar, **FEW)
    combinations = {frozenset(names) for names in shown(source.train)}
    assert combinations == {frozenset(names) for names in shown(source.test)}
    assert sorted(name for names in combinations for name in names) == sorted(FINE)
    assert {len(source.train), len(source.test or ())} == {15, 12}
    above = dict(zip(FINE, ABOVE, strict=True))
    assert sum(len({above[name] for name in names}) == 1 for names in combinations) == 1


def test_seeds(cifar: Path) -> None:
    one, same, other = (open_source("cifar100-pairs", cifar, seed=s, **FEW) for s in (0, 0, 1))
    assert np.array_equal(pixels(one.train), pixels(same.train))
    assert np.array_equal(pixels(one.test), pixels(same.test))
    assert not np.array_equal(pixels(one.train), pixels(other.train))
    fewer = open_source("cifar100-pairs", cifar, **{**FEW, "images_per_pair": 1})
    assert np.array_equal(pixels(fewer.test), pixels(one.test))


def test_originals_are_those_of_the_base(cifar: Path) -> None:
    taken = {"classes": 4, "images_per_class": 3, "subset_seed": 2}
    base = open_source("cifar100", cifar, reserve=RESERVE, **taken)
    source = open_source("cifar100-pairs", cifar, originals=True, **{**FEW, "pairs": 2}, **taken)
    assert source.taxonomy == base.taxonomy
    assert len(source.train) == 4 * 3 + 2 * 5
    assert len(source.test or ()) == 4 * 4 + 2 * 4
    for whole, part in ((source.train, base.train), (source.test, base.test)):
        assert part is not None
        assert np.array_equal(pixels(whole)[: len(part)], pixels(part))
        names = [{part.taxonomy.names[node]} for node in part.targets]
        assert shown(whole)[: len(part)] == names
        assert all(len(names) == 2 for names in shown(whole)[len(part) :])
    alone = open_source("cifar100-pairs", cifar, **{**FEW, "pairs": 2}, **taken)
    assert np.array_equal(pixels(alone.train), pixels(source.train)[12:])
    assert shown(alone.test) == shown(source.test)[16:]


@pytest.mark.parametrize("originals", [False, True])
def test_combinations_as_classes(cifar: Path, originals: bool) -> None:
    sets = open_source("cifar100-pairs", cifar, originals=originals, **FEW)
    source = open_source("cifar100-pairs", cifar, originals=originals, as_classes=True, **FEW)
    tree = source.taxonomy
    assert tree.num_leaves == CLASSES + 3
    assert set(tree.paths) > set(sets.taxonomy.paths) | {"combined"}
    assert tree.level_names == ("coarse", "fine")
    for part, before in ((source.train, sets.train), (source.test, sets.test)):
        assert part is not None
        assert part.sets is None
        assert np.array_equal(pixels(part), pixels(before))
        assert [set(tree.names[node].split("+")) for node in part.targets] == shown(before)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"pairs": 4}, "4 pairs of 6 classes asked for.* expected 1 to 3"),
        ({"pairs": 0}, "0 pairs of 6 classes"),
        ({"images_per_pair": 6}, r"6 cifar100-pairs train blends .*has 5 images.* expected 1 to 5"),
        ({"images_per_pair": 0}, "expected 1 to 5"),
        ({"test_images_per_pair": 5}, r"5 cifar100-pairs test blends .*has 4 images"),
        ({"reserve": 0}, "has 0 images for them"),
        ({"reserve": 12}, "reserve is 12, .* expected 0 to 11"),
        ({"classes": 7}, "7 classes asked for; expected 1 to 6"),
        ({"classes": 4}, "3 pairs of 4 classes"),
    ],
)
def test_impossible_blends(cifar: Path, options: dict[str, int], reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        open_source("cifar100-pairs", cifar, **{**FEW, **options})
    assert "\n" not in str(caught.value)


def test_options_that_are_none(cifar: Path) -> None:
    with pytest.raises(ConfigError, match="'original'; did you mean 'originals'"):
        open_source("cifar100-pairs", cifar, original=True)
    with pytest.raises(ConfigError, match="no such option of this source: 'reserve'"):
        open_source("glyph-pairs", reserve=1)
    for name in ("cifar100-pairs:20", "glyph-pairs:many"):
        with pytest.raises(DataError, match="expected glyphs:N or glyph-pairs:N with N classes"):
            open_source(name, cifar)


def test_nowhere(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cifar100 was not found"):
        open_source("cifar100-pairs", tmp_path, download=False)


def test_painted_pairs() -> None:
    source = open_source("glyph-pairs:8", **PAINTED)
    assert (source.name, source.mirror) == ("glyph-pairs", False)
    assert source.taxonomy == open_source("glyphs:8").taxonomy
    assert pixels(source.train).shape == (15, 12, 12, 3)
    assert pixels(source.test).shape == (12, 12, 12, 3)
    assert all(len(names) == 2 for names in shown(source.train) + shown(source.test))
    combinations = {frozenset(names) for names in shown(source.train)}
    assert len(combinations) == 3
    assert combinations == {frozenset(names) for names in shown(source.test)}
    same = open_source("glyph-pairs:8", **PAINTED)
    other = open_source("glyph-pairs:8", seed=1, **PAINTED)
    assert np.array_equal(pixels(source.train), pixels(same.train))
    assert not np.array_equal(pixels(source.train), pixels(other.train))


def test_painted_originals_are_those_of_glyphs() -> None:
    size = {key: PAINTED[key] for key in ("size", "images_per_class", "test_images_per_class")}
    drawn: dict[str, Any] = {"classes": 6, "subset_seed": 3}
    base = open_source("glyphs:10", seed=4, **size, **drawn)
    source = open_source(
        "glyph-pairs:10", originals=True, original_seed=4, seed=9, **PAINTED, **drawn
    )
    assert source.taxonomy == base.taxonomy
    for whole, part in ((source.train, base.train), (source.test, base.test)):
        assert part is not None
        assert np.array_equal(pixels(whole)[: len(part)], pixels(part))
        assert shown(whole)[: len(part)] == [{part.taxonomy.names[node]} for node in part.targets]
    alone = open_source("glyph-pairs:10", seed=9, **PAINTED, **drawn)
    assert np.array_equal(pixels(alone.train), pixels(source.train)[len(base.train) :])
    classes = open_source(
        "glyph-pairs:10",
        originals=True,
        original_seed=4,
        seed=9,
        as_classes=True,
        **PAINTED,
        **drawn,
    )
    assert classes.taxonomy.num_leaves == 6 + 3
    assert np.array_equal(pixels(classes.train), pixels(source.train))
    names = [set(classes.taxonomy.names[node].split("+")) for node in classes.train.targets]
    assert names == shown(source.train)


@pytest.mark.parametrize("option", ["images_per_pair", "test_images_per_pair"])
def test_no_painted_pairs(option: str) -> None:
    with pytest.raises(DataError, match=r"glyphs: 0 combined t.* images .*expected at least 1"):
        open_source("glyph-pairs:8", **{**PAINTED, option: 0})
    with pytest.raises(DataError, match="5 pairs of 8 classes"):
        open_source("glyph-pairs:8", **{**PAINTED, "pairs": 5})


@pytest.mark.parametrize(
    "opened",
    [
        lambda cifar: open_source("cifar100-pairs", cifar, originals=True, **FEW),
        lambda cifar: open_source("glyph-pairs:8", originals=True, **PAINTED),
    ],
)
def test_they_can_be_split(cifar: Path, opened: Callable[[Path], Source]) -> None:
    parts = split(opened(cifar), validation_fraction=0.3)
    combined = [
        sum(len(names) == 2 for names in shown(part)) for part in (parts.train, parts.validation)
    ]
    assert sum(combined) == 15
    assert min(combined) > 0
