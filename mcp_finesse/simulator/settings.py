"""Settings of a simulated Finesse node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcp_finesse.simulator.openfire_settings import STOCK, OpenfireSettings

Platform = Literal["UCCE", "UCCX"]
BareJidRouting = Literal["all", "latest"]
RequestIds = Literal["all", "sparse"]
AuthMode = Literal["NON_SSO", "SSO", "HYBRID"]
SubidMode = Literal["owner", "always", "address"]


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Settings of one simulated node. The defaults give a working node on a free port.

    Attributes:
        host: the address to listen on.
        port: the TCP port for REST, WebSocket and BOSH. 0 chooses a free port.
        tcp_port: the TCP port for XMPP over TCP (RFC 6120) with direct TLS. Finesse uses port 5223. 0 chooses a
            free port. ``None`` disables XMPP over TCP.
        domain: the XMPP domain and host name of this node. Each node has its own domain.
        platform: ``UCCE`` or ``UCCX``. Some rules depend on the platform (guide p.48 to 50).
        bare_jid_routing: which XMPP sessions of an agent receive events of automatic feeds. ``all`` means every
            session with priority 0 or more, as with Openfire's property ``route.all-resources``. ``latest``
            means only the most recently active session among those with the highest priority, as in stock
            Openfire.
        subid_mode: when ``unsubscribe`` must carry the subid. With ``owner``, the subid is required if the bare
            JID has more than one subscription to the pubsub node (Openfire 4.4). With ``always``, the subid is
            required in every case (Openfire 4.6 to 4.9). With ``address``, the subid is required if the JID in
            the request has more than one subscription to the pubsub node (Openfire 5.x).
        request_ids: which events carry the id of the request that caused them. With ``all``, every event
            carries the id, and calls end as the guide describes. With ``sparse``, only two kinds of events carry
            the id: errors, and an intermediate event of each transfer, consult and conference. The behavior of
            ``sparse`` was recorded on a real system. In this mode, when an agent leaves a call, the call is deleted
            from the agent's list with every participant DROPPED.
        delay: seconds between the 202 response and the outcome of the request. The delay is in real seconds,
            not scaled.
        tls: if true, serve HTTPS, WSS, and XMPP over TLS. If false, serve HTTP/1.1, ws, and XMPP without STARTTLS.
        time_scale: a factor by which every documented timer is multiplied. Examples are 60 s before a forced
            sign-out, wrap-up, five minutes of account lock, and ringing. With 0.01, 60 s become 0.6 s.
        auth_mode: single sign-on. ``NON_SSO``: every agent has a password. ``SSO``: every agent has tokens.
            ``HYBRID`` (documented for UCCE): the agents in ``sso_users`` have tokens.
        sso_users: the ids of the agents with tokens on a hybrid system.
        token_seconds: the lifetime of an access token in real seconds, not scaled.
        openfire: the administrator settings of the Notification Service.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tcp_port: int | None = 0
    domain: str = "finesse.sim"
    platform: Platform = "UCCE"
    bare_jid_routing: BareJidRouting = "all"
    subid_mode: SubidMode = "always"
    request_ids: RequestIds = "all"
    delay: float = 0.0
    tls: bool = True
    time_scale: float = 1.0
    auth_mode: AuthMode = "NON_SSO"
    sso_users: tuple[str, ...] = ("1001",)
    token_seconds: float = 300.0
    openfire: OpenfireSettings = STOCK

    @property
    def pubsub_domain(self) -> str:
        """The address of the pubsub service, which is ``pubsub.`` plus the domain, as in every published example."""
        return f"pubsub.{self.domain}"
