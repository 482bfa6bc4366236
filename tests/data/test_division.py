"""The images that a router sends to its experts, by hand and on made-up answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data import ArrayImages, Collection
from labeltree.data.division import Division, DivisionConfig, divided
from labeltree.data.scope import REST, ScopeConfig, outside, scoped_tree
from labeltree.errors import ConfigError, DataError, TaxonomyError
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = 1, 2, 3, 4
FACES = {"flat": ("cat", "dog/pug"), "long": ("dog/beagle",)}
FLAT, LONG = 1, 2  # in the router's tree
FACE = ScopeConfig(groups=FACES)
EXPERT = ScopeConfig(groups=FACES, group="flat")  # whose tree is "", cat 1, dog 2, dog/pug 3
TO_FLAT = DivisionConfig(router=Path("../router"), group="flat")


def collection(tree: Taxonomy, targets: list[int]) -> Collection:
    images = ArrayImages(np.zeros((len(targets), 1, 1, 3), dtype=np.uint8))
    return Collection(tree, images, np.array(targets, dtype=np.int64))


def rows(part: Collection) -> list[int]:
    """Which of the images they are."""
    assert isinstance(part.images, ArrayImages)
    return part.images.rows.tolist()


TRAIN = collection(TREE, [CAT, BEAGLE, PUG, DOG, BEAGLE, CAT, PUG])
ANSWERS = np.array([FLAT, FLAT, FLAT, FLAT, LONG, LONG, FLAT])


def test_misrouted_images_are_left_out() -> None:
    config = TO_FLAT.replace(misrouted="drop")
    found, division = divided(TRAIN, EXPERT, FACE, ANSWERS, config, 0)
    assert found.taxonomy.paths == ("", "cat", "dog", "dog/pug")
    assert rows(found) == [0, 2, 6]  # image 3 is only known as a dog: no class of this group
    assert found.targets.tolist() == [1, 3, 3]
    assert division == Division(sent=5, misrouted=1, fallback=False)


def test_misrouted_images_get_a_random_class() -> None:
    drawn = set()
    for seed in range(20):
        found, division = divided(TRAIN, EXPERT, FACE, ANSWERS, TO_FLAT, seed)
        assert rows(found) == [0, 1, 2, 6]
        assert found.targets[[0, 2, 3]].tolist() == [1, 3, 3]
        assert division == Division(sent=5, misrouted=1, fallback=False)
        drawn.add(int(found.targets[1]))
    assert drawn == {1, 3}


def test_misrouted_images_are_of_the_rest() -> None:
    scope = EXPERT.replace(rest=True)  # "", cat 1, dog 2, REST 3, dog/pug 4
    found, division = divided(TRAIN, scope, FACE, ANSWERS, TO_FLAT, 0)
    assert found.taxonomy.paths == ("", "cat", "dog", REST, "dog/pug")
    assert rows(found) == [0, 1, 2, 6]
    assert found.targets.tolist() == [1, 3, 4, 4]
    assert division == Division(sent=5, misrouted=1, fallback=False)


@pytest.mark.parametrize("rest", [False, True])
@pytest.mark.parametrize(
    ("answers", "sent", "misrouted"),
    [
        ([LONG] * 7, 0, 0),
        ([FLAT, FLAT, LONG, FLAT, FLAT, FLAT, LONG], 5, 2),  # cats are its only class
    ],
)
def test_an_expert_that_got_too_little_learns_from_its_true_images(
    answers: list[int], sent: int, misrouted: int, rest: bool
) -> None:
    scope = EXPERT.replace(rest=rest)
    found, division = divided(TRAIN, scope, FACE, np.array(answers), TO_FLAT, 0)
    assert rows(found) == [0, 2, 5, 6]
    names = [found.taxonomy.paths[target] for target in found.targets]
    assert names == ["cat", "dog/pug", "cat", "dog/pug"]
    assert division == Division(sent, misrouted, fallback=True)


def test_a_class_and_what_is_above_it_are_one_class() -> None:
    answers = np.array([LONG, FLAT, FLAT, FLAT, LONG, LONG, FLAT])
    tree = Taxonomy.from_paths(["cat", "dog/pug/fawn", "dog/pug/black", "dog/beagle"])
    groups = {"flat": ("cat", "dog/pug/fawn", "dog/pug/black"), "long": ("dog/beagle",)}
    cat, beagle, pug, fawn, black = (
        tree.find(f"{path}") for path in ("cat", "dog/beagle", "dog/pug", "dog/pug/fawn",
                                          "dog/pug/black")
    )  # fmt: skip
    expert, router = ScopeConfig(groups=groups, group="flat"), ScopeConfig(groups=groups)
    for sixth, fallback in ((fawn, True), (black, False)):
        train = collection(tree, [cat, beagle, pug, fawn, beagle, cat, sixth])
        _, division = divided(train, expert, router, answers, TO_FLAT, 0)
        assert division == Division(sent=4, misrouted=1, fallback=fallback)


def test_a_router_inside_a_branch_answers_the_images_of_the_branch() -> None:
    tree = Taxonomy.from_paths(["oak", *(f"animal/{path}" for path in TREE.paths[1:])])
    cat, beagle, pug = (tree.find(f"animal/{path}") for path in ("cat", "dog/beagle", "dog/pug"))
    train = collection(tree, [tree.find("oak"), cat, tree.find("animal"), pug, beagle])
    within = {"branch": "animal", "groups": FACES}
    router, expert = ScopeConfig(**within), ScopeConfig(**within, group="flat")
    config = TO_FLAT.replace(misrouted="drop")
    found, division = divided(train, expert, router, np.array([FLAT, FLAT, FLAT]), config, 0)
    assert rows(found) == [1, 3]  # not the oak, nor what is only known as an animal
    assert division == Division(sent=3, misrouted=1, fallback=False)


@given(taxonomies(), st.sampled_from(["random", "drop", "reject"]), st.integers(0, 3), st.data())
def test_every_image_goes_to_one_expert(
    tree: Taxonomy, misrouted: str, seed: int, data: st.DataObject
) -> None:
    order = data.draw(st.permutations([tree.paths[leaf] for leaf in tree.leaves]))
    start = data.draw(st.integers(1, len(order)))
    groups = {"first": tuple(order[:start]), "second": tuple(order[start:])}
    groups = {name: paths for name, paths in groups.items() if paths}
    targets = data.draw(st.lists(st.integers(0, tree.num_nodes - 1), max_size=30))
    train = collection(tree, targets)
    size = {"min_size": len(targets), "max_size": len(targets)}
    answers = np.array(data.draw(st.lists(st.integers(1, len(groups)), **size)), dtype=np.int64)
    rest, rule = (True, "random") if misrouted == "reject" else (False, misrouted)
    total = 0
    for place, group in enumerate(groups, 1):
        scope = ScopeConfig(groups=groups, group=group, rest=rest)
        config = DivisionConfig(router=Path("router"), group=group, misrouted=rule)
        asked = (train, scope, ScopeConfig(groups=groups), answers, config, seed)
        found, division = divided(*asked)
        total += division.sent
        assert division.sent == (answers == place).sum()
        assert found.targets.tolist() == divided(*asked)[0].targets.tolist()
        part, numbers = scoped_tree(tree, scope.replace(rest=False))
        truth = numbers[train.targets]
        strange = outside(tree, numbers)[train.targets]
        assert division.misrouted == (strange & (answers == place)).sum()
        if division.fallback:
            assert rows(found) == np.flatnonzero(truth >= 0).tolist()
        else:
            taken = truth >= 0 if rule == "drop" else (truth >= 0) | strange
            assert rows(found) == np.flatnonzero(taken & (answers == place)).tolist()
        own = {part.paths[leaf] for leaf in part.leaves}
        for row, target in zip(rows(found), found.targets, strict=True):
            name = found.taxonomy.paths[target]
            if truth[row] >= 0:
                assert name == part.paths[truth[row]]
            else:
                assert name == REST if rest else name in own
    assert total == len(train)


@pytest.mark.parametrize(
    ("answers", "group", "error", "words"),
    [
        ([FLAT] * 6, "flat", DataError, "answered 6 training images of 7; train it again"),
        ([FLAT] * 6 + [0], "flat", DataError, "not all among the 2 labels"),
        ([FLAT] * 6 + [3], "flat", DataError, "not all among the 2 labels"),
        ([FLAT] * 7, "flta", TaxonomyError, "did you mean 'flat'"),
        ([FLAT] * 7, "", DataError, "'' has labels below it in the router's tree"),
    ],
)
def test_answers_that_do_not_fit(
    answers: list[int], group: str, error: type[Exception], words: str
) -> None:
    config = TO_FLAT.replace(group=group)
    with pytest.raises(error, match=words):
        divided(TRAIN, EXPERT, FACE, np.array(answers), config, 0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"group": "flat"}, "group is set without router; set both, or neither"),
        ({"router": "../router"}, "router is set without group"),
        ({"router": "../router", "group": "flat", "misrouted": "dorp"}, "'random' or 'drop'"),
    ],
)
def test_divisions_that_say_too_little(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        DivisionConfig(**values)
