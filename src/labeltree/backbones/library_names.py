"""Names of other libraries' networks: `resnet50`, with suffixes for what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from labeltree.errors import ConfigError, suggestion

AUXILIARY = "aux"
CLASSIFIER = "fc1000"
"""The library's own classifier, with the 1,000 outputs of ImageNet, becomes one more layer."""


def split_suffixes(
    library: str, specification: str, known: tuple[str, ...]
) -> tuple[str, frozenset[str]]:
    """The name of a network, and the suffixes behind it.

    Args:
        library: what stands before the colon, for the message.
        specification: what stands behind it.
        known: suffixes in the order in which they are written, so that a network has one name.

    Raises:
        ConfigError: an unknown suffix, one that stands there twice, or another order.

    >>> split_suffixes("timm", "resnet50+fc1000", ("fc1000",))
    ('resnet50', frozenset({'fc1000'}))
    """
    network, *suffixes = specification.split("+")
    for suffix in suffixes:
        if suffix not in known:
            hint = suggestion(f"+{suffix}", [f"+{each}" for each in known])
            raise ConfigError(f"{library}:{specification}: unknown suffix '+{suffix}'; {hint}")
    written = [each for each in known if each in suffixes]
    if suffixes != written:
        right = "+".join([f"{library}:{network}", *written])
        raise ConfigError(f"unknown backbone '{library}:{specification}'; did you mean {right!r}?")
    return network, frozenset(suffixes)


def unknown_network(library: str, name: str, known: Iterable[str], otherwise: str) -> ConfigError:
    """The error for a name that a library does not know: it tells up to three that are near.

    Args:
        library: what stands before the colon.
        name: what was asked for, without suffixes.
        known: the library's names.
        otherwise: what to say if none is near.

    >>> str(unknown_network("torchvision", "vgg61", ["vgg16", "vgg19", "resnet50"], ""))
    "torchvision has no network 'vgg61'; did you mean 'torchvision:vgg19' or 'torchvision:vgg16'?"
    """
    near = [repr(f"{library}:{each}") for each in get_close_matches(name, list(known))]
    *others, last = near or [""]
    either = f"{', '.join(others)} or {last}" if others else last
    hint = f"did you mean {either}?" if near else otherwise
    return ConfigError(f"{library} has no network {name!r}; {hint}")
