"""SystemInfo, with the service state of a node and the domains of its Notification Service (guide p.333 to 337)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from mcp_finesse.model.wire import Wire, WireModel


class Node(WireModel):
    """One of the two nodes. Ports are included since 12.6(2). Behind a reverse proxy, the ports are the proxy's."""

    host: str | None = None
    https_port: int | None = None
    xmpp_port: int | None = None
    xmpp_secure_port: int | None = None


class CtiServer(WireModel):
    """A CTI server of this node (12.6)."""

    host: str | None = None
    connected_duration: str | None = None
    active: bool | None = None


class SystemInfo(WireModel):
    """The state and the addresses of the node that sent the response.

    Attributes:
        status: ``IN_SERVICE`` if the node is in service. Any other value means out of service.
        status_reason: the reason why the node is out of service, in Finesse's words.
        deployment_type: ``UCCE`` or ``UCCX``.
        last_cti_heartbeat_status: ``success`` or ``failure``. A failover to this node requires ``success``.
        last_success_cti_heartbeat_time: the time of the last successful CTI heartbeat, in UTC.
        cti_heartbeat_interval: the interval between CTI heartbeats, in seconds.
        license: the license on UCCX: ``STANDARD``, ``ENHANCED`` or ``PREMIUM``.
        secondary_node: the secondary node. None in a single-node system.
        system_auth_mode: ``SSO``, ``NON_SSO`` or ``HYBRID``.
        timezone_offset: the offset from GMT in minutes.
        xmpp_domain: the domain of the JIDs on this node. Each node has its own domain.
        xmpp_pubsub_domain: the address of the pubsub service of this node.
        current_timestamp: the current time of the node's clock, in UTC.
        cti_mmode: the maintenance mode of the CTI server (12.6(1), UCCE). ``finesse_mmode`` is the maintenance
            mode of Finesse.
    """

    status: str | None = None
    status_reason: str | None = None
    deployment_type: str | None = None
    last_cti_heartbeat_status: Annotated[str | None, Wire("lastCTIHeartbeatStatus")] = None
    last_success_cti_heartbeat_time: Annotated[datetime | None, Wire("lastSuccessCTIHeartbeatTime")] = None
    cti_version: int | None = None
    cti_heartbeat_interval: int | None = None
    license: str | None = None
    peripheral_id: int | None = None
    primary_node: Node | None = None
    secondary_node: Node | None = None
    system_auth_mode: str | None = None
    timezone_offset: int | None = None
    uri: str | None = None
    xmpp_domain: str | None = None
    xmpp_pubsub_domain: Annotated[str | None, Wire("xmppPubSubDomain")] = None
    current_timestamp: datetime | None = None
    cti_mmode: Annotated[str | None, Wire("ctiMMode")] = None
    cti_time_in_mmode: Annotated[int | None, Wire("ctiTimeInMMode")] = None
    finesse_mmode: Annotated[str | None, Wire("finesseMMode")] = None
    finesse_time_in_mmode: Annotated[int | None, Wire("finesseTimeInMMode")] = None
    cti_servers: list[CtiServer] = Field(default_factory=list)

    @property
    def in_service(self) -> bool:
        """Whether this node is in service, which requires the status ``IN_SERVICE``."""
        return self.status == "IN_SERVICE"

    @property
    def heartbeat_ok(self) -> bool:
        """Whether the last CTI heartbeat succeeded. A failover requires ``heartbeat_ok`` and ``in_service``."""
        return (self.last_cti_heartbeat_status or "").lower() == "success"
