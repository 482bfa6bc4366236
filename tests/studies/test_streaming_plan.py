"""Which networks the study of paper 003 trains, from what they go on, and on whose data."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from new_images import write_corgis, write_puggles
from small_folder import write_small_folder

from labeltree.errors import ConfigError, DataError
from labeltree.methods import check_names
from labeltree.recipes import Recipe
from labeltree.streaming import StreamingConfig
from labeltree.studies.members import member_folder
from labeltree.studies.running import run_study
from labeltree.studies.streaming import STUDY
from labeltree.studies.streaming.paper import BEST, ROWS, SINGLE_LABEL
from labeltree.studies.streaming.paper import LOSSES as PAPER_LOSSES
from labeltree.studies.streaming.plan import LOSSES, SHARES, SINGLE, UNPROTECTED
from labeltree.studies.study import Asked, Member


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def puggles(photos: Path) -> Path:
    return write_puggles(photos, photos.parent / "puggles")


def members(scale: str, seeds: int = 1, **options: object) -> list[Member]:
    """Of a scale; those of `paper` with other data, since its own are not at hand."""
    return STUDY.scales[scale].members(Asked(seeds, STUDY.options(**options), None))


def folder(member: Member) -> Path:
    return member_folder(Path("out"), member.name, member.recipe)


def kind(member: Member) -> str:
    return next((name for name in ("protection", "retrained") if name in member.labels), "base")


def of(member: Member) -> tuple[object, ...]:
    return tuple(member.labels[name] for name in ("model", "variant", "loss", "seed"))


NAMED = ["smoke", "small", "gpu"]
"""Scales that know their new images."""


@pytest.fixture(params=[*NAMED, "paper"])
def planned(request: pytest.FixtureRequest, photos: Path, puggles: Path) -> list[Member]:
    own = {"data": str(photos), "new": str(puggles)} if request.param == "paper" else {}
    return members(request.param, 2, **own)


def test_every_network_is_named_once_and_can_be_built(planned: list[Member]) -> None:
    assert len({member.name for member in planned}) == len(planned)
    assert len({folder(member) for member in planned}) == len(planned)
    for member in planned:
        recipe = member.recipe
        check_names(recipe.method, recipe.backbone, recipe.method_options)
        assert recipe.training.seed == member.labels["seed"]
        assert (recipe.method == "flat") == (member.labels["loss"] == SINGLE)
        if recipe.method != "flat":
            assert recipe.method_options == {"loss": LOSSES[str(member.labels["loss"])]}


def test_whatever_is_streamed_goes_on_from_its_base(planned: list[Member]) -> None:
    bases = {of(member): member for member in planned if kind(member) == "base"}
    for member in planned:
        recipe = member.recipe
        if kind(member) != "protection":
            assert recipe.streaming == StreamingConfig() and member.after == ()
            continue
        base = bases[of(member)]
        named = Path(os.path.normpath(folder(member) / recipe.streaming.base))
        assert named == folder(base)
        assert member.after == (base.name,)
        assert planned.index(base) < planned.index(member)
        assert recipe.data != base.recipe.data
        # The network, its loss and the order of its images are those of the base.
        same = ("method", "method_options", "backbone", "loading", "split")
        assert all(getattr(recipe, name) == getattr(base.recipe, name) for name in same)


def test_only_protected_networks_have_protections(planned: list[Member]) -> None:
    found = Counter(of(member) for member in planned if kind(member) == "protection")
    singles = {of(member) for member in planned if member.labels["loss"] == SINGLE}
    bases = {of(member) for member in planned if kind(member) == "base"}
    assert set(found) == bases - singles
    for member in planned:
        if kind(member) == "protection" and found[of(member)] == 1:
            assert member.labels["protection"] == UNPROTECTED
    assert all(BEST in network[1] for network, times in found.items() if times > 1)
    assert max(found.values()) > 2


def test_unprotected_means_nothing_but_the_base_is_set(planned: list[Member]) -> None:
    ways = {}
    for member in planned:
        if kind(member) == "protection":
            config = member.recipe.streaming
            assert not config.new_labels
            off = StreamingConfig(base=config.base) == config
            assert off == (member.labels["protection"] == UNPROTECTED)
            ways.setdefault(member.labels["protection"], set()).add(config.replace(base="x"))
    assert all(len(configs) == 1 for configs in ways.values())
    assert len(set().union(*ways.values())) == len(ways), "two names for one protection"


@pytest.mark.parametrize("scale", NAMED)
def test_everything_is_learned_again_for_shares_of_the_epochs_of_the_base(scale: str) -> None:
    planned = members(scale)
    again = [member for member in planned if kind(member) == "retrained"]
    told = [(member.labels["retrained"], member.labels["percent"]) for member in again]
    assert told == [*(("sets", 100 * share) for share in SHARES), ("classes", 100)]
    assert of(again[0]) == of(planned[0]), "the first network that is protected"
    bases = {of(member): member for member in planned if kind(member) == "base"}
    new = next(member.recipe for member in planned if kind(member) == "protection")
    for member in again:
        recipe, base = member.recipe, bases[of(member)].recipe
        epochs = base.training.epochs * member.labels["percent"] / 100
        assert recipe.training == base.training.replace(epochs=epochs)
        assert (recipe.method, recipe.backbone) == (base.method, base.backbone)
        options = {**new.data_options, "originals": True}
        if member.labels["retrained"] == "classes":
            options["as_classes"] = True
        assert (recipe.data, recipe.data_options) == (new.data, options)


@pytest.mark.parametrize("scale", NAMED)
def test_more_seeds_are_the_same_networks_and_others(scale: str) -> None:
    one, two = members(scale, 1), members(scale, 2)
    assert list(map(folder, two[: len(one)])) == list(map(folder, one))
    assert len(two) == 2 * len(one)


def test_equal_recipes_lie_in_one_folder_and_others_do_not() -> None:
    first, again = members("smoke")[0], members("smoke")[0]
    assert folder(first) == folder(again)
    other = again.recipe.replace(training=again.recipe.training.replace(epochs=7))
    assert member_folder(Path("out"), again.name, other) != folder(first)


@pytest.mark.parametrize("scale", NAMED)
def test_each_seed_goes_on_from_its_own_base(scale: str) -> None:
    streamed = [member for member in members(scale, 2) if kind(member) == "protection"]
    bases = {of(member): member.recipe.streaming.base for member in streamed}
    assert len(set(bases.values())) == len(bases)


@pytest.mark.parametrize("scale", ["gpu", "paper"])
def test_the_networks_of_the_tables(scale: str, photos: Path, puggles: Path) -> None:
    own = {"data": str(photos), "new": str(puggles)} if scale == "paper" else {}
    found = {of(member)[:3] for member in members(scale, **own) if kind(member) == "base"}
    assert {(row.model, row.variant, "margin") for row in ROWS} <= found
    assert {(model, "normal", loss) for model, loss in PAPER_LOSSES} <= found
    assert {(model, "normal", SINGLE) for model in SINGLE_LABEL} <= found


def test_the_schedule_of_section_8_1() -> None:
    """0.1 up to epoch 10, 0.01 up to 12, 0.001 up to 15; then 4 epochs of streaming."""
    for member in members("gpu"):
        training = member.recipe.training
        if kind(member) == "protection":
            assert training.epochs == 4
        elif member.labels.get("percent", 100) == 100:
            assert training.epochs == 15 and training.optimizer.learning_rate == 0.1
            assert [round(15 * at) for at in training.schedule.milestones] == [10, 12]


# Whose data.


def recipes(found: list[Member]) -> dict[str, Recipe]:
    return {kind(member): member.recipe for member in found}


def test_ones_own_data_need_ones_own_new_images(photos: Path, puggles: Path) -> None:
    found = recipes(members("smoke", data=str(photos), new=str(puggles)))
    assert set(found) == {"base", "protection"}, "nothing says how both kinds could be joined"
    assert (found["base"].data, found["base"].data_options) == (str(photos), {})
    assert (found["protection"].data, found["protection"].data_options) == (str(puggles), {})
    assert found["base"].loading.image_size == 64, "the recipe for photos"
    assert found["base"].training.epochs == members("smoke")[0].recipe.training.epochs


def test_new_images_may_follow_on_the_data_of_the_scale(tmp_path: Path) -> None:
    (tmp_path / "latin" / "capital a").mkdir(parents=True)
    (tmp_path / "latin" / "capital a" / "1.png").touch()
    found = recipes(members("smoke", new=str(tmp_path)))
    assert found["base"] == recipes(members("smoke"))["base"]
    assert found["protection"].data == str(tmp_path)


@pytest.mark.parametrize("scale", ["smoke", "paper"])
def test_data_without_new_images_are_refused(scale: str, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"follow on .*photos.*--set new=") as told:
        run_study(STUDY, scale, tmp_path / "out", options={"data": str(photos)})
    assert "\n" not in str(told.value) and not (tmp_path / "out").exists()


def test_the_paper_s_new_images_were_never_published() -> None:
    with pytest.raises(ConfigError, match="follow on stanford-dogs"):
        members("paper")


def test_combinations_of_the_scale_do_not_suit_ones_own_categories(
    photos: Path, puggles: Path, tmp_path: Path
) -> None:
    table = tmp_path / "categories.csv"
    table.write_text("category,class\npets,cat\npets,beagle\npets,pug\nplants,oak\nplants,fern\n")
    with pytest.raises(ConfigError, match=r"those of .*categories\.csv\?"):
        members("smoke", categories=table)
    found = recipes(members("smoke", data=str(photos), new=str(puggles), categories=table))
    assert found["base"].data_options == {"categories": str(table)}
    assert found["protection"].data_options == {}, "beagle and pug are found by their names"


def test_labels_that_the_data_lack_are_told_before_anything_is_trained(
    photos: Path, tmp_path: Path
) -> None:
    corgis = write_corgis(tmp_path / "corgis")
    options = {"data": str(photos), "new": str(corgis)}
    with pytest.raises(DataError, match=r"corgi.* is not in the taxonomy") as told:
        run_study(STUDY, "smoke", tmp_path / "out", options=options)
    assert "\n" not in str(told.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize("scale", STUDY.scales)
def test_what_a_scale_says_of_itself_is_so(scale: str, photos: Path, puggles: Path) -> None:
    own = {"data": str(photos), "new": str(puggles)} if scale == "paper" else {}
    found = recipes(members(scale, **own))
    text = STUDY.scales[scale].description
    bases, streamed = (found[part].training.epochs for part in ("base", "protection"))
    assert f"{bases:g} epochs" in text
    assert f"streamed in {streamed:g} epochs" in text or f"{streamed:g} of streaming" in text
    for part, option, phrase in (
        ("base", "size", "16 pixels"),
        ("protection", "size", "16 pixels"),
        ("protection", "pairs", "4 combinations"),
    ):
        assert (scale == "smoke") == (phrase in text)
        if scale == "smoke":
            assert f"{found[part].data_options[option]} " in phrase
