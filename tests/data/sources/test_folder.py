"""Folders of every shape, friendly and hostile."""

import os
from pathlib import Path

import pytest
from PIL import Image

from labeltree.data import Collection, open_source
from labeltree.data.sources.folder import open_folder
from labeltree.errors import ConfigError, DataError


def paths_of(part: Collection | None) -> list[str]:
    assert part is not None
    return [part.taxonomy.paths[target] for target in part.targets]


def put(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(path, "PNG")
    return folder


def test_the_path_is_the_label(photos: Path) -> None:
    source = open_source(str(photos))
    assert source.name == "photos"
    assert source.taxonomy.paths == ("", "cat", "dog", "dog/beagle", "dog/pug")
    labels = ["cat"] * 3 + ["dog"] + ["dog/beagle"] * 2 + ["dog/pug"]
    assert sorted(paths_of(source.train)) == labels
    assert source.validation is source.test is None
    for i in range(len(source.train)):
        folder = Path(source.train.images.name(i)).parent
        assert folder.relative_to(photos).as_posix() == paths_of(source.train)[i]
    assert open_source(photos).train.images.paths == source.train.images.paths


@pytest.mark.parametrize(
    ("tops", "validation", "test"),
    [
        (("train", "val", "test"), 1, 1),
        (("Training", "valid"), 1, None),
        (("train", "testing"), None, 1),
        (("train",), None, None),
    ],
)
def test_parts_are_recognised(
    tmp_path: Path, tops: tuple[str, ...], validation: int | None, test: int | None
) -> None:
    for top in tops:
        put(tmp_path / top, "cat/1.png")
    put(tmp_path, f"{tops[-1]}/dog/pug/1.png")
    source = open_folder(tmp_path)
    assert source.taxonomy.paths == ("", "cat", "dog", "dog/pug")
    for part, number in ((source.validation, validation), (source.test, test)):
        assert (part is None) == (number is None)
    assert source.train.taxonomy is source.parts[list(source.parts)[-1]].taxonomy


def test_a_class_named_test_is_a_class(tmp_path: Path) -> None:
    source = open_folder(put(tmp_path, "test/1.png", "train/1.png", "cat/1.png"))
    assert source.taxonomy.paths == ("", "cat", "test", "train")


def test_empty_classes_stay(photos: Path) -> None:
    (photos / "unicorn").mkdir()
    assert "unicorn" in open_folder(photos).taxonomy


def test_names_with_spaces_and_unicode_are_one_text(tmp_path: Path) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    put(tmp_path, f"{composed}/a  b.png", f"{decomposed}/ü.png", "big  犬/🐈.png")
    source = open_folder(tmp_path)
    assert source.taxonomy.paths == ("", "big 犬", composed)
    assert sorted(paths_of(source.train)) == ["big 犬", composed, composed]
    for i in range(3):
        source.train.images.verify(i)


def test_what_is_left_out_is_said(photos: Path) -> None:
    (photos / "cat" / "notes.txt").write_text("x")
    (photos / "cat" / ".hidden.png").write_text("x")
    (photos / ".git").mkdir()
    (photos / "__MACOSX" / "cat").mkdir(parents=True)
    (photos / "README").write_text("x")
    (photos / "cat" / "gone.png").symlink_to("nowhere.png")
    Image.new("L", (1, 1)).save(photos / "stray.png")
    source = open_folder(photos)
    assert len(source.train) == 7
    assert source.taxonomy.num_leaves == 3
    notes = "\n".join(source.notes)
    for text in (
        "1 images of train that are in no class folder",
        "3 entries of train: hidden",
        "1 entry of train: not images (.txt)",
        "1 entry of train: not images (no extension)",
        "1 entry of train: broken links or special files",
    ):
        assert text in notes


def test_links_to_themselves_are_broken_links(photos: Path) -> None:
    for name in ("cat/round.png", "dog/round", "round"):
        (photos / name).symlink_to(Path(name).name)
    source = open_folder(photos)
    assert len(source.train) == 7 and "round" not in source.taxonomy
    assert "left out 1 entry of train: broken links or special files" in source.notes
    assert "left out 2 entries of train: not images (no extension)" in source.notes


def test_links_do_not_loop(photos: Path, tmp_path: Path) -> None:
    (photos / "cat" / "up").symlink_to(photos, target_is_directory=True)
    (photos / "cat" / "self").symlink_to(photos / "cat", target_is_directory=True)
    elsewhere = put(tmp_path / "elsewhere", "1.png", "husky/1.png")
    (elsewhere / "husky" / "back").symlink_to(elsewhere, target_is_directory=True)
    (photos / "dog" / "wolf").symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "all").symlink_to(tmp_path, target_is_directory=True)
    source = open_folder(photos)
    assert paths_of(source.train).count("dog/wolf") == 1
    assert paths_of(source.train).count("dog/wolf/husky") == 1
    assert len(source.train) == 9
    assert any("links" in note for note in source.notes)


def test_a_special_file_is_no_image(photos: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(photos / "cat" / "pipe.png")
    assert len(open_folder(photos).train) == 7


def test_no_image_is_opened(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("an image was touched")

    monkeypatch.setattr(Image, "open", refuse)
    assert len(open_folder(photos).train) == 7


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no class folders found"),
        (["a.png", "b.png"], "no class folders found"),
        (["cat/"], "no images found"),
        (["train/cat/", "val/cat/1.png"], "train: no images found"),
    ],
)
def test_nothing_to_learn_from(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        if name.endswith("/"):
            (tmp_path / name).mkdir(parents=True)
        else:
            put(tmp_path, name)
    with pytest.raises(DataError, match=message):
        open_folder(tmp_path)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder, table or known set; did you mean 'glyphs"):
        open_source("glyph")
    with pytest.raises(DataError, match="is not a folder"):
        open_folder(tmp_path / "x")
    (tmp_path / "x.zip").write_bytes(b"")
    with pytest.raises(DataError, match="unpack an archive"):
        open_source(tmp_path / "x.zip")


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    try:
        (tmp_path / "a\udcff").mkdir()
    except (OSError, UnicodeError):
        pytest.skip("this file system takes only text")
    with pytest.raises(DataError, match="not valid Unicode; rename it"):
        open_folder(put(tmp_path, "cat/1.png"))


@pytest.mark.parametrize(
    "options",
    [{"classes": "x"}, {"images_per_class": [1]}, {"subset_seed": "x"}, {"taxonomy": 5}],
    ids=str,
)
def test_options_of_the_wrong_type_are_named(photos: Path, options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))) as info:
        open_source(photos, **options)
    assert "\n" not in str(info.value)
    with pytest.raises(ConfigError, match="option 'size': Input should be a valid integer"):
        open_source("glyphs", size="big")


def test_another_tree(photos: Path, tmp_path: Path) -> None:
    flat = put(tmp_path / "flat", "pug/1.png", "cat/1.png")
    tree = tmp_path / "tree.csv"
    tree.write_text("kind,race\nmammal,cat\nmammal,pug\n")
    source = open_source(flat, taxonomy=tree)
    assert sorted(paths_of(source.train)) == ["mammal/cat", "mammal/pug"]


def test_a_folder_without_a_name() -> None:
    with pytest.raises(DataError, match="is empty"):
        open_source("")
