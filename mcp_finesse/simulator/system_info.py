"""SystemInfo, which contains a node's service state and the address of its Notification Service (guide p.333)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.timing import Clock, timestamp
from mcp_finesse.simulator.xml_text import Element, element

CTI = "CTI"
NODE_NAMES = ("primaryNode", "secondaryNode")

Maintenance = Literal["INITIATING", "IN_PROGRESS"]


@dataclass(frozen=True, slots=True)
class Address:
    """The host and ports of a node. A port that is ``None`` is omitted. SystemInfo has ports since release 12.6(2)."""

    host: str
    https_port: int | None = None
    xmpp_port: int | None = None
    xmpp_secure_port: int | None = None

    def xml(self, name: str) -> Element:
        """Return the address as a ``primaryNode`` or ``secondaryNode`` element."""
        ports = {
            "httpsPort": self.https_port,
            "xmppPort": self.xmpp_port,
            "xmppSecurePort": self.xmpp_secure_port,
        }
        return element(
            name,
            [
                element("host", self.host),
                *(element(key, port) for key, port in ports.items() if port is not None),
            ],
        )


class SystemInfo:
    """The service state of one node. The node is in service as long as no dependency is missing.

    Args:
        settings: settings of the node.
        clock: seconds since the epoch.
        nodes: a function that returns the addresses of all nodes. The address of the primary node comes first.

    Attributes:
        heartbeat_fails: whether CTI heartbeats fail although Finesse does not consider CTI lost yet.
    """

    def __init__(
        self, settings: SimulatorSettings, clock: Clock, nodes: Callable[[], Sequence[Address]]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._nodes = nodes
        self._missing: dict[str, str] = {}
        self._maintenance: tuple[Maintenance, float] | None = None
        self._last_heartbeat = clock()
        self.heartbeat_fails = False

    @property
    def in_service(self) -> bool:
        """Whether the node is in service."""
        return not self._missing

    @property
    def reason(self) -> str:
        """The reason why the node is out of service, as free text."""
        return next(iter(self._missing.values()), "")

    def misses(self, part: str) -> bool:
        """Return whether this dependency is missing."""
        return part in self._missing

    def lose(self, part: str, reason: str) -> bool:
        """Record the loss of a dependency. Return whether the loss puts the node out of service."""
        was_in_service = self.in_service
        self._note_heartbeat()
        self._missing[part] = reason
        return was_in_service

    def regain(self, part: str) -> bool:
        """Record that a dependency is back. Return whether it was the last missing dependency."""
        return self._missing.pop(part, None) is not None and self.in_service

    def fail_heartbeat(self, fails: bool) -> None:
        """Let CTI heartbeats fail or succeed."""
        self._note_heartbeat()
        self.heartbeat_fails = fails

    def set_maintenance(self, phase: Maintenance | None) -> None:
        """Enter a phase of maintenance mode, or leave the mode if the phase is ``None``."""
        began = self._maintenance[1] if self._maintenance else self._clock()
        self._maintenance = (phase, began) if phase else None

    @property
    def _cti_answers(self) -> bool:
        return not self.heartbeat_fails and CTI not in self._missing

    def _note_heartbeat(self) -> None:
        if self._cti_answers:
            self._last_heartbeat = self._clock()

    def xml(self) -> Element:
        """Return the object in the form of a REST response."""
        self._note_heartbeat()
        settings, now = self._settings, self._clock()
        return element(
            "SystemInfo",
            [
                element("currentTimestamp", timestamp(now)),
                element("ctiHeartbeatInterval", 5),
                element("ctiVersion", 23),
                element("deploymentType", settings.platform),
                *self._maintenance_xml(now),
                element("lastCTIHeartbeatStatus", "success" if self._cti_answers else "failure"),
                element("lastSuccessCTIHeartbeatTime", int(self._last_heartbeat * 1000)),
                element("license", "PREMIUM" if settings.platform == "UCCX" else ""),
                element("peripheralId", 5000),
                *(node.xml(name) for name, node in zip(NODE_NAMES, self._nodes(), strict=False)),
                element("status", "IN_SERVICE" if self.in_service else "OUT_OF_SERVICE"),
                element("statusReason", self.reason),
                element("systemAuthMode", settings.auth_mode),
                element("timezoneOffset", 0),
                element("uri", "/finesse/api/SystemInfo"),
                element("xmppDomain", settings.domain),
                element("xmppPubSubDomain", settings.pubsub_domain),
            ],
        )

    def _maintenance_xml(self, now: float) -> list[Element]:
        """Return the XML of the maintenance mode (CCE only). In 12.6(1), a negative time means that no time is set."""
        if self._settings.platform != "UCCE":
            return []
        phase, began = self._maintenance or ("", now + 1)
        return [element("finesseMMode", phase), element("finesseTimeInMMode", int(now - began))]
