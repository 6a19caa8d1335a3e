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
        tcp_port: TCP port for XMPP over TCP (RFC 6120), with direct TLS (5223 in Finesse); 0 chooses a free
            one, ``None`` disables it.
        domain: XMPP domain and host name of this node; each node has its own.
        platform: ``UCCE`` or ``UCCX``; selects the rules that differ (guide p.48 to 50).
        bare_jid_routing: which sessions of an agent receive events of automatic feeds: every session with
            priority 0 or more (``all``, as with Openfire's property ``route.all-resources``), or only the most
            recently active of those with the highest priority (``latest``, stock Openfire).
        subid_mode: when ``unsubscribe`` must carry the subid. ``owner``: when the bare JID has more than one
            subscription to the node (Openfire 4.4); ``always`` (4.6 to 4.9); ``address``: when the given JID
            has more than one subscription to it (5.x).
        request_ids: ``all``: every event caused by a request carries its id, and calls end as the guide
            describes. ``sparse``: as recorded on a real system, where only errors and an intermediate event of
            a transfer, consult or conference carry the id, and a call that an agent leaves is deleted with
            every participant DROPPED.
        delay: seconds between the 202 response and the outcome of the request. Real seconds, not scaled.
        tls: serve HTTPS, WSS and XMPP over TLS; otherwise plain HTTP/1.1, ws and XMPP without STARTTLS.
        time_scale: factor on every documented timer (60 s to the forced sign-out, wrap-up, five minutes of
            account lock, ringing); 0.01 makes 60 s last 0.6 s.
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
