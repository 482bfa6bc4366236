import json
from pathlib import Path

import pytest
from command_line import run_command
from compared_runs import write_answers

from labeltree.taxonomy import Taxonomy

KINDS = Taxonomy.from_paths(["feline", "canine"])


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    many = ["cat", "dog/beagle", "dog/pug"] * 20
    return [
        write_answers(tmp_path / "runs" / name, range(wrong), targets=many, backbone=name, macs=m)
        for name, wrong, m in (("big [net]", 4, 5e6), ("small", 5, 1e6))
    ]


def test_it_tells_what_to_take_and_where_things_lie(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    result = run_command(capsys, "compare", *runs, "--out", out)
    assert result.code == 0, result.err
    assert "runs     2 runs of 2 models on photos" in result.out
    assert "big [net]" in result.out and "93.33" in result.out
    assert "found    Recommended on photos: big [net]." in result.out
    for name in ("report.html", "curves.csv", "confusion_photos_small.csv", "tables.md"):
        assert (out / name).stat().st_size > 0
    assert str(out / "report.html") in result.out and str(out / "curves.csv") in result.out
    again = run_command(capsys, "compare", *runs, "--out", out)
    assert again.code == 2 and "--overwrite" in again.err
    assert run_command(capsys, "compare", *runs, "--out", out, "--overwrite").code == 0
    assert run_command(capsys, "report", out).code == 0


def test_without_out_each_comparison_has_its_own_folder(
    runs: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        assert run_command(capsys, "compare", *reversed(runs)).code == 0
        record = json.loads((tmp_path / f"comparisons/small-{number}/record.json").read_text())
        assert record["kind"] == "comparison"


def test_other_labels(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_answers(tmp_path / "kinds", [0], tree=KINDS, targets=["feline", "canine"])
    out = tmp_path / "out"
    result = run_command(capsys, "compare", other, *runs, "--out", out)
    assert result.code == 2 and result.err.count("\n") == 1
    assert "'feline'" in result.err and "--map" in result.err and "--apart" in result.err
    assert not out.exists()
    result = run_command(capsys, "compare", other, *runs, "--out", out, "--apart")
    assert result.code == 0, result.err
    table = tmp_path / "map.csv"
    table.write_text("from,to\ncat,feline\nbeagle,canine\npug,canine\n")
    result = run_command(capsys, "compare", other, *runs, "--out", tmp_path / "m", "--map", table)
    assert result.code == 0, result.err
    assert "not all runs were tested on the same images" in result.out


@pytest.mark.parametrize("arguments", [("nowhere",), ()])
def test_wrong_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    result = run_command(capsys, "compare", *arguments)
    assert result.code == 2 and result.err
