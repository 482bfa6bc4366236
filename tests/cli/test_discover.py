"""`labeltree taxonomy discover`: tables, probabilities, runs and models; what is written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import run_command
from small_folder import CLASSES, small_recipe, write_small_folder

from labeltree.cli.confusion import read_confusion
from labeltree.cli.discover_sources import open_confusion, soft_confusion
from labeltree.data import open_source
from labeltree.probabilities import NodeProbabilities, save_probabilities
from labeltree.runs import run_training
from labeltree.taxonomy import Taxonomy, discover, read_taxonomy

TABLE = """true,manx,beagle,siamese,pug
manx,9,0,1,0
beagle,0,8,0,2
siamese,2,0,8,0
pug,0,1,0,9
"""
GROUPED = {
    "group of beagle/beagle", "group of beagle/pug", "group of manx/manx", "group of manx/siamese"
}  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "confusion.csv"
    path.write_text(TABLE)
    return path


def leaves(tree: Taxonomy) -> set[str]:
    return {tree.paths[leaf] for leaf in tree.leaves}


def test_a_proposal(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_command(capsys, "taxonomy", "discover", table)
    assert result.code == 0, result.err
    assert "proposal: 6 labels, 4 leaves, 2 levels (group > class)" in result.out
    assert all(name in result.out for name in ("group of beagle", "pug", "group of manx"))
    row = next(line for line in result.out.splitlines() if line.split()[:1] == ["2"])
    assert re.findall(r"[\d.]+", row) == ["2", "100.0", "33.3"]  # 4 of 12 ordered pairs
    assert "ARI" not in result.out  # there was no tree
    assert result.out.endswith("add --out FILE to write the tree\n")


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_what_is_written(
    table: Path, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"a tree{ending}"
    result = run_command(capsys, "taxonomy", "discover", table, "--out", out)
    assert result.code == 0, result.err
    assert result.out.splitlines()[-1] == (
        f"labeltree train DATA --method merged --set 'data_options.taxonomy={out}'"
    )
    tree = read_taxonomy(out)
    assert leaves(tree) == GROUPED and tree.level_names == ("group", "class")
    before = out.read_bytes()
    again = run_command(capsys, "taxonomy", "discover", table, "--out", out)
    assert again.code == 2 and "add --overwrite" in again.err
    assert run_command(capsys, "taxonomy", "discover", table, "--out", out, "--overwrite").code == 0
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "writing" in path.name] == []


def test_ranks_of_unequal_depth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A class beside the groups, and names that a table must quote."""
    table, out = tmp_path / "c.csv", tmp_path / "tree.csv"
    table.write_text('x;"a,b";n01440764;alone\n"a,b";5;1;0\nn01440764;2;5;0\nalone;0;0;7\n')
    result = run_command(capsys, "taxonomy", "discover", table, "--out", out)
    assert result.code == 0, result.err
    assert "1 class is never confused and stands beside the groups: alone" in result.out
    assert leaves(read_taxonomy(out)) == {
        "alone", "group of a,b/a,b", "group of a,b/n01440764"
    }  # fmt: skip
    assert run_command(capsys, "taxonomy", "check", out, "--strict").code == 0


def test_levels_and_methods(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"c{number}" for number in range(8)]
    matrix = 9 * np.eye(8) + np.kron(np.eye(4), np.ones((2, 2))) + 0.01
    matrix += 0.1 * np.kron(np.eye(2), np.ones((4, 4)))
    rows = [",".join(map(str, (name, *row))) for name, row in zip(names, matrix, strict=True)]
    path = tmp_path / "c.csv"
    path.write_text("\n".join([",".join(["", *names]), *rows]))
    for method in ("spectral", "agglomerative"):
        options = ("--levels", "2,4", "--method", method)
        result = run_command(capsys, "taxonomy", "discover", path, *options)
        assert "3 levels (group 1 > group 2 > class)" in result.out, result.err
        result = run_command(capsys, "taxonomy", "discover", path, "--groups", "2")
        assert "10 labels, 8 leaves, 2 levels" in result.out, result.err


def test_a_table_of_paths_is_compared_with_its_tree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "leakage.csv"
    words = {"manx": "cat", "siamese": "cat", "beagle": "dog", "pug": "dog"}
    path.write_text(re.sub(r"(?m)\b(manx|siamese|beagle|pug)\b", lambda found: (
        f"{words[found[1]]}/{found[1]}"), TABLE))  # fmt: skip
    result = run_command(capsys, "taxonomy", "discover", path)
    assert result.code == 0, result.err
    row = next(line for line in result.out.splitlines() if line.split()[:1] == ["2"])
    assert row.split()[-2:] == ["1.000", "1.000"]
    assert "ARI with level 1" in result.out and "AMI with level 1" in result.out


def test_names_that_repeat_become_paths(tmp_path: Path) -> None:
    """Leaves are called as `labeltree.data.class_names` calls them, by which images are found."""
    path = tmp_path / "c.csv"
    path.write_text(
        "x,cat/black,dog/black,dog/pug\ncat/black,5,1,0\ndog/black,2,5,1\ndog/pug,0,1,5\n"
    )
    found = read_confusion(path)
    assert found.names == ("cat > black", "dog > black", "pug")
    assert leaves(discover(found.matrix, found.names).taxonomy) == {
        "group of cat > black/cat > black", "group of cat > black/dog > black", "pug"
    }  # fmt: skip


@pytest.mark.parametrize("ending", [".npz", ".parquet"])
def test_probabilities_of_a_flat_classifier(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Columns with bare names are classes without a tree; `adapt` could not use them."""
    names = ["manx", "beagle", "siamese", "pug"]
    values = np.array([[0.7, 0, 0.3, 0], [0, 0.6, 0, 0.4], [0.2, 0, 0.8, 0], [0, 0.3, 0, 0.7]])
    path, out = tmp_path / f"p{ending}", tmp_path / "tree.json"
    if ending == ".npz":
        np.savez(path, probabilities=values, names=np.array(names), target=np.array(names))
    else:
        columns = dict(zip(names, values.T, strict=True))
        pq.write_table(pa.table({**columns, "target": names}), path)
    result = run_command(capsys, "taxonomy", "discover", path, "--out", out)
    assert result.code == 0, result.err
    assert "probabilities of 4 images" in result.out
    assert leaves(read_taxonomy(out)) == GROUPED


def test_soft_confusion_by_hand(tmp_path: Path) -> None:
    """Images known to be a dog only are left out; rows are true leaves."""
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    leaf_values = np.array([[0.5, 0.3, 0.2], [0, 1, 0], [0.1, 0.2, 0.7], [0.2, 0.2, 0.6]])
    targets = np.array([1, 2, 4, 4])
    save_probabilities(tmp_path / "p.npz", tree, tree.roll_up(leaf_values), targets)
    found = open_confusion(tmp_path / "p.npz", None, "validation", None, False)
    expected = [[0.5, 0.3, 0.2], [0, 0, 0], [0.3, 0.4, 1.3]]
    np.testing.assert_allclose(found.matrix, expected, atol=1e-6)
    assert found.names == ("cat", "beagle", "pug")


def test_soft_confusion_is_that_of_leaf_by_leaf() -> None:
    """Exactly, with images of inner nodes and classes without images."""
    tree = Taxonomy.from_paths([*(f"f{c % 3}/c{c}" for c in range(12)), "lone"])
    random = np.random.default_rng(0)
    values = tree.roll_up(random.dirichlet(np.ones(13), 300)).astype(np.float32)
    targets = random.choice(np.delete(np.arange(1, tree.num_nodes), [5, 9]), 300)
    found = soft_confusion(NodeProbabilities(tree, values, targets), Path("p.npz"))
    for row, leaf in zip(found.matrix, tree.leaves, strict=True):
        own = values[targets == leaf][:, tree.leaves]
        np.testing.assert_array_equal(row, own.sum(axis=0, dtype=np.float64))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x,a,b,c\na,1,1,1\nb,1,1\nc,1,1,1\n", ":3: row 'b' has 2 values, the header has 3"),
        ("x,a,b,c\na,1,1,1\nb,1,1,1\n", "class 'c' has a column but no row"),
        ("x,a,b\na,1,1\nb,1,1\nc,1,1\n", "class 'c' has a row but no column"),
        ("x,a,b,c\na,1,1,1\nb,1,-2,1\nc,1,1,1\n", ":3: row 'b', column 'b': -2 is no count"),
        ("x,a,b,c\na,1,1,1\nb,1,1,nan\nc,1,1,1\n", ":3: row 'b', column 'c': nan is no count"),
        ("x,a,b,c\na,1,1,1\nb,1,1,inf\nc,1,1,1\n", ":3: row 'b', column 'c': inf is no count"),
        ("x,a,b,c\na,1,1,many\nb,1,1,1\nc,1,1,1\n", ":2: row 'a', column 'c': 'many' is no number"),
        ("x,a,b,c\na,1,,1\nb,1,1,1\nc,1,1,1\n", ":2: row 'a', column 'b': nothing is no number"),
        ("x;a;b;c\na;1;0,5;1\nb;1;1;1\nc;1;1;1\n", "'0,5' is no number; .*decimal point"),
        ("x,a,b,a\na,1,1,1\nb,1,1,1\nc,1,1,1\n", ":1: column 'a' stands twice"),
        ("x,a,b,c\na,1,1,1\na,1,1,1\nc,1,1,1\n", ":3: row 'a' stands twice"),
        ("x,a,,c\na,1,1,1\nb,1,1,1\nc,1,1,1\n", ":1: a column has no label"),
        ("x,a,b,c\na,1,1,1\n,1,1,1\nc,1,1,1\n", ":3: a row has no label"),
        ("x,a,a/b,c\na,1,1,1\na/b,1,1,1\nc,1,1,1\n", "class 'a' has other classes below it"),
        ("x,a,b//c\na,1,1\nb//c,1,1\n", "its classes make no tree: a label has no name"),
        ("x,a\na,1\n", "1 of 3 classes that grouping takes at least"),
        ("x,a,b,c\na,5,0,0\nb,0,5,0\nc,0,0,5\n", "no class is ever confused"),
        ("x\n", "shape|0 of 3 classes"),
        ("", "no labels in it"),
        ('x,a,"b\na,1,1\n', "check the quotes"),
    ],
)
def test_damaged_tables(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(text)
    result = run_command(capsys, "taxonomy", "discover", path)
    assert result.code == 2 and result.out == ""
    assert re.search(told, result.err), result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_as_programs_save_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Rows in another order than columns, too: classes are known by their labels."""
    head, *rows = TABLE.splitlines()
    text = "\r\n".join([head, *reversed(rows)]).replace(",", delimiter).replace("pug", "été")
    path = tmp_path / "c.csv"
    path.write_bytes(text.encode(encoding))
    found = read_confusion(path)
    assert found.names == ("manx", "beagle", "siamese", "été")
    assert found.matrix.tolist() == [[9, 0, 1, 0], [0, 8, 0, 2], [2, 0, 8, 0], [0, 1, 0, 9]]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--groups", "2", "--levels", "2,3"], "--groups is one level and --levels are several"),
        (["--levels", "2,x"], "numbers of groups from coarse to fine, such as 5,20"),
        (["--levels", "3,2"], "levels 3,2; give numbers of groups from coarse to fine: 2,3"),
        (["--groups", "9"], "9 groups of 4 classes; expected 2 to 3"),
        (["--method", "kmeans"], "method 'kmeans' is not known"),
        (["--data", "glyphs"], "holds no model to run; give a model folder"),
        (["--split", "all"], "--split 'all' is not known; give one of validation, train"),
        (["--out", "tree.txt"], "give a file that ends in .json or .csv"),
        (["--out", "nowhere/tree.json"], "give a file in a folder that exists"),
    ],
)
def test_options_that_do_not_fit(
    table: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "taxonomy", "discover", table, *options)
    assert result.code == 2 and told in result.err
    assert result.err.count("\n") == 1


def test_sources_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(source: Path) -> str:
        result = run_command(capsys, "taxonomy", "discover", source)
        assert result.code == 2 and result.err.count("\n") == 1
        return result.err

    assert "no such file or folder" in refused(tmp_path / "nothing")
    assert "holds no node_probabilities/validation.npz" in refused(tmp_path)
    (tmp_path / "a.pkl").write_bytes(b"")
    assert "no reader for this kind of file" in refused(tmp_path / "a.pkl")
    tree = Taxonomy.from_paths(["a", "b", "c"])
    values = tree.roll_up(np.full((2, 3), 1 / 3))
    save_probabilities(tmp_path / "p.npz", tree, values)
    assert "no image has a class as its label" in refused(tmp_path / "p.npz")
    np.savez(tmp_path / "bad.npz", probabilities=np.array([[0.5, 7.0]]), names=np.array(["a", "b"]))
    assert "column 'b': 7 is above 1" in refused(tmp_path / "bad.npz")


def test_from_a_run_to_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Train, discover, train with the tree: with the command that is printed, options included."""
    folder = write_small_folder(tmp_path / "photos")
    recipe = small_recipe(folder).replace(data_options={"images_per_class": 10})
    run_training(recipe, tmp_path / "run")
    out = tmp_path / "tree.json"
    result = run_command(capsys, "taxonomy", "discover", tmp_path / "run", "--out", out)
    assert result.code == 0, result.err
    assert "ARI with level 1" in result.out
    assert result.out.splitlines()[-1] == (
        f"labeltree train {folder} --method merged --set data_options.images_per_class=10 "
        f"--set data_options.taxonomy={out}"
    )
    tree = read_taxonomy(out)
    assert {tree.names[leaf] for leaf in tree.leaves} == {"cat", "beagle", "pug", "oak", "fern"}
    # The model folder on the same images says the same.
    again = run_command(
        capsys, "taxonomy", "discover", tmp_path / "run/model", "--data", folder,
        "--out", tmp_path / "again.json",
    )  # fmt: skip
    assert again.code == 0, again.err
    assert read_taxonomy(tmp_path / "again.json") == tree


def test_a_flat_folder_under_the_tree(tmp_path: Path) -> None:
    """What is discovered for a flat folder holds its images."""
    write_small_folder(tmp_path / "nested", per_class=2)
    (tmp_path / "flat").mkdir()
    for name in CLASSES:
        (tmp_path / "nested" / name).rename(tmp_path / "flat" / Path(name).name)
    source = open_source(tmp_path / "flat")
    names = [source.taxonomy.names[leaf] for leaf in source.taxonomy.leaves]
    confusion = np.random.default_rng(0).integers(0, 9, (len(names), len(names)))
    tree = discover(confusion, names).taxonomy
    under = open_source(tmp_path / "flat", taxonomy=tree)
    assert under.taxonomy == tree and len(under.train) == len(source.train)
    for was, now in zip(source.train.targets, under.train.targets, strict=True):
        assert source.taxonomy.names[was] == tree.names[now]


def test_a_run_on_some_of_the_classes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole set has classes that the tree lacks; `categories` leaves them out."""
    run = tmp_path / "run"
    (run / "node_probabilities").mkdir(parents=True)
    tree = Taxonomy.from_paths(["a", "b", "c", "d"])
    values = np.kron(np.eye(2), np.full((2, 2), 0.5))
    save_probabilities(
        run / "node_probabilities/validation.npz", tree, tree.roll_up(values), tree.leaves
    )

    def command(data: str, **options: object) -> str:
        recipe = small_recipe(tmp_path).replace(data=data, data_options=options)
        (run / "recipe.yaml").write_text(recipe.to_yaml())
        result = run_command(capsys, "taxonomy", "discover", run, "--out", "t.json", "--overwrite")
        assert result.code == 0, result.err
        return result.out.splitlines()[-1]

    monkeypatch.chdir(tmp_path)
    start = "labeltree train cifar100 --method merged --set data_options"
    assert command("cifar100", classes=4, images_per_class=9) == (
        f"{start}.images_per_class=9 --set data_options.categories=t.json"
    )
    assert command("cifar100", random_groups=2) == f"{start}.taxonomy=t.json"
    assert command("glyphs", classes=4) == (
        "labeltree train glyphs --method merged --set data_options.classes=4 "
        "--set data_options.taxonomy=t.json"
    )
