"""Which data, networks and weights, instead of those of a scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from labeltree.configuration import Config
from labeltree.data import SOURCES
from labeltree.errors import ConfigError


class ArchitectureOptions(Config):
    """What is compared, on what."""

    data: str | None = Field(
        None, description="known sets, folders or tables, with commas between them"
    )
    models: str | None = Field(
        None,
        description="networks, with commas between them: vgg16, inception_v3 and resnet50 are the "
        "paper's, any other name is a backbone",
    )
    image_size: int | None = Field(
        None, ge=1, le=4096, description="side in pixels, for every network"
    )
    pretrained: bool = Field(False, description="timm's weights, downloaded, for timm: networks")
    weights: Path | None = Field(
        None, description="a folder with a file NETWORK.safetensors for each network"
    )
    epochs: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="of every network, on all data"
    )


def data_names(text: str) -> list[str]:
    """Names of data with commas between them; a path that exists may hold commas itself.

    Raises:
        ConfigError: an empty name.

    >>> data_names("mnist, cifar10")
    ['mnist', 'cifar10']
    """
    parts, found = text.split(","), list[str]()
    while parts:
        joined = {end: ",".join(parts[:end]).strip() for end in range(len(parts), 0, -1)}
        end = next((e for e, name in joined.items() if e > 1 and _is_path(name)), 1)
        found.append(joined[end])
        parts = parts[end:]
    return _full(found, f"data {text!r}")


def model_names(text: str) -> list[str]:
    """Names of networks with commas between them.

    Raises:
        ConfigError: an empty name.
    """
    return _full([name.strip() for name in text.split(",")], f"models {text!r}")


def data_labels(names: Sequence[str]) -> list[str]:
    """What rows call the data: a known set by its name, anything else by the end of its path.

    The whole path where that would not tell it apart.

    Raises:
        ConfigError: the same data twice.

    >>> data_labels(["mnist", "a/photos", "b/photos", "c/birds"])
    ['mnist', 'a/photos', 'b/photos', 'birds']
    """
    places = [name if _is_known(name) else str(Path(name).expanduser().resolve()) for name in names]
    for number, (name, place) in enumerate(zip(names, places, strict=True)):
        if place in places[:number]:
            raise ConfigError(f"data names {name!r} twice; leave one out")
    short = [name if _is_known(name) else Path(name).name or name for name in names]
    times = Counter(short)
    return [
        name if times[label] > 1 or (_is_known(label) and not _is_known(name)) else label
        for name, label in zip(names, short, strict=True)
    ]


def _is_known(name: str) -> bool:
    return name.partition(":")[0] in SOURCES


def _is_path(name: str) -> bool:
    return Path(name).expanduser().exists()


def _full(names: list[str], what: str) -> list[str]:
    if not all(names):
        raise ConfigError(f"{what} has an empty name; write names with single commas between them")
    return names
