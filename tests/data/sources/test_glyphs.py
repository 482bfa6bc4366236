"""The embedded set: a real tree, different characters, equal seeds equal images."""

import numpy as np
import pytest

from labeltree.data import Source, open_source
from labeltree.data.sources import glyph_alphabet
from labeltree.data.sources.glyph_alphabet import FAMILIES, choose_characters
from labeltree.data.sources.glyph_fonts import FACES, draw_mask, faces_of
from labeltree.data.sources.glyph_painting import GlyphPainter
from labeltree.data.sources.glyphs import Glyphs, open_glyphs
from labeltree.errors import DataError


def test_the_default_tree_is_ten_by_ten() -> None:
    characters = choose_characters(100)
    assert len({(c.family, c.name) for c in characters}) == 100
    assert [c.family for c in characters[::10]] == list(FAMILIES)[:10]
    assert "".join(c.text for c in characters[:10]) == FAMILIES["latin"][0]
    assert min(len(c.faces) for c in characters) >= 2


@pytest.mark.parametrize(("classes", "families"), [(2, 2), (3, 2), (9, 3), (10, 3), (200, 14)])
def test_any_number_is_spread_evenly(classes: int, families: int) -> None:
    characters = choose_characters(classes)
    counts = [sum(c.family == family for c in characters) for family in FAMILIES]
    assert sum(counts) == classes
    assert sum(count > 0 for count in counts) == families
    assert max(counts) - min(filter(None, counts)) <= 1
    assert len({c.text for c in characters}) == classes


def test_look_alikes_are_passed_over() -> None:
    names = {(c.family, c.text) for c in choose_characters(500)}
    for text in ("Α", "А", "Ε", "О"):  # Greek and Cyrillic twins of Latin letters
        assert not {name for name in names if name[1] == text}


def test_impossible_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="expected at least 2"):
        open_glyphs(1)
    few = {family: FAMILIES[family] for family in ("hebrew", "nko")}
    monkeypatch.setattr(glyph_alphabet, "FAMILIES", few)
    with pytest.raises(DataError, match=r"500 classes asked for; the fonts hold \d\d different"):
        open_glyphs(500)


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ({"size": 4}, "images of 4 pixels; expected a size from 8 to 512"),
        ({"images_per_class": 0}, "0 train images of each class; expected at least 1"),
        ({"test_images_per_class": -1}, "-1 test images of each class; expected at least 1"),
    ],
)
def test_impossible_options(option: dict[str, int], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        open_glyphs(4, **option)


@pytest.mark.parametrize("face", FACES)
def test_every_face_draws_upright_centred_ink(face: str) -> None:
    mask = draw_mask("L", face, 40, 0.5)
    assert face in faces_of("L")
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    for extent in (rows, columns):
        assert abs(extent.min() + extent.max() - 39) <= 1
    assert mask[rows[-3:]].sum() > mask[rows[:3]].sum()  # an L stands on its foot


def test_only_faces_that_have_the_character() -> None:
    assert set(faces_of("ש")) == {
        *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
    }
    assert faces_of("犬") == ()
    assert faces_of(" ") == ()


def test_seeds_and_parts() -> None:
    one, same, other = (open_source("glyphs:4", seed=seed, size=16) for seed in (0, 0, 1))
    pixels = one.train.images.array
    assert (pixels.shape, pixels.dtype) == ((240, 16, 16, 3), np.uint8)
    assert np.array_equal(pixels, same.train.images.array)
    assert not np.array_equal(pixels, other.train.images.array)
    assert one.test is not None
    images = {one.train.images.content(i) for i in range(240)}
    assert len(images) == 240
    assert not images & {one.test.images.content(i) for i in range(80)}
    assert np.bincount(one.train.targets).tolist() == [0, 0, 0, 60, 60, 60, 60]
    assert np.bincount(one.test.targets).tolist() == [0, 0, 0, 20, 20, 20, 20]
    assert one.taxonomy.level_names == ("family", "character")
    assert not one.mirror


def test_numbers_are_options() -> None:
    source = open_source("glyphs", classes=3, images_per_class=2, test_images_per_class=1, size=8)
    assert (source.taxonomy.num_leaves, len(source.train), len(source.test or ())) == (3, 6, 3)
    with pytest.raises(DataError, match="expected glyphs:N"):
        open_source("glyphs:many")
    with pytest.raises(DataError, match="expected glyphs:N"):
        open_source("mnist:5")


def test_images_show_their_character() -> None:
    """The nearest mean training image knows far more than chance: labels and images belong."""
    source = open_source("glyphs:4", size=16)
    assert source.test is not None

    def features(images: np.ndarray) -> np.ndarray:
        grey = images.mean(axis=-1).reshape(len(images), -1)
        return np.abs(grey - np.median(grey, axis=1, keepdims=True))

    train, test = features(source.train.images.array), features(source.test.images.array)
    means = np.stack([train[source.train.targets == t].mean(0) for t in range(3, 7)])
    means -= means.mean(0)
    found = (test @ means.T / np.linalg.norm(means, axis=1)).argmax(axis=1) + 3
    assert (found == source.test.targets).mean() > 0.4


def test_combined_characters() -> None:
    glyphs = Glyphs(4, None, 0, 16)
    pairs = glyphs.leaves.reshape(2, 2)
    part = glyphs.paint("combined train", pairs, 2, 5)
    assert part.images.array.shape == (4, 16, 16, 3)
    assert part.sets is not None
    assert part.sets.tolist() == [*pairs.tolist()] * 2
    assert np.array_equal(
        part.images.array, glyphs.paint("combined train", pairs, 2, 5).images.array
    )
    others = glyphs.paint("combined test", pairs, 2, 5)
    assert len({part.images.content(i) for i in range(4)} | {others.images.content(0)}) == 5
    painter = GlyphPainter(choose_characters(4), 16)
    assert painter.paint(np.array([0, 1]), np.random.default_rng(0)).shape == (2, 16, 16, 3)


def test_drawn_classes_are_painted_as_what_they_are() -> None:
    """Of a pool only the drawn characters are painted, each under its own name."""
    options = {"size": 24, "images_per_class": 12, "test_images_per_class": 1}
    pool = open_source("glyphs:16", **options)
    drawn = open_source("glyphs:16", classes=5, subset_seed=2, **options)
    assert (len(drawn.train), len(drawn.test or ()), drawn.taxonomy.num_leaves) == (60, 5, 5)

    def look(source: Source, path: str) -> np.ndarray:
        images = source.train.images.array[source.train.targets == source.taxonomy.find(path)]
        grey = images.mean(axis=-1).reshape(len(images), -1)
        mean = np.abs(grey - np.median(grey, axis=1, keepdims=True)).mean(axis=0)
        return (mean - mean.mean()) / np.linalg.norm(mean - mean.mean())

    for leaf in drawn.taxonomy.leaves:
        path = drawn.taxonomy.paths[leaf]
        likeness = {
            other: look(drawn, path) @ look(pool, other)
            for other in (pool.taxonomy.paths[node] for node in pool.taxonomy.leaves)
        }
        assert sorted(likeness, key=likeness.__getitem__).index(path) >= 12  # of 16, by chance 7.5
