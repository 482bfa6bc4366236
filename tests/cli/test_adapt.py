"""`labeltree adapt`: files of any model, runs, models, ensembles."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Result, run_command
from node_probabilities import levelwise
from small_folder import small_recipe, write_small_folder

from labeltree.decoding import adapt, violations
from labeltree.metrics import all_level_answers
from labeltree.probabilities import load_probabilities, save_probabilities
from labeltree.taxonomy import Taxonomy, save_taxonomy

PETS = Taxonomy.from_paths(
    ["cat/manx", "cat/persian", "dog/beagle", "dog/pug"], level_names=["kind", "breed"]
)
# By the levels' own heads: kind right, wrong, right; breed right, right, wrong.
VALUES = np.array(
    [
        [1, 0.9, 0.1, 0.4, 0.2, 0.3, 0.1],
        [1, 0.6, 0.4, 0.1, 0.1, 0.7, 0.1],
        [1, 0.1, 0.9, 0.4, 0.0, 0.3, 0.3],
    ]
)
TARGETS = np.array([PETS.find(path) for path in ("cat/manx", "dog/beagle", "dog/pug")])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pets.npz"
    save_probabilities(path, PETS, VALUES, TARGETS)
    return path


def cells(result: Result, name: str) -> list[str]:
    """The numbers of a printed table's row."""
    assert result.code == 0, result.err
    (line,) = [line for line in result.out.splitlines() if line.strip().startswith(name)]
    text = line.replace("\u202f", "").strip().removeprefix(name)
    return re.findall(r"\S+", text)


def test_levels_before_and_after_beside_other_decoders(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "adapt", file)
    assert cells(result, "as predicted") == ["66.7%", "66.7%", "66.7%", "0.667"]
    # Rows 2 and 3 agree on a dog at last; a beagle and a pug are equally probable.
    assert cells(result, "adapted, α = 1") == ["100.0%", "66.7%", "0.0%", "0.333"]
    assert cells(result, "roll-up") == ["100.0%", "66.7%", "33.3%", "0.667"]
    assert len(cells(result, "HiE")) == len(cells(result, "CRM")) == 4
    assert cells(result, "CRM")[2] == "0.0%"
    assert "each level's best α, on these images: 1, 1" in result.out
    unmoved = run_command(capsys, "adapt", file, "--alpha", "0")
    assert cells(unmoved, "adapted, α = 0") == cells(result, "as predicted")
    assert cells(unmoved, "adapted, α = 1") == cells(result, "adapted, α = 1")


@pytest.mark.parametrize("ending", [".npz", ".parquet"])
def test_what_is_written(
    file: Path, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"adapted{ending}"
    result = run_command(capsys, "adapt", file, "--out", out)
    assert result.code == 0, result.err
    assert f"wrote {out}" in result.out
    found, adapted = load_probabilities(out), adapt(PETS, VALUES.astype(np.float32))
    np.testing.assert_array_equal(found.probabilities, adapted)
    assert found.targets is not None
    np.testing.assert_array_equal(found.targets, TARGETS)
    answers = all_level_answers(PETS, adapted)
    if ending == ".npz":
        with np.load(out, allow_pickle=False) as arrays:
            np.testing.assert_array_equal(arrays["answers"], answers)
    else:
        columns = pq.read_table(out)
        for level, name in enumerate(PETS.level_names):
            told = columns[f"answer {name}"].to_pylist()
            assert told == [PETS.paths[node] for node in answers[:, level]]
    again = run_command(capsys, "adapt", file, "--out", out)
    assert again.code == 2 and "add --overwrite" in again.err
    assert run_command(capsys, "adapt", file, "--out", out, "--overwrite").code == 0


def test_a_model_made_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = {PETS.names[node]: VALUES[:, node] for node in range(1, 7)}
    pq.write_table(pa.table(columns), tmp_path / "p.parquet")
    bare = run_command(capsys, "adapt", tmp_path / "p.parquet")
    assert bare.code == 2 and "--taxonomy FILE" in bare.err
    save_taxonomy(PETS, tmp_path / "tree.json")
    taxonomy = ("--taxonomy", tmp_path / "tree.json")
    result = run_command(capsys, "adapt", tmp_path / "p.parquet", *taxonomy)
    # No labels, so nothing is right or wrong; the second image's kind and the third's breed change.
    assert cells(result, "as predicted") == ["66.7%"]
    assert cells(result, "adapted, α = 1") == ["1", "1", "0.0%"]
    unfounded = run_command(capsys, "adapt", tmp_path / "p.parquet", *taxonomy, "--alpha", "best")
    assert unfounded.code == 2 and "chosen on validation images" in unfounded.err


def test_labels_that_do_not_exclude_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = {"cat": [0.9, 0.2], "cat/manx": [0.8, 0.8], "cat/persian": [0.7, 0.1]}
    pq.write_table(pa.table(columns), tmp_path / "p.parquet")
    out = tmp_path / "o.parquet"
    refused = run_command(capsys, "adapt", tmp_path / "p.parquet")
    assert refused.code == 2 and "sums to 0.9" in refused.err and "--not-exclusive" in refused.err
    result = run_command(capsys, "adapt", tmp_path / "p.parquet", "--not-exclusive", "--out", out)
    assert cells(result, "as predicted") == ["1", "50.0%", "0.600"]
    assert cells(result, "adapted, α = 1") == ["0", "0.0%", "0.000"]
    found = load_probabilities(out, exclusive=False)
    np.testing.assert_allclose(found.probabilities[:, 1:], [[0.9, 0.8, 0.7], [0.5, 0.5, 0.1]])
    assert (violations(found.taxonomy, found.probabilities) == 0).all()
    assert "answer level 1" not in pq.read_schema(out).names


def test_several_sources_are_an_ensemble(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = levelwise(PETS, 3, seed=0)
    columns = {PETS.names[node]: other[:, node] for node in range(6, 0, -1)}
    pq.write_table(pa.table(columns), tmp_path / "other.parquet")
    out = tmp_path / "out.npz"
    result = run_command(capsys, "adapt", file, tmp_path / "other.parquet", "--out", out)
    assert result.code == 0, result.err
    found = load_probabilities(out)
    expected = adapt(PETS, (VALUES + other) / 2)
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-6)
    assert found.targets is not None  # as the first source tells


def test_sources_of_other_images_are_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.npz"
    save_probabilities(other, PETS, VALUES[:2])
    result = run_command(capsys, "adapt", file, other)
    assert result.code == 2
    assert f"{other} has 2 images, {file} 3; an ensemble needs the same" in result.err
    save_probabilities(other, PETS, VALUES, TARGETS[::-1])
    result = run_command(capsys, "adapt", file, other)
    assert f"{other}: row 0 is 'dog/pug', in {file} 'cat/manx'" in result.err
    small = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle"])
    save_probabilities(other, small, levelwise(small, 3, seed=0))
    result = run_command(capsys, "adapt", file, other)
    assert result.code == 2 and "no column for 'dog/pug'" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no.npz",), "no.npz: no such file or folder"),
        (("{}", "--alpha", "3"), "alpha is 3.0; give a number from 0 to 2"),
        (("{}", "--alpha", "most"), "--alpha is 'most'; give a number from 0 to 2"),
        (("{}", "--alpha", "best", "--not-exclusive"), "(1 makes levels agree)\n"),
        (("{}", "--out", "x.csv"), "give a file that ends in .npz or .parquet"),
        (("{}", "--out", "nowhere/x.npz"), "give a file in a folder that exists"),
        (("{}", "--taxonomy", "nowhere.csv"), "nowhere.csv: no such file"),
        (("{}", "--data", "glyphs"), "pets.npz holds no model to run; give a model folder"),
    ],
)
def test_mistakes_are_one_line(
    arguments: tuple[str, ...], message: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "adapt", *(text.format(file) for text in arguments))
    assert result.code == 2
    assert message in result.err
    assert result.err.startswith("error: ") and result.err.count("\n") == 1


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from labeltree.runs.training import run_training

    out = tmp_path_factory.mktemp("runs") / "run"
    run_training(small_recipe(photos).replace(method="merged"), out)
    return out


def test_a_run_has_images_to_choose_alpha_on(
    run: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = run_command(capsys, "adapt", run, "--alpha", "best")
    assert "each level's best α, on validation" in chosen.out
    kept = run_command(capsys, "adapt", run, "--out", tmp_path / "kept.npz")
    model = run_command(
        capsys, "adapt", run / "model", "--data", photos, "--out", tmp_path / "model.npz"
    )
    assert cells(model, "as predicted") == cells(kept, "as predicted")
    first, second = (load_probabilities(tmp_path / f"{name}.npz") for name in ("kept", "model"))
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-5)
    assert second.names is not None and all(name.endswith(".png") for name in second.names)
    both = run_command(capsys, "adapt", run, tmp_path / "model.npz")
    assert both.code == 0, both.err


def test_a_model_alone_needs_images(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_command(capsys, "adapt", run / "model")
    assert result.code == 2 and "add --data DATA" in result.err


def test_a_study_is_no_run_but_holds_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "members").mkdir()
    result = run_command(capsys, "adapt", tmp_path)
    assert result.code == 2 and "a study's runs are in its folder 'members'" in result.err


def test_labels_of_no_image_are_as_good_as_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_probabilities(tmp_path / "p.npz", PETS, VALUES, np.zeros(3, dtype=np.int64))
    result = run_command(capsys, "adapt", tmp_path / "p.npz")
    assert "kind changed" in result.out and "–" not in result.out


def test_a_place_that_cannot_be_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = file.parent / f"{'long' * 60}.npz"  # its name alone fits, that of the unfinished not
    result = run_command(capsys, "adapt", file, "--out", out)
    assert result.code == 2
    assert result.err.startswith(f"error: --out {out}: cannot be written (File name too long)")
    assert [path.name for path in file.parent.iterdir()] == ["pets.npz"]


def test_levels_that_no_longer_sum_to_one_are_counted(capsys, tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug"])
    zero_branch = np.array([[1, 0.6, 0.4, 0, 0, 0.5, 0.5], [1, 0.6, 0.4, 0.3, 0.3, 0.2, 0.2]])
    save_probabilities(tmp_path / "p.npz", tree, zero_branch)
    half = run_command(capsys, "adapt", tmp_path / "p.npz", "--alpha", "0.5")
    assert (half.code, "note: probabilities of 1 image no longer sum to 1" in half.out) == (0, True)
    whole = run_command(capsys, "adapt", tmp_path / "p.npz")
    assert (whole.code, "no longer sum" in whole.out) == (0, False)
