"""Settings of a simulated Finesse node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcp_finesse.simulator.openfire_settings import STOCK, OpenfireSettings

Platform = Literal["UCCE", "UCCX"]
BareJidRouting = Literal["all", "latest"]
RequestIds = Literal["all", "sparse"]
SubidMode = Literal["owner", "always", "address"]


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Settings of one simulated node. The defaults give a working node on a free port.

    Attributes:
        host: address to listen on.
        port: TCP port for REST, WebSocket and BOSH; 0 chooses a free one.
        tcp_port: TCP port for XMPP over TCP (RFC 6120), with direct TLS (5223 in Finesse). 0 chooses a free port;
            ``None`` disables XMPP over TCP.
        domain: XMPP domain and host name of this node; each node has its own.
        platform: ``UCCE`` or ``UCCX``; selects the rules that differ (guide p.48 to 50).
        bare_jid_routing: which sessions of an agent receive events of automatic feeds. ``all``: every session with
            priority 0 or more, as with Openfire's property ``route.all-resources``. ``latest``: of the sessions with
            the highest priority, only the most recently active one (stock Openfire).
        subid_mode: when ``unsubscribe`` must carry the subid. ``owner``: if the bare JID has more than one
            subscription to the node (Openfire 4.4). ``always``: in every case (4.6 to 4.9). ``address``: if the JID
            in the request has more than one subscription to the node (5.x).
        request_ids: which events carry the id of the request that caused them. ``all``: every event; calls end as
            the guide describes. ``sparse``, as recorded on a real system: only errors, and an intermediate event of
            each transfer, consult and conference. In this mode a call is deleted from the list of an agent who
            leaves it, with every participant DROPPED.
        delay: seconds between the 202 response and the outcome of the request. Real seconds, not scaled.
        tls: if true, serve HTTPS, WSS, and XMPP over TLS. If false, serve HTTP/1.1, ws, and XMPP without STARTTLS.
        time_scale: factor on every documented timer: 60 s before a forced sign-out, wrap-up, five minutes of account
            lock, ringing. With 0.01, 60 s last 0.6 s.
        openfire: administrator settings of the Notification Service.
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
    openfire: OpenfireSettings = STOCK

    @property
    def pubsub_domain(self) -> str:
        """Address of the pubsub service: ``pubsub.`` plus the domain, as in every published example."""
        return f"pubsub.{self.domain}"
