"""How a model was made: network, training, cost, on what and when."""

from __future__ import annotations

from typing import Any

from labeltree.hub.card.escaping import shown, table
from labeltree.hub.layout import RECORD
from labeltree.reports.costs import cost_rows
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import compact, count, duration, known, listed, plural


def making(run: RunFolder) -> list[str]:
    """A table with a row for each part that the record has."""
    record = run.record
    rows = [(what, said) for what, said in _rows(record) if said]
    rows += [
        (cost.name, f"{cost.value} ({cost.note})" if cost.note else cost.value)
        for cost in cost_rows(record.get("cost"))
    ]
    if not rows:
        return []
    where = f"The whole recipe and all figures are in `{RECORD}`."
    lines = table(("what", "how"), [(what, shown(said)) for what, said in rows], 2)
    return [*lines, "", where] if record.get("recipe") else lines


def _rows(record: Json) -> list[tuple[str, str]]:
    model, recipe = record.get("model") or {}, record.get("recipe") or {}
    training = record.get("training") or {}
    how, loading = recipe.get("training") or {}, recipe.get("loading") or {}
    return [
        ("method", _with_options(model.get("method"), recipe.get("method_options"))),
        ("network", str(model.get("backbone") or "")),
        ("began with", "pretrained weights" if recipe.get("pretrained") else ""),
        ("networks trained", _number(training.get("networks"))),
        ("went on from another model", "yes" if _base(recipe) else ""),
        ("epochs", compact(training["epochs"]) if known(training.get("epochs")) else ""),
        ("images seen", _number(training.get("images_seen"))),
        ("optimizer", _optimizer(how)),
        ("batch size", _number(loading.get("batch_size"))),
        ("image size", _number(loading.get("image_size"))),
        ("seed", _number(how.get("seed"))),
        ("training time", _time(training)),
        ("hardware", _hardware(record.get("hardware") or {})),
        ("software", _software(record)),
        ("commit", str(record.get("commit") or "")),
        ("date", str(record.get("date") or "")[:10]),
    ]


def _with_options(method: Any, options: Any) -> str:
    if not method or not isinstance(options, dict) or not options:
        return str(method or "")
    told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in options.items())
    return f"{method} ({told})"


def _base(recipe: Json) -> bool:
    return bool((recipe.get("streaming") or {}).get("base"))


def _number(value: Any) -> str:
    return count(value) if known(value) else ""


def _optimizer(how: Json) -> str:
    optimizer, schedule = how.get("optimizer") or {}, how.get("schedule") or {}
    parts = [
        str(optimizer.get("name") or ""),
        *(
            f"{key.replace('_', ' ')} {compact(optimizer[key])}"
            for key in ("learning_rate", "weight_decay")
            if known(optimizer.get(key))
        ),
        f"{schedule['name']} schedule" if schedule.get("name") else "",
    ]
    return ", ".join(part for part in parts if part)


def _time(training: Json) -> str:
    if not known(training.get("seconds")):
        return ""
    whole = training.get("seconds_in_all")
    return duration(training["seconds"]) + (
        f" ({duration(whole)} with loading and measuring)" if known(whole) else ""
    )


def _hardware(hardware: Json) -> str:
    parts = [
        str(hardware.get("gpu") or ""),
        str(hardware.get("cpu") or ""),
        plural(hardware["cores"], "core") if known(hardware.get("cores")) else "",
        "no GPU" if "gpu" in hardware and not hardware["gpu"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _software(record: Json) -> str:
    versions = {"labeltree": record.get("labeltree"), **(record.get("hardware") or {})}
    names = {"labeltree": "labeltree", "torch": "PyTorch", "python": "Python"}
    parts = [f"{name} {versions[key]}" for key, name in names.items() if versions.get(key)]
    return listed(parts) if parts else ""
