"""Two collections as one, whatever their images are, on every way to the network."""

import io
import pickle

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from random_label_sets import random_label_sets
from strategies import taxonomies

from labeltree.data.collection import Collection
from labeltree.data.fitting import fit
from labeltree.data.images import ArrayImages, EncodedImages, FileImages
from labeltree.data.joining import JoinedImages, joined
from labeltree.data.loading import AugmentConfig, DataConfig, make_loader
from labeltree.data.statistics import channel_statistics
from labeltree.errors import BadImageError
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import leaf_marks, make_label_sets, present_nodes

# A machine with one core warns about two workers; Python 3.12 warns about any fork beside threads.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = 1, 2, 3, 4
MEAN_STD = ((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
RANDOM = np.random.default_rng(0)
SMALL = RANDOM.integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
ALSO_SMALL = RANDOM.integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
LARGE = RANDOM.integers(0, 256, (4, 12, 16, 3), dtype=np.uint8)


def as_files(pixels, folder):
    paths = [folder / f"{i}.png" for i in range(len(pixels))]
    for path, array in zip(paths, pixels, strict=True):
        Image.fromarray(array).save(path)
    return FileImages(paths)


def as_mapped_column(pixels, folder):
    def encoded(array):
        file = io.BytesIO()
        Image.fromarray(array).save(file, "PNG")
        return file.getvalue()

    table = pa.table({"image": [encoded(array) for array in pixels]})
    with pa.ipc.new_file(folder / "images.arrow", table.schema) as file:
        file.write_table(table)
    return EncodedImages.from_mapped(folder / "images.arrow", [("images.parquet", len(pixels))])


def as_array(pixels, folder):
    return ArrayImages(pixels, folder.name)


KINDS = {
    "arrays of one size": (as_array, SMALL, as_array, ALSO_SMALL),
    "arrays of two sizes": (as_array, SMALL, as_array, LARGE),
    "files and an array": (as_files, LARGE, as_array, SMALL),
    "an array and a table": (as_array, SMALL, as_mapped_column, LARGE),
    "a table and files": (as_mapped_column, SMALL, as_files, LARGE),
}


@pytest.fixture(params=KINDS)
def parts(request, tmp_path):
    """Two collections, one after the other, and the pixels of all their images."""
    make_first, pixels, make_second, others = KINDS[request.param]
    (tmp_path / "second").mkdir()
    targets = np.array([CAT, DOG, BEAGLE, PUG, CAT])
    first, second = make_first(pixels, tmp_path), make_second(others, tmp_path / "second")
    return (
        Collection(TREE, first, targets[: len(first)]),
        Collection(TREE, second, targets[::-1][: len(second)]),
        [*pixels, *others],
    )


def test_contract(parts):
    first, second, pixels = parts
    images = joined(first, second).images
    assert len(images) == len(pixels)
    assert len({images.name(i) for i in range(len(images))}) == len(images)
    originals = [(part.images, i) for part in (first, second) for i in range(len(part))]
    for i, array in enumerate(pixels):
        image = images.read(i)
        assert image.mode == "RGB" and np.array_equal(np.asarray(image), array)
        images.verify(i)
        theirs, place = originals[i]
        assert images.content(i) == theirs.content(place)
    few = images.subset(np.array([7, 0, 5, 1]))
    assert len(few) == 4
    assert [few.name(i) for i in range(4)] == [images.name(i) for i in (7, 0, 5, 1)]
    fewer = few.subset([2, 0])
    assert [fewer.content(i) for i in range(2)] == [images.content(5), images.content(7)]
    assert np.array_equal(np.asarray(fewer.read(1)), pixels[7])
    assert len(images.subset([])) == 0 and len(images) == len(pixels)


def test_names_stay(tmp_path):
    files = Collection(TREE, as_files(SMALL, tmp_path), np.ones(5))
    array = Collection(TREE, ArrayImages(LARGE, "photo"), np.ones(4))
    images = joined(array, files).images
    assert images.name(3) == "photo 3" and images.name(4) == str(tmp_path / "0.png")


def test_names_stay_where_arrays_become_one():
    first = Collection(TREE, ArrayImages(SMALL, "photo").subset([4, 1]), np.ones(2))
    second = Collection(TREE, ArrayImages(ALSO_SMALL, "drawing"), np.ones(4))
    images = joined(first, second).images.subset([1, 0, 3])
    assert isinstance(images, ArrayImages)
    assert [images.name(i) for i in range(3)] == ["photo 1", "photo 4", "drawing 1"]


def test_photos_are_decoded_no_larger_than_asked(tmp_path):
    Image.fromarray(SMALL[0]).resize((256, 256)).save(tmp_path / "photo.jpg")
    photo = Collection(TREE, FileImages([tmp_path / "photo.jpg"]), np.ones(1))
    images = joined(Collection(TREE, ArrayImages(SMALL), np.ones(5)), photo).images
    assert images.read(5).size == (256, 256)
    assert images.read(5, at_least=32).size == photo.images.read(0, at_least=32).size != (256, 256)


def test_a_damaged_image_is_told_by_its_own_name(tmp_path):
    files = as_files(SMALL, tmp_path)
    (tmp_path / "3.png").write_bytes(b"no picture")
    part = Collection(TREE, ArrayImages(SMALL), np.ones(5))
    both = joined(part, Collection(TREE, files, np.ones(5)))
    with pytest.raises(BadImageError, match=r"3\.png"):
        both.images.verify(8)


@pytest.mark.parametrize("start", [pickle.dumps, lambda thing: pickle.dumps(thing, protocol=2)])
def test_goes_to_a_process_and_back(parts, start):
    first, second, pixels = parts
    images = joined(first, second).images.subset([8, 2, 6])
    back = pickle.loads(start(images))
    assert type(back) is type(images) and len(back) == 3
    for i, original in enumerate([8, 2, 6]):
        assert back.name(i) == images.name(i)
        assert np.array_equal(np.asarray(back.read(i)), pixels[original])


def test_arrays_of_one_size_become_one(parts):
    first, second, pixels = parts
    images = joined(first, second).images
    same = isinstance(first.images, ArrayImages) and all(p.shape == (8, 8, 3) for p in pixels)
    assert isinstance(images, ArrayImages if same else JoinedImages)


def test_a_mapped_array_is_not_written_to(tmp_path):
    np.save(tmp_path / "it.npy", SMALL)
    mapped = np.load(tmp_path / "it.npy", mmap_mode="r")
    part = Collection(TREE, ArrayImages(mapped), np.ones(5))
    both = joined(part, part)
    both.images.array[:] = 0
    assert np.array_equal(np.load(tmp_path / "it.npy"), SMALL)


def loader(data, train, kind, workers=0):
    augment = AugmentConfig(crop_padding=1, flip="alternating")
    config = DataConfig(
        loader=kind,
        batch_size=3,
        evaluation_batch_size=4,
        image_size=8,
        workers=workers,
        augment=augment,
    )
    return make_loader(data, config, MEAN_STD, train, "cpu", seed=7)


@pytest.mark.parametrize(("kind", "workers"), [("memory", 0), ("stream", 0), ("stream", 2)])
def test_loaders_show_every_image_as_it_is(parts, kind, workers):
    first, second, pixels = parts
    batches = list(loader(joined(first, second), False, kind, workers).batches(0))
    mean, std = (np.array(v) for v in MEAN_STD)
    expected = [(fit(Image.fromarray(array), 8) / 255 - mean) / std for array in pixels]
    images = torch.cat([images for images, _ in batches]).permute(0, 2, 3, 1)
    np.testing.assert_allclose(images.numpy(), np.array(expected), atol=1e-5)
    targets = torch.cat([targets for _, targets in batches])
    assert targets.tolist() == [*first.targets, *second.targets]


@pytest.mark.parametrize(("kind", "workers"), [("memory", 0), ("stream", 0), ("stream", 2)])
def test_loaders_train_on_all_of_it(parts, kind, workers):
    first, second, _ = parts
    puggles = np.array([[BEAGLE, PUG]] * len(second))
    both = joined(first, Collection.combined(TREE, second.images, puggles))
    batches = list(loader(both, True, kind, workers).batches(0))
    assert [images.shape for images, _ in batches] == [(3, 3, 8, 8)] * 3
    sets = torch.cat([targets for _, targets in batches])
    assert sets.shape == (9, 2) and sets.dtype == torch.int64
    assert sorted(sets.tolist()) == sorted(both.sets.tolist())


def test_both_loaders_agree_on_the_order(parts):
    first, second, _ = parts
    both = joined(first, second)
    for (_, a), (_, b) in zip(
        loader(both, True, "memory").batches(1),
        loader(both, True, "stream").batches(1),
        strict=True,
    ):
        assert torch.equal(a, b)


def test_colours_of_both_are_looked_at():
    black = ArrayImages(np.zeros((3, 4, 4, 3), dtype=np.uint8))
    white = ArrayImages(np.full((3, 8, 8, 3), 255, dtype=np.uint8))
    both = joined(Collection(TREE, black, np.ones(3)), Collection(TREE, white, np.ones(3)))
    mean, _ = channel_statistics(both)
    assert list(mean) == pytest.approx([0.5] * 3)


def pictures(count):
    return ArrayImages(np.zeros((count, 2, 2, 3), dtype=np.uint8))


def combined(*present, unknown=None):
    return Collection.combined(
        TREE, pictures(len(present)), make_label_sets(TREE, present, unknown)
    )


def test_single_labels_stay_single():
    both = joined(
        Collection(TREE, pictures(2), np.array([DOG, PUG])),
        Collection(TREE, pictures(1), np.array([CAT])),
    )
    assert both.sets is None and both.targets.tolist() == [DOG, PUG, CAT]


def test_sets_of_different_widths_by_hand():
    narrow, wide = combined([CAT], [DOG]), combined([CAT, BEAGLE, PUG], [PUG])
    both = joined(narrow, wide)
    assert both.sets.tolist() == [
        [CAT, -1, -1],
        [DOG, -1, -1],
        [CAT, BEAGLE, PUG],
        [PUG, -1, -1],
    ]
    assert both.targets.tolist() == [CAT, DOG, 0, PUG]
    assert joined(wide, narrow).sets.tolist() == both.sets[[2, 3, 0, 1]].tolist()


@pytest.mark.parametrize("singles_first", [True, False])
def test_single_labels_beside_combinations(singles_first):
    singles = Collection(TREE, pictures(2), np.array([DOG, CAT]))
    puggle = combined([BEAGLE, PUG], unknown=[[CAT]])
    both = joined(singles, puggle) if singles_first else joined(puggle, singles)
    assert both.sets.dtype == np.int64 and both.sets.shape == (3, 3)
    expected = {"singles": [[DOG], [CAT]], "puggle": [[BEAGLE, PUG]]}
    names = ["singles", "puggle"] if singles_first else ["puggle", "singles"]
    assert present_nodes(both.sets) == [shown for name in names for shown in expected[name]]
    assert (both.sets == -2 - CAT).sum() == 1


def test_an_empty_part_adds_nothing():
    puggle, nobody = combined([BEAGLE, PUG]), combined([CAT]).subset([])
    for both in (joined(puggle, nobody), joined(nobody, puggle)):
        assert both.sets.tolist() == [[BEAGLE, PUG]] and both.targets.tolist() == [DOG]
    empty = Collection(TREE, pictures(0), np.array([], dtype=np.int64))
    assert len(joined(empty, empty)) == 0
    assert joined(empty, puggle).sets.tolist() == [[BEAGLE, PUG]]


def test_trees_must_be_the_same():
    other = Taxonomy.from_paths(["cat", "dog/beagle", "dog/collie"])
    part = Collection(TREE, pictures(1), np.array([CAT]))
    joined(part, Collection(Taxonomy.from_paths(TREE.paths[1:]), pictures(1), np.array([CAT])))
    with pytest.raises(AssertionError, match="different trees"):
        joined(part, Collection(other, pictures(1), np.array([CAT])))


@given(taxonomies(), st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_every_image_keeps_what_was_known_of_it(taxonomy, seed, some, others):
    generator = np.random.default_rng(seed)
    parts = []
    for count in (some, others):
        if generator.random() < 0.5:
            nodes = generator.integers(0, taxonomy.num_nodes, count)
            parts.append(Collection(taxonomy, pictures(count), nodes))
        else:
            sets = make_label_sets(taxonomy, *random_label_sets(taxonomy, generator, count))
            parts.append(Collection.combined(taxonomy, pictures(count), sets))
    both = joined(*parts)
    np.testing.assert_array_equal(both.targets, np.concatenate([p.targets for p in parts]))
    if both.sets is None:
        assert all(part.sets is None for part in parts)
        return
    again = Collection.combined(taxonomy, both.images, both.sets)
    np.testing.assert_array_equal(both.targets, again.targets)
    marks = [leaf_marks(taxonomy, p.labels.reshape(len(p), -1)) for p in parts]
    for mine, theirs in zip(leaf_marks(taxonomy, both.sets), zip(*marks, strict=True), strict=True):
        np.testing.assert_array_equal(mine, np.concatenate(theirs))
