import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labeltree.data.batch_plan import BatchPlan, first_flips
from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.data.loading import AugmentConfig, DataConfig, make_loader
from labeltree.data.statistics import principal_colours
from labeltree.errors import ConfigError, DataError, LabeltreeError
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
UNIT = ((0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))  # pixels come out as 0 ... 255
EVERYTHING = (
    AugmentConfig(),
    AugmentConfig(crop_padding=2, flip="alternating"),
    AugmentConfig(crop_padding=1, padding="zeros", flip="random", colour_jitter=0.4),
    AugmentConfig(random_resized_crop=0.4, flip="random", colour_jitter=0.2),
    AugmentConfig(random_resized_crop=0.08, flip="random", pca_colour=0.1),
)


def collection(n=23, side=8, height=None):
    """Images whose first pixel value is their position, so that batches can be traced."""
    rng = np.random.default_rng(0)
    array = rng.integers(0, 256, (n, height or side, side, 3), dtype=np.uint8)
    array[:, 0, 0, 0] = np.arange(n)
    return Collection(TREE, ArrayImages(array), rng.choice([1, 2, 3, 4], n))


def loader(data=None, train=True, mean_std=UNIT, rank=0, world_size=1, seed=5, **options):
    config = DataConfig(**{"batch_size": 6, "evaluation_batch_size": 10, **options})
    data = collection() if data is None else data
    return make_loader(data, config, mean_std, train, "cpu", seed, rank, world_size)


def together(batches):
    images, targets = zip(*batches, strict=True)
    return torch.cat(images), torch.cat(targets)


def test_evaluation_shows_every_image_in_order_and_as_it_is():
    data = collection()
    images, targets = together(loader(data, train=False, augment=EVERYTHING[2]).batches(0))
    expected = torch.from_numpy(data.images.array).permute(0, 3, 1, 2).float()
    assert torch.allclose(images, expected, atol=1e-4)
    assert np.array_equal(targets.numpy(), data.targets)


def test_the_batches_of_evaluation_end_with_a_smaller_one():
    here = loader(train=False)
    assert [len(t) for _, t in here.batches(0)] == [10, 10, 3]
    assert (here.num_batches, here.num_images, here.kind) == (3, 23, "memory")


def test_training_drops_what_is_left_over():
    here = loader()
    assert [len(t) for _, t in here.batches(0)] == [6, 6, 6]
    assert (here.num_batches, here.num_images) == (3, 18)


def test_a_set_smaller_than_a_batch_is_one_batch():
    here = loader(collection(4))
    assert [len(t) for _, t in here.batches(0)] == [4]
    assert (here.num_batches, here.num_images) == (1, 4)


@pytest.mark.parametrize("augment", EVERYTHING)
def test_one_image_is_enough(augment):
    images, targets = together(loader(collection(1), augment=augment).batches(0))
    assert images.shape == (1, 3, 8, 8) and targets.shape == (1,)


def test_an_empty_set_can_be_evaluated_but_not_trained_on():
    assert list(loader(collection(0), train=False).batches(0)) == []
    with pytest.raises(DataError, match="0 training images"):
        loader(collection(0))


def test_epochs_show_every_image_once_in_a_new_order():
    here = loader(collection(24))
    epochs = [
        together(here.batches(epoch))[0][:, 0, 0, 0].round().int().tolist() for epoch in (0, 1)
    ]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(24))
    assert epochs[0] != epochs[1]
    assert epochs[0] == together(loader(collection(24)).batches(0))[0][:, 0, 0, 0].round().tolist()


def test_images_keep_their_targets():
    data = collection()
    images, targets = together(loader(data).batches(3))
    positions = images[:, 0, 0, 0].round().long()
    assert np.array_equal(targets.numpy(), data.targets[positions.numpy()])


@pytest.mark.parametrize("augment", EVERYTHING)
@pytest.mark.parametrize("size", [None, 5, 12])
def test_the_contract_of_a_batch(augment, size):
    images, targets = next(loader(augment=augment).batches(0, size))
    assert images.shape == (6, 3, size or 8, size or 8)
    assert images.dtype == torch.float32 and targets.dtype == torch.int64
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert images.isfinite().all()


@pytest.mark.parametrize("augment", EVERYTHING)
@pytest.mark.parametrize("start", [1, 2, 3])
def test_resuming_within_an_epoch_is_exact(augment, start):
    whole = list(loader(augment=augment).batches(4))
    rest = list(loader(augment=augment).batches(4, start=start))
    assert len(rest) == 3 - start
    for (a, ta), (b, tb) in zip(whole[start:], rest, strict=True):
        assert torch.equal(a, b) and torch.equal(ta, tb)


@pytest.mark.parametrize("augment", EVERYTHING)
@pytest.mark.parametrize("world_size", [2, 3])
def test_slices_of_the_processes_make_up_the_single_process_batch(augment, world_size):
    ranks = [
        loader(augment=augment, rank=rank, world_size=world_size).batches(1)
        for rank in range(world_size)
    ]
    for one, *parts in zip(loader(augment=augment).batches(1), *ranks, strict=True):
        images, targets = together(parts)
        assert torch.equal(one[0], images) and torch.equal(one[1], targets)


@pytest.mark.parametrize("world_size", [1, 2, 3, 4])
def test_processes_divide_evaluation_in_order(world_size):
    parts = [loader(train=False, rank=r, world_size=world_size) for r in range(world_size)]
    counts = [sum(len(t) for _, t in part.batches(0)) for part in parts]
    assert counts[:-1] == [-(-23 // world_size)] * (world_size - 1)
    images, _ = together([batch for part in parts for batch in part.batches(0)])
    assert images[:, 0, 0, 0].round().tolist() == list(range(23))
    for part in parts:
        assert part.num_batches == len(list(part.batches(0)))
        assert part.num_images == 23


def test_a_batch_that_cannot_be_divided_is_refused():
    with pytest.raises(ConfigError, match="choose a multiple of 4"):
        loader(world_size=4)
    with pytest.raises(DataError, match="2 training images for 3 processes"):
        loader(collection(2), world_size=3)


def test_a_short_set_is_cut_to_equal_slices():
    parts = [BatchPlan(5, 6, True, rank=rank, world_size=2) for rank in (0, 1)]
    assert [part.num_images for part in parts] == [4, 4]
    for part in parts:
        ((_, positions, mine),) = part.batches(0)
        assert len(positions[mine]) == 2


def test_alternating_flip_shows_each_image_both_ways_in_two_epochs():
    data = collection(24)
    here = loader(data, augment=AugmentConfig(flip="alternating"))
    original = torch.from_numpy(data.images.array).permute(0, 3, 1, 2).float()
    flips = []
    for epoch in range(3):
        images, _ = together(here.batches(epoch))
        positions = torch.cat([p for _, p, _ in here.plan.batches(epoch)])
        as_is = (images - original[positions]).abs().amax((1, 2, 3)) < 0.01
        mirrored = (images.flip(3) - original[positions]).abs().amax((1, 2, 3)) < 0.01
        assert (as_is ^ mirrored).all()
        flips.append(mirrored[positions.argsort()])
    assert torch.equal(flips[0], ~flips[1]) and torch.equal(flips[0], flips[2])
    assert torch.equal(flips[0], first_flips(24, 5))
    assert 0 < flips[0].sum() < 24


def test_padded_crops_equal_a_naive_loop():
    data = collection()
    images, _ = next(loader(data, augment=AugmentConfig(crop_padding=3)).batches(0))
    padded = np.pad(data.images.array, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect")
    windows = {
        padded[i, y : y + 8, x : x + 8].tobytes(): (i, y, x)
        for i in range(23)
        for y in range(7)
        for x in range(7)
    }
    found = [windows[x.permute(1, 2, 0).round().byte().numpy().tobytes()] for x in images]
    assert len({(y, x) for _, y, x in found}) > 1, "each image is shifted by itself"


def test_zeros_around_an_image_are_zeros_for_the_network():
    data = collection()
    mean, std = (0.31, 0.52, 0.73), (0.2, 0.25, 0.3)
    zeros = AugmentConfig(crop_padding=3, padding="zeros")
    here = loader(data, mean_std=(mean, std), augment=zeros)
    normal = ((data.images.array / 255 - mean) / std).transpose(0, 3, 1, 2)
    padded = np.pad(normal, ((0, 0), (0, 0), (3, 3), (3, 3)))
    places = [(y, x) for y in range(7) for x in range(7)]
    found = []
    _, positions, _ = next(here.plan.batches(0))
    for image, whole in zip(next(here.batches(0))[0], padded[positions], strict=True):
        crops = np.stack([whole[:, y : y + 8, x : x + 8] for y, x in places])
        apart = np.abs(crops - image.numpy()).max((1, 2, 3))
        assert apart.min() < 0.5 / 255 / min(std) + 1e-5  # half a grey level
        found.append(places[apart.argmin()])
    assert len(set(found)) > 1, "each image is shifted by itself"


def test_normalisation():
    data = collection()
    mean_std = ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    images, _ = together(loader(data, train=False, mean_std=mean_std).batches(0))
    expected = (data.images.array / 255 - mean_std[0]) / mean_std[1]
    assert np.allclose(images.numpy(), expected.transpose(0, 3, 1, 2), atol=1e-5)


def test_each_image_is_shifted_along_the_principal_colours():
    data = collection()
    mean, std = (0.31, 0.52, 0.73), (0.2, 0.25, 0.3)
    here = loader(data, mean_std=(mean, std), augment=AugmentConfig(pca_colour=0.5))
    components = np.array(principal_colours(data))
    multiples = []
    for epoch in range(40):
        for (images, _), (_, positions, _) in zip(
            here.batches(epoch), here.plan.batches(epoch), strict=True
        ):
            as_it_is = data.images.array[positions] / 255
            shifts = images.numpy().transpose(0, 2, 3, 1) * std + mean - as_it_is
            assert np.ptp(shifts, axis=(1, 2)).max() < 1e-5, "the same for all pixels of an image"
            multiples.append(shifts.mean((1, 2)) @ np.linalg.inv(components))
    alphas = np.concatenate(multiples)
    assert alphas.std(0) == pytest.approx([0.5] * 3, rel=0.1)
    assert np.corrcoef(alphas.T) == pytest.approx(np.eye(3), abs=0.12)
    assert len(np.unique(alphas.round(4), axis=0)) == len(alphas), "drawn anew every time"


def test_neither_the_images_nor_the_global_generator_are_touched():
    data = collection()
    before, state = data.images.array.copy(), torch.get_rng_state()
    for augment in EVERYTHING:
        for train in (True, False):
            for images, _ in loader(data, train=train, augment=augment).batches(0):
                images.zero_()
    assert np.array_equal(data.images.array, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_read_only_array_is_fine():
    data = collection()
    data.images.array.flags.writeable = False
    assert len(list(loader(data, train=False).batches(0))) == 3


def test_arrays_that_are_not_square_are_cut_in_the_middle():
    data = collection(side=8, height=12)
    images, _ = together(loader(data, train=False).batches(0))
    expected = data.images.array[:, 2:10].transpose(0, 3, 1, 2)
    assert np.allclose(images.numpy(), expected, atol=1e-4)


def test_padding_must_be_smaller_than_the_image():
    with pytest.raises(ConfigError, match="crop_padding 8 for images of 8 pixels"):
        loader(augment=AugmentConfig(crop_padding=8))
    with pytest.raises(LabeltreeError, match="did you mean 'flip'"):
        AugmentConfig(flop="random")


def test_the_number_of_threads_is_left_alone():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        seen = {torch.get_num_threads() for _ in loader(augment=EVERYTHING[1]).batches(0)}
        assert seen == {2} and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@given(
    count=st.integers(0, 40),
    batch=st.integers(1, 12),
    processes=st.integers(1, 4),
    train=st.booleans(),
)
def test_any_plan_deals_every_image_at_most_once(count, batch, processes, train):
    batch *= processes
    if train and count < processes:
        return
    plans = [BatchPlan(count, batch, train, 3, rank, processes) for rank in range(processes)]
    dealt = [[p[mine].tolist() for _, p, mine in plan.batches(1)] for plan in plans]
    everything = [position for batches in dealt for part in batches for position in part]
    assert len(set(everything)) == len(everything) == plans[0].num_images
    assert [len(batches) for batches in dealt] == [plan.num_batches for plan in plans]
    if not train:
        assert everything == list(range(count))
    else:
        assert len({len(part) for batches in dealt for part in batches}) == 1
        assert count - len(everything) < batch
