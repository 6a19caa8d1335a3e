"""What a session needs to know, as one small value."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxies
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session.state.journal import MEMORY
from mcp_finesse.session.timing import Clock, SessionTiming
from mcp_finesse.xmpp import LinkTiming, PresencePriority
from mcp_finesse.xmpp.transport.addresses import addresses

CLOSE_LINK = 0.6
"""Seconds for each end of a link: hosts kill a server after two, and the rest of it has to end as well."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """One agent on one Finesse.

    Attributes:
        url: base of the REST API, such as ``https://finesse.example.com:8445``.
        credentials: the agent's; where there is no agent, the administrator's.
        administrator: who configures Finesse; None when nobody does.
        agent: whether there is an agent. Without one nothing is connected to, and only the administrator works.
        make_tls: makes a TLS context. Each way in gets its own: HTTP/2 is negotiated (ALPN) in the context, and a
            WebSocket handshake must not be answered in it.
        notification_urls: where the Notification Service listens, in the order to try them; empty for the usual places.
        other_url: base of the REST API of the other node; empty to take it from SystemInfo.
        other_notification_urls: as ``notification_urls``, for the other node.
        failover: whether the session may move to the other node.
        xmpp_transport: ``auto``, or the only one that is tried: ``websocket``, ``bosh`` or ``tcp``.
        presence_priority: priority of the session at the Notification Service: ``auto``, ``0`` or ``-1``.
        proxies: which proxy leads where; none unless set.
        state_dir: lock files and the memory of rejected secrets live here.
        allow_insecure: unencrypted ``http`` and ``ws`` are allowed, by name.
        read_only: no PUT, POST or DELETE may leave the process.
        journal_size: how many notifications are kept.
        journal_memory: maximum bytes of memory that the kept notifications hold.
        ecc_lengths: bytes that each ECC variable may have, by name, as the administrator has set them (only
            administrators can read that); longer values are then refused here, and cut by Finesse otherwise.
        warnings: sentences about the settings, for the notes of the status.
    """

    url: str
    credentials: Credentials
    state_dir: Path
    make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    proxies: Proxies = field(default_factory=Proxies)
    notification_urls: tuple[str, ...] = ()
    other_url: str = ""
    other_notification_urls: tuple[str, ...] = ()
    failover: bool = True
    xmpp_transport: str = "auto"
    presence_priority: PresencePriority = "auto"
    allow_insecure: bool = False
    administrator: Credentials | None = None
    agent: bool = True
    read_only: bool = False
    journal_size: int = 1000
    journal_memory: int = MEMORY
    ecc_lengths: Mapping[str, int] | None = None
    warnings: tuple[str, ...] = ()
    timing: SessionTiming = field(default_factory=SessionTiming)
    link_timing: LinkTiming = field(default_factory=lambda: LinkTiming(close=CLOSE_LINK))
    rest_timeouts: RestTimeouts = field(default_factory=RestTimeouts)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self._check(self.url, self.notification_urls, "FINESSE_URL")
        if self.other_url:
            self._check(self.other_url, self.other_notification_urls, "FINESSE_OTHER_URL")

    def _check(self, url: str, notification_urls: tuple[str, ...], name: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ConfigurationError(
                f"{url!r} is not an address of a Finesse server.", advice=f"Set {name} to https://HOST:8445."
            )
        if parts.scheme == "http" and not self.allow_insecure:
            raise ConfigurationError(
                "The address is not encrypted, so the password could be read on the way.",
                advice="Use https, or set FINESSE_ALLOW_INSECURE=true.",
            )
        for address in (url, *addresses(url, notification_urls, self.xmpp_transport)):
            self.proxies.to(address)  # what cannot be used is said before anything is tried
