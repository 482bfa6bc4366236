"""Method `routed` from its options to a run folder: the router first, then the experts."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from in_this_process import in_this_process
from rich.console import Console
from small_folder import small_recipe, write_small_folder

from labeltree.data.division import DivisionConfig
from labeltree.data.scope import REST, ScopeConfig
from labeltree.errors import ConfigError, DataError, ModelFolderError
from labeltree.probabilities import load_probabilities
from labeltree.recipes import Recipe
from labeltree.runs.model_folder import load_model
from labeltree.runs.parts import assembled
from labeltree.runs.training import run_training

# Across the tree; one group has one class, and so no expert.
TABLE = "group,class\nsoft,cat\nsoft,pug\nsoft,fern\nhard,oak\nhard,beagle\n"
GROUPS = {
    "soft": ["animal/cat", "animal/dog/pug", "plant/fern"],
    "hard": ["plant/oak", "animal/dog/beagle"],
}
ALONE = {
    "soft": ["animal/cat", "animal/dog/pug"],
    "hard": ["plant/oak", "animal/dog/beagle"],
    "fern": ["plant/fern"],
}
ANIMALS = ScopeConfig(
    group="animals",
    groups={
        "animals": ("animal/cat", "animal/dog/pug", "animal/dog/beagle"),
        "plants": ("plant/oak", "plant/fern"),
    },
)
MODES = ("true", "random", "drop", "reject")


@pytest.fixture(scope="module", autouse=True)
def one_by_one() -> Iterator[None]:
    with in_this_process():
        yield


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "groups.csv").write_text(TABLE)
    return write_small_folder(folder / "photos")


def routed(photos: Path, **options: object) -> Recipe:
    recipe = small_recipe(photos, epochs=1)
    return recipe.replace(method="routed", method_options=options, backbone="slim-w64")


@pytest.fixture(scope="module")
def runs(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run for each of `MODES`, with a table of groups."""
    folder = tmp_path_factory.mktemp("runs")
    for mode in MODES:
        recipe = routed(photos, groups=str(photos.parent / "groups.csv"), misrouted=mode)
        run_training(recipe, folder / mode, jobs=2)
    return {mode: folder / mode for mode in MODES}


def record(folder: Path) -> dict:
    return json.loads((folder / "record.json").read_text())


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(folder).method.state_dict()


def answered(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """What the router of a run answers its training images, and what is right."""
    with np.load(folder / "parts/router/training_answers.npz") as stored:
        return stored["answers"], stored["targets"]


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def differ(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether two networks learned something else, not only whether they have other outputs."""
    same_shape = [name for name in one if one[name].shape == other[name].shape]
    return any(not torch.equal(one[name], other[name]) for name in same_shape)


@pytest.mark.parametrize("mode", MODES)
def test_experts_follow_the_router_where_it_divides_the_images(runs, mode: str) -> None:
    recipes = {
        name: Recipe.from_yaml(runs[mode] / "parts" / name / "recipe.yaml")
        for name in ("router", *GROUPS)
    }
    groups = {name: tuple(paths) for name, paths in GROUPS.items()}
    assert recipes["router"].scope == ScopeConfig(groups=groups)
    assert recipes["router"].answer_training == (mode != "true")
    assert (runs[mode] / "parts/router/training_answers.npz").exists() == (mode != "true")
    for name in GROUPS:
        scope = ScopeConfig(groups=groups, group=name, rest=mode == "reject")
        assert recipes[name].scope == scope
        assert not recipes[name].answer_training
        division = recipes[name].division
        if mode == "true":
            assert division == DivisionConfig()
        else:
            assert (division.router, division.group) == (Path("../router"), name)
            assert division.misrouted == ("random" if mode == "random" else "drop")


@pytest.mark.parametrize("mode", MODES)
def test_the_record_tells_what_each_network_learned_from(runs, mode: str) -> None:
    whole = record(runs[mode])
    router, *experts = whole["parts"]
    assert (router["name"], router["group"], router["classes"]) == ("router", None, 2)
    assert [(part["group"], part["classes"]) for part in experts] == [("soft", 3), ("hard", 2)]
    assert {part["backbone"] for part in whole["parts"]} == {"slim-w64"}
    answers, targets = answered(runs["drop" if mode == "true" else mode])
    if mode == "true":
        assert not any("division" in part for part in whole["parts"])
        assert [part["images"] for part in experts] == [(targets == 1).sum(), (targets == 2).sum()]
        return
    for number, part in enumerate(experts, start=1):
        sent = answers == number
        division = part["division"]
        assert division["sent"] == sent.sum()
        assert division["misrouted"] == (targets[sent] == 3 - number).sum()
        assert division == record(runs[mode] / "parts" / part["name"])["data"]["division"]


@pytest.mark.parametrize("mode", MODES)
def test_the_whole_answers_coherently_with_the_weights_of_its_parts(runs, mode: str) -> None:
    whole = weights(runs[mode])
    for number, name in enumerate(("router", *GROUPS)):
        part = weights(runs[mode] / "parts" / name)
        assert all(
            torch.equal(whole[f"networks.{number}.{key}"], value) for key, value in part.items()
        )
    found = load_probabilities(runs[mode] / "node_probabilities/test.npz")
    for depth in range(1, found.taxonomy.depth + 1):
        sums = found.probabilities[:, found.taxonomy.cut(depth)].sum(1)
        np.testing.assert_allclose(sums, 1, atol=1e-5)
    trees = [load_model(runs[mode] / "parts" / name).taxonomy for name in GROUPS]
    assert [REST in tree.paths for tree in trees] == [mode == "reject"] * 2


def test_misrouted_images_change_the_experts_and_not_the_router(runs) -> None:
    routers = [weights(runs[mode] / "parts/router") for mode in MODES]
    for other in routers[1:]:
        assert_same(routers[0], other)
    # The first expert is sent all its own images, and others; the second one too few of its own.
    answers, targets = answered(runs["random"])
    assert (targets[answers == 1] == 2).any() and (answers[targets == 1] == 1).all()
    experts = {mode: weights(runs[mode] / "parts/soft") for mode in MODES}
    for one, other in combinations(MODES, 2):
        same = {one, other} == {"true", "drop"}
        assert differ(experts[one], experts[other]) != same, f"{one}, {other}"


def test_a_run_needs_its_table_no_more(runs, photos: Path, tmp_path: Path) -> None:
    shutil.copytree(runs["random"], tmp_path / "run")
    recipe = Recipe.from_yaml(tmp_path / "run/recipe.yaml")
    assert recipe.method_options == {"groups": GROUPS, "misrouted": "random"}
    (tmp_path / "run/record.json").unlink()
    again = run_training(recipe, tmp_path / "run", resume=True)
    assert again["test"] == record(runs["random"])["test"]
    same = routed(photos, groups=str(photos.parent / "groups.csv"), misrouted="random")
    run_training(same, tmp_path / "run", resume=True)
    (tmp_path / "other.csv").write_text(TABLE.replace("hard,oak", "soft,oak"))
    other = routed(photos, groups=str(tmp_path / "other.csv"), misrouted="random")
    with pytest.raises(ConfigError, match=r"begun with other values of method_options\.groups"):
        run_training(other, tmp_path / "run", resume=True)


def test_a_group_that_the_router_never_chose_has_an_expert_for_its_true_images(
    runs, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(runs["random"], out)
    kept = out / "parts/router/training_answers.npz"
    _, targets = answered(out)
    np.savez(kept, answers=np.full_like(targets, 1), targets=targets)  # always soft
    for name in GROUPS:
        shutil.rmtree(out / "parts" / name)
    (out / "record.json").unlink()
    console = Console(file=io.StringIO())
    recipe = Recipe.from_yaml(out / "recipe.yaml")
    whole = run_training(recipe, out, resume=True, jobs=2, console=console)
    told = console.file.getvalue()
    assert "note     the router never chose hard: its expert learns from its true images" in told
    assert told.count("note ") == 1
    _, soft, hard = whole["parts"]
    assert (hard["division"]["sent"], hard["division"]["fallback"]) == (0, True)
    assert soft["division"]["sent"] == len(targets)
    assert soft["images"] == (targets > 0).sum()  # not what is known as a dog of either group
    assert not soft["division"]["fallback"]
    # As if nothing had been divided, bit by bit.
    assert_same(weights(out / "parts/hard"), weights(runs["true"] / "parts/hard"))


def test_experts_of_another_router_are_refused_and_trained_again(runs, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(runs["random"], out)
    recipe = Recipe.from_yaml(out / "recipe.yaml")
    answers, targets = answered(out)
    # The router was trained again and answers otherwise; both experts have its old images.
    np.savez(out / "parts/router/training_answers.npz", answers=3 - answers, targets=targets)
    before = {name: (out / "parts" / name / "record.json").read_bytes() for name in GROUPS}
    message = r"parts/soft, .*parts/hard: learned from what another router .* remove those folders"
    with pytest.raises(ModelFolderError, match=message):
        run_training(recipe, out, resume=True, jobs=2)
    for name in GROUPS:
        assert (out / "parts" / name / "record.json").read_bytes() == before[name]
        shutil.rmtree(out / "parts" / name)
    whole = run_training(recipe, out, resume=True, jobs=2)
    _, soft, hard = whole["parts"]
    assert soft["division"]["sent"] == (answers == 2).sum()
    assert hard["division"]["sent"] == (answers == 1).sum()


def test_a_router_that_is_lost_is_trained_again_and_its_experts_stay_if_it_answers_as_before(
    runs, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(runs["drop"], out)
    recipe = Recipe.from_yaml(out / "recipe.yaml")
    shutil.rmtree(out / "parts/router")
    run_training(recipe, out, resume=True, jobs=2)
    assert_same(weights(out), weights(runs["drop"]))
    shutil.rmtree(out / "parts/router")
    kept = out / "parts/hard/division.json"
    kept.write_text(kept.read_text().replace('"answers": "', '"answers": "other'))
    with pytest.raises(ModelFolderError, match=r"parts/hard: learned from what another router"):
        run_training(recipe, out, resume=True, jobs=2)
    assert (out / "parts/router/record.json").is_file()


def test_a_group_of_one_class_needs_no_expert(photos: Path, tmp_path: Path) -> None:
    options = {"router": "slim", "experts": {"hard": "slim-w128"}, "misrouted": "drop"}
    whole = run_training(routed(photos, groups=ALONE, **options), tmp_path / "run", jobs=2)
    told = [(part["name"], part["backbone"]) for part in whole["parts"]]
    assert told == [("router", "slim"), ("soft", "slim-w64"), ("hard", "slim-w128")]
    assert whole["parts"][0]["classes"] == 3
    found = load_probabilities(tmp_path / "run/node_probabilities/test.npz")
    router = load_probabilities(tmp_path / "run/parts/router/node_probabilities/test.npz")
    # The router knows nothing of two groups' dogs; of the others it is asked in the same order.
    asked = ~np.isin(found.targets, [found.taxonomy.find("animal"), found.taxonomy.find("plant")])
    fern = found.probabilities[asked, found.taxonomy.find("plant/fern")]
    np.testing.assert_allclose(fern, router.probabilities[asked, 3], atol=1e-5)


def test_shared_stages_are_trained_as_one_network(photos: Path, tmp_path: Path) -> None:
    recipe = routed(photos, groups=ALONE, merge_point=1)
    whole = run_training(recipe, tmp_path / "run")
    assert "parts" not in whole and not (tmp_path / "run/parts").exists()
    assert (tmp_path / "run/metrics.csv").is_file()
    assert any(name.startswith("trunk.") for name in weights(tmp_path / "run"))


def test_levels_of_the_tree_are_groups_as_in_per_category(photos: Path, tmp_path: Path) -> None:
    run_training(routed(photos), tmp_path / "routed", jobs=2)
    assert Recipe.from_yaml(tmp_path / "routed/recipe.yaml").method_options == {"depth": 1}
    same = routed(photos).replace(method="per_category")
    run_training(same, tmp_path / "per_category", jobs=2)
    assert_same(weights(tmp_path / "routed"), weights(tmp_path / "per_category"))


def test_a_whole_is_assembled_from_any_folders(runs) -> None:
    recipe = Recipe.from_yaml(runs["drop"] / "recipe.yaml")
    tree = load_model(runs["drop"]).taxonomy
    folders = {name: runs["drop"] / "parts" / name for name in ("router", *GROUPS)}
    assert_same(assembled(recipe, tree, folders).state_dict(), weights(runs["drop"]))
    mixed = {**folders, "soft": runs["true"] / "parts/soft"}
    assert_same(
        weights(mixed["soft"]),
        {
            name.removeprefix("networks.1."): value
            for name, value in assembled(recipe, tree, mixed).state_dict().items()
            if name.startswith("networks.1.")
        },
    )
    with pytest.raises(ModelFolderError, match="hard holds another model"):
        assembled(recipe, tree, {**folders, "soft": folders["hard"]})
    wider = recipe.replace(backbone="slim")
    with pytest.raises(ModelFolderError, match="router holds another model"):
        assembled(wider, tree, folders)


@pytest.mark.parametrize(
    ("options", "change", "message"),
    [
        ({"groups": {"a": ["cat"], "b": ["oak"]}}, {}, "3 classes are in no group"),
        ({"groups": {**GROUPS, "more": ["cat"]}}, {}, "named twice"),
        ({"groups": {"a": GROUPS["soft"] + GROUPS["hard"]}}, {}, "a router needs two"),
        ({"depth": 3}, {}, "no category has two classes or more"),
        ({"groups": {c: [c] for c in ("cat", "pug", "beagle", "oak", "fern")}}, {}, "no group has"),
        ({"experts": "slin"}, {}, "did you mean 'slim'"),
        ({}, {"scope": ANIMALS}, "scope.groups: networks that"),
        ({}, {"scope": ScopeConfig(branch="animal", rest=True)}, "scope.rest: networks that"),
        (
            {"misrouted": "reject"},
            {"scope": ScopeConfig(branch="animal")},
            "leave out scope.branch",
        ),
    ],
)
def test_what_cannot_be_trained_is_told_at_once(
    photos: Path, tmp_path: Path, options: dict, change: dict, message: str
) -> None:
    with pytest.raises((ConfigError, DataError), match=message):
        run_training(routed(photos, **options).replace(**change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_nobody_divides_the_images_of_a_whole(photos: Path, tmp_path: Path) -> None:
    division = DivisionConfig(router=Path("../router"), group="soft")
    with pytest.raises(ConfigError, match="divides their images itself; leave out division"):
        run_training(routed(photos).replace(division=division), tmp_path / "run")
