"""`labeltree report FOLDER`: the page again, from the files of the folder alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run_command


@pytest.mark.parametrize("kind", ["train", "study"])
def test_it_prints_the_path_of_the_page(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"format": 1, "kind": kind, "name": "mine", "tables": [{"columns": ["a"]}]}
    (tmp_path / "record.json").write_text(json.dumps(record))
    for _ in range(2):
        result = run_command(capsys, "report", tmp_path)
        assert (result.code, result.out) == (0, f"{tmp_path / 'report.html'}\n"), result.err
    assert (tmp_path / "report.html").stat().st_size > 0
    assert (tmp_path / "tables.md").exists() == (kind == "study")


def test_a_folder_without_a_record_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "report", tmp_path)
    assert result.code == 2 and result.out == "" and result.err.count("\n") == 1
    assert "record.json does not exist: a report needs the folder of" in result.err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom labeltree.cli.main import main\n"
        "sys.argv = ['labeltree', 'report', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = {'torch', 'matplotlib', 'plotly', 'jinja2', 'pandas'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "record.json" in done.stdout and done.stdout.splitlines()[-1] == "HEAVY []"
