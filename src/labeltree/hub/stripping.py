"""A record that may leave the machine: figures and settings, but no places and no names of hosts.

What goes along is listed, so that a part that records may gain one day stays at home until somebody
has looked at it. `command` does not: it is full of paths, and the recipe tells the same.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

Json = dict[str, Any]

PARTS = (
    *("format", "kind", "name", "labeltree", "date", "commit", "hardware", "recipe", "data"),
    *("model", "cost", "training", "parts", "decoding", "validation", "test"),
    *("validation_before_decoding", "test_before_decoding", "label_sets", "original"),
    *("back_off", "back_off_curve", "reliability", "alpha_sweep"),
)
HARDWARE = ("cpu", "cores", "threads", "gpu", "torch", "python")

# Where a record has names of files and folders, relative ones too: only the last part is kept.
_PLACES = (
    ("recipe", "data"),
    *(("recipe", "data_options", option) for option in ("taxonomy", "categories", "combined")),
    ("recipe", "method_options", "groups"),
    ("recipe", "weights"),
    ("recipe", "streaming", "base"),
    ("recipe", "division", "router"),
    ("data", "source"),
)
_WHOLE = re.compile(r"(~|[A-Za-z]:[\\/]|[\\/].|file:|\.\.?[\\/])")
_WITHIN = re.compile(r"""(?<![^\s='"(,])(?:~|[A-Za-z]:)?[\\/][^\s'",;)]+""")


def stripped(record: Json) -> Json:
    """The record as it may be published; what was given stays as it is.

    >>> stripped({"name": "dogs", "command": "labeltree train /home/jo/dogs",
    ...           "data": {"source": "/home/jo/dogs", "train": 9}})
    {'name': 'dogs', 'data': {'source': 'dogs', 'train': 9}}
    """
    kept = {key: _placeless(record[key]) for key in PARTS if key in record}
    if isinstance(kept.get("hardware"), dict):
        kept["hardware"] = {
            key: kept["hardware"][key] for key in HARDWARE if key in kept["hardware"]
        }
    for *way, last in _PLACES:
        part: Any = kept
        for key in way:
            part = part.get(key) if isinstance(part, dict) else None
        if isinstance(part, dict) and isinstance(part.get(last), str):
            part[last] = last_part(part[last])
    return kept


def last_part(place: str) -> str:
    r"""The name at the end of a path of any system.

    >>> last_part("/home/jo/my dogs/"), last_part("C:\\photos\\dogs.csv"), last_part("cifar100")
    ('my dogs', 'dogs.csv', 'cifar100')
    """
    return PurePosixPath(place.replace("\\", "/")).name


def _placeless(value: Any) -> Any:
    """A copy whose text names no absolute path, wherever it stands."""
    if isinstance(value, dict):
        return {_placeless(key): _placeless(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_placeless(one) for one in value]
    if not isinstance(value, str):
        return value
    if _WHOLE.match(value):
        return last_part(value)
    return _WITHIN.sub(lambda found: last_part(found[0]), value)
