"""Configuration of a session."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mcp_finesse.credentials import CredentialSource
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxies
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session.state.journal import MEMORY
from mcp_finesse.session.timing import Clock, SessionTiming
from mcp_finesse.xmpp import LinkTiming, PresencePriority
from mcp_finesse.xmpp.transport.addresses import addresses

CLOSE_LINK = 0.6
"""Seconds for each of the two closing steps of a link. MCP hosts kill a server two seconds after a stop request."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """The configuration of the session of one agent on one Finesse system.

    Attributes:
        url: Base URL of the REST API, such as ``https://finesse.example.com:8445``.
        credentials: Source of the credentials of the agent, or of the administrator if there is no agent.
        administrator: Source of the credentials for configuring Finesse, or None.
        agent: Whether the session has an agent. Without an agent the session does not connect, and only the
            administrator can send requests.
        make_tls: A function that creates a TLS context. Each transport needs its own context, because ALPN
            offers HTTP/2 only for REST. A server must not select HTTP/2 for a WebSocket handshake.
        notification_urls: URLs of the Notification Service in the order in which to try them. Empty for the
            default URLs.
        other_url: Base URL of the REST API on the other node. Empty to read the URL from SystemInfo.
        other_notification_urls: URLs of the Notification Service on the other node, in the order in which to
            try them.
        failover: Whether the session may switch to the other node.
        xmpp_transport: ``auto``, or the name of the only transport to try: ``websocket``, ``bosh`` or ``tcp``.
        presence_priority: Presence priority at the Notification Service: ``auto``, ``0`` or ``-1``.
        proxies: Selects the proxy for each address. By default no proxy is used.
        state_dir: Folder for lock files and sign-in records.
        allow_insecure: Whether unencrypted ``http`` and ``ws`` addresses are allowed.
        read_only: Whether PUT, POST and DELETE requests are blocked.
        journal_size: Maximum number of notifications kept.
        journal_memory: Maximum number of bytes that the kept notifications occupy in memory.
        ecc_lengths: Maximum bytes of each ECC variable by name. The administrator configures these limits, and
            only administrators can read them. If the limits are given, longer values are rejected locally.
            Otherwise Finesse truncates longer values.
        warnings: Sentences about the settings, shown in the notes of the status.
    """

    url: str
    credentials: CredentialSource
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
    administrator: CredentialSource | None = None
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
                "The address is not encrypted, so the password could be read on the network.",
                advice="Use https, or set FINESSE_ALLOW_INSECURE=true.",
            )
        for address in (url, *addresses(url, notification_urls, self.xmpp_transport)):
            self.proxies.to(
                address
            )  # raises an error if a proxy cannot be used, before any connection is opened
