"""Which model to take: the cheapest that is not surely worse than the best, and hardly worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labeltree.comparison.data_sets import DataSet
from labeltree.comparison.front import front
from labeltree.comparison.pairs import Test
from labeltree.comparison.verdicts import surely_worse, told
from labeltree.reports.words import compact, percent, points

WITHIN = 0.01
"""A model that is further below the best in top-1 is never recommended."""

_DECIMALS = 9  # one image of a million is 1e-6; what lies behind is rounding


@dataclass(frozen=True)
class Costs:
    """What the models cost, as far as it can be compared.

    Attributes:
        of: the cost of each model; empty where nothing that all models have tells it.
        times: words for how many times as much one costs.
        basis: what it is based on, to be said where it is not multiply–adds.
    """

    of: dict[str, float]
    times: Callable[[str], str] = lambda ratio: ratio
    basis: str = ""


def choice_of(data: DataSet, tests: Sequence[Test]) -> dict[str, Any]:
    """The front, the best model and the recommended one, with the reason in words.

    Args:
        data: the runs of one data set.
        tests: of this data set.
    """
    costs = costs_of(data)
    models = list(data.models)
    scores = {model: round(data.top1(model), _DECIMALS) for model in models}
    if not costs.of:
        best = max(models, key=scores.__getitem__)
        why = f"{best} is the most accurate; {costs.basis}" if len(models) > 1 else _alone(best)
        return _choice(data, [], best, best, why)
    places = front([costs.of[model] for model in models], [scores[model] for model in models])
    cheapest_first = [models[place] for place in places]
    best = max(cheapest_first, key=scores.__getitem__)  # of equals the first, so the cheapest
    near = [
        model
        for model in cheapest_first
        if round(scores[best] - scores[model], _DECIMALS) <= WITHIN
        and not surely_worse(tests, model, best)
    ]
    why = _why(near[0], best, cheapest_first[0], scores, costs, tests)
    return _choice(data, cheapest_first, best, near[0], _alone(best) if len(models) == 1 else why)


def costs_of(data: DataSet) -> Costs:
    """Multiply–adds; where a model has none, time per image, if one kind of machine measured it."""
    macs = _all(data, "macs")
    if macs:
        return Costs(macs, lambda ratio: f"{ratio} times the multiply–adds")
    speeds = _all(data, "images_per_second")
    machines = {_machine(entry.run.record.get("hardware")) for entry in data.entries}
    if speeds and len(machines) == 1:
        return Costs(
            {model: 1 / speed for model, speed in speeds.items()},
            lambda ratio: f"{ratio} times the time per image",
            "Cost is time per image, since not all runs tell their multiply–adds.",
        )
    return Costs(
        {}, basis="what the models cost cannot be compared, since not all runs tell it alike."
    )


def _all(data: DataSet, figure: str) -> dict[str, float]:
    """A figure of all models; empty if one does not have it."""
    found = {model: data.mean(model, figure) for model in data.models}
    known = {model: value for model, value in found.items() if value is not None and value > 0}
    return known if len(known) == len(found) else {}


def _machine(hardware: Any) -> tuple[str, ...]:
    hardware = hardware if isinstance(hardware, dict) else {}
    return tuple(str(hardware.get(name)) for name in ("gpu", "cpu", "threads"))


def _why(
    recommended: str,
    best: str,
    cheapest: str,
    scores: dict[str, float],
    costs: Costs,
    tests: Sequence[Test],
) -> str:
    def lead(model: str) -> str:
        return f"{points(scores[best] - scores[model])} points"

    def ratio(model: str, to: str) -> str:
        return costs.times(compact(costs.of[model] / costs.of[to]))

    if recommended == best:
        tied = sum(score == scores[best] for score in scores.values()) > 1
        most = "as much as any" if tied else "the most of all"
        sentences = [f"{best} reaches {percent(scores[best], 2)}, {most}"]
        if cheapest == best:
            sentences[0] += ", and none costs less"
        else:
            sentences[0] += (
                f"; every cheaper model is more than {compact(100 * WITHIN)} point below it or "
                "surely worse"
            )
    else:
        sentences = [
            f"{recommended} reaches {percent(scores[recommended], 2)}; {best}, the best, reaches "
            f"{percent(scores[best], 2)}, {lead(recommended)}, "
            f"{told(tests, best, recommended)}, for {ratio(best, recommended)}"
        ]
    if cheapest != recommended:
        sentences.append(
            f"{cheapest} is the cheapest, with {ratio(cheapest, recommended)} of "
            f"{recommended}, but is {lead(cheapest).lstrip('+')} below {best}, "
            f"{told(tests, best, cheapest)}"
        )
    return " ".join([*(f"{sentence}." for sentence in sentences), *filter(None, [costs.basis])])


def _alone(model: str) -> str:
    return f"{model} is the only model."


def _choice(
    data: DataSet, cheapest_first: list[str], best: str, recommended: str, why: str
) -> dict[str, Any]:
    return {
        "dataset": data.name,
        "front": cheapest_first,
        "best": best,
        "recommended": recommended,
        "why": why,
    }
