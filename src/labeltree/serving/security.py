"""Who may ask, and what a browser may do with what it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hmac import compare_digest
from pathlib import Path

from pydantic import SecretStr

from labeltree.errors import ConfigError
from labeltree.serving.page import files
from labeltree.serving.refusals import RefusedError

KEY_VARIABLE = "LABELTREE_API_KEY"
OPEN = frozenset({"/health", "/docs", "/openapi.json", *files()})
"""Paths that tell nothing of the model: the page and its parts among them. All others need the key,
if there is one: also those that nobody foresaw, such as what the router takes for one of ours."""

HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
    "Cache-Control": "no-cache",
}

Headers = Iterable[tuple[bytes, bytes]]


def key_check(key: SecretStr | None) -> Callable[[str, Headers], None]:
    """What lets in those who know the key; compares in a time that tells nothing of it.

    Returns:
        Of a path and the request's headers; raises RefusedError, 401.
    """
    if key is None:
        return lambda path, headers: None
    right = key.get_secret_value().encode()

    def check(path: str, headers: Headers) -> None:
        if path not in OPEN and not any(compare_digest(right, told) for told in _told(headers)):
            raise RefusedError(
                401,
                "this server asks for its key: send Authorization: Bearer KEY, or X-API-Key: KEY",
                {"WWW-Authenticate": "Bearer"},
            )

    return check


def _told(headers: Headers) -> list[bytes]:
    keys = []
    for name, value in headers:
        if name == b"x-api-key":
            keys.append(value.strip())
        elif name == b"authorization":
            scheme, _, rest = value.strip().partition(b" ")
            if scheme.lower() == b"bearer":
                keys.append(rest.strip())
    return keys


def read_key(file: Path | None, variable: str | None) -> SecretStr | None:
    """The key from a file, else from the environment; None if neither has one.

    Raises:
        ConfigError: the key is empty, or holds what a header cannot.
    """
    if file is None and variable is None:
        return None
    source = f"${KEY_VARIABLE}" if file is None else str(file)
    try:
        key = (variable or "" if file is None else file.read_text(encoding="utf-8")).strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{source}: no text; write the key as one line") from None
    if not key or not key.isascii() or not key.isprintable():
        raise ConfigError(f"{source}: no key; write one line of printable ASCII characters")
    return SecretStr(key)
