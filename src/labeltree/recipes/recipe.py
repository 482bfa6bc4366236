"""One complete, frozen configuration: everything that decides what a run does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, model_validator

from labeltree.configuration import Config, put_setting
from labeltree.data.config import DataConfig
from labeltree.data.division import DivisionConfig
from labeltree.data.scope import ScopeConfig
from labeltree.data.splits import SplitConfig
from labeltree.decoding.config import DecodingConfig
from labeltree.errors import ConfigError
from labeltree.streaming.config import StreamingConfig
from labeltree.training import TrainingConfig


class Recipe(Config):
    """What to train, on what, how, and how to answer.

    Written to a run folder as `recipe.yaml`, which is enough to run it again.
    """

    data: str = Field(description="a known set, a folder, or a table (CSV, JSONL, parquet)")
    data_options: dict[str, Any] = Field(default_factory=dict, description="options of the source")
    split: SplitConfig = SplitConfig()
    scope: ScopeConfig = ScopeConfig()
    division: DivisionConfig = DivisionConfig()
    loading: DataConfig = DataConfig()
    method: str = "flat"
    method_options: dict[str, Any] = Field(default_factory=dict)
    backbone: str = "slim"
    weights: Path | None = Field(None, description="safetensors file to start the backbone from")
    pretrained: bool = Field(False, description="timm's or torchvision's weights, downloaded")
    training: TrainingConfig
    answer_training: bool = Field(
        False, description="keep the answers to the training images, for experts to learn from"
    )
    streaming: StreamingConfig = StreamingConfig()
    decoding: DecodingConfig = DecodingConfig()

    @model_validator(mode="after")
    def _divide_once(self) -> Self:
        if self.answer_training and self.division.router is not None:
            raise ValueError(
                "answer_training: an expert's answers divide no images among others, it was "
                "trained on some of them; leave out answer_training or division"
            )
        return self

    def with_settings(self, settings: list[str]) -> Recipe:
        """A copy with `key=value` settings applied; keys are dotted, values are YAML.

        Raises:
            ConfigError: a setting without `=`, an unknown key, a value that does not fit.

        >>> from labeltree.recipes import slim
        >>> slim("glyphs").with_settings(["training.optimizer.learning_rate=0.1"]
        ...     ).training.optimizer.learning_rate
        0.1
        """
        values = self.model_dump()
        for setting in settings:
            put_setting(values, setting)
        return Recipe(**values)

    def to_yaml(self) -> str:
        """The resolved recipe as text."""
        text: str = yaml.safe_dump(
            self.model_dump(mode="json"), sort_keys=False, allow_unicode=True
        )
        return text

    @classmethod
    def from_yaml(cls, path: Path) -> Recipe:
        """Read a recipe.

        Raises:
            ConfigError: not there, not YAML, or not a recipe; names the file.
        """
        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(f"{path}: no such recipe file") from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise ConfigError(f"{path}: cannot be read as a recipe: {reason}") from None
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: holds no recipe (expected keys such as 'data', 'training')")
        try:
            return cls(**{str(key): value for key, value in values.items()})
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None

    def differences(self, other: Recipe) -> list[str]:
        """Dotted keys whose values differ."""
        mine, theirs = (_flat(recipe.model_dump(mode="json")) for recipe in (self, other))
        return [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict) and value:
            flat.update(_flat(value, f"{prefix}{key}."))
            if key == "groups":  # their order is that of a router's classes
                flat[f"order of {prefix}{key}"] = list(value)
        else:
            flat[prefix + key] = value
    return flat
