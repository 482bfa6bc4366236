import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labeltree.comparison.naming import name_runs, unique_names
from labeltree.reports.run.folder import RunFolder
from labeltree.taxonomy import Taxonomy


def run(path: str = "runs/a", seed: int = 0, split: int = 0, **changes: Any) -> RunFolder:
    recipe = {
        "data": "photos", "method": "flat", "split": {"seed": split},
        "training": {"seed": seed, "epochs": 2}, **changes.pop("recipe", {}),
    }  # fmt: skip
    record = {"recipe": recipe, "model": {"method": "flat", "backbone": "slim"}, **changes}
    return RunFolder(Path("/") / path, record)


def resnet(path: str, seed: int = 0) -> RunFolder:
    return run(path, seed, recipe={"backbone": "resnet50"}, model={"backbone": "resnet50"})


def test_runs_that_differ_in_their_seed_are_one_model() -> None:
    found = name_runs([run("a", 3), resnet("b"), run("c", 1), resnet("d", 1)])
    assert found == [("slim", 3), ("resnet50", 0), ("slim", 1), ("resnet50", 1)]


def test_the_seed_of_the_split_tells_them_apart_where_that_of_training_does_not() -> None:
    assert name_runs([run("a", split=4), run("b", split=5)]) == [("slim", 4), ("slim", 5)]


def test_runs_that_no_seed_tells_apart_are_models_of_their_own() -> None:
    assert name_runs([run("x/a"), run("x/b")]) == [("a", 0), ("b", 0)]
    assert name_runs([run("x/a"), run("y/a")]) == [("x/a", 0), ("y/a", 0)]
    assert name_runs([run("x/y/a"), run("z/y/a")]) == [("y/a", 0), ("y/a 2", 0)]


def test_other_settings_are_another_model_after_its_folder() -> None:
    long = {"training": {"seed": 0, "epochs": 9}}
    found = name_runs([run("short"), run("long", recipe=long), run("short-1", 1)])
    assert found == [("short", 0), ("long", 0), ("short", 1)]


def test_what_the_data_are_called_is_no_part_of_a_model() -> None:
    assert name_runs([run("a"), run("b", 1, recipe={"data": "/else"})])[1] == ("slim", 1)


def test_other_options_of_the_data_are_another_model() -> None:
    few = {"data_options": {"images_per_class": 10}}
    found = name_runs([run("few", recipe=few), run("all", 1), run("few-1", 1, recipe=few)])
    assert found == [("few", 0), ("all", 1), ("few", 1)]


def test_other_labels_are_another_model(tmp_path: Path) -> None:
    trees = [Taxonomy.from_paths(paths) for paths in (["a", "b"], ["b", "a"], ["a", "c"])]
    runs = [replace(run(f"r{n}", n), taxonomy=tree) for n, tree in enumerate(trees)]
    assert name_runs(runs) == [("r0", 0), ("r0", 1), ("r2", 2)]


def test_other_training_images_are_another_model(tmp_path: Path) -> None:
    runs = []
    for number, digest in enumerate("xxy"):
        folder = tmp_path / f"r{number}"
        folder.mkdir()
        (folder / "data.json").write_text(json.dumps({"train": {"images": 9, "digest": digest}}))
        runs.append(replace(run(seed=number), path=folder))
    assert name_runs(runs) == [("r0", 0), ("r0", 1), ("r2", 2)]


def test_methods_and_told_levels_are_named() -> None:
    merged = run("a", model={"method": "merged", "backbone": "slim"}, recipe={"method": "merged"})
    told = run("b", decoding={"given": {"level": "kind", "depth": 1}})
    assert [name for name, _ in name_runs([merged, told])] == ["merged slim", "slim, kind given"]


def test_a_run_of_evaluate_is_a_model_of_its_own() -> None:
    evaluated = [
        RunFolder(Path(f"/x/e{number}"), {"kind": "evaluate", "model": {"backbone": "slim"}})
        for number in (1, 2)
    ]
    assert name_runs([*evaluated, resnet("r")]) == [("e1", 0), ("e2", 0), ("resnet50", 0)]


def test_odd_names_are_in_one_line() -> None:
    odd = run("a", model={"backbone": "two\nlines\x1b[0m"}, recipe={"backbone": "odd"})
    assert name_runs([odd]) == [("two lines [0m", 0)]


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([["a", "x"], ["a"]], ["x", "a"]),
        ([["a"], ["a"], ["a 2"]], ["a", "a 2", "a 2 2"]),
        ([["a", "b"], ["b", "c"]], ["a", "b"]),
    ],
)
def test_unique_names(candidates: list[list[str]], expected: list[str]) -> None:
    assert unique_names(candidates) == expected
