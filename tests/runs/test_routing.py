"""Which experts of a routed model answer, from the model in memory to records and answers."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import run_command
from rich.console import Console
from small_folder import CLASSES, write_small_folder

from labeltree.data.collection import Collection
from labeltree.data.images import FileImages
from labeltree.decoding.answer import Steps
from labeltree.decoding.decoder import Decoder
from labeltree.errors import ConfigError
from labeltree.methods import make_method
from labeltree.prediction import open_predictor, predict_files
from labeltree.probabilities import load_probabilities
from labeltree.runs.evaluation import raw_probabilities, run_evaluation
from labeltree.runs.model_folder import (
    Architecture,
    Model,
    Preprocessing,
    load_model,
    save_model,
)
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(CLASSES)
GROUPS = {  # they cut across the tree; the last one needs no expert
    "fur": ["animal/cat", "animal/dog/pug"],
    "long": ["animal/dog/beagle", "plant/fern"],
    "tall": ["plant/oak"],
}


def new_model(method: str = "routed", options: dict | None = None) -> Model:
    """Untrained, so that the router is not sure."""
    torch.manual_seed(0)
    options = {"groups": GROUPS} if options is None else options
    network = make_method(method, TREE, "slim", options).eval()
    plan = Architecture(method=method, method_options=options, backbone="slim")
    shape = Preprocessing(image_size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3))
    return Model(network, plan, shape, Decoder(1.5))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    save_model(new_model(), folder)
    return folder


def tree_nodes(paths: Sequence[str]) -> list[int]:
    return [TREE.find(path) for path in paths]


def evaluated(folder: Path, photos: Path, out: Path, routing: str | None):
    """The record, and node probabilities as the method gave them."""
    record = run_evaluation(folder, str(photos), out=out, routing=routing)
    return record, load_probabilities(out / "node_probabilities" / "test.npz").probabilities


@pytest.mark.parametrize("routing, most", [("hard", 1), ("top-2", 2), ("top-3", 3), ("soft", 3)])
def test_only_the_most_probable_groups_keep_their_share(
    folder: Path, photos: Path, tmp_path: Path, routing: str, most: int
) -> None:
    _, soft = evaluated(folder, photos, tmp_path / "soft", None)
    record, found = evaluated(folder, photos, tmp_path / "routed", routing)
    nodes = [tree_nodes(group) for group in GROUPS.values()]
    for all_experts, some in zip(soft, found, strict=True):
        shares = [all_experts[group].sum() for group in nodes]
        chosen = sorted(range(3), key=lambda number: -shares[number])[:most]
        for number, group in enumerate(nodes):
            total = sum(shares[other] for other in chosen)
            expected = all_experts[group] / total if number in chosen else 0
            np.testing.assert_allclose(some[group], expected, atol=1e-5)
    assert record["model"]["routing"] == routing


def test_the_record_says_the_routing_and_the_decoder_stays(
    folder: Path, photos: Path, tmp_path: Path
) -> None:
    plain, _ = evaluated(folder, photos, tmp_path / "plain", None)
    hard, _ = evaluated(folder, photos, tmp_path / "hard", "top-1")
    assert plain["model"]["routing"] == "soft" and hard["model"]["routing"] == "hard"
    assert hard["model"]["method_options"]["routing"] == "hard"
    assert hard["decoding"] == plain["decoding"]
    assert hard["cost"]["macs"] < plain["cost"]["macs"]
    assert hard["cost"]["weight_mb"] == plain["cost"]["weight_mb"]


def test_the_model_it_was_made_from_is_untouched_and_lends_its_weights() -> None:
    model = new_model()
    hard = model.with_routing("hard")
    assert (model.routing, hard.routing) == ("soft", "hard")
    assert hard.with_routing("soft").routing == "soft"
    assert model.architecture.method_options == {"groups": GROUPS}
    pairs = zip(model.method.parameters(), hard.method.parameters(), strict=True)
    assert all(ours is theirs for ours, theirs in pairs)
    images = torch.randn(3, 3, 16, 16)
    with torch.no_grad():
        router = hard.method(images)[0]
        assert (router.isfinite().sum(dim=1) == 1).all()
        assert model.method(images)[0].isfinite().all()


def test_a_saved_model_asks_the_same_experts(tmp_path: Path) -> None:
    save_model(new_model().with_routing("top-2"), tmp_path / "model")
    assert load_model(tmp_path / "model").routing == "top-2"


def test_networks_per_category_can_be_routed_too(photos: Path, tmp_path: Path) -> None:
    save_model(new_model("per_category", {"depth": 1}), tmp_path / "model")
    record = run_evaluation(tmp_path / "model", str(photos), routing="hard")
    assert record["model"]["routing"] == "hard"
    again = load_model(tmp_path / "model").with_routing("hard")
    save_model(again, tmp_path / "again")
    assert load_model(tmp_path / "again").routing == "soft"  # that method has no such option


def test_answers_are_of_the_most_probable_group(folder: Path, photos: Path) -> None:
    model = load_model(folder)
    paths = [str(path) for path in sorted(photos.glob("*/*/0*.png"))]
    nowhere = np.zeros(len(paths), dtype=np.int64)
    soft = raw_probabilities(model, Collection(model.taxonomy, FileImages(paths), nowhere))
    answers = predict_files(TorchPredictor(model.with_routing("hard")), paths)
    for probabilities, file in zip(soft, answers, strict=True):
        best = max(GROUPS.values(), key=lambda group: probabilities[tree_nodes(group)].sum())
        assert file.answer is not None and file.answer.path in best


def test_told_a_label_all_experts_answer(photos: Path, tmp_path: Path) -> None:
    save_model(new_model(), tmp_path / "soft")
    save_model(new_model().with_routing("hard"), tmp_path / "hard")
    found = {}
    for name in ("soft", "hard"):
        out, said = tmp_path / f"told {name}", Console(record=True, file=StringIO())
        record = run_evaluation(
            tmp_path / name, str(photos), out=out, given_level="1", console=said
        )
        assert record["model"]["routing"] == "soft"
        assert record["model"]["method_options"].get("routing", "soft") == "soft"
        assert ("all experts answer: soft routing" in said.export_text()) == (name == "hard")
        found[name] = load_probabilities(out / "node_probabilities" / "test.npz").probabilities
    np.testing.assert_array_equal(found["hard"], found["soft"])

    paths = [str(path) for path in sorted(photos.glob("*/*/0*.png"))]

    def steps(asked: Path, known: str) -> list[Steps]:
        predictor = open_predictor(asked, known=known)
        files = predict_files(predictor, paths, TREE.find(known))
        return [file.answer.steps for file in files if file.answer]

    for known in ("plant", "animal/dog"):
        assert steps(tmp_path / "hard", known) == steps(tmp_path / "soft", known)
    hard = predict_files(TorchPredictor(load_model(tmp_path / "hard")), paths)
    at_the_root = [file.answer.steps for file in hard if file.answer]
    assert steps(tmp_path / "hard", "") == at_the_root  # nothing is known


@pytest.mark.parametrize("routing", ["hard", "top-2"])
def test_experts_may_not_be_left_out_where_a_label_is_told(
    folder: Path, photos: Path, capsys: pytest.CaptureFixture[str], routing: str
) -> None:
    with pytest.raises(ConfigError, match=f"--routing {routing} leaves out .* --given") as info:
        run_evaluation(folder, str(photos / "nowhere"), routing=routing, given_level="1")
    assert "\n" not in str(info.value)
    told = ("--routing", routing, "--given", "plant")
    done = run_command(capsys, "predict", folder, photos, *told)
    assert done.code == 2 and f"--routing {routing} leaves out" in done.err
    assert new_model().asking("soft", told=True).routing == "soft"
    assert new_model("flat", {}).asking(None, told=True).routing is None


def test_the_accuracy_is_promised_of_the_routing_that_the_decoder_was_fitted_with(
    folder: Path, photos: Path
) -> None:
    model = load_model(folder)
    model = replace(model, decoder=replace(model.decoder, parameter=0.9, target_accuracy=0.95))
    paths = [str(path) for path in sorted(photos.glob("*/*/00.png"))]
    assert paths

    def reasons(asked: Model) -> list[str]:
        return [
            file.answer.reason
            for file in predict_files(TorchPredictor(asked), paths)
            if file.answer
        ]

    assert all(reason.endswith("keeps 95 % of answers right") for reason in reasons(model))
    for other in (model.with_routing("hard"), model.with_routing("top-2").with_routing("hard")):
        assert all(reason.endswith("right with soft routing") for reason in reasons(other))
    assert reasons(model.with_routing("hard").with_routing("soft")) == reasons(model)


@pytest.mark.parametrize("routing", ["top-4", "top-0", "softly", "Hard", ""])
def test_no_such_routing_is_told_before_any_image(
    folder: Path, tmp_path: Path, routing: str
) -> None:
    with pytest.raises(ConfigError, match="soft") as info:
        run_evaluation(folder, str(tmp_path / "nowhere"), routing=routing)
    assert "\n" not in str(info.value) and repr(routing) in str(info.value)


def test_a_network_without_experts_says_so(photos: Path, tmp_path: Path) -> None:
    model = new_model("flat", {})
    assert model.routing is None
    with pytest.raises(ConfigError, match=r"flat is one network.*--method routed"):
        model.with_routing("soft")
    save_model(model, tmp_path / "flat")
    assert "routing" not in run_evaluation(tmp_path / "flat", str(photos))["model"]
