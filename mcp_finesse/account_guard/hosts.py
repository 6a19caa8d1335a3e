"""Canonical names and addresses of servers, so that different spellings of a URL mean the same account.

The port is ignored: nodes behind a reverse proxy can differ only in the port, and they check the same accounts.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

_LOOPBACK = "loopback"
_RESOLVE_SECONDS = 2.0


def host_of(url_or_host: str) -> str:
    """Return the host of a URL, or a host name, in canonical form. Empty if the text contains no host."""
    text = url_or_host.strip()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    host = host.rstrip(".").lower()
    with contextlib.suppress(ValueError):
        return _address(host)
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode("ascii")
    return _LOOPBACK if host == "localhost" or host.endswith(".localhost") else host


async def addresses_of(hosts: Iterable[str]) -> frozenset[str]:
    """Resolve all hosts within two seconds. A host that cannot be resolved adds no addresses."""
    return frozenset().union(*await asyncio.gather(*map(_addresses_of, hosts)))


async def _addresses_of(host: str) -> frozenset[str]:
    with contextlib.suppress(OSError, UnicodeError, ValueError):  # TimeoutError is an OSError
        async with asyncio.timeout(_RESOLVE_SECONDS):
            places = await asyncio.get_running_loop().getaddrinfo(host, None)
            return frozenset(_address(str(place[0])) for *_, place in places)
    return frozenset()


def _address(text: str) -> str:
    """Return the canonical form of an address. All loopback addresses are equal."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return _LOOPBACK if address.is_loopback or address.is_unspecified else str(address)
