"""Images are named lazily, each once, by whatever names them."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from colour_predictor import write_pictures

from labeltree.data.decoding import decode
from labeltree.errors import DataError
from labeltree.prediction import NamedImages


def names(*arguments: str, column: str | None = None, lines: tuple[str, ...] = ()) -> list[str]:
    found = NamedImages(arguments, column, lines)
    pictures = [picture.name for picture in found.pictures()]
    if not lines:
        assert found.count() == len(pictures)
    return pictures


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = ["cat/cat 0.png", "cat/cat 1.png", "dog/dog.bmp", "dog/pug/pug.webp", ".x/cat.png"]
    write_pictures(tmp_path / "photos", files)
    (tmp_path / "photos/dog/notes.txt").write_text("x")
    monkeypatch.chdir(tmp_path / "photos")
    return tmp_path / "photos"


def test_folders_files_globs_and_standard_input(photos: Path) -> None:
    everything = ["cat/cat 0.png", "cat/cat 1.png", "dog/dog.bmp", "dog/pug/pug.webp"]
    assert names(".") == everything
    assert names(str(photos)) == [str(photos / name) for name in everything]
    assert names("cat/cat 1.png", "cat/*.png") == ["cat/cat 1.png", "cat/cat 0.png"]
    assert len(names("**/*.png")) == 2
    lines = ("cat/cat 0.png\n", "\n", "dog/pug\r\n")
    assert names("-", lines=lines) == ["cat/cat 0.png", "dog/pug/pug.webp"]
    assert NamedImages(["-", "cat"]).count() is None


def test_patterns_of_any_depth(photos: Path) -> None:
    pngs, pug = ["cat/cat 0.png", "cat/cat 1.png"], "dog/pug/pug.webp"
    assert names("**/*.png") == names("./**/*.png") == names("**/cat/*.png") == pngs
    assert names("cat/**/*.png") == names("**/**/*.png") == names("c*/**/*.png") == pngs
    assert names("**/pug/**/*") == names("**/d*/**/pug.*") == names("dog/*/**/*.webp") == [pug]
    assert names(f"{photos}/**/*.webp") == [str(photos / pug)]
    assert names("cat/**") == pngs and names("dog/pug/**") == [pug]
    (photos / "[a]").mkdir()
    (photos / "dog/dog.bmp").rename(photos / "[a]/dog.bmp")
    assert names("**/*.bmp") == ["[a]/dog.bmp"]
    with pytest.raises(DataError, match="no pattern that matches one"):
        names("**/*.tif")


def test_patterns_follow_links_as_folders_do(photos: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path / "more", ["cat/cat 2.png"])
    for number in range(9):
        (photos / f"round {number}").symlink_to(photos)
        (photos / f"cat/again {number}").symlink_to("..")
        (photos / f"more {number}").symlink_to(tmp_path / "more")
    (tmp_path / "more/back").symlink_to(photos)
    found = ["cat/cat 0.png", "cat/cat 1.png", "more 0/cat/cat 2.png"]
    assert names("**/*.png") == found == [name for name in names(".") if name.endswith("png")]


def test_standard_input_is_not_remembered(photos: Path) -> None:
    lines = ("cat/cat 0.png\n", "cat/cat 0.png\n", "dog\n", "dog/\n", "dog/dog.bmp\n")
    dogs = ["dog/dog.bmp", "dog/pug/pug.webp"]
    assert names("-", lines=lines) == ["cat/cat 0.png", "cat/cat 0.png", *dogs]
    assert names("cat/cat 0.png", "-", lines=lines[:2]) == ["cat/cat 0.png"]


def test_each_image_once_however_it_is_named(photos: Path) -> None:
    assert names("cat", str(photos / "cat"), "cat/cat 0.png", "./cat") == names("cat")
    assert names("cat/cat 1.png", "cat") == ["cat/cat 1.png", "cat/cat 0.png"]
    assert names("dog/pug", "dog") == ["dog/pug/pug.webp", "dog/dog.bmp"]
    (photos / "again").symlink_to(photos / "cat")
    (photos / "round").symlink_to(photos)
    (photos / "lost").symlink_to(photos / "nowhere")
    assert len(names(".")) == 4


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [("x/*.png", r"x/\*.png: no such file"), ("", "is no path"), ("a\0b", "is no path"),
     ("empty", "no image in empty")],
)  # fmt: skip
def test_nothing_is_named(photos: Path, argument: str, complaint: str) -> None:
    (photos / "empty").mkdir()
    with pytest.raises(DataError, match=complaint):
        NamedImages([argument]).count()


def locked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Root reads every folder: this one is kept from it, too."""
    read = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied", path)
        return read(path)

    monkeypatch.setattr("os.scandir", scandir)


def test_a_folder_that_cannot_be_read(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(monkeypatch, "dog")
    assert names(".") == ["cat/cat 0.png", "cat/cat 1.png", "dog"]
    *others, told = NamedImages([str(photos)]).pictures()
    assert [picture.problem for picture in others] == [None, None]
    assert told.problem == f"{photos}/dog: folder cannot be read (Permission denied)"
    assert names("**/*.png") == ["cat/cat 0.png", "cat/cat 1.png"]
    with pytest.raises(DataError, match=r"^dog: folder cannot be read \(Permission denied\)"):
        NamedImages(["cat", "dog"]).count()


def test_names_that_are_no_text(photos: Path) -> None:
    name = os.fsdecode(b"dog/\xe9\n.png")
    (photos / "cat/cat 0.png").rename(photos / name)
    (picture,) = NamedImages([name]).pictures()
    assert picture.name == name and picture.place == "dog/\\udce9\\n.png"
    assert decode(picture.stored, "x").size == (8, 8)


TABLES = {
    "semicolons.csv": "kind;File_Name\na;cat/cat 0.png\nb;dog/dog.bmp\n",
    "quoted.tsv": 'path\t"note"\ncat/cat 0.png\t"a\nb"\ndog/dog.bmp\t\n',
    "rows.jsonl": '{"image": "cat/cat 0.png"}\n\n{"more": 1, "image": "dog/dog.bmp"}\n',
}


@pytest.mark.parametrize("table", TABLES)
def test_text_tables_name_images(photos: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (photos / table).write_text(TABLES[table])
    monkeypatch.chdir("/")
    assert names(str(photos / table)) == ["cat/cat 0.png", "dog/dog.bmp"]
    paths = [Path(picture.stored) for picture in NamedImages([str(photos / table)]).pictures()]
    assert paths == [photos / "cat/cat 0.png", photos / "dog/dog.bmp"]


def test_a_column_is_asked_for(photos: Path) -> None:
    (photos / "t.csv").write_text("before,after\ncat/cat 0.png,dog/dog.bmp\n,dog/dog.bmp\n")
    assert names("t.csv", column="after") == ["dog/dog.bmp", "dog/dog.bmp"]
    assert names("t.csv", column="before") == ["cat/cat 0.png", "t.csv line 3"]
    wrong = ((None, "before, after.* --column"), ("befor", "did you mean 'before'"))
    for column, complaint in wrong:
        with pytest.raises(DataError, match=complaint):
            NamedImages(["t.csv"], column).count()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"image\na,b\n", "2 cells, expected 1"), (b"", "no header"), (b"image\n\xff.png\n", "UTF-8"),
     (b"image\na\0.png\n", "no path")],
)  # fmt: skip
def test_tables_that_cannot_be_read(photos: Path, content: bytes, complaint: str) -> None:
    (photos / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=complaint):
        NamedImages(["t.csv"]).count()


@pytest.mark.parametrize("line", ["[1]", "{", '{"image": {"a": 1}}'])
def test_json_lines_that_cannot_be_read(photos: Path, line: str) -> None:
    (photos / "t.jsonl").write_text(f'{{"image": "cat/cat 0.png"}}\n{line}\n')
    with pytest.raises(DataError, match="line 2"):
        NamedImages(["t.jsonl"]).count()


def write_parquet(photos: Path, kind: str) -> Path:
    """Five rows in groups of two; the last is empty."""
    content = [(photos / "cat/cat 0.png").read_bytes(), (photos / "dog/dog.bmp").read_bytes()] * 2
    columns = {
        "bytes": pa.array([*content, None], pa.binary()),
        "struct": pa.array(
            [*({"bytes": each, "path": "x"} for each in content), {"bytes": None, "path": None}]
        ),
    }
    path = photos / f"{kind}.parquet"
    table = {"label": [0] * 5, "stored": columns[kind]}
    pq.write_table(pa.table(table), path, row_group_size=2)
    return path


@pytest.mark.parametrize("kind", ["bytes", "struct"])
def test_parquet_holds_images(photos: Path, kind: str) -> None:
    path = write_parquet(photos, kind)
    assert names(path.name) == [f"{kind}.parquet row {row}" for row in range(5)]
    pictures = list(NamedImages([path.name]).pictures())
    assert [picture.stored[:2] for picture in pictures] == [b"\x89P", b"BM"] * 2 + [b""]
    named = list(NamedImages([path.name]).pictures(only_named=3))
    assert [picture.stored for picture in named[:3]] == [None] * 3
    assert [picture._replace(stored=None) for picture in pictures] == [
        picture._replace(stored=None) for picture in named
    ]
    assert named[3:] == pictures[3:]


def test_parquet_of_other_content_has_other_images(photos: Path) -> None:
    found = []
    for _ in range(2):
        path = write_parquet(photos, "bytes")
        found += [picture.identity for picture in NamedImages([str(path)]).pictures()]
        (photos / "cat/cat 0.png").write_bytes((photos / "dog/dog.bmp").read_bytes())
    assert len(set(found)) == len(found) == 10


def test_parquet_names_images_and_stands_in_folders(photos: Path) -> None:
    (photos / "set/data").mkdir(parents=True)
    for part in ("train-1", "train-0"):
        table = pa.table({"image": [f"../../cat/{part}.png", None]})
        pq.write_table(table, photos / f"set/data/{part}.parquet")
    assert names("set") == [
        "../../cat/train-0.png", "set/data/train-0.parquet row 1",
        "../../cat/train-1.png", "set/data/train-1.parquet row 1",
    ]  # fmt: skip
    write_pictures(photos / "set", ["cat.png"])
    assert names("set") == ["set/cat.png"], "where there are images, tables are none"


def test_parquet_that_cannot_be_read(photos: Path) -> None:
    (photos / "bad.parquet").write_bytes(b"PAR1 no")
    pq.write_table(pa.table({"image": [1, 2]}), photos / "numbers.parquet")
    pq.write_table(pa.table({"a": ["x"]}), photos / "other.parquet")
    for name, complaint in (
        ("bad", "not a readable parquet"),
        ("numbers", "is int64; expected images"),
        ("other", r"its columns \(a\) .* --column"),
    ):
        with pytest.raises(DataError, match=complaint):
            NamedImages([f"{name}.parquet"]).count()


def test_nothing_is_listed_before_it_is_needed(photos: Path) -> None:
    lines = iter(["cat/cat 0.png\n", "cat/cat 1.png\n", "no such.png\n"])
    pictures = NamedImages(["-"], None, lines).pictures()
    assert next(pictures).name == "cat/cat 0.png"
    assert next(lines) == "cat/cat 1.png\n"
    rows = [json.dumps({"image": "cat/cat 0.png"}), "no JSON"]
    (photos / "t.jsonl").write_text("\n".join(rows))
    assert next(NamedImages(["t.jsonl"]).pictures()).name == "cat/cat 0.png"


def test_a_tilde_may_be_part_of_a_name(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(photos / "cat"))
    for name in ("~nobody-here.png", "~"):
        (photos / name).write_bytes(b"x")
        assert names(name) == [name]
        (photos / name).unlink()
    assert names("~") == [str(photos / "cat/cat 0.png"), str(photos / "cat/cat 1.png")]
    assert names("~/cat 0.png") == [str(photos / "cat/cat 0.png")]
    with pytest.raises(DataError, match=r"~nobody-here\.png: no such file"):
        names("~nobody-here.png")


@pytest.mark.parametrize("table", ["t.csv", "t.parquet"])
def test_cells_are_paths_as_they_stand(photos: Path, table: str) -> None:
    (photos / "t.csv").write_text("image\n~nobody-here/1.png\n~/2.png\n")
    pq.write_table(pa.table({"image": ["~nobody-here/1.png", "~/2.png"]}), photos / "t.parquet")
    found = [picture.stored for picture in NamedImages([table]).pictures()]
    assert found == ["~nobody-here/1.png", "~/2.png"]


def test_of_several_binary_columns_the_image_is_told_by_its_name(photos: Path) -> None:
    png = (photos / "cat/cat 0.png").read_bytes()
    columns = {"hash": [b"1"], "thumbnail": [b"2"], "Image": [png], "path": ["x.png"]}
    pq.write_table(pa.table(columns), photos / "t.parquet")
    (picture,) = NamedImages(["t.parquet"]).pictures()
    assert picture.stored == png
    (other,) = NamedImages(["t.parquet"], "hash").pictures()
    assert other.stored == b"1"


TYPES = {
    "text of a dictionary": lambda _: pa.array(["cat/cat 0.png"]).dictionary_encode(),
    "large text": lambda _: pa.array(["cat/cat 0.png"], pa.large_string()),
    "text view": lambda _: pa.array(["cat/cat 0.png"], pa.string_view()),
    "large bytes": lambda png: pa.array([png], pa.large_binary()),
    "bytes of one length": lambda png: pa.array([png], pa.binary(len(png))),
    "view of bytes": lambda png: pa.array([png], pa.binary_view()),
    "bytes of a dictionary": lambda png: pa.array([png]).dictionary_encode(),
    "only paths": lambda _: pa.array([{"bytes": None, "path": "cat/cat 0.png"}]),
}


@pytest.mark.parametrize("kind", TYPES)
def test_parquet_of_every_type(photos: Path, kind: str) -> None:
    png = (photos / "cat/cat 0.png").read_bytes()
    pq.write_table(pa.table({"image": TYPES[kind](png)}), photos / "t.parquet")
    images = NamedImages(["t.parquet"])
    (picture,) = images.pictures()
    assert picture.stored in (png, "cat/cat 0.png") and images.count() == 1


@pytest.mark.parametrize("cell", [{"bytes": {"a": 1}}, {"bytes": "x"}, {"path": "x"}, [1, 2], 1.5])
def test_parquet_of_other_types_is_refused_at_once(photos: Path, cell: object) -> None:
    pq.write_table(pa.table({"image": [cell]}), photos / "t.parquet")
    with pytest.raises(DataError, match=r"column 'image' is .*; expected images"):
        NamedImages(["t.parquet"]).count()
