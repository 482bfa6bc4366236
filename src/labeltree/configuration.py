"""The base of every configuration: frozen, typed, validated when built, closed to unknown keys.

Each part of the configuration is a small class beside the code that it configures; a recipe
(`labeltree.recipes`) composes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from labeltree.errors import ConfigError, suggestion


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
            raise ConfigError(_one_line(error)) from None

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


def _one_line(error: ValidationError) -> str:
    parts = []
    for problem in error.errors():
        place = ".".join(str(step) for step in problem["loc"])
        text = problem["msg"].removeprefix("Value error, ")
        got = problem["input"]
        seen = f" (got {got!r})" if not isinstance(got, dict) else ""
        parts.append(f"{place}: {text}{seen}" if place else text)
    return "; ".join(parts)
