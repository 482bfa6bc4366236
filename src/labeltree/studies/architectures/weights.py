"""Weights to start from: found, and tried, before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from labeltree.backbones import make_backbone
from labeltree.comparison.file_names import slug
from labeltree.errors import ConfigError
from labeltree.reports.words import listed
from labeltree.studies.architectures.networks import Network
from labeltree.studies.architectures.options import ArchitectureOptions


def weight_files(options: ArchitectureOptions, networks: Sequence[Network]) -> dict[str, Path]:
    """The file of each network by its name; none if they start from scratch.

    Raises:
        ConfigError: a file is missing, or weights cannot be had in the way that was asked for.
    """
    if options.pretrained:
        _check_pretrained(options, networks)
    if options.weights is None:
        return {}
    files = {
        network.name: options.weights / f"{slug(network.name)}.safetensors" for network in networks
    }
    if missing := [file.name for file in files.values() if not file.is_file()]:
        raise ConfigError(
            f"weights {options.weights}: {listed(missing)} missing; put a file for each network "
            "there, or leave its network out of models"
        )
    return files


def check_weights(networks: Sequence[Network], files: Mapping[str, Path]) -> None:
    """Raise ConfigError unless every file fits its network."""
    for network in networks:
        if network.name in files:
            make_backbone(network.backbone, files[network.name])


def _check_pretrained(options: ArchitectureOptions, networks: Sequence[Network]) -> None:
    if options.weights is not None:
        raise ConfigError("pretrained and weights are two ways to start: set one of them")
    if others := [network.name for network in networks if not network.backbone.startswith("timm:")]:
        raise ConfigError(
            f"pretrained: there are no weights to download for {listed(others)}; name networks of "
            "timm (--models timm:resnet50,...), or give a folder as weights"
        )
