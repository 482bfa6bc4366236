"""A study of two tiny networks on a few glyphs, for tests of what all studies share."""

from __future__ import annotations

from collections.abc import Sequence

from labeltree.recipes import glyphs
from labeltree.studies.members import TrainedMember
from labeltree.studies.study import Member, Scale, Study


def members(seeds: int, epochs: float = 1.0, data: str = "glyphs") -> list[Member]:
    recipe = glyphs(data)
    options = {"classes": 12, "images_per_class": 10, "size": 16} if data == "glyphs" else {}
    recipe = recipe.replace(data_options=options, loading=recipe.loading.replace(batch_size=16))
    return [
        Member(
            {"network": "slim", "seed": seed},
            recipe.replace(training=recipe.training.replace(epochs=epochs, seed=seed)),
        )
        for seed in range(seeds)
    ]


def measure(trained: Sequence[TrainedMember]) -> dict[str, object]:
    shapes = [list(member.probabilities("test").probabilities.shape) for member in trained]
    return {"conclusions": [], "rows": shapes}


def small_study(**changes: object) -> Study:
    scale = Scale("tiny", 2, lambda asked: members(asked.seeds, **changes))
    return Study("tiny", "A tiny study", "nowhere", {"smoke": scale}, measure)
