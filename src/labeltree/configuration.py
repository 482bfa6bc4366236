"""The base of every configuration: frozen, typed, validated when built, closed to unknown keys.

Each part of the configuration is a small class beside the code that it configures; a recipe
(`labeltree.recipes`) composes them.
"""

from __future__ import annotations

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


def _one_line(error: ValidationError) -> str:
    parts = []
    for problem in error.errors():
        place = ".".join(str(step) for step in problem["loc"])
        text = problem["msg"].removeprefix("Value error, ")
        got = problem["input"]
        seen = f" (got {got!r})" if not isinstance(got, dict) else ""
        parts.append(f"{place}: {text}{seen}" if place else text)
    return "; ".join(parts)
