"""The shape of a record's parts, checked before anything is drawn."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from labeltree.errors import ModelFolderError
from labeltree.reports.record import Json


class Part(BaseModel):
    """Base of all parts: further keys are ignored, null is as good as nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_nothing(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: one for key, one in value.items() if one is not None}


P = TypeVar("P", bound=Part)


def parse(shape: type[P], record: Json, whose: str, remedy: str) -> P:
    """The parts of a record that a shape names.

    Args:
        shape: what to look for.
        record: what the file holds.
        whose: where it comes from, for messages.
        remedy: what to do about damage.

    Raises:
        ModelFolderError: a part is of another shape; the message names the first.
    """
    try:
        return shape.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        what = first["msg"].removeprefix("Value error, ")
        raise ModelFolderError(
            f"the record of {whose} is damaged at {place!r}: {what}. {remedy}"
        ) from None
