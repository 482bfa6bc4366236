"""Tables of every kind: what is found by itself, what is refused and where."""

import io
import json
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from strategies import taxonomies

from labeltree.data import Collection, EncodedImages, Source, check_images, open_source
from labeltree.data.sources import parquet
from labeltree.data.sources.table import open_table
from labeltree.errors import ConfigError, DataError, LabeltreeError
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import NONE


def paths_of(part: Collection | None) -> list[str]:
    assert part is not None
    return [part.taxonomy.paths[target] for target in part.targets]


def png(value: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("L", (2, 2), value).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(4):
        (tmp_path / f"{i} é.png").write_bytes(png(i))
    return tmp_path


def write(folder: Path, text: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


LABELS = ["cat", "dog/beagle", "dog/pug", "dog"]


def test_csv_with_a_label_path(folder: Path) -> None:
    text = "image,label\n" + "".join(f"{i} é.png,{label}\n" for i, label in enumerate(LABELS))
    source = open_source(write(folder, text))
    assert paths_of(source.train) == LABELS
    assert source.name == "table"
    assert "label from 'label'" in source.notes[0]
    assert source.train.images.read(2).getpixel((0, 0)) == (2, 2, 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_with_ranks(folder: Path, delimiter: str, encoding: str) -> None:
    rows = ["species,id,kind,image,split", "pug,7,dog,0 é.png,train", "beagle,8,dog,1 é.png,val"]
    rows += [",9,cat,2 é.png,Test", "", '"pug",1,dog,3 é.png,train']
    text = "\n".join(rows).replace(",", delimiter)
    path = write(folder, text, encoding=encoding)
    source = open_table(path, ranks="kind, species")
    assert source.taxonomy.level_names == ("kind", "species")
    assert paths_of(source.train) == ["dog/pug"] * 2
    assert paths_of(source.validation) == ["dog/beagle"]
    assert paths_of(source.test) == ["cat"]
    assert not source.notes


def test_ranks_are_found_and_turned_round(folder: Path) -> None:
    rows = ["0 é.png,pug,dog", "1 é.png,beagle,dog", "2 é.png,tabby,cat"]
    for header, cells in (
        ("path,species,kind", rows),
        ("path,kind,species", [",".join(row.split(",")[i] for i in (0, 2, 1)) for row in rows]),
    ):
        source = open_table(write(folder, "\n".join([header, *cells])))
        assert source.taxonomy.paths[1:3] == ("cat", "dog")
        assert "label from 'kind / species'" in source.notes[0]


def test_jsonl(folder: Path) -> None:
    rows = [
        {"file_name": "0 é.png", "label": ["dog", "pug"]},
        {"file_name": "1 é.png", "label": "cat", "extra": None},
        {"file_name": "2 é.png", "label": 7, "extra": float("nan")},
    ]
    text = "\n".join(map(json.dumps, rows)) + "\n\n"
    assert paths_of(open_table(write(folder, text, "t.jsonl")).train) == ["dog/pug", "cat", "7"]


def test_images_are_looked_up_beside_the_table_then_in_the_root(folder: Path) -> None:
    tables = folder / "tables"
    tables.mkdir()
    path = write(tables, f"image,label\n0 é.png,a\n{folder / '1 é.png'},b\n")
    source = open_table(path, data_root=folder)
    assert len(source.train) == 2
    with pytest.raises(DataError, match=r"table.csv line 2: image '0 é.png' is not a file under"):
        open_table(path)


def test_another_separator(folder: Path) -> None:
    path = write(folder, "image,label\n0 é.png,dog > pug\n1 é.png,cat\n")
    assert paths_of(open_table(path, separator=">").train) == ["dog/pug", "cat"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("image,label\n0 é.png,\n", {}, "line 2: a label has no name"),
        ("image,label\n0 é.png,a//b\n", {}, "line 2: a label has no name"),
        (
            "image,label\n\n0 é.png,a\nx.png,b\ny.png,b",
            {},
            r"line 4: image 'x.png'.*\(2 rows in all\)",
        ),
        ("image,label\n0 é.png,a,b\n", {}, "line 2: 3 cells, expected 2"),
        ("image,label\n0 é.png\n", {}, "line 2: 1 cells, expected 2"),
        ("image,label\n0 é.png,a\n", {"label": "labl"}, r"no column 'labl'; did you mean 'label'"),
        ("image,label\n0 é.png,a\n", {"image": "x"}, "no column 'x'; its columns: image, label"),
        ("image,label\n0 é.png,a\n", {"split": "part"}, "no column 'part'"),
        ("image,label\n0 é.png,a\n", {"ranks": ["label", "b"]}, "no column 'b'"),
        ("image,label\n0 é.png,a\n", {"ranks": "label", "label": "label"}, "give one of them"),
        ("image,label\n0 é.png,a\n", {"labels": "label", "label": "label"}, "give one of them"),
        ("image,label\n0 é.png,a\n", {"labels": "lable"}, r"no column 'lable'; did you mean 'lab"),
        ("picture,label\n0 é.png,a\n", {}, "none of the columns picture, label looks like"),
        ("image,id\n0 é.png,3\n", {}, r"no column is left for the label \(columns: image, id\)"),
        ("image,label,split\n0 é.png,a,trian\n", {}, "line 2: split is 'trian'; expected train"),
        ("image,label,split\n0 é.png,a,test\n", {}, "no row is for training"),
        ("image,k,s\n0 é.png,,a\n", {"ranks": "k,s"}, "line 2: a label has no name"),
        ("image,k,s\n0 é.png,x,a/b\n", {"ranks": "k,s"}, "line 2: label 'a/b' holds '/'"),
        ("image,k,s\n0 é.png,,\n", {"ranks": "k,s"}, "line 2: a label has no name"),
        ("image,image\n0 é.png,a\n", {}, "column 'image' stands twice"),
        ("", {}, "no header"),
        ("\n\n", {}, "no header"),
        ("image,label\n", {}, "no rows"),
        ('image,label\n"0 é.png,a\n', {}, "line"),
    ],
)
def test_bad_csv(folder: Path, text: str, options: dict, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        open_table(write(folder, text), **options)
    assert "table.csv" in str(caught.value) or "give one" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[1]", "line 1: expected an object"),
        ('{"image": "0 é.png", "label": {"a": 1}}', "line 1: a value is an object"),
        ('{"image": "0 é.png", "label": "a"}\n{"image": "0 é.png"}', "line 2: a label has no name"),
        ('{"image": "0 é.png", "label": [null, "a"]}', "line 1: a label has no name"),
        ("[" * 100_000, "line 1: not JSON"),
    ],
)
def test_bad_jsonl(folder: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        open_table(write(folder, text, "t.jsonl"))


def test_files_that_are_no_tables(folder: Path) -> None:
    with pytest.raises(DataError, match="save it as UTF-8"):
        open_table(write(folder, "image,label\nü,é\n", encoding="latin-1"))
    with pytest.raises(DataError, match="no such table"):
        open_table(folder / "none.csv")
    with pytest.raises(DataError, match="not a readable parquet file"):
        open_table(write(folder, "PAR1", "t.parquet"))
    with pytest.raises(ConfigError, match="no such option of this source: 'lable'; did you mean"):
        open_source(write(folder, "image,label\n0 é.png,a\n"), lable="x")


def hugging_face(names: list[str]) -> dict[bytes, bytes]:
    features = {"label": {"names": names, "_type": "ClassLabel"}}
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


def write_parquet(path: Path, columns: dict, metadata: dict[bytes, bytes] | None = None) -> Path:
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)
    return path


def test_parquet_with_bytes_and_class_names(tmp_path: Path) -> None:
    columns = {"image": [{"bytes": png(i), "path": None} for i in range(3)], "label": [2, 0, 2]}
    path = write_parquet(tmp_path / "t.parquet", columns, hugging_face(["cat", "empty", "dog/pug"]))
    source = open_source(path)
    assert paths_of(source.train) == ["dog/pug", "cat", "dog/pug"]
    assert source.taxonomy.paths == ("", "cat", "empty", "dog", "dog/pug")
    assert source.train.images.name(1) == "t.parquet row 1"
    assert source.train.images.read(2).getpixel((0, 0)) == (2, 2, 2)


def test_parquet_with_paths_and_lists(folder: Path) -> None:
    columns = {"image": ["0 é.png", "1 é.png"], "label": [["dog", "pug"], ["cat"]]}
    source = open_table(write_parquet(folder / "t.parquet", columns))
    assert paths_of(source.train) == ["dog/pug", "cat"]


def sets_of(part: Collection | None) -> list[list[str]]:
    """Each image's labels; those that were not annotated with a question mark."""
    assert part is not None and part.sets is not None
    paths = part.taxonomy.paths
    return [
        [paths[node] if node >= 0 else f"?{paths[-2 - node]}" for node in row if node != NONE]
        for row in part.sets.tolist()
    ]


PUGGLE = ["dog/beagle", "dog/pug"]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_with_combined_labels(folder: Path, delimiter: str) -> None:
    rows = ["image,Labels,unknown,split", "0 é.png,dog/pug; dog/beagle,,train"]
    rows += ["1 é.png,cat,dog,train", "2 é.png,cat;dog/pug,dog/beagle ;fish,test"]
    source = open_source(write(folder, "\n".join(rows).replace(",", delimiter)))
    assert source.taxonomy.paths == ("", "cat", "dog", "fish", "dog/beagle", "dog/pug")
    assert sets_of(source.train) == [PUGGLE, ["cat", "?dog"]]
    assert sets_of(source.test) == [["cat", "dog/pug", "?fish", "?dog/beagle"]]
    assert paths_of(source.train) == ["dog", "cat"]  # what a puggle's labels have in common
    assert source.notes == (
        "image from column 'image', labels from 'Labels', unknown ones from 'unknown', "
        "split from 'split'",
    )


@pytest.mark.parametrize(
    "labels",
    [
        "dog/beagle;dog/pug",
        ["dog/beagle", "dog/pug"],
        [["dog", "beagle"], ["dog", "pug"]],
        ["dog/beagle", ["dog", "pug"]],
    ],
)
def test_jsonl_with_combined_labels(folder: Path, labels: object) -> None:
    rows = [
        {"image": "0 é.png", "labels": labels, "unknown": ["cat"]},
        {"image": "1 é.png", "labels": ["cat"]},
        {"image": "2 é.png", "labels": 7, "unknown": None},
    ]
    source = open_table(write(folder, "\n".join(map(json.dumps, rows)), "t.jsonl"))
    assert sets_of(source.train) == [[*PUGGLE, "?cat"], ["cat"], ["7"]]


def test_one_label_each_makes_no_sets(folder: Path) -> None:
    source = open_table(write(folder, "image,labels,unknown\n0 é.png,cat,\n1 é.png,dog/pug,\n"))
    assert source.train.sets is None
    assert paths_of(source.train) == ["cat", "dog/pug"]


def test_a_column_is_chosen(folder: Path) -> None:
    rows = ["image,label,labels,breeds", "0 é.png,dog,dog/beagle;dog/pug,cat;dog/beagle"]
    path = write(folder, "\n".join(rows))
    assert paths_of(open_table(path).train) == ["dog"]
    assert sets_of(open_table(path, label="labels").train) == [PUGGLE]
    assert sets_of(open_table(path, labels="breeds").train) == [["cat", "dog/beagle"]]
    assert paths_of(open_table(path, label="breeds").train) == ["cat;dog/beagle"]


def test_combined_labels_with_another_separator(folder: Path) -> None:
    path = write(folder, "image,labels\n0 é.png,dog > beagle;dog > pug\n")
    assert sets_of(open_table(path, separator=">").train) == [PUGGLE]


def test_all_parts_have_sets_if_one_has(tmp_path: Path) -> None:
    for name, labels in (("train-0", [["cat"], ["dog"]]), ("test-0", [["cat", "dog"]])):
        columns = {"image": pa.array([png()] * len(labels), pa.binary()), "labels": labels}
        write_parquet(tmp_path / f"{name}.parquet", columns)
    source = open_source(tmp_path)
    assert sets_of(source.train) == [["cat"], ["dog"]]
    assert sets_of(source.test) == [["cat", "dog"]]
    assert source.train.sets.shape == (2, 2)
    columns = {"image": pa.array([png()], pa.binary()), "labels": [["cat", "cat"]]}
    write_parquet(tmp_path / "test-0.parquet", columns)
    with pytest.raises(DataError, match=r"test-0.parquet row 0: bad label set: 'cat' stands in it"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    "feature",
    [
        [{"names": ["cat", "fish", "dog/beagle", "dog/pug"], "_type": "ClassLabel"}],
        {"feature": {"names": ["cat", "fish", "dog/beagle", "dog/pug"]}, "_type": "Sequence"},
    ],
)
def test_parquet_with_lists_of_class_labels(tmp_path: Path, feature: object) -> None:
    stored = {b"huggingface": json.dumps({"info": {"features": {"labels": feature}}}).encode()}
    columns = {"image": [png(), png()], "labels": [[3, 2], [0]], "unknown": [[], ["dog"]]}
    source = open_table(write_parquet(tmp_path / "t.parquet", columns, stored))
    assert source.taxonomy.paths == ("", "cat", "fish", "dog", "dog/beagle", "dog/pug")
    assert sets_of(source.train) == [PUGGLE, ["cat", "?dog"]]
    path = write_parquet(tmp_path / "t.parquet", {"image": [png()], "labels": [[1, 4]]}, stored)
    with pytest.raises(DataError, match="row 0: class 4 in column 'labels' has no name; there are"):
        open_table(path)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("cat,\n1 é.png,,", "line 3: no label; name at least one"),
        (",", "line 2: no label; name at least one"),
        ("cat,\n1 é.png,dog/pug;cat;dog/pug,", "line 3: bad label set: 'dog/pug' stands in it tw"),
        ("dog/pug;dog,", "line 2: bad label set: 'dog' stands in it together with 'dog/pug'"),
        ("cat,dog;cat", "line 2: bad label set: 'cat' is present and unknown at once"),
        ("cat;,", "line 2: a label has no name"),
        ("cat,;", "line 2: a label has no name"),
        ("cat;dog//pug,", "line 2: a label has no name"),
    ],
)
def test_bad_combined_labels(folder: Path, cells: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"table\.csv {message}") as caught:
        open_table(write(folder, f"image,labels,unknown\n0 é.png,{cells}\n"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("labels", [[[]], [["cat"], []], [{"cat": 1}], ["cat", None]])
def test_bad_combined_labels_in_jsonl(folder: Path, labels: list) -> None:
    rows = [{"image": "0 é.png", "labels": "cat"}, {"image": "1 é.png", "labels": labels}]
    with pytest.raises(
        DataError, match=r"t\.jsonl line 2: (a label has no name|a value is an obj)"
    ):
        open_table(write(folder, "\n".join(map(json.dumps, rows)), "t.jsonl"))


def test_a_folder_of_parquet_files(tmp_path: Path) -> None:
    for name, label in (("train-0", 0), ("train-1", 1), ("validation-0", 1), ("test-0", 0)):
        columns = {"image": pa.array([png()], pa.binary()), "label": [label]}
        write_parquet(tmp_path / f"{name}.parquet", columns, hugging_face(["cat", "dog"]))
    source = open_source(tmp_path)
    assert {name: paths_of(part) for name, part in source.parts.items()} == {
        "train": ["cat", "dog"],
        "validation": ["dog"],
        "test": ["cat"],
    }
    assert source.train.images.name(1) == "train-1.parquet"


def test_a_large_parquet_stays_on_disk(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "IN_MEMORY", 0)
    columns = {"image": pa.array([png(i) for i in range(3)]), "label": ["a", "b", "b"]}
    path = write_parquet(tmp_path / "t.parquet", columns)
    for _ in range(2):
        source = open_table(path)
        assert source.train.images.content(2) == png(2)
    images = source.train.images
    assert isinstance(images, EncodedImages)
    sent = pickle.dumps(images.subset([2, 1]))  # as a worker process would get it
    assert len(sent) < 1000
    assert pickle.loads(sent).content(0) == png(2)
    (copy,) = (own_cache / "columns").iterdir()
    copy.write_bytes(b"damaged")
    with pytest.raises(DataError, match="delete that file"):
        open_table(path)


KINDS = {
    "large bytes": lambda images: pa.array(images, pa.large_binary()),
    "bytes of one length": lambda images: pa.array(images, pa.binary(len(images[0]))),
    "view of bytes": lambda images: pa.array(images, pa.binary_view()),
    "dictionary": lambda images: pa.array(images).dictionary_encode(),
    "struct of a dictionary": lambda images: pa.StructArray.from_arrays(
        [pa.array(images).dictionary_encode()], ["bytes"]
    ),
    "only paths": lambda images: pa.array(
        [{"bytes": None, "path": f"{i} é.png"} for i in range(len(images))]
    ),
    "some paths": lambda images: pa.array(
        [{"bytes": images[0], "path": "no such.png"}]
        + [{"bytes": None, "path": f"{i} é.png"} for i in range(1, len(images))]
    ),
}


@pytest.mark.parametrize("in_memory", [0, parquet.IN_MEMORY])
@pytest.mark.parametrize("kind", KINDS)
def test_images_of_every_type(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, kind: str, in_memory: int
) -> None:
    monkeypatch.setattr(parquet, "IN_MEMORY", in_memory)
    stored = [png(i) for i in range(4)]
    path = folder / "t.parquet"
    table = pa.table({"image": KINDS[kind](stored), "label": list("abab")})
    pq.write_table(table, path, row_group_size=4 if kind == "view of bytes" else 2)
    images = pickle.loads(pickle.dumps(open_table(path).train.images.subset([0, 3, 2])))
    assert [images.content(i) for i in range(3)] == [stored[0], stored[3], stored[2]]
    assert [images.read(i).getpixel((0, 0))[0] for i in range(3)] == [0, 3, 2]
    assert images.name(1) == "t.parquet row 3"


def test_a_path_in_parquet_to_no_file_is_a_bad_image(tmp_path: Path) -> None:
    image = [{"bytes": None, "path": path} for path in ("no such.png", "a\0b", None)]
    path = write_parquet(tmp_path / "t.parquet", {"image": image, "label": list("abc")})
    images = open_table(path).train.images
    assert [images.content(i) for i in range(3)] == [b""] * 3
    reasons = [bad.reason for bad in check_images(open_table(path).train)]
    assert reasons[0] == f"t.parquet row 0: {tmp_path / 'no such.png'}: no such file"
    assert "null byte" in reasons[1] and reasons[2] == "t.parquet row 2: empty file (0 bytes)"


def test_digests_are_no_images(folder: Path) -> None:
    columns = {"sha512": pa.array([b"x" * 64], pa.binary(64)), "image": ["0 é.png"], "label": ["a"]}
    source = open_table(write_parquet(folder / "t.parquet", columns))
    assert source.train.images.read(0).size == (2, 2)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"image": [b"x"], "label": [5]}, "row 0: class 5 in column 'label' has no name"),
        ({"image": [b"x"], "label": [-1]}, "row 0: a label has no name"),
        ({"image": [b"x"], "label": [None]}, "row 0: a label has no name"),
        ({"image": [1.5], "label": [0]}, "row 0: image '1.5' is not a file"),
        ({"image": pa.array([], pa.binary()), "label": pa.array([], pa.int64())}, "no rows"),
    ],
)
def test_bad_parquet(tmp_path: Path, columns: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        open_table(write_parquet(tmp_path / "t.parquet", columns, hugging_face(["cat", "dog"])))


def test_parquet_files_that_do_not_belong_together(tmp_path: Path) -> None:
    write_parquet(tmp_path / "train-0.parquet", {"image": [b"x"], "label": ["a"]})
    write_parquet(tmp_path / "train-1.parquet", {"image": [b"x"], "class": ["a"]})
    with pytest.raises(DataError, match="expected the same in all"):
        open_source(tmp_path)


@pytest.fixture(scope="module")
def one_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random")
    (folder / "0.png").write_bytes(png())
    return folder


@given(taxonomies(), st.data())
def test_any_labels_survive(one_image: Path, taxonomy: Taxonomy, data: st.DataObject) -> None:
    nodes = data.draw(st.lists(st.integers(1, len(taxonomy) - 1), min_size=1, max_size=9))
    labels = [taxonomy.paths[node] for node in nodes]
    rows = [json.dumps({"image": "0.png", "label": label.split("/")}) for label in labels]
    source: Source = open_table(write(one_image, "\n".join(rows), "t.jsonl"))
    assert paths_of(source.train) == [
        "/".join(" ".join(part.split()) for part in label.split("/")) for label in labels
    ]


@given(taxonomies(), st.data())
def test_any_combined_labels_survive(
    one_image: Path, taxonomy: Taxonomy, data: st.DataObject
) -> None:
    leaves = st.lists(
        st.sampled_from(taxonomy.leaves.tolist()), min_size=1, max_size=4, unique=True
    )
    rows = data.draw(st.lists(leaves, min_size=1, max_size=4))
    told = [[taxonomy.paths[leaf].split("/") for leaf in row] for row in rows]
    lines = [json.dumps({"image": "0.png", "labels": labels}) for labels in told]
    train = open_table(write(one_image, "\n".join(lines), "t.jsonl")).train
    clean = [{"/".join(" ".join(step.split()) for step in path) for path in row} for row in told]
    if max(map(len, rows)) == 1:
        assert train.sets is None and [{path} for path in paths_of(train)] == clean
    else:
        assert [set(row) for row in sets_of(train)] == clean


CELLS = st.sampled_from(
    [
        "image",
        "label",
        "labels",
        "unknown",
        "split",
        "0.png",
        "train",
        "a",
        "a/b",
        "a;b",
        "",
        '"',
        " ",
    ]
)


@given(
    st.lists(st.lists(CELLS | st.text(max_size=4), max_size=4), max_size=5),
    st.sampled_from(["t.csv", "t.tsv", "t.jsonl"]),
)
def test_any_table_opens_or_is_refused(one_image: Path, rows: list, name: str) -> None:
    path = one_image / name
    text = "\n".join(",".join(row) for row in rows)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        source = open_source(path)
    except LabeltreeError as error:
        assert str(error)
    else:
        assert len(source.train) >= 1
