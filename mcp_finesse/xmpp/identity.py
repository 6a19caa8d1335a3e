"""Identity and time limits of a link to the Notification Service."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from mcp_finesse.xmpp.protocol.presence_priority import QUIET_SECONDS
from mcp_finesse.xmpp.scaling import scaled


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """The user and the XMPP domains to log in with.

    Attributes:
        user_id: the agent's id as Finesse issued it (``loginId``), not escaped.
        password: the REST password; with single sign-on, the access token.
        domain: ``xmppDomain`` of SystemInfo; each node has its own.
        pubsub_domain: ``xmppPubSubDomain`` of SystemInfo.
        resource: the resource to bind, from ``ResourceSlot``.
    """

    user_id: str
    password: SecretStr
    domain: str
    pubsub_domain: str
    resource: str


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """Time limits in seconds. Those for pings and presence are Finesse's own values.

    Attributes:
        connect: for connecting, from name resolution to the upgrade.
        presence: for the presence of Finesse to arrive after ours was sent.
        ping_interval: between pings; the guide requires at least one every 20 s.
        ping_timeout: for the answer to a ping.
        ping_misses: consecutive misses after which the link is lost (not seconds).
        request: for each answer of the server: stream, login, bind, subscription.
        close: for the server to close the stream.
        quiet: without a presence change before our priority returns to 0.
    """

    connect: float = 10.0
    presence: float = 15.0
    ping_interval: float = 10.0
    ping_timeout: float = 10.0
    ping_misses: int = 2
    request: float = 10.0
    close: float = 2.0
    quiet: float = QUIET_SECONDS

    def scaled(self, factor: float) -> LinkTiming:
        """Return a copy with all times multiplied, for tests."""
        return scaled(self, factor, but=frozenset({"ping_misses"}))
