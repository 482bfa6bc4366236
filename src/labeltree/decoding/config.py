"""What a recipe can say about decoding."""

from __future__ import annotations

from pydantic import Field, field_validator

from labeltree.configuration import Config
from labeltree.decoding.back_off import back_off_rule


class DecodingConfig(Config):
    """How probabilities become answers; everything else is fitted on the validation split."""

    rule: str = Field("threshold", description="back-off rule: threshold or darts")
    target_accuracy: float = Field(
        0.95, ge=0, le=1, description="share of the answers that is to be right"
    )

    @field_validator("rule")
    @classmethod
    def _known(cls, rule: str) -> str:
        back_off_rule(rule)
        return rule
