"""The page of the server: pictures in, paths through the label tree out.

Plain HTML, CSS and ES modules, served as they lie here: no build step, and nothing is loaded from
elsewhere. The page knows the server only by its HTTP interface, and its addresses are relative, so
that it also works below another path of a proxy.
"""

from __future__ import annotations

from importlib import resources

__all__ = ["files"]

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def files() -> dict[str, tuple[bytes, str]]:
    """Everything that a browser needs: URL path to content and media type.

    >>> files()["/"][1], sorted(files())[:3]
    ('text/html; charset=utf-8', ['/', '/page/answers.js', '/page/camera.js'])
    """
    found = {}
    for file in resources.files(__name__).iterdir():
        media_type = _MEDIA_TYPES.get("." + file.name.rpartition(".")[2])
        if media_type is not None:
            url = "/" if file.name == "index.html" else f"/page/{file.name}"
            found[url] = (file.read_bytes(), media_type)
    return found
