"""What can be set about loading; beside the loaders that obey it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from labeltree.configuration import Config

Crops = Literal["one", "flip", "five", "ten", "multi-scale", "multi-scale-unmirrored"]
"""Views of an image; see the table `labeltree.data.views.CROPS`."""

Fit = Literal["crop", "pad"]
"""How a picture of any shape becomes a square: its middle is cut out, or its sides are padded."""


class AugmentConfig(Config):
    """What is done at random to training images; nothing, unless it is asked for."""

    crop_padding: int = Field(
        0, ge=0, description="pad by so many pixels on every side, cut out at the old size"
    )
    padding: Literal["reflect", "zeros"] = Field(
        "reflect",
        description="with what: the image mirrored, or what normalisation makes zero, the mean "
        "colour of the training images",
    )
    flip: Literal["none", "random", "alternating"] = Field(
        "none", description="mirror left to right: by chance, or every other epoch"
    )
    random_resized_crop: float | None = Field(
        None,
        gt=0,
        le=1,
        description="least share of the largest square of an image that a crop has; it is scaled "
        "to full size",
    )
    colour_jitter: float = Field(
        0.0, ge=0, le=1, description="brightness, contrast and saturation by up to this share"
    )
    pca_colour: float = Field(
        0.0,
        ge=0,
        le=1,
        description="shift along the principal components of the training images' colours, by "
        "this standard deviation times the eigenvalues of their covariance in [0, 1]; "
        "AlexNet's is 0.1",
    )

    @model_validator(mode="after")
    def _one_crop(self) -> Self:
        if self.crop_padding and self.random_resized_crop:
            raise ValueError("crop_padding and random_resized_crop: choose one of the two")
        return self


class DataConfig(Config):
    """How images are loaded."""

    batch_size: int = Field(
        128, ge=1, description="training images per step, all processes together"
    )
    evaluation_batch_size: int = Field(512, ge=1, description="images per process")
    image_size: int | None = Field(
        None,
        ge=1,
        le=4096,  # a slip of the keyboard would fill the memory and be killed without a word
        description="side in pixels; None: the images' own, 224 if they differ or exceed",
    )
    fit: Fit = Field("crop", description="cut a square out of the picture, or pad it to one")
    augment: AugmentConfig = AugmentConfig()
    crops: Crops = Field(
        "one",
        description="views of an image whose probabilities are averaged in the test and in the "
        "validation at the end; after each epoch one must do",
    )
    loader: Literal["auto", "memory", "stream"] = "auto"
    workers: int | None = Field(
        None, ge=0, description="processes that decode while streaming; None: by the cores"
    )
    memory_limit: float | None = Field(
        None, gt=0, description="GB for images kept in memory; None: 40 % of what is free"
    )
