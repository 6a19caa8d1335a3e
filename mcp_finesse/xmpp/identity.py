"""Who logs in to the Notification Service, and how long we wait for what."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from mcp_finesse.xmpp.protocol.presence_priority import QUIET_SECONDS
from mcp_finesse.xmpp.scaling import scaled


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """Who logs in, and where.

    Attributes:
        user_id: the agent's id as Finesse issued it (``loginId``), not escaped.
        password: the REST password; with single sign-on the access token.
        domain: ``xmppDomain`` of SystemInfo; each node is its own.
        pubsub_domain: ``xmppPubSubDomain`` of SystemInfo.
        resource: our place, from ``ResourceSlot``.
    """

    user_id: str
    password: SecretStr
    domain: str
    pubsub_domain: str
    resource: str


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """Limits in seconds; those of the pings and of presence are Finesse's own.

    Attributes:
        connect: for dialling, from the name look-up to the upgrade.
        presence: for the presence of Finesse after ours.
        ping_interval: between pings; the guide wants one at least every 20 s.
        ping_timeout: for the answer to a ping.
        ping_misses: so many in a row mean lost (a number, not seconds).
        request: for each answer of the server: stream, login, place, subscription.
        close: for the server's consent to an end.
        quiet: without a change of presence before our priority goes back to 0.
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
        """The same with all times multiplied, for tests."""
        return scaled(self, factor, but=frozenset({"ping_misses"}))
