"""The licences that the hub knows by an identifier.

Source: https://huggingface.co/docs/hub/repositories-licenses, without those of single companies'
models.
"""

from __future__ import annotations

from labeltree.errors import ConfigError, suggestion

UNKNOWN = "unknown"
_IDENTIFIERS = (
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0 "
    "bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc "
    "cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 "
    "cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 "
    "cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 "
    "creativeml-openrail-m ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 gfdl gpl gpl-2.0 "
    "gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 lgpl-lr lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by "
    "ofl-1.1 openrail openrail++ osl-3.0 other pddl postgresql unknown unlicense wtfpl zlib"
)
LICENCES = frozenset(_IDENTIFIERS.split())


def check_licence(licence: str | None) -> str:
    """The hub's identifier of a licence; `unknown` if none is given.

    Raises:
        ConfigError: the hub knows no such licence.

    >>> check_licence("Apache-2.0"), check_licence(None)
    ('apache-2.0', 'unknown')
    """
    found = (licence or UNKNOWN).lower()
    if found not in LICENCES:
        other = "'other' is for what the hub has no identifier for"
        raise ConfigError(
            f"--licence {licence!r} is none of the hub's; {suggestion(found, LICENCES, other)} "
            "(see https://huggingface.co/docs/hub/repositories-licenses)"
        )
    return found
