"""Experts that learn from what a trained router sends them."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from small_folder import small_recipe, write_small_folder

from labeltree.data.division import DivisionConfig
from labeltree.data.scope import REST, ScopeConfig
from labeltree.errors import ConfigError, ModelFolderError
from labeltree.metrics import leaf_answers
from labeltree.probabilities import load_probabilities
from labeltree.recipes import Recipe
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.processes import make_accelerator
from labeltree.runs.training import run_training

EXPERT = ScopeConfig(branch="plant")
DIVISION = DivisionConfig(router=Path("../router"), group="plant")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def trained(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "router"
    recipe = small_recipe(photos).replace(scope=ScopeConfig(depth=1), answer_training=True)
    run_training(recipe, out)
    return out


@pytest.fixture
def router(trained: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    shutil.copytree(trained, tmp_path / "router")
    return tmp_path / "router"


def answers(router: Path) -> dict[str, np.ndarray]:
    with np.load(router / "training_answers.npz") as stored:
        return dict(stored)


def answer(router: Path, change: np.ndarray) -> None:
    np.savez(router / "training_answers.npz", **{**answers(router), "answers": change})


def expert(photos: Path, **changes: object) -> Recipe:
    return small_recipe(photos).replace(**{"scope": EXPERT, "division": DIVISION, **changes})


def prepared(recipe: Recipe, router: Path) -> tuple[PreparedImages, str]:
    console = Console(file=io.StringIO())
    folder = router.parent / "expert"
    images = PreparedImages.from_recipe(
        recipe, folder, make_accelerator(recipe), None, False, console
    )
    return images, console.file.getvalue()


def test_a_router_keeps_what_it_answers_its_training_images(
    trained: Path, photos: Path, tmp_path: Path
) -> None:
    run_evaluation(trained, str(photos), which="train", out=tmp_path / "seen")
    found = load_probabilities(tmp_path / "seen/node_probabilities/test.npz")
    kept = answers(trained)
    assert kept["targets"].tolist() == found.targets.tolist()
    assert kept["answers"].tolist() == leaf_answers(found.taxonomy, found.probabilities).tolist()


def test_only_who_is_asked_keeps_answers(photos: Path, tmp_path: Path) -> None:
    run_training(small_recipe(photos, epochs=0.2), tmp_path / "run")
    assert not (tmp_path / "run/training_answers.npz").exists()


def test_an_expert_learns_from_what_it_is_sent(router: Path, photos: Path) -> None:
    true = answers(router)["targets"]
    sent = true.copy()
    plant = true.max()
    sent[np.flatnonzero(true != plant)[:5]] = plant
    sent[np.flatnonzero(true == plant)[:3]] = plant - 1
    answer(router, sent)
    record = run_training(expert(photos), router.parent / "expert")
    assert record["data"]["division"] == {
        "router": "../router",
        "group": "plant",
        "sent": int((true == plant).sum()) + 2,
        "misrouted": 5,
        "fallback": False,
    }
    own = small_recipe(photos).replace(scope=EXPERT)
    (alone, _), (images, told) = prepared(own, router), prepared(expert(photos), router)
    assert alone.division is None
    assert record["data"]["train"] == len(images.splits.train) == len(alone.splits.train) + 2
    assert "note" not in told and "5 of them of other groups" in told
    for name in ("validation", "test"):
        part, whole = getattr(images.splits, name), getattr(alone.splits, name)
        assert part.targets.tolist() == whole.targets.tolist()
    assert images.mean_std == alone.mean_std
    dropped, _ = prepared(expert(photos, division=DIVISION.replace(misrouted="drop")), router)
    assert len(dropped.splits.train) == len(alone.splits.train) - 3
    rest, _ = prepared(expert(photos, scope=EXPERT.replace(rest=True)), router)
    tree = rest.splits.train.taxonomy
    assert (rest.splits.train.targets == tree.find(REST)).sum() == 5


@pytest.mark.parametrize(
    ("sent", "why"), [(0, "never chose plant"), (1, "chose plant for images of fewer than two")]
)
def test_an_expert_that_the_router_gives_too_little_learns_from_its_true_images(
    router: Path, photos: Path, sent: int, why: str
) -> None:
    true = answers(router)["targets"]
    changed = np.full_like(true, true.min())
    changed[np.flatnonzero(true == true.max())[:sent]] = true.max()
    answer(router, changed)
    images, told = prepared(expert(photos), router)
    alone, _ = prepared(small_recipe(photos).replace(scope=EXPERT), router)
    assert images.division is not None and images.division.fallback
    assert images.splits.train.targets.tolist() == alone.splits.train.targets.tolist()
    assert f"the router {why}" in told and "its expert learns from its true images" in told


@pytest.mark.parametrize("name", ["recipe.yaml", "record.json", "training_answers.npz"])
def test_a_router_that_is_not_trained_is_told(router: Path, photos: Path, name: str) -> None:
    (router / name).unlink()
    with pytest.raises(ModelFolderError, match=rf"router: no .*{name} is missing; remove that"):
        prepared(expert(photos), router)
    shutil.rmtree(router)
    with pytest.raises(ModelFolderError, match=r"router: no .* missing; train the router first"):
        prepared(expert(photos), router)


def test_damaged_answers_are_told(router: Path, photos: Path) -> None:
    count = len(answers(router)["answers"])
    for wrong, message in (
        (np.ones(count - 1, dtype=np.int64), f"answered {count - 1} training images of {count}"),
        (np.full(count, 77), "not all among the 2 labels"),
        (np.ones(count), r"npz is damaged \("),
    ):
        answer(router, wrong)
        with pytest.raises(ModelFolderError, match=message):
            prepared(expert(photos), router)
    np.savez(router / "training_answers.npz", other=np.ones(count))
    with pytest.raises(ModelFolderError, match=r"is damaged .*remove that folder and train"):
        prepared(expert(photos), router)
    (router / "training_answers.npz").write_bytes(b"PK damaged")
    with pytest.raises(ModelFolderError, match=r"is damaged .*remove that folder and train"):
        prepared(expert(photos), router)


def test_router_and_expert_divide_the_same_images(router: Path, photos: Path) -> None:
    other = expert(photos)
    with pytest.raises(ModelFolderError, match=r"trained with another split\.seed than its expert"):
        prepared(other.replace(split=other.split.replace(seed=1)), router)
    identity = json.loads((router / "data.json").read_text())
    identity["train"]["digest"] = "0"
    (router / "data.json").write_text(json.dumps(identity))
    with pytest.raises(ModelFolderError, match="trained with other images or labels than"):
        prepared(other, router)


def test_a_router_that_was_trained_again_keeps_no_expert(router: Path, photos: Path) -> None:
    out, recipe = router.parent / "expert", expert(photos)
    run_training(recipe, out)
    before = answers(router)["answers"]
    other = before.copy()
    other[:2] = other[1::-1] if other[0] != other[1] else 3 - other[:2]
    assert (other != before).any()
    answer(router, before)  # the same, in another file: the expert may stay
    run_training(recipe, out, resume=True)
    answer(router, other)
    message = r"expert: learned from what another router sent.*remove that folder and add --resume"
    with pytest.raises(ModelFolderError, match=message):
        run_training(recipe, out, resume=True)
    (out / "record.json").unlink()  # as if it had begun only
    with pytest.raises(ModelFolderError, match=message):
        run_training(recipe, out, resume=True)
    (out / "division.json").unlink()  # as an earlier version left it
    run_training(recipe, out, resume=True)


def test_only_an_expert_keeps_which_router_divided_its_images(trained: Path) -> None:
    assert not (trained / "division.json").exists()


def test_an_expert_routes_nobody(photos: Path) -> None:
    with pytest.raises(ConfigError, match="leave out answer_training or division"):
        expert(photos, answer_training=True)
