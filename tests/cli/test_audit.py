import shutil
from pathlib import Path

import pytest
from command_line import run_command
from small_folder import small_recipe, write_small_folder

from labeltree.cli.audit_summary import summary


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from labeltree.runs.training import run_training

    out = tmp_path_factory.mktemp("runs") / "run"
    run_training(small_recipe(photos), out)
    return out


def test_it_tells_what_it_found_and_where_things_lie(
    photos: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my audit"
    result = run_command(capsys, "audit", run, photos, "--out", out, "--split", "train")
    assert result.code == 0, result.err
    assert "(train)" in result.out and "memorised" in result.out
    assert "errors   level 1: " in result.out and "suspects" in result.out
    for name in ("report.html", "confused_pairs.csv", "suspicious_labels.csv", "misfits.csv"):
        assert str(out / name) in result.out
        assert (out / name).stat().st_size > 0
    again = run_command(capsys, "audit", run, photos, "--out", out)
    assert again.code == 2 and "--overwrite" in again.err
    assert run_command(capsys, "audit", run, photos, "--out", out, "--overwrite").code == 0
    rewritten = run_command(capsys, "report", out)
    assert rewritten.code == 0, rewritten.err


@pytest.mark.usefixtures("without_pictures")
def test_without_out_each_audit_has_its_own_folder(
    photos: Path,
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        assert run_command(capsys, "audit", run, photos).code == 0
        assert (tmp_path / f"audits/run-{number}/record.json").is_file()


@pytest.mark.usefixtures("without_pictures")
def test_a_model_alone_is_asked_of_other_images(
    photos: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = shutil.copytree(run / "model", tmp_path / "alone")
    result = run_command(capsys, "audit", alone, photos, "--out", tmp_path / "a")
    assert result.code == 0 and "(all)" in result.out


def test_wrong_arguments(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_command(capsys, "audit", tmp_path, photos, "--out", tmp_path / "a")
    assert result.code == 2 and "config.json is missing" in result.err
    result = run_command(capsys, "audit", tmp_path, photos, "--split", "tets")
    assert result.code == 2 and "'tets'" in result.err


def test_the_summary_of_an_audit_that_found_nothing() -> None:
    record = {
        "notes": [], "accuracy": [{"level": "class", "top1": None, "images": 0}],
        "levels": [], "accounting": [], "pairs": {"within": [], "across": []},
        "misfits": [], "misfits_in_all": 0, "misfits_judged": 0,
        "suspects": [], "suspects_in_all": 0,
    }  # fmt: skip
    assert list(summary(record)) == [
        ("right", "class unknown"),
        ("suspects", "0 images have labels that may be wrong"),
    ]
