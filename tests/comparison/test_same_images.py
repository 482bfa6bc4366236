from pathlib import Path
from typing import Any

from compared_runs import DIGEST, TARGETS, write_answers

from labeltree.comparison.entries import Entry, entry
from labeltree.comparison.same_images import images_of, same_images

OWN_SPLIT = {"train": DIGEST["train"]}  # the data bring no test images


def entries(tmp_path: Path, *options: dict[str, Any]) -> list[Entry]:
    return [
        entry(write_answers(tmp_path / str(number), **each), "photos", str(number), 0)
        for number, each in enumerate(options)
    ]


def split(seed: int) -> Any:
    return lambda record: record["recipe"]["split"].update(seed=seed)


def test_same_names_and_labels(tmp_path: Path) -> None:
    other = {**DIGEST, "test": {"images": 8, "digest": "c"}}
    more = {**DIGEST, "train": {"images": 90, "digest": "x"}}  # learned from more, asked the same
    found = entries(tmp_path, {}, {"identity": other}, {"identity": more, "wrong": [1]})
    assert same_images(found) == [0, 1, 0]


def test_other_labels(tmp_path: Path) -> None:
    shorter, swapped = TARGETS[:-1], [TARGETS[2], *TARGETS[1:]]
    found = entries(tmp_path, {}, {"targets": shorter}, {"targets": swapped})
    assert same_images(found) == [0, 1, 2]


def test_images_set_aside_with_another_seed_are_others_though_their_labels_agree(
    tmp_path: Path,
) -> None:
    found = entries(
        tmp_path,
        {"identity": OWN_SPLIT},
        {"identity": OWN_SPLIT, "change": split(1)},
        {"identity": OWN_SPLIT, "seed": 5},
    )
    assert same_images(found) == [0, 1, 0]
    brought = entries(tmp_path / "b", {}, {"change": split(1)})
    assert same_images(brought) == [0, 0]


def test_a_run_that_does_not_tell_is_taken_for_those_with_its_labels(tmp_path: Path) -> None:
    found = entries(tmp_path, {}, {"kind": "evaluate"}, {"identity": None})
    assert same_images(found) == [0, 0, 0]


def test_unless_there_are_two_kinds_of_these(tmp_path: Path) -> None:
    mine = {"identity": OWN_SPLIT}
    found = entries(tmp_path, mine, {**mine, "change": split(1)}, {"kind": "evaluate"})
    assert same_images(found) == [0, 1, 2]


def test_damaged_identities_tell_nothing(tmp_path: Path) -> None:
    (found,) = entries(tmp_path, {})
    for text in ("", "[1]", "\x00"):
        (found.run.path / "data.json").write_text(text)
        assert images_of(found.run) is None
