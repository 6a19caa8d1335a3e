"""The identity and the time limits of a link to the Notification Service."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from mcp_finesse.xmpp.protocol.presence_priority import QUIET_SECONDS
from mcp_finesse.xmpp.scaling import scaled


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """The user, the password and the XMPP domains with which a link logs in.

    Attributes:
        user_id: the agent's id as Finesse issued it (``loginId``), not escaped.
        password: the REST password. With single sign-on, the access token.
        domain: ``xmppDomain`` of SystemInfo. Each node has its own XMPP domain.
        pubsub_domain: ``xmppPubSubDomain`` of SystemInfo.
        resource: the XMPP resource to bind, taken from ``ResourceSlot``.
    """

    user_id: str
    password: SecretStr
    domain: str
    pubsub_domain: str
    resource: str


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """Time limits in seconds. The limits for pings and presence are the values that Finesse uses.

    Attributes:
        connect: limit for connecting. Name resolution is the first step, and the WebSocket upgrade is the last.
        presence: limit for the time from our presence to the arrival of Finesse's presence.
        ping_interval: interval between pings. The guide requires at least one ping every 20 s.
        ping_timeout: limit for the reply to a ping.
        ping_misses: number of consecutive missed pings after which the link is lost.
        request: limit for each reply of the XMPP server to a stream header, login step, bind or subscription
            request.
        close: limit for the XMPP server to close the stream.
        quiet: our priority returns to 0 after this time without a presence change.
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
        """Return a copy with all times multiplied by ``factor``, for tests."""
        return scaled(self, factor, but=frozenset({"ping_misses"}))
