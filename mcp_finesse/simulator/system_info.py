"""SystemInfo: is the node in service, and where its Notification Service is (guide p.333)."""

from __future__ import annotations

from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.timing import Clock, timestamp
from mcp_finesse.simulator.xml_text import Element, element


class SystemInfo:
    """The service state of the node.

    Attributes:
        in_service: whether Finesse answers at all.
        reason: why not, free text.
    """

    def __init__(self, settings: SimulatorSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._last_heartbeat = clock()
        self.in_service = True
        self.reason = ""

    def change(self, in_service: bool, reason: str) -> bool:
        """Go in or out of service; says whether that is news."""
        news = in_service != self.in_service
        if self.in_service:
            self._last_heartbeat = self._clock()
        self.in_service = in_service
        self.reason = "" if in_service else reason
        return news

    def xml(self) -> Element:
        """The object as REST answers it."""
        settings, now = self._settings, self._clock()
        heartbeat = now if self.in_service else self._last_heartbeat
        return element(
            "SystemInfo",
            [
                element("currentTimestamp", timestamp(now)),
                element("ctiHeartbeatInterval", 5),
                element("ctiVersion", 23),
                element("deploymentType", settings.platform),
                element("lastCTIHeartbeatStatus", "success" if self.in_service else "failure"),
                element("lastSuccessCTIHeartbeatTime", int(heartbeat * 1000)),
                element("license", "PREMIUM" if settings.platform == "UCCX" else ""),
                element("peripheralId", 5000),
                element("primaryNode", [element("host", settings.domain)]),
                element("status", "IN_SERVICE" if self.in_service else "OUT_OF_SERVICE"),
                element("statusReason", self.reason),
                element("systemAuthMode", "NON_SSO"),
                element("timezoneOffset", 0),
                element("uri", "/finesse/api/SystemInfo"),
                element("xmppDomain", settings.domain),
                element("xmppPubSubDomain", settings.pubsub_domain),
            ],
        )
