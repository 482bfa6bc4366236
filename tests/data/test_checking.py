"""Damaged images and copies are found before training."""

import json
import shutil
from pathlib import Path

import pytest

from labeltree.data import check_images, open_source, without_bad_images
from labeltree.data.checking import summary
from labeltree.data.survey import survey
from labeltree.errors import BadImageError


@pytest.fixture
def damaged(photos: Path) -> Path:
    (photos / "cat" / "1.png").write_bytes(b"")
    (photos / "dog" / "pug" / "1.png").write_text("no image")
    body = (photos / "dog" / "beagle" / "0.jpg").read_bytes()
    (photos / "dog" / "beagle" / "0.jpg").write_bytes(body[: len(body) // 2])
    return photos


def test_damaged_images_are_listed(damaged: Path) -> None:
    part = open_source(damaged).train
    bad = check_images(part)
    assert [Path(image.name).relative_to(damaged).as_posix() for image in bad] == [
        "cat/1.png",
        "dog/beagle/0.jpg",
        "dog/pug/1.png",
    ]
    for image in bad:
        assert part.images.name(image.index) == image.name
        assert image.reason.startswith(f"{image.name}: ")


def test_they_stop_or_are_skipped(damaged: Path) -> None:
    source = open_source(damaged)
    with pytest.raises(BadImageError) as caught:
        without_bad_images(source)
    message = str(caught.value)
    assert message.startswith("3 damaged images: ")
    assert "cat/1.png: empty file (0 bytes); " in message
    assert message.endswith("leave them out with --skip-bad-images")
    cleaned, bad = without_bad_images(source, skip=True)
    assert (len(cleaned.train), len(bad)) == (len(source.train) - 3, 3)
    assert not check_images(cleaned.train)
    assert without_bad_images(cleaned)[0].train is cleaned.train


def test_nothing_is_left_to_skip_to(photos: Path) -> None:
    for path in photos.rglob("*.*"):
        path.write_bytes(b"")
    with pytest.raises(BadImageError, match=r"^photos: no readable image is left; .*empty file"):
        without_bad_images(open_source(photos), skip=True)


def test_long_lists_are_cut(damaged: Path) -> None:
    bad = check_images(open_source(damaged).train)
    assert "and 4 more. Replace them" in summary(bad * 3)
    assert summary(bad[:1]).startswith("1 damaged image: ")


def test_decoded_images_are_sound() -> None:
    assert check_images(open_source("glyphs:2", size=8, images_per_class=1).train) == []


def test_a_sound_set(photos: Path) -> None:
    found = survey(open_source(photos))
    assert found.num_damaged == 0
    assert found.sizes == {"train": [(8, 6)] * 3}
    assert found.counts["train"].tolist() == [0, 3, 1, 2, 1]
    assert (found.images, found.combined, found.inner) == ({"train": 7}, {"train": 0}, {"train": 1})
    assert (found.empty, found.single) == ([], ["dog/pug"])
    assert (found.across_parts, found.two_labels) == ([], [])


def test_images_with_several_labels(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "combined.csv").write_text("label,parts\npuggle,beagle;pug\nboth,cat;dog\n")
    for name in ("dog/puggle/1.png", "dog/puggle/2.png", "dog/both/1.png"):
        (photos / name).parent.mkdir(exist_ok=True)
        shutil.copy(photos / "cat" / "0.png", photos / name)
    source = open_source(photos, combined=tmp_path / "combined.csv")
    found = survey(source)
    assert found.counts["train"].tolist() == [0, 4, 2, 4, 3]  # a puggle counts twice
    assert (found.images, found.combined, found.inner) == (
        {"train": 10},
        {"train": 3},
        {"train": 2},
    )
    assert (found.empty, found.single) == ([], [])
    assert len(found.two_labels) == 1 and len(found.two_labels[0]) == 4
    plain = found.to_json()["parts"]["train"]
    assert (plain["images"], plain["combined"], plain["classes"]["dog/pug"]) == (10, 3, 3)


def test_what_is_wrong_is_found(damaged: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    shutil.move(damaged, parts / "train")
    (parts / "train" / "unicorn").mkdir()
    (parts / "test" / "cat").mkdir(parents=True)
    shutil.copy(parts / "train" / "cat" / "0.png", parts / "test" / "cat" / "again.png")
    shutil.copy(parts / "train" / "cat" / "2.png", parts / "train" / "dog" / "pug" / "cat.png")
    found = survey(open_source(parts))
    assert (found.num_damaged, found.empty) == (3, ["unicorn"])
    assert [sorted(Path(name).name for name in g) for g in found.across_parts] == [
        ["0.png", "again.png"]
    ]
    assert [sorted(Path(name).name for name in g) for g in found.two_labels] == [
        ["2.png", "cat.png"]
    ]
    plain = json.loads(json.dumps(found.to_json()))
    assert plain["parts"]["train"]["classes"]["dog/pug"] == 3
    assert plain["parts"]["test"]["sizes"]["median"] == [8, 6]
    assert (plain["copies_across_parts"], plain["empty_classes"]) == (1, ["unicorn"])


def test_all_damaged(photos: Path) -> None:
    for path in photos.rglob("*.*"):
        path.write_bytes(b"")
    found = survey(open_source(photos))
    assert (found.num_damaged, found.sizes, found.across_parts) == (7, {"train": []}, [])
