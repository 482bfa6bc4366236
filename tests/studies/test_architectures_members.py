"""The study's networks and data: chosen, checked, trained and put into a record with its files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from small_folder import small_recipe, write_small_folder

from labeltree.errors import ConfigError, DataError
from labeltree.reports import write_report
from labeltree.runs.training import run_training
from labeltree.studies.architectures import STUDY, measure
from labeltree.studies.architectures.networks import Network, check_side, find_networks
from labeltree.studies.architectures.options import (
    ArchitectureOptions,
    data_labels,
    data_names,
    model_names,
)
from labeltree.studies.architectures.paper import INCEPTION, NETWORKS, RESNET, VGG
from labeltree.studies.architectures.scales import DataSet, Plan, members_of
from labeltree.studies.members import member_folder
from labeltree.studies.running import run_study
from labeltree.studies.study import Asked, Member, Scale, Study

Json = dict[str, Any]

# Names of data.


def test_names_stand_between_commas() -> None:
    assert data_names("mnist,cifar10") == ["mnist", "cifar10"] == data_names(" mnist , cifar10 ")
    assert model_names("vgg16, timm:resnet18") == ["vgg16", "timm:resnet18"]


def test_a_path_that_exists_may_hold_commas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cats, dogs").mkdir()
    (tmp_path / "a,b,c").mkdir()
    assert data_names("cats, dogs") == ["cats, dogs"]
    assert data_names("mnist,cats, dogs,a,b,c,a") == ["mnist", "cats, dogs", "a,b,c", "a"]
    assert data_names(f"{tmp_path}/a,b,c") == [f"{tmp_path}/a,b,c"]


@pytest.mark.parametrize("text", ["", ",", "mnist,", "mnist,,cifar10", " "])
def test_an_empty_name_is_refused(text: str) -> None:
    for names in (data_names, model_names):
        with pytest.raises(ConfigError, match="empty name"):
            names(text)


def test_data_are_called_by_the_end_of_their_path_where_that_tells_them_apart() -> None:
    given = ["mnist", "glyphs:12", "x/photos", "y/photos", "z/mnist", "birds/", "."]
    called = ["mnist", "glyphs:12", "x/photos", "y/photos", "z/mnist", "birds", "."]
    assert data_labels(given) == called


def test_data_twice_are_refused() -> None:
    with pytest.raises(ConfigError, match="'mnist' twice"):
        data_labels(["mnist", "cifar10", "mnist"])
    for again in ("./photos", "photos/../photos", str(Path("photos").resolve())):
        with pytest.raises(ConfigError, match="twice"):
            data_labels(["photos", again])


# Names of networks.


def test_the_papers_names_are_its_networks() -> None:
    found = find_networks(list(NETWORKS), {})
    assert [(one.name, one.side) for one in found] == [(VGG, 224), (INCEPTION, 299), (RESNET, 224)]
    assert found[0].backbone == "torchvision:vgg16+fc1000"
    assert find_networks([RESNET], {RESNET: 32}) == [
        Network(RESNET, "torchvision:resnet50+fc1000", 32)
    ]


def test_other_names_are_backbones_with_a_size_of_their_own() -> None:
    names = ["slim-w32", "torchvision:resnet18", "timm:efficientnet_b3", "timm:resnet18.a1_in1k"]
    found = find_networks(names, {"slim-w32": 20})
    assert [one.name for one in found] == names == [one.backbone for one in found]
    assert [one.side for one in found] == [20, 224, 288, 224], "timm tells 288 for efficientnet_b3"
    assert find_networks(["slim"], {}) == [Network("slim", "slim", None)]


@pytest.mark.parametrize("name", ["torchvision:inception_v3+aux+fc1000", INCEPTION])
def test_a_backbone_that_is_the_papers_has_its_name(name: str) -> None:
    assert find_networks([name], {})[0].name == INCEPTION
    with pytest.raises(ConfigError, match="'inception_v3' twice"):
        find_networks([INCEPTION, name], {})


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("vgg61", "'vgg16'"), ("resnet500", "'resnet50'"), ("slimm", "'slim'"), ("zzz", "vgg16, ")],
)
def test_unknown_networks_are_refused_with_the_nearest_name(name: str, nearest: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown network '{name}'; ") as raised:
        find_networks(["slim", name], {})
    assert nearest in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "nearest"), [("timm:resnet5O", "timm:resnet50"), ("torchvision:vgg12", "vgg")]
)
def test_networks_that_a_library_does_not_have(name: str, nearest: str) -> None:
    (network,) = find_networks([name], {})
    with pytest.raises(ConfigError, match=nearest):
        check_side(network, 224)


def test_the_smallest_side_is_told() -> None:
    (network,) = find_networks([INCEPTION], {})
    check_side(network, 75)
    with pytest.raises(ConfigError, match=r"inception_v3 needs .* 75 pixels, got 74; --set image"):
        check_side(network, 74)


# Members.


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("work") / "data")


@pytest.fixture(scope="module")
def other_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("work") / "other", side=14)


def plan(data: Path) -> Plan:
    recipe = small_recipe(data)
    recipe = recipe.replace(loading=recipe.loading.replace(image_size=None))
    return Plan(
        recipe,
        {str(data): DataSet(1, {"images_per_class": 11}, side=16)},
        ("slim-w16", "resnet18-w4"),
        {"resnet18-w4": 12},
        epochs=2,
    )


def planned(own: Path, /, seeds: int = 1, **options: Any) -> list[Member]:
    return members_of(plan(own), Asked(seeds, ArchitectureOptions(**options), None))


def test_every_network_on_all_data_with_every_seed(data: Path, other_data: Path) -> None:
    members = planned(data, seeds=2, data=f"{other_data},{data}")
    assert [tuple(one.labels.values()) for one in members] == [
        (name, model, seed)
        for seed in (0, 1)
        for name in ("other", "data")
        for model in ("slim-w16", "resnet18-w4")
    ]
    assert len({one.name for one in members}) == 8
    for one in members:
        assert one.recipe.training.seed == one.labels["seed"] and one.recipe.split.seed == 0
        assert one.recipe.backbone == one.labels["model"]


def test_a_scale_s_own_data_have_its_options_and_others_none(data: Path, other_data: Path) -> None:
    other, _, own, _ = (one.recipe for one in planned(data, data=f"{other_data},{data}"))
    assert (own.training.epochs, own.data_options) == (1, {"images_per_class": 11})
    assert (other.training.epochs, other.data_options) == (2, {})
    sides = [one.recipe.loading.image_size for one in planned(data, data=f"{other_data},{data}")]
    assert sides == [14, 12, 16, 12], "the images' own where nothing else is said"


def test_options_hold_for_all(data: Path) -> None:
    for one in planned(data, image_size=24, epochs=7, models="slim-w16,slim-w32"):
        assert one.recipe.loading.image_size == 24 and one.recipe.training.epochs == 7


def test_nothing_is_planned_for_networks_or_sizes_that_cannot_be(data: Path) -> None:
    for options, message in (
        ({"models": "vgg16,slmi"}, "unknown network 'slmi'; did you mean 'slim'"),
        ({"models": "slim-w16,inception_v3", "image_size": 32}, "at least 75 pixels, got 32"),
        ({"models": "slim-w16", "image_size": 1}, "slim-w16 needs images of at least"),
        ({"models": "slim-w16,slim-w16"}, "twice"),
        ({"data": "mnits"}, "did you mean 'mnist'"),
        ({"data": f"{data},{data}"}, "twice"),
    ):
        with pytest.raises((ConfigError, DataError), match=message):
            planned(data, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs"),
        ({"image_size": 0}, "image_size"),
        ({"image_size": 5000}, "image_size"),
        ({"dta": "mnist"}, "did you mean 'data'"),
    ],
)
def test_options_are_checked(options: Json, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ArchitectureOptions(**options)


# Weights.


def test_missing_weights_are_all_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "slim-w16.safetensors").write_bytes(b"")
    models = "slim-w16,resnet18-w4,torchvision:resnet18"
    with pytest.raises(ConfigError, match=r"resnet18-w4.saf.* and torchvision-resnet18.saf") as one:
        planned(data, weights=tmp_path, models=models)
    assert "slim-w16" not in str(one.value)


def test_weights_are_tried_before_training(data: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from labeltree.backbones import make_backbone

    for name in ("slim-w16", "resnet18-w4"):
        save_file(make_backbone("slim-w16").state_dict(), tmp_path / f"{name}.safetensors")
    (member,) = planned(data, weights=tmp_path, models="slim-w16")
    assert member.recipe.weights == tmp_path / "slim-w16.safetensors"
    with pytest.raises(ConfigError, match=r"resnet18-w4\.safetensors: they do not fit"):
        planned(data, weights=tmp_path)


def test_downloaded_weights_are_timms_only(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no weights to download for slim-w16 and resnet18-w4"):
        planned(data, pretrained=True)
    with pytest.raises(ConfigError, match="set one of them"):
        planned(data, pretrained=True, weights=tmp_path, models="timm:resnet18")
    (member,) = planned(data, pretrained=True, models="timm:resnet18", image_size=32)
    assert member.recipe.pretrained and member.recipe.backbone == "timm:resnet18"


# The scales.


@pytest.mark.parametrize("name", STUDY.scales)
def test_at_every_scale_other_data_and_networks_can_be_studied(name: str, other_data: Path) -> None:
    options = STUDY.options(data=str(other_data), models=f"slim,{RESNET}")
    members = STUDY.scales[name].members(Asked(1, options, None))
    assert [(one.labels["data"], one.labels["model"]) for one in members] == [
        ("other", "slim"), ("other", RESNET),
    ]  # fmt: skip
    sides = [one.recipe.loading.image_size for one in members]
    assert sides == [14, 32 if name in ("smoke", "small") else 224]


def test_smoke_takes_nothing_that_must_be_fetched() -> None:
    members = STUDY.scales["smoke"].members(Asked(2, STUDY.options(), None))
    assert {one.labels["data"] for one in members} == {"glyphs:12", "digits"}
    assert len(members) == 2 * 3 * 2
    assert any(one.recipe.backbone.endswith("+fc1000") for one in members)


# The record.


@pytest.fixture(scope="module")
def study(data: Path) -> Study:
    return Study(
        "architectures",
        "A tiny one",
        "nowhere",
        {"tiny": Scale("tiny", 2, lambda asked: members_of(plan(data), asked))},
        measure,
        ArchitectureOptions,
    )


@pytest.fixture(scope="module")
def out(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose members are trained, in this process: starting others takes longer."""
    folder = tmp_path_factory.mktemp("work") / "study"
    for one in planned(data, seeds=2):
        run_training(one.recipe, member_folder(folder, one.name, one.recipe))
    return folder


@pytest.fixture(scope="module")
def record(study: Study, out: Path) -> Json:
    return run_study(study, "tiny", out, resume=True)


def test_the_record_has_a_row_for_each_run(record: Json) -> None:
    assert [(row["dataset"], row["model"], row["seed"]) for row in record["rows"]] == [
        ("data", model, seed) for model in ("slim-w16", "resnet18-w4") for seed in (0, 1)
    ]
    keys = {
        "dataset", "model", "top1", "train_top1", "epochs", "seconds_per_epoch", "params",
        "weight_mb", "macs", "images_per_second",
    }  # fmt: skip
    for row in record["rows"]:
        assert keys <= row.keys() and None not in [row[key] for key in keys]
        assert row["epochs"] == 1 and 0 <= row["top1"] <= 1
        assert row["top5"] is None, "there are no more than five classes"
        assert row["paper_top1"] is None, "the paper has neither these data nor these networks"
    assert record["findings"] == [] and record["conclusions"]
    assert [member["data"] for member in record["members"]] == ["data"] * 4


def test_files_lie_beside_the_record(record: Json, out: Path) -> None:
    assert json.loads((out / "record.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(record)
    )
    with (out / "curves.csv").open(encoding="utf-8", newline="") as file:
        curves = list(csv.DictReader(file))
    assert len(curves) == 4, "an epoch each"
    for kind in ("confusion", "misclassified"):
        assert {path.name for path in out.glob(f"{kind}_*.csv")} == {
            f"{kind}_data_{model}.csv" for model in ("slim-w16", "resnet18-w4")
        }


def test_the_record_gets_a_report(record: Json, out: Path) -> None:
    page = write_report(out).read_text(encoding="utf-8")
    assert "A tiny one" in page and "resnet18-w4" in page


def test_measuring_again_changes_nothing(study: Study, record: Json, out: Path) -> None:
    again = run_study(study, "tiny", out, resume=True)
    assert [again[key] for key in ("rows", "curves", "tests", "tables")] == [
        record[key] for key in ("rows", "curves", "tests", "tables")
    ]
