"""What a file of predictions is made from: whether a second start goes on with the same work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeltree.prediction.sources import STANDARD_INPUT, place_of, written_out

FORMAT = 2


def plan(model: Path, sources: Sequence[str], options: dict[str, Any]) -> dict[str, Any]:
    """All that the rows depend on, as JSON has it; of the images only where they are looked for.

    Args:
        model: folder or exported file.
        sources: as the user named them; `./photos/` is `photos`, and its images are called alike.
        options: name (as the user knows it) to value.
    """
    told = {
        "format": FORMAT,
        "model": digest_of_model(model),
        "sources": [written_out(_spelt(source)) for source in sources],
        "folder": _folder(sources),
        "options": options,
    }
    found: dict[str, Any] = json.loads(json.dumps(told))
    return found


def difference(before: dict[str, Any], now: dict[str, Any]) -> str | None:
    """What has changed between two plans, in words; None if nothing has.

    >>> old = {"format": 1, "model": "a", "sources": ["photos"], "options": {"--top": 5}}
    >>> difference(old, old), difference(old, {**old, "model": "b"})
    (None, 'the model has changed')
    >>> difference(old, {**old, "options": {"--top": 3}})
    '--top was 5, now 3'
    """
    if before.get("format") != now["format"]:
        return "another version of labeltree began it"
    if before.get("model") != now["model"]:
        return "the model has changed"
    if before.get("sources") != now["sources"]:
        was = " ".join(map(str, before.get("sources") or ()))
        return f"the images were {was!r}, now {' '.join(now['sources'])!r}"
    if before.get("folder") != now.get("folder"):
        return (
            f"it was begun in {before.get('folder')}, this is {now.get('folder')}: go there, where "
            "the names mean the same images"
        )
    old = before.get("options") or {}
    for name, value in now["options"].items():
        if old.get(name) != value:
            return f"{name} was {_shown(old.get(name))}, now {_shown(value)}"
    return None


def digest_of_model(path: Path) -> str:
    """A digest of an exported file, or of the files of a model folder that answers depend on."""
    files = [path]
    if path.is_dir():
        folder = path / "model" if (path / "model").is_dir() else path
        files = sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")])
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        with file.open("rb") as content:
            own = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{file.name if path.is_dir() else ''} {own}\n".encode())
    return digest.hexdigest()


def _folder(sources: Sequence[str]) -> str | None:
    """Where relative names are looked for; None if none is, wherever the command is started."""
    files = [source for source in sources if source != STANDARD_INPUT]
    absolute = len(files) == len(sources) and all(place_of(file).is_absolute() for file in files)
    return None if absolute else written_out(str(Path.cwd()))


def _spelt(source: str) -> str:
    return source if source == STANDARD_INPUT else str(place_of(source))


def _shown(value: object) -> str:
    return "not given" if value is None else str(value)
