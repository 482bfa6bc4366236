"""The base of every configuration: frozen, typed, validated when built, closed to unknown keys.

Each part of the configuration is a small class beside the code that it configures; a recipe
(`labeltree.recipes`) composes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from labeltree.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_REASON = re.compile(r"^(Input should be a valid \w+), .*")
"""How pydantic tells that a text could not be parsed; the value is told anyway."""
_LONGEST = 100  # characters of a value


class Config(BaseModel):
    """A frozen set of named, typed options.

    Raises:
        ConfigError: on an unknown key (the nearest known one is named) or a value that does not
            fit; one line, however deep in the configuration it stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_one_line(error, values)) from None

    @model_validator(mode="before")
    @classmethod
    def _name_the_nearest(cls, values: Any) -> Any:
        for key in values if isinstance(values, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"unknown key {key!r}; {suggestion(str(key), cls.model_fields)}")
        return values

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated again."""
        return type(self)(**{**dict(self), **changes})


def read_settings(settings: Iterable[str]) -> dict[str, Any]:
    """What `--set KEY=VALUE` says: dotted keys become groups, values are YAML.

    Raises:
        ConfigError: a setting without `=`, or a group that is given a value, too.

    >>> read_settings(["sizes=[5, 10]", "training.epochs=3", "training.seed=1"])
    {'sizes': [5, 10], 'training': {'epochs': 3, 'seed': 1}}
    """
    values: dict[str, Any] = {}
    for setting in settings:
        put_setting(values, setting)
    return values


def put_setting(values: dict[str, Any], setting: str) -> None:
    """Put one `KEY=VALUE` into nested values; unknown keys are left for validation to refuse.

    Raises:
        ConfigError: as `read_settings`.
    """
    import yaml

    key, equals, text = setting.partition("=")
    if not equals:
        raise ConfigError(f"--set {setting!r} has no '='; write --set key=value")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        value = text
    *outer, last = key.strip().split(".")
    for step in outer:
        inner = values.setdefault(step, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {key.strip()}: {step!r} holds a value, not a group")
        values = inner
    values[last] = value


def _one_line(error: ValidationError, values: dict[str, Any]) -> str:
    """What is wrong, place by place; of a value that may be of several types, what it could be.

    Where one of these types fits but for something in it, only that is told.
    """
    places: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    for problem in error.errors():
        places.setdefault(_place(problem, values), []).append(problem)
    return "; ".join(
        _said(place, problems)
        for place, problems in places.items()
        if not any(other[: len(place)] == place and other != place for other in places)
    )


def _place(problem: ErrorDetails, values: Any) -> tuple[int | str, ...]:
    """Where it is, without the names of types that pydantic adds where there are several."""
    place: list[int | str] = []
    for step in problem["loc"]:
        within = isinstance(values, list | tuple) and step in range(len(values))
        if within or (isinstance(values, dict) and step in values):
            values = values[step]
        elif place and problem["type"] != "missing":
            continue
        place.append(step)
    return tuple(place)


def _said(place: tuple[int | str, ...], problems: list[ErrorDetails]) -> str:
    named = [one for one in problems if one["type"] != "none_required"] or problems
    text = ", or ".join(dict.fromkeys(map(_wish, named))).replace(", or should be ", ", or ")
    got = problems[0]["input"]
    seen = "" if isinstance(got, dict) else f" (got {_shortened(repr(got))})"
    return f"{'.'.join(map(str, place))}: {text}{seen}" if place else text


def _wish(problem: ErrorDetails) -> str:
    if problem["type"] == "path_type":  # told with the class that it would become
        return "should be a path"
    text = _REASON.sub(r"\1", problem["msg"])
    return text.removeprefix("Input ").removeprefix("Value error, ")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
