"""Suffixes of another library's names, such as `+fc1000`: more of its network is kept."""

from __future__ import annotations

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
