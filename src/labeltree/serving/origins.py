"""Who asks through a person's browser: the server's own page may, those of other sites may not.

A browser sends to a server on this machine what any page that it shows tells it to send. Two things
give such a page away: its `Origin`, or what the browser says of it in `Sec-Fetch-Site`; and, where
its own name was made to lead here (DNS rebinding), a `Host` that is not this server's. A server
that nobody else reaches and that asks for no key knows its names.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from labeltree.serving.refusals import RefusedError
from labeltree.serving.security import OPEN, Headers
from labeltree.serving.settings import ServerSettings

_LOCAL = "localhost"


def origin_check(settings: ServerSettings) -> Callable[[str, Headers], None]:
    """What lets in whom the server's own page, or a program, asks for.

    Returns:
        Of a path and the request's headers; raises RefusedError, 403.
    """
    allowed = frozenset(name.lower() for name in settings.allow_hosts)
    by_name = settings.api_key is None and is_loopback(settings.host)

    def check(path: str, headers: Headers) -> None:
        found: dict[bytes, list[str]] = {b"host": [], b"origin": [], b"sec-fetch-site": []}
        for name, value in headers:
            if name in found:
                found[name].append(value.decode("latin-1").strip().lower())
        hosts, origins, sites = found.values()
        if by_name and not all(_is_ours(host, allowed) for host in hosts):
            raise RefusedError(
                403, "this server has another name; --allow-host NAME tells it one more"
            )
        if path in OPEN or (sites and set(sites) <= {"same-origin", "none"}):
            return
        foreign = [one for one in origins if not _is_same(one, hosts, allowed)]
        if foreign or "cross-site" in sites:
            raise RefusedError(403, "the page of another site may not ask this server")

    return check


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at an address.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example")]
    [True, True, True, False, False]
    """
    if host.lower() == _LOCAL:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_ours(host: str, allowed: frozenset[str]) -> bool:
    """Whether a `Host` is one that no stranger's page can have: an address, or one of our names."""
    name = _name(f"//{host}")
    if name == _LOCAL or name in allowed:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_same(origin: str, hosts: list[str], allowed: frozenset[str]) -> bool:
    return [origin.partition("://")[2]] == hosts or _name(origin) in allowed


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # half of an IPv6 address
        return ""
