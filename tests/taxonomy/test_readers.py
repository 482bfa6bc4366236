"""Readers: a small fact for each format, round trips of random trees, files as they really are."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import READERS, Taxonomy, read_taxonomy, save_taxonomy
from labeltree.taxonomy.readers import read_relations

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


def nested(tree: Taxonomy) -> dict[str, Any]:
    below: list[dict[str, Any]] = [{} for _ in range(len(tree))]
    for node in range(1, len(tree)):
        value = below[node] if tree.num_children[node] else None
        below[tree.parents[node]][tree.names[node]] = value
    return below[0]


def rank_rows(tree: Taxonomy) -> list[list[str]]:
    header = [f"rank {depth}" for depth in range(1, tree.depth + 1)]
    return [header, *(tree.paths[node].split("/") for node in range(1, len(tree)))]


def csv_text(rows: list[list[str]], delimiter: str = ",", newline: str = "\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return text.getvalue()


def write_parquet(path: Path, columns: dict[str, list[int | None]], names: dict[str, list[str]]):
    features: dict[str, Any] = {c: {"names": names[c], "_type": "ClassLabel"} for c in names}
    features["img"] = {"_type": "Image"}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)


def write_animals(folder: Path) -> dict[str, Path]:
    """The animals in every format, by the names of the table of readers."""
    paths = {
        "taxonomy.json": folder / "own.json",
        "nested JSON": folder / "animals.json",
        "nested YAML": folder / "animals.yaml",
        "Hugging Face parquet": folder / "animals.parquet",
        "nested folders": folder / "animals",
        "WordNet ids": folder / "wnids.txt",
        "table of edges": folder / "edges.csv",
        "table of ranks": folder / "ranks.csv",
    }
    save_taxonomy(ANIMALS, paths["taxonomy.json"])
    paths["nested JSON"].write_text('{"cat": null, "dog": ["beagle", "pug"]}')
    paths["nested YAML"].write_text("cat:\ndog: [beagle, pug]\n")
    write_parquet(
        paths["Hugging Face parquet"],
        {"kind": [0, 1, 1], "breed": [0, 2, 1]},
        {"breed": ["siamese", "beagle", "pug"], "kind": ["cat", "dog"]},
    )
    for leaf in ("cat", "dog/beagle", "dog/pug"):
        (paths["nested folders"] / leaf).mkdir(parents=True)
        (paths["nested folders"] / leaf / "1.jpg").touch()
    paths["WordNet ids"].write_text("n02123045 tabby\nn02088364 beagle\nn02110958 pug\n")
    paths["table of edges"].write_text("child,parent\nbeagle,dog\ncat,animal\ndog,animal\npug,dog")
    paths["table of ranks"].write_text("kind,breed\ncat,\ndog,beagle\ndog,pug\n")
    return paths


@pytest.mark.parametrize("name", READERS)
def test_every_reader_reads_the_animals(name: str, tmp_path: Path) -> None:
    path = write_animals(tmp_path)[name]
    assert next(key for key, reader in READERS.items() if reader.recognises(path)) == name
    expected = {
        "Hugging Face parquet": ("", "cat", "dog", "cat/siamese", "dog/beagle", "dog/pug"),
        "WordNet ids": ("", "tabby", "dog", "dog/beagle", "dog/pug"),
    }.get(name, ANIMALS.paths)
    assert read_taxonomy(path).paths == expected
    assert read_taxonomy(str(path)) == read_taxonomy(path)
    for place in read_relations(path).places:
        assert str(path) in place


def test_level_names_come_from_headers_and_columns(tmp_path: Path) -> None:
    paths = write_animals(tmp_path)
    assert read_taxonomy(paths["table of ranks"]).level_names == ("kind", "breed")
    assert read_taxonomy(paths["Hugging Face parquet"]).level_names == ("kind", "breed")


@settings(max_examples=60)
@given(
    tree=taxonomies(),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_ranks_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    tree: Taxonomy,
    delimiter: str,
    newline: str,
    encoding: str,
) -> None:
    path = tmp_path_factory.mktemp("ranks") / "tree.csv"
    text = csv_text([*rank_rows(tree), []], delimiter, newline)
    path.write_bytes(text.encode(encoding))
    header = tuple(rank_rows(tree)[0])
    assert read_taxonomy(path) == Taxonomy.from_paths(tree.paths[1:], header)


@settings(max_examples=30)
@given(tree=taxonomies())
def test_nested_and_own_files_round_trip(
    tmp_path_factory: pytest.TempPathFactory, tree: Taxonomy
) -> None:
    folder = tmp_path_factory.mktemp("nested")
    (folder / "tree.json").write_text(json.dumps(nested(tree)), encoding="utf-8")
    (folder / "tree.yaml").write_text(
        yaml.safe_dump(nested(tree), sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    save_taxonomy(tree, folder / "taxonomy.json")
    for name in ("tree.json", "tree.yaml", "taxonomy.json"):
        assert read_taxonomy(folder / name) == tree
    assert read_taxonomy(folder) == tree  # as a model folder


@settings(max_examples=30)
@given(tree=taxonomies())
def test_edges_round_trip(tmp_path_factory: pytest.TempPathFactory, tree: Taxonomy) -> None:
    path = tmp_path_factory.mktemp("edges") / "tree.csv"
    names = [f"{name} {node}" if node else "" for node, name in enumerate(tree.names)]
    pairs = [[names[tree.parents[node]], names[node]] for node in range(1, len(tree))]
    path.write_text(csv_text([["Parent", "Child"], *pairs]), encoding="utf-8")
    assert read_taxonomy(path) == Taxonomy(names, tree.parents)


@settings(max_examples=30)
@given(tree=taxonomies())
def test_folders_round_trip(tmp_path_factory: pytest.TempPathFactory, tree: Taxonomy) -> None:
    folder = tmp_path_factory.mktemp("folders")
    visible = [
        path for path in tree.paths[1:] if not any(part.startswith(".") for part in path.split("/"))
    ]
    for path in visible:
        (folder / path).mkdir(parents=True, exist_ok=True)
    if visible:
        assert set(read_taxonomy(folder).paths[1:]) == set(visible)


@given(st.binary(max_size=200), st.sampled_from([".csv", ".json", ".yaml", ".txt", ".parquet"]))
def test_any_bytes_are_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"tree{suffix}"
    path.write_bytes(data)
    try:
        read_taxonomy(path)
    except TaxonomyError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)


@given(
    st.text("ab,;\"'\n\t{}[]:-&*!#n0 é", max_size=60), st.sampled_from([".csv", ".json", ".yaml"])
)
def test_any_text_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str, suffix: str
) -> None:
    test_any_bytes_are_read_or_refused_in_one_line.hypothesis.inner_test(
        tmp_path_factory, text.encode(), suffix
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("spaces.csv", " a , b\n  big \t dog ,pug\n", ["big dog", "big dog/pug"]),
        ("blank.csv", "\n\na;b\n\n ; \ndog;pug\n\n", ["dog", "dog/pug"]),
        ("quoted.csv", 'a,b\n"dog, big","""pug"""\n', ["dog, big", 'dog, big/"pug"']),
        ("short.csv", "a,b,c\ndog\ncat,manx,,,\n", ["dog", "cat", "cat/manx"]),
        ("accents.csv", "a,b\ne\u0301te\u0301,x\nété,y\n", ["été", "été/x", "été/y"]),
        ("inner.csv", "a,b\ndog,pug\ndog,\n", ["dog", "dog/pug"]),
        ("flat.csv", "class\nb\na\n", ["b", "a"]),
        ("wnid.csv", "group,WNID,name\ndogs,n02110958,pug\n", ["dogs", "dogs/pug"]),
        ("header.csv", '"a;b",c\nx,y\n', ["x", "x/y"]),
        ("old mac.csv", "a,b\rdog,pug\r", ["dog", "dog/pug"]),
        ("tabs.tsv", "a\tb\ndog\tpug, small\n", ["dog", "dog/pug, small"]),
        ("edges.csv", "parent;child\ndog;pug\nlife;cat\nlife;dog\n", ["cat", "dog", "dog/pug"]),
        ("tops.csv", "parent,child\ndog,pug\ncat,manx\n", ["dog", "cat", "dog/pug", "cat/manx"]),
        ("top.csv", "parent,child\n,dog\ndog,pug\n", ["dog", "dog/pug"]),
        ("norway.yaml", "no: [yes, 007, 1.0]\n", ["no", "no/yes", "no/007", "no/1.0"]),
        ("list.yaml", "- cat\n- dog:\n  - pug\n", ["cat", "dog", "dog/pug"]),
        ("list.json", '["cat", {"dog": ["pug", 7]}]', ["cat", "dog", "dog/pug", "dog/7"]),
        ("bom.json", '\ufeff{"cat": {}}', ["cat"]),
        ("ids.csv", "wnid,index\nn02110958,0\nn02088364,1\n", ["pug", "beagle"]),
        ("words.txt", "n02110958\tpug, pug-dog\n\nn02088364\tbeagle\n", ["pug", "beagle"]),
        ("one.txt", "n02110958", ["pug"]),
    ],
)
def test_files_as_people_save_them(
    name: str, text: str, expected: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    assert list(read_taxonomy(path).paths[1:]) == expected


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("gap.csv", "a,b,c\ndog,,pug\n", r"gap\.csv:2: 'b' is empty above 'pug'"),
        ("wide.csv", "a,b\n\ndog,pug,x\n", r"wide\.csv:3: 3 cells, but the header has 2"),
        ("slash.csv", "a,b\ndog,pug/x\n", r"slash\.csv:2: label 'pug/x' holds '/'"),
        ("twice.csv", "a,a\ndog,pug\n", r"twice\.csv:1: rank 'a' stands twice"),
        ("unnamed.csv", "a,,b\ndog,pug,x\n", r"unnamed\.csv:1: column 2 has no name"),
        ("quotes.csv", 'a,b\ndog,"pug\n', r"quotes\.csv:2: .*quotes"),
        ("empty.csv", "", "no labels"),
        ("header.csv", "a,b\n", "no labels"),
        ("three.csv", "parent,child\na,b\na,b,c\n", r"three\.csv:3: 3 cells"),
        ("circle.csv", "parent,child\na,b\nb,c\nc,a\n", r"circle\.csv:4: labels in a circle"),
        (
            "parents.csv",
            "parent,child\n,a\n,b\na,c\nb,c\n",
            r"parents\.csv:5: 'c' stands below 'b'",
        ),
        ("syntax.json", '{"dog":\n}', r"syntax\.json:2: not JSON"),
        ("deep.json", "[" * 100_000, "cannot be read as JSON|not JSON"),
        ("number.json", '{"dog": 3}', r"number\.json: dog: 3 stands here; expected a mapping"),
        ("null.json", "[null]", "null is no label name"),
        ("twice.json", '{"dog": ["a"], "dog": ["b"]}', "'dog' stands already at .*json: dog"),
        ("list.json", '["pug", "pug"]', "'pug' stands already"),
        ("control.json", r'["a\u001b[31m"]', r"json: a\\x1b\[31m: label 'a\\x1b"),
        ("surrogate.json", r'["\ud800"]', "not valid Unicode"),
        ("empty.json", "{}", "no labels"),
        ("empty.yaml", "", "no labels"),
        ("syntax.yaml", "a: b\n c: [", r"syntax\.yaml:2: not YAML"),
        ("alias.yaml", "a: &x [b]\nc: *x\n", r"alias\.yaml:1: an alias repeats this branch"),
        ("circle.yaml", "a: &x\n  b: *x\n", r"circle\.yaml:1: an alias"),
        ("twice.yaml", "dog: [a]\ncat:\ndog: [b]\n", r"twice\.yaml:3: 'dog' stands already"),
        ("value.yaml", "cat:\ndog: pug\n", r"value\.yaml:2: 'pug' stands here"),
        ("key.yaml", "? [a]\n: b\n", r"key\.yaml:1: a list or mapping is no label name"),
        ("two.yaml", "a:\n---\nb:\n", r"two\.yaml:2"),
        (
            "ids.txt",
            "n02110958\nn99999999\n",
            r"ids\.txt:2: 'n99999999' is none of the WordNet ids",
        ),
        ("above.txt", "n02084071\nn02110958\n", r"above\.txt: n02084071 \(dog\) stands above"),
        ("tree.xml", "<a/>", "no reader for this kind of file"),
        ("own.json", '{"labeltree_taxonomy": 1, "names": ["a"]}', "damaged"),
        ("own.json", '{"labeltree_taxonomy": 9}', "no taxonomy of version 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(TaxonomyError, match=message) as error:
        read_taxonomy(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wnid_column_is_no_rank(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("group,wnid,name\ndogs,n02110958,pug\n")
    assert read_taxonomy(path).level_names == ("group", "name")


def test_all_errors_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("a,b\n,x\n,y\n,z\n")
    with pytest.raises(TaxonomyError, match=r"gaps\.csv:2: .* \(2 more: labeltree taxonomy check"):
        read_taxonomy(path)


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("a,b\nx,y\nété,z\n".encode("latin-1"))
    with pytest.raises(TaxonomyError, match=r"latin\.csv:3: not UTF-8"):
        read_taxonomy(path)


def test_no_such_path() -> None:
    with pytest.raises(TaxonomyError, match="no such file or folder"):
        read_taxonomy("nowhere")


def test_known_names_yield_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_taxonomy("imagenet").num_leaves == 1000
    (tmp_path / "imagenet" / "cat").mkdir(parents=True)
    assert read_taxonomy("imagenet").paths == ("", "cat")


class TestFolders:
    def test_hidden_and_files_do_not_matter(self, tmp_path: Path) -> None:
        for name in ("dog/pug", "cat", ".git/x", "__MACOSX", "dog/.thumbs"):
            (tmp_path / name).mkdir(parents=True)
        (tmp_path / "readme.txt").touch()
        assert read_taxonomy(tmp_path).paths == ("", "cat", "dog", "dog/pug")

    def test_links(self, tmp_path: Path) -> None:
        (tmp_path / "photos/dog").mkdir(parents=True)
        (tmp_path / "more/tabby").mkdir(parents=True)
        (tmp_path / "photos/cat").symlink_to(tmp_path / "more")
        assert read_taxonomy(tmp_path / "photos").paths == ("", "cat", "dog", "cat/tabby")
        (tmp_path / "more/back").symlink_to(tmp_path / "photos")
        with pytest.raises(TaxonomyError, match=r"photos/cat/back: this link leads into a folder"):
            read_taxonomy(tmp_path / "photos")

    def test_two_spellings(self, tmp_path: Path) -> None:
        (tmp_path / "été/juin").mkdir(parents=True)
        (tmp_path / "e\u0301te\u0301/aout").mkdir(parents=True)
        with pytest.raises(TaxonomyError, match="'été' stands already at"):
            read_taxonomy(tmp_path)

    @pytest.mark.parametrize("name", [b"\xff\xfe", b"a\nb"])
    def test_names_that_are_no_text(self, name: bytes, tmp_path: Path) -> None:
        (tmp_path / os.fsdecode(name)).mkdir()
        with pytest.raises(TaxonomyError, match="rename it") as error:
            read_taxonomy(tmp_path)
        str(error.value).encode()
        assert "\n" not in str(error.value)

    def test_no_folders(self, tmp_path: Path) -> None:
        with pytest.raises(TaxonomyError, match="no labels"):
            read_taxonomy(tmp_path)


NAMES = {"fine_label": ["pug", "manx", "lab"], "coarse_label": ["cat", "dog"]}


class TestParquet:
    def test_parts_in_a_folder_and_missing_labels(self, tmp_path: Path) -> None:
        write_parquet(
            tmp_path / "a-0.parquet", {"fine_label": [2, None], "coarse_label": [1, 0]}, NAMES
        )
        write_parquet(
            tmp_path / "a-1.parquet",
            {"fine_label": [0, 1, 1], "coarse_label": [1, 0, -1]},
            NAMES,
        )
        tree = read_taxonomy(tmp_path)
        assert tree.paths == ("", "cat", "dog", "cat/manx", "dog/pug", "dog/lab")
        assert tree.level_names == ("coarse", "fine")

    def test_one_column_is_one_level(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        write_parquet(path, {"label": [0]}, {"label": ["b", "a"]})
        assert read_taxonomy(path).paths == ("", "b", "a")

    def test_a_class_in_two_places(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        columns = {"fine_label": [0, 1, 2, 0], "coarse_label": [1, 0, 1, 0]}
        write_parquet(path, columns, NAMES)
        with pytest.raises(TaxonomyError, match=r"a\.parquet row \d: 'pug' stands below"):
            read_taxonomy(path)

    def test_a_class_without_rows_is_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        write_parquet(path, {"fine_label": [0, 1], "coarse_label": [1, 0]}, NAMES)
        assert read_taxonomy(path).paths == ("", "cat", "dog", "cat/manx", "dog/pug")
        found = [finding.kind for finding in read_relations(path).problems]
        assert found == ["unplaced class"]

    def test_a_number_without_a_name(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        write_parquet(path, {"fine_label": [0, 9], "coarse_label": [1, 0]}, NAMES)
        with pytest.raises(TaxonomyError, match=r"row 1: class number 9 has no name"):
            read_taxonomy(path)

    def test_no_class_columns(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"label": [1]}), path)
        with pytest.raises(TaxonomyError, match="no class columns"):
            read_taxonomy(path)

    def test_a_column_that_is_not_there(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        write_parquet(path, {"fine_label": [0]}, NAMES)
        with pytest.raises(TaxonomyError, match="class columns cannot be read"):
            read_taxonomy(path)
