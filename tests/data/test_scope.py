"""A part of the tree as a task of its own, on the same splits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data import ArrayImages, Collection, Splits
from labeltree.data.scope import REST, ScopeConfig, outside, scoped, scoped_tree
from labeltree.errors import ConfigError, DataError, TaxonomyError
from labeltree.recipes import Recipe, choose_recipe
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], level_names=("kind", "breed"))
FACES = {"flat": ("cat", "dog/pug"), "long": ("dog/beagle",)}


def splits(targets: list[int]) -> Splits:
    def part(first: int) -> Collection:
        pixels = np.arange(first, first + len(targets), dtype=np.uint8)
        images = ArrayImages(np.broadcast_to(pixels[:, None, None, None], (len(targets), 2, 2, 3)))
        return Collection(TREE, images, np.array(targets))

    return Splits(part(0), part(10), part(20))


def test_a_branch_becomes_the_root_and_keeps_its_images() -> None:
    found = scoped(splits([1, 4, 2, 3]), ScopeConfig(branch="dog"))
    assert found.train.taxonomy.paths == ("", "beagle", "pug")
    assert found.train.taxonomy.level_names == ("breed",)
    assert found.train.targets.tolist() == [2, 1]  # not the cat, nor what is only known as a dog
    assert [image.getpixel((0, 0))[0] for image in map(found.test.images.read, (0, 1))] == [21, 23]
    assert found.train.taxonomy is found.test.taxonomy


def test_upper_levels_take_deeper_labels_up() -> None:
    found = scoped(splits([1, 4, 2, 3, 0]), ScopeConfig(depth=1))
    assert found.train.taxonomy.paths == ("", "cat", "dog")
    assert found.train.targets.tolist() == [1, 2, 2, 2, 0]


def test_everything_is_left_as_it_is() -> None:
    whole = splits([1, 4])
    assert scoped(whole, ScopeConfig()) is whole


@pytest.mark.parametrize(
    ("branch", "error", "words"),
    [
        ("cat", DataError, "'cat' has nothing below it"),
        ("dig", TaxonomyError, "did you mean 'dog'"),
        ("dog", DataError, "no training image is labelled below 'dog'"),
    ],
)
def test_branches_that_cannot_be_learned(branch: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        scoped(splits([1, 1]), ScopeConfig(branch=branch))


@given(taxonomies(), st.data())
def test_paths_below_a_branch_are_those_of_the_whole_tree(
    tree: Taxonomy, data: st.DataObject
) -> None:
    inner = np.flatnonzero(~tree.is_leaf)
    branch = data.draw(st.sampled_from([tree.paths[node] for node in inner]))
    depth = data.draw(st.none() | st.integers(1, tree.depth))
    part, numbers = scoped_tree(tree, ScopeConfig(branch=branch or None, depth=depth))
    prefix = f"{branch}/" if branch else ""
    for path in part.paths[1:]:
        assert prefix + path in tree
    for node, number in enumerate(numbers):
        if number > 0:
            assert tree.paths[node].startswith(prefix + part.paths[number])


def test_groups_label_the_images() -> None:
    found = scoped(splits([1, 4, 2, 3, 0]), ScopeConfig(groups=FACES))
    assert found.train.taxonomy.paths == ("", "flat", "long")
    assert found.train.targets.tolist() == [1, 1, 0, 2, 0]  # a dog may have either face


def test_a_group_takes_its_images() -> None:
    found = scoped(splits([1, 4, 2, 3, 0]), ScopeConfig(groups=FACES, group="flat"))
    assert found.train.taxonomy.paths == ("", "cat", "dog", "dog/pug")
    assert found.train.targets.tolist() == [1, 3]
    assert [image.getpixel((0, 0))[0] for image in map(found.test.images.read, (0, 1))] == [20, 21]


def test_the_rest_is_the_last_label_at_the_top() -> None:
    found = scoped(splits([1, 4, 2, 3, 0]), ScopeConfig(groups=FACES, group="flat", rest=True))
    assert found.train.taxonomy.paths == ("", "cat", "dog", REST, "dog/pug")
    assert found.train.targets.tolist() == [1, 4, 3]  # not the dog that may be of the rest, or not
    assert found.train.taxonomy.level_names == ("kind", "breed")


def test_a_group_without_images_cannot_be_learned() -> None:
    with pytest.raises(DataError, match="no training image is labelled in group 'long'"):
        scoped(splits([1, 1]), ScopeConfig(groups=FACES, group="long"))


def test_a_label_cannot_be_called_as_the_rest_is() -> None:
    tree = Taxonomy.from_paths([REST, "cat", "dog"])
    scope = ScopeConfig(groups={"a": (REST, "cat"), "b": ("dog",)}, group="a", rest=True)
    with pytest.raises(DataError, match=f"'{REST}' is taken by what the scope leaves out"):
        scoped_tree(tree, scope)


@given(taxonomies(), st.data())
def test_numbers_agree_with_names(tree: Taxonomy, data: st.DataObject) -> None:
    """Branch, depth, groups, one group and the rest together, against a reading of the paths."""
    scope = data.draw(scopes(tree))
    part, numbers = scoped_tree(tree, scope)
    found = [part.paths[number] if number >= 0 else None for number in numbers]
    assert found == [named(tree, node, scope) for node in range(tree.num_nodes)]
    if scope.rest:
        assert part.names[part.level(1)][-1] == REST
    kept = scope.replace(rest=False)
    assert outside(tree, scoped_tree(tree, kept)[1]).tolist() == [
        all(named(tree, leaf, kept) is None for leaf in leaves_below(tree, node))
        for node in range(tree.num_nodes)
    ]


@st.composite
def scopes(draw: st.DrawFn, tree: Taxonomy) -> ScopeConfig:
    """A scope of the tree with any of its fields set."""
    inner = [tree.paths[node] for node in np.flatnonzero(~tree.is_leaf)]
    branch = draw(st.none() | st.sampled_from(inner[1:])) if len(inner) > 1 else None
    depth = draw(st.none() | st.integers(1, tree.depth))
    scope = ScopeConfig(branch=branch, depth=depth)
    if draw(st.booleans()):
        groups: dict[str, tuple[str, ...]] = {}
        left, _ = scoped_tree(tree, scope)
        for leaf in left.leaves:
            name = draw(st.sampled_from(["a", "b", "c d"]))
            groups[name] = (*groups.get(name, ()), left.paths[leaf])
        scope = scope.replace(groups=groups, group=draw(st.none() | st.sampled_from([*groups])))
    if scope.branch is not None or scope.group is not None:
        scope = scope.replace(rest=draw(st.booleans()))
    return scope


def leaves_below(tree: Taxonomy, node: int) -> list[int]:
    return [int(leaf) for leaf in tree.leaves if tree.is_at_or_below(leaf, node)]


def named(tree: Taxonomy, node: int, scope: ScopeConfig) -> str | None:
    """What a scope calls a node, read off the paths of the whole tree alone."""
    steps, top = tree.paths[node].split("/") if node else [], (scope.branch or "").split("/")
    top = top if scope.branch else []
    if scope.rest and all(
        named(tree, leaf, scope.replace(rest=False)) is None for leaf in leaves_below(tree, node)
    ):
        return REST
    if steps[: len(top)] != top or (steps == top and top):
        return None
    path = "/".join(steps[len(top) :][: scope.depth])
    if scope.groups is None:
        return path
    around = {
        group
        for group, classes in scope.groups.items()
        for name in classes
        if not path or name == path or name.startswith(f"{path}/")
    }
    if scope.group is None:
        return around.pop() if len(around) == 1 else ""
    return path if around == {scope.group} and path else None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"group": "flat"}, "group is 'flat' but there are no groups; set groups, too"),
        ({"groups": FACES, "group": "flta"}, "no group 'flta'; did you mean 'flat'"),
        ({"groups": {}}, "groups: no group is named"),
        ({"groups": {"flat": []}}, "group 'flat' has no class"),
        ({"groups": {"a": ["cat"], " a": ["dog"]}}, "two groups are named 'a'; rename one"),
        ({"groups": {"a/b": ["cat"]}}, "'a/b' holds '/'"),
        ({"groups": {"a": "cat"}}, "valid tuple"),
        ({"rest": True}, "rest needs a branch or a group"),
        ({"groups": FACES, "rest": True}, "rest needs a branch or a group"),
    ],
)
def test_scopes_that_do_not_fit_together(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        ScopeConfig(**values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"branch": "dog", "rest": True},
        {"depth": 1},
        {"groups": FACES},
        {"groups": FACES, "group": "long", "rest": True},
        {"groups": {"yes": ["0", "null"], "1.5": ["no/été"], "~": ["a: b"]}, "group": "1.5"},
    ],
)
def test_a_scope_written_in_a_recipe_is_the_scope_read(
    values: dict[str, Any], tmp_path: Path
) -> None:
    scope = ScopeConfig(**values)
    assert not scope.is_all
    recipe = choose_recipe("cifar100", "slim").replace(scope=scope)
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml(), encoding="utf-8")
    found = Recipe.from_yaml(tmp_path / "recipe.yaml")
    assert found == recipe
    assert not found.differences(recipe)
    assert list(found.scope.groups or ()) == list(scope.groups or ())  # their order is the tree's
    assert found.differences(choose_recipe("cifar100", "slim"))


def test_old_recipes_have_no_groups(tmp_path: Path) -> None:
    recipe = choose_recipe("cifar100", "slim")
    text = recipe.to_yaml()
    for line in ("groups: null", "group: null", "rest: false"):
        assert f"  {line}\n" in text
        text = text.replace(f"  {line}\n", "")
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    assert not Recipe.from_yaml(tmp_path / "recipe.yaml").differences(recipe)
