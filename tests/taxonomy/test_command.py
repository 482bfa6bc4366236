"""`labeltree taxonomy`: what is printed and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import taxonomies
from typer.testing import CliRunner

from labeltree.cli.taxonomy import app
from labeltree.errors import TaxonomyError
from labeltree.taxonomy import Taxonomy, read_taxonomy, save_taxonomy

runner = CliRunner()


@pytest.fixture
def animals(tmp_path: Path) -> str:
    path = tmp_path / "animals.csv"
    path.write_text("kind,breed\ncat,\ndog,beagle\ndog,pug\n")
    return str(path)


def run(*arguments: str) -> tuple[int, str]:
    result = runner.invoke(app, arguments)
    if isinstance(result.exception, TaxonomyError):
        raise result.exception
    return result.exit_code, result.stdout


def test_check_of_a_clean_tree(animals: str) -> None:
    assert run("check", animals) == (0, f"{animals}: 0 errors, 0 warnings\n")
    assert run("check", animals, "--strict", "--json") == (0, "[]\n")


def test_check_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\ncat,\ndog,pug\n")
    code, out = run("check", str(path))
    assert code == 0
    assert out.splitlines() == [
        f"{path}:3: warning: 'dog' has a single child, 'pug', so that there is nothing to choose",
        f"{path}: 0 errors, 1 warning",
    ]
    assert run("check", str(path), "--strict")[0] == 2


def test_check_with_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("parent,child\n,cat\ndog,pug\npug,dog\n")
    code, out = run("check", str(path), "--json")
    assert code == 2
    (error,) = (finding for finding in json.loads(out) if finding["severity"] == "error")
    assert error["kind"] == "cycle"
    assert error["place"] == f"{path}:4"
    with pytest.raises(TaxonomyError, match="labels in a circle"):
        run("show", str(path))


def test_check_of_many_findings_stops_in_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{n},x{n}\n" for n in range(500)))
    lines = run("check", str(path))[1].splitlines()
    assert len(lines) == 102
    assert lines[-2:] == [
        "… and 400 more (--json prints all)",
        f"{path}: 0 errors, 500 warnings",
    ]
    assert len(json.loads(run("check", str(path), "--json")[1])) == 500


def test_nothing_there() -> None:
    for command in ("check", "show"):
        with pytest.raises(TaxonomyError, match="no such file or folder"):
            run(command, "nowhere")


def test_show(animals: str) -> None:
    assert run("show", animals)[1].splitlines() == [
        f"{animals}: 4 labels, 3 leaves, 2 levels (kind > breed)",
        "├── cat",
        "└── dog  2 leaves",
        "    ├── beagle",
        "    └── pug",
    ]
    assert len(run("show", animals, "--depth", "1")[1].splitlines()) == 3
    assert len(run("show", animals, "--depth", "9")[1].splitlines()) == 5


def test_show_imagenet_in_about_a_screen() -> None:
    lines = run("show", "imagenet")[1].splitlines()
    assert lines[0] == "imagenet: 1,375 labels, 1,000 leaves, 16 levels"
    assert 20 < len(lines) < 120
    assert lines[-1] == "5 of 16 levels shown; --depth N shows more"


def test_show_cuts_wide_and_huge_trees(tmp_path: Path) -> None:
    path = tmp_path / "tree.json"
    save_taxonomy(Taxonomy.from_paths([f"x{n}/y" for n in range(1000)]), path)
    lines = run("show", str(path), "--depth", "2")[1].splitlines()
    assert len(lines) == 1 + 20 * 2 + 1
    assert lines[-1] == "└── … 980 more, with 980 leaves"
    save_taxonomy(Taxonomy.from_paths([f"{n % 20}/{n % 400}/{n}" for n in range(8000)]), path)
    assert len(run("show", str(path), "--depth", "3")[1].splitlines()) < 2100


def test_markup_in_names_is_shown_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n[bold]cat\n[\\]\n:dog:\n")
    assert run("show", str(path))[1].splitlines()[1:] == [
        "├── [bold]cat",
        "├── [\\]",
        "└── :dog:",
    ]


@settings(max_examples=30)
@given(tree=taxonomies())
def test_json_can_be_read_again(tmp_path_factory: pytest.TempPathFactory, tree: Taxonomy) -> None:
    folder = tmp_path_factory.mktemp("show")
    save_taxonomy(tree, folder / "taxonomy.json")
    (folder / "shown.json").write_text(run("show", str(folder), "--json")[1], encoding="utf-8")
    assert read_taxonomy(folder / "shown.json") == tree


def test_json_to_a_depth(animals: str) -> None:
    assert json.loads(run("show", animals, "--json")[1]) == {
        "cat": None,
        "dog": {"beagle": None, "pug": None},
    }
    assert json.loads(run("show", animals, "--json", "--depth", "1")[1]) == {
        "cat": None,
        "dog": None,
    }


def test_help_and_reading_import_nothing_heavy(animals: str) -> None:
    code = (
        "import sys; from labeltree.taxonomy import read_taxonomy, check, Taxonomy; "
        f"read_taxonomy({animals!r}); check({animals!r}); import labeltree.cli.taxonomy; "
        "print([m for m in ('torch', 'pyarrow', 'scipy', 'yaml', 'pandas', 'sklearn') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
