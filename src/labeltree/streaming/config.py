"""What can be set about training that goes on from a trained model; beside what obeys it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from labeltree.configuration import Config


class StreamingConfig(Config):
    """From which model training goes on, and what keeps it from forgetting.

    Everything is off unless it is set. Each protection is one field (dropout has its own meaning
    in the network, too), so that any of them go together.
    """

    base: Path | None = Field(
        None,
        description="run folder of the model to go on from, relative to this run's folder",
    )
    new_labels: bool = Field(
        False, description="add labels that the model's tree lacks, as leaves below known nodes"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="of the features before the classifier")
    pull_l1: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="weight of the sum of |weight - old weight| in the loss",
    )
    pull_l2: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="weight of half the sum of (weight - old weight)²",
    )
    frozen_stages: int = Field(0, ge=0, description="first stages whose weights stay as they are")
    frozen_batch_norm: bool = Field(
        False, description="the means and variances of batch norm stay as they are"
    )
    distillation: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="weight of the distance from the old model's scores (LwF)",
    )
    elastic: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="as pull_l2, each weight by its importance for the old images (EWC)",
    )
    replay: int = Field(0, ge=0, description="old training images of each class that come along")
    average: float = Field(0.0, ge=0, lt=1, description="share of the old weights in the result")

    @model_validator(mode="after")
    def _name_the_base(self) -> Self:
        changed = [name for name, value in self if value != type(self).model_fields[name].default]
        if self.base is None and changed:
            raise ValueError(f"{changed[0]} is set without base; name the run to go on from")
        return self
