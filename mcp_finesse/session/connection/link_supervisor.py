"""Supervises one link. Reads the state again on resync triggers, checks the node's health, detects the link's end."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Any

from mcp_finesse.errors import (
    ConfigurationError,
    LinkLostError,
    NetworkError,
    NotReadyError,
    OutOfServiceError,
    PayloadError,
    ProxyCredentialsError,
    RefusedError,
)
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connection.connection_status import ConnectionStatus
from mcp_finesse.session.connection.resync_triggers import ResyncTriggers
from mcp_finesse.session.connection.retry_policy import ResyncInterval, delay_before_check
from mcp_finesse.session.connection.state_sync import StateSync
from mcp_finesse.session.nodes.failover import Decision, FailoverInputs, NextStep, NodeHealth, Presence
from mcp_finesse.session.nodes.nodes import HealthChecks, Nodes
from mcp_finesse.session.status import SessionState
from mcp_finesse.xmpp import FeedEvent, LinkEvent, LinkState, NotificationLink, PriorityDecision

log = logging.getLogger(__name__)
_ABSENT = "Finesse was absent from the Notification Service"


class LinkSupervisor:
    """Listens to one link from the start, and supervises the link as soon as the session is ready.

    Attributes:
        link: The link. None before ``begin`` is called.
        lost_at: When the last data was received on a link that was lost.
    """

    def __init__(
        self,
        config: SessionConfig,
        nodes: Nodes,
        sync: StateSync,
        status: ConnectionStatus,
        triggers: ResyncTriggers,
    ) -> None:
        self.link: NotificationLink | None = None
        self.lost_at: datetime | None = None
        self._timing = config.timing
        self._clock = config.clock
        self._nodes = nodes
        self._sync = sync
        self._status = status
        self._triggers = triggers
        self._resync_interval = ResyncInterval(config.timing.reread, config.timing.poll)
        self._end: asyncio.Future[LinkEvent] = asyncio.get_running_loop().create_future()
        self._finesse_seen = False
        self._absent_since: datetime | None = None

    # -- the loop

    def begin(self, link: NotificationLink) -> None:
        """Report the session as ready. The feeds must be subscribed, and the state must have been read."""
        self.link = link
        if link.degraded:
            self._absent_since = self._absent_since or self._clock.now()
        self._report_connected()
        self._check_node_if_finesse_left()

    async def supervise(self) -> str:
        """Keep the state current until the link is lost or the session must switch nodes.

        Returns:
            The reason to switch nodes.

        Raises:
            FinesseError: The error with which the link ended, or a permanent error of the session.
        """
        while True:
            await self._wait_for_trigger()
            if self._triggers.health_check:
                decision = await self._check_nodes()
                if decision.step is NextStep.SWITCH_NODE:
                    return decision.reason
            await self._read_state()

    async def _wait_for_trigger(self) -> None:
        """Wait until a trigger requires a read or a health check, or until the safety read is due."""
        triggers, timing = self._triggers, self._timing
        pending = triggers.pending or self._presence is not Presence.PRESENT
        await self._wait(timing.poll if pending else timing.safety, triggers.changed)
        if triggers.resync_requested and not triggers.health_check:
            triggers.health_check_requested.clear()
            if (seconds := self._resync_interval.remaining(self._clock.monotonic())) > 0:
                await self._wait(seconds, triggers.health_check_requested)

    async def _wait(self, seconds: float, event: asyncio.Event) -> None:
        """Wait until the event is set or the time has passed. If the link has ended, raise the link's error."""
        event_task = asyncio.ensure_future(event.wait())
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        waiting: set[asyncio.Future[Any]] = {self._end, event_task, timer}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            event_task.cancel()
            timer.cancel()
        event.clear()
        self._raise_if_ended()

    def _raise_if_ended(self) -> None:
        if self._end.done():
            event = self._end.result()
            raise event.error or LinkLostError(
                f"The link to the Notification Service was lost: {event.reason}."
            )

    async def _check_nodes(self) -> Decision:
        """Check the nodes until the failover rules decide to keep the link or to switch nodes."""
        checks = HealthChecks(self._nodes, self._timing.read)
        while not (decision := checks.decide(self._failover_inputs())).is_final:
            if checks.current is not None:
                seconds = delay_before_check(decision.step, self._timing, self._clock.chance())
                self._report_wait(decision, checks.current, seconds)
                if self._triggers.in_service:  # notifications may be lost while the checks run
                    await self._read_state()
                await self._wait(seconds, self._triggers.recovery_hint)
            await checks.run(decision)
            self._raise_if_ended()
        if decision.step is not NextStep.SWITCH_NODE:
            self._triggers.in_service = True
            # A node in maintenance is checked again, so that the session leaves the node when the agent's call
            # has ended.
            in_maintenance = checks.current is not None and checks.current.maintenance
            self._triggers.health_check = decision.reason if in_maintenance else ""
        return decision

    def _failover_inputs(self) -> FailoverInputs:
        return FailoverInputs(link_up=True, presence=self._presence, on_call=self._sync.on_call)

    async def _read_state(self) -> None:
        """Read and merge the state. A failed read is retried later: pings, not reads, detect a dead link."""
        self._resync_interval.record(self._clock.monotonic())
        try:
            with self._triggers.resyncing() as loss:
                await self._sync.resync(loss)
        except ProxyCredentialsError:  # permanent
            raise
        except (
            OutOfServiceError,
            NetworkError,
            NotReadyError,
            RefusedError,
            PayloadError,
            ConfigurationError,  # the address worked before, so an intermediary sent the redirect
        ) as error:
            log.info("Reading the state again failed: %s", error)
            self._triggers.report_error(error)
        else:
            self._triggers.report_success()
            self._report_connected()

    # -- reports of the link (LinkListener)

    def on_feed(self, event: FeedEvent) -> None:
        """Process a notification."""
        self._sync.receive(event)

    def on_priority(self, _: PriorityDecision) -> None:
        """Read the state again after a change of our presence priority."""
        self._sync.priority_changed()

    def on_loss(self, reason: str, since: datetime) -> None:
        """Request a resync, because notifications may be missing although the link is up."""
        self._triggers.request_resync(reason, since)

    def on_link(self, event: LinkEvent) -> None:
        """Process the presence of Finesse, or the end of the link."""
        if event.state in (LinkState.LOST, LinkState.REPLACED, LinkState.REFUSED):
            self.lost_at = self.lost_at or event.last_received_at
            if not self._end.done():
                self._end.set_result(event)
        elif event.state is LinkState.CONNECTED:
            self._finesse_arrived(event)
        else:
            self._finesse_left(event)

    def _finesse_arrived(self, event: LinkEvent) -> None:
        self._finesse_seen = True
        if self.link is not None:
            self._triggers.request_resync(_ABSENT, self._absent_since or event.at)
            self._triggers.recovery_hint.set()
        elif self._absent_since is not None:  # the initial read may lack changes of that outage
            self._triggers.request_resync(_ABSENT, self._absent_since)
            self._absent_since = None

    def _finesse_left(self, event: LinkEvent) -> None:
        if self.link is None:
            self._absent_since = self._absent_since or event.at
            return
        self._absent_since = event.at
        self._report_connected()
        self._check_node_if_finesse_left()

    @property
    def _presence(self) -> Presence:
        if self.link is None or not self.link.degraded:
            return Presence.PRESENT
        return Presence.LEFT if self._finesse_seen else Presence.NEVER_SEEN

    def _check_node_if_finesse_left(self) -> None:
        if self._presence is Presence.LEFT:
            self._triggers.request_health_check("Finesse has left its Notification Service")

    # -- the status

    def _report_connected(self) -> None:
        if self.link is None or not self._triggers.in_service:
            return
        if self.link.degraded:
            self._status.report(
                SessionState.DEGRADED,
                "Connected, but Finesse itself (user 'finesse') is not present at the Notification "
                "Service: notifications may not arrive.",
            )
        else:
            self._status.report(SessionState.READY, "Connected. Notifications are arriving.")

    def _report_wait(self, decision: Decision, current: NodeHealth, seconds: float) -> None:
        if not current.is_usable:
            self._triggers.mark_out_of_service()
            detail = f"{decision.sentence}. Next check in {seconds:.0f} s."
            self._status.report(SessionState.OUT_OF_SERVICE, detail)
