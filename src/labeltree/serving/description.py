"""What the server says of itself: its OpenAPI description, and a page that lists it.

The page at /docs is our own and small: Swagger's needs scripts from the internet, or 1.5 MB more
in this package.
"""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

import labeltree
from labeltree.runtime import Predictor
from labeltree.serving import shapes
from labeltree.serving.metrics import MEDIA_TYPE
from labeltree.serving.security import OPEN
from labeltree.serving.settings import ServerSettings
from labeltree.serving.uploads import FIELD, FORM, RAW
from labeltree.taxonomy import Taxonomy

_FILE = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "properties": {FIELD: {"type": "array", "items": _FILE, "minItems": 1}},
    "required": [FIELD],
    "additionalProperties": False,
}
IMAGES = {
    "requestBody": {
        "required": True,
        "content": {FORM: {"schema": _FORM}, RAW: {"schema": _FILE}, "image/*": {"schema": _FILE}},
    }
}
"""The bodies that `POST /predict` takes."""

COUNTED = {
    "description": "Prometheus' text format.",
    "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
}
"""What `GET /metrics` answers."""

_WHY = {
    400: "No image could be read, or the request is no HTTP.",
    401: "The key is missing or wrong.",
    403: "Asked by the page of another site, or under a name that is not this server's.",
    408: "The request did not arrive in time.",
    413: "More bytes or images than are taken.",
    415: "Neither a form nor an image.",
    422: "The query does not fit.",
    503: "The server is busy, or stopping: ask again after `Retry-After` seconds.",
}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
_SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of an operation."""
    return {
        status: {
            "description": _WHY[status],
            "model": shapes.Unreadable if status == 400 else shapes.Problem,
            **({"headers": _RETRY} if status == 503 else {}),
        }
        for status in statuses
    }


def openapi(app: FastAPI, settings: ServerSettings) -> dict[str, Any]:
    """The description; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="labeltree",
            version=labeltree.__version__,
            summary="Answers along a tree of labels for images.",
            routes=app.routes,
        )
        if settings.api_key is not None:
            schema["components"]["securitySchemes"] = _SCHEMES
            for path in schema["paths"].keys() - OPEN:
                for operation in schema["paths"][path].values():
                    operation["security"] = [{name: []} for name in _SCHEMES]
        app.openapi_schema = schema
    return app.openapi_schema


def tree(taxonomy: Taxonomy) -> dict[str, Any]:
    """Of `GET /taxonomy`."""
    return {
        "levels": list(taxonomy.level_names),
        "paths": list(taxonomy.paths),
        "parents": taxonomy.parents.tolist(),
        "leaves": taxonomy.num_leaves,
    }


def card(predictor: Predictor, settings: ServerSettings) -> dict[str, Any]:
    """Of `GET /model`."""
    taxonomy, limits = predictor.taxonomy, settings.limits
    return {
        "name": predictor.name,
        "backend": predictor.backend,
        "version": labeltree.__version__,
        "image_size": predictor.preprocessing.image_size,
        "leaves": taxonomy.num_leaves,
        "nodes": taxonomy.num_nodes,
        "levels": list(taxonomy.level_names),
        "exclusive": predictor.sets is None,
        "target_accuracy": predictor.decoder.target_accuracy,
        "limits": {
            "images": limits.images,
            "bytes": limits.bytes,
            "pixels": limits.pixels,
            "seconds": limits.seconds,
        },
    }


def html(schema: dict[str, Any]) -> bytes:
    """The operations as a page that needs no script and nothing from elsewhere."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'><title>labeltree: the interface</title>",
        "<h1>The interface</h1><p>The whole description: ",
        "<a href=openapi.json>openapi.json</a>. The page for people: <a href=./>here</a>.",
    ]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2>")
            parts.append(f"<p>{escape(operation.get('description', ''))}")
            parts += _list("Query", _parameters(operation))
            body = operation.get("requestBody", {"content": {}})["content"]
            parts += _list("Body", [(kind, "") for kind in body])
            told = operation["responses"].items()
            parts += _list("Answers", [(status, one["description"]) for status, one in told])
    return "\n".join(parts).encode()


def _parameters(operation: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (one["name"], one["schema"].get("description", one.get("description", "")))
        for one in operation.get("parameters", ())
    ]


def _list(title: str, items: list[tuple[str, str]]) -> list[str]:
    if not items:
        return []
    rows = (f"<li><code>{escape(name)}</code> {escape(text)}" for name, text in items)
    return [f"<h3>{title}</h3><ul>", *rows, "</ul>"]
