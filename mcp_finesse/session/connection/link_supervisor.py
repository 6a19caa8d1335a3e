"""Supervises one link: resync on triggers, health checks of the node, and the end of the link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from mcp_finesse.errors import (
    ConfigurationError,
    FinesseError,
    LinkLostError,
    NetworkError,
    NotReadyError,
    OutOfServiceError,
    PayloadError,
    ProxyCredentialsError,
    RefusedError,
)
from mcp_finesse.model import SystemInfo
from mcp_finesse.session.connection.pace import Pace
from mcp_finesse.session.connection.recovery import Recovery
from mcp_finesse.session.connection.resync_triggers import Worries
from mcp_finesse.session.nodes.failover import (
    Decision,
    FailoverInputs,
    NodeHealth,
    Presence,
    Step,
    in_maintenance,
)
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import Clock, SessionTiming
from mcp_finesse.xmpp import LinkEvent, LinkState, NotificationLink

log = logging.getLogger(__name__)
Report = Callable[[SessionState, str, FinesseError | None], None]
Resync = Callable[[str, datetime | None], Awaitable[None]]


class LinkSupervisor:
    """Supervises one link, from dialing to its end or to the decision to switch nodes.

    Args:
        report: Called with the status of the connection.
        resync: Reads and merges the state, given why and since when notifications may have been missed.
        on_call: Returns whether the agent is on a call.

    Attributes:
        link: The link, after it was opened and the state was read.
        lost_at: When something was last received on a link that was lost.
    """

    def __init__(
        self,
        nodes: Nodes,
        timing: SessionTiming,
        clock: Clock,
        *,
        report: Report,
        resync: Resync,
        on_call: Callable[[], bool],
    ) -> None:
        self.link: NotificationLink | None = None
        self.lost_at: datetime | None = None
        self._timing = timing
        self._clock = clock
        self._report = report
        self._resync = resync
        self._on_call = on_call
        self._recovery = Recovery(nodes, timing, clock, self._tell_wait)
        self._worries = Worries()
        self._relief = asyncio.Event()
        self._pace = Pace(timing.reread, timing.poll)
        self._ended: asyncio.Future[LinkEvent] = asyncio.get_running_loop().create_future()
        self._finesse_seen = False
        self._away_since: datetime | None = None
        self._in_service = True

    def begin(self, link: NotificationLink) -> None:
        """Start supervising an open link. The state was read, so the session is ready."""
        self.link = link
        if link.degraded:
            self._away_since = self._away_since or self._now()
        self._tell()
        self._look_when_gone()

    async def last(self) -> str:
        """Supervise the link. Return why to switch nodes, or raise the error with which the link ended."""
        worries, timing = self._worries, self._timing
        while True:
            restless = (
                worries.doubts or worries.alarm or worries.reread or self._presence() is not Presence.THERE
            )
            await self._pause(timing.poll if restless else timing.safety, worries.news)
            self._raise_end()
            if worries.doubts and not worries.alarm:
                await self._hold_back()
            if worries.alarm:
                decision = await self._recovery.settle(self._facts, self._wait)
                if decision.step is Step.MOVE:
                    return decision.because
                self._be_in_service()
            await self._read_again()

    async def _hold_back(self) -> None:
        """Wait until the state may be read again, the link ends, or a health check is requested."""
        worries = self._worries
        worries.alarmed.clear()
        if (left := self._pace.left(self._clock.monotonic())) > 0 and not worries.alarm:
            await self._pause(left, worries.alarmed)
            self._raise_end()
        worries.news.clear()  # the following read covers what was reported in the meantime

    def _be_in_service(self) -> None:
        """Mark the node as in service. A maintenance alarm stays, so that the node is left when there is no call."""
        here, self._in_service = self._recovery.here, True
        self._worries.alarm = here.said if here is not None and here.maintenance else ""

    def _facts(self) -> FailoverInputs:
        self._raise_end()
        return FailoverInputs(link_up=True, presence=self._presence(), on_call=self._on_call())

    def _presence(self) -> Presence:
        if self.link is None or not self.link.degraded:
            return Presence.THERE
        return Presence.GONE if self._finesse_seen else Presence.NEVER_SEEN

    async def _wait(self, seconds: float) -> None:
        """Wait between two health checks. Read the state of a serving node, because its events may be missing."""
        if self._in_service:
            await self._read_again()
        await self._pause(seconds, self._relief)

    async def _pause(self, seconds: float, news: asyncio.Event) -> None:
        """Wait for the given time, or until the link ends or there is news."""
        nudge = asyncio.ensure_future(news.wait())
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        waiting: set[asyncio.Future[Any]] = {self._ended, nudge, timer}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nudge.cancel()
            timer.cancel()
        news.clear()

    def _raise_end(self) -> None:
        if self._ended.done():
            event = self._ended.result()
            raise event.error or LinkLostError(f"The Notification Service was lost: {event.reason}.")

    async def _read_again(self) -> None:
        reason, since = self._worries.take_doubts()
        self._pace.ran(self._clock.monotonic())
        self._worries.reread = False
        try:
            await self._resync(reason, since)
        except ProxyCredentialsError:  # permanent
            raise
        except (
            OutOfServiceError,
            NetworkError,
            NotReadyError,
            RefusedError,
            PayloadError,
            ConfigurationError,
        ) as error:
            # Pings detect a dead link. A failed read is repeated.
            # A redirect (ConfigurationError) comes from an intermediary: the address worked before.
            log.info("reading the state again failed: %s", error)
            self._worries.give_back(reason, since)
            self._worries.reread = True
            self.trouble(error)
        else:
            self._worries.count(None)
            self._tell()

    def unsettled(self) -> tuple[str, datetime | None]:
        """Return why and since when notifications may have been missed that no read has covered."""
        return self._worries.take_doubts()

    # -- reports from other components

    def doubt(self, reason: str, since: datetime | None = None) -> None:
        """Request a resync, because notifications may have been missed, and record a gap."""
        self._worries.doubt(since or self._now(), reason)

    def request_reread(self) -> None:
        """Request a read of the state, although no notification is known to be missing."""
        self._worries.request_reread()

    def trouble(self, error: FinesseError) -> None:
        """Process an error response of Finesse to a request of this session."""
        if isinstance(error, OutOfServiceError):
            self._out_of_service(error.message)
        else:
            self._worries.count(error)

    def hear(self, info: SystemInfo) -> None:
        """Process a SystemInfo. In service is only a hint, which a health check verifies."""
        if info.status and not info.in_service:
            self._out_of_service(info.status_reason or str(info.status))
        elif not self._in_service:
            self._relief.set()
        elif in_maintenance(info) and not self._worries.alarm:
            self._worries.raise_alarm("it is in maintenance mode")

    def _out_of_service(self, reason: str) -> None:
        if self._in_service:
            self._in_service = False
            self._report(SessionState.OUT_OF_SERVICE, f"Finesse is out of service: {reason}", None)
            self._worries.doubt(self._now(), "Finesse was out of service")
            self._worries.raise_alarm(reason)

    def on_link(self, event: LinkEvent) -> None:
        """Process an event of the link."""
        if event.state in (LinkState.LOST, LinkState.REPLACED, LinkState.REFUSED):
            self.lost_at = self.lost_at or event.heard_at
            if not self._ended.done():
                self._ended.set_result(event)
        elif self.link is None:
            self._note_presence(event)
        elif event.state is LinkState.CONNECTED:
            self._finesse_seen = True
            self._worries.doubt(
                self._away_since or event.at, "Finesse was absent from the Notification Service"
            )
            self._relief.set()
        else:
            self._away_since = event.at
            self._tell()
            self._look_when_gone()

    def _note_presence(self, event: LinkEvent) -> None:
        """Record Finesse's presence before the session is ready. The initial read may miss events of an absence."""
        if event.state is LinkState.DEGRADED:
            self._away_since = self._away_since or event.at
            return
        self._finesse_seen = True
        if self._away_since is not None:
            self._worries.doubt(self._away_since, "Finesse was absent from the Notification Service")
            self._away_since = None

    def _look_when_gone(self) -> None:
        if self._presence() is Presence.GONE:
            self._worries.raise_alarm("Finesse has left its Notification Service")

    # -- reporting

    def _tell(self) -> None:
        if self.link is None or not self._in_service:
            return
        if self.link.degraded:
            self._report(
                SessionState.DEGRADED,
                (
                    "Connected, but Finesse itself (user 'finesse') is not present at the Notification "
                    "Service: notifications may not arrive."
                ),
                None,
            )
        else:
            self._report(SessionState.READY, "Connected. Notifications are arriving.", None)

    def _tell_wait(self, decision: Decision, here: NodeHealth, seconds: float) -> None:
        if not here.serves:
            if self._in_service:
                self._worries.doubt(self._now(), "Finesse was out of service")
            self._in_service = False
            detail = f"{decision.about_this_node}. Next check in {seconds:.0f} s."
            self._report(SessionState.OUT_OF_SERVICE, detail, None)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall(), UTC)
