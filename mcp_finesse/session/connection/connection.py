"""The connection of one agent to Finesse. The loop ``Connection.run`` runs until a permanent error.

Each pass through the loop covers one link, from the first connection attempt to its end. The steps and their
methods:

1. Back off: ``_back_off`` waits after a failure, checks the health of the nodes, and may switch nodes.
2. Connect: ``_open_link`` calls ``Connector.identify``, which reads SystemInfo and verifies the password, and
   then ``Connector.connect``.
3. Subscribe: ``_subscribe`` subscribes to the feeds before Finesse sends its presence.
4. Read and merge the state: ``_read_state`` also records a gap for the time without a link.
5. Ready: ``_become_ready`` reports the session as ready.
6. Supervise: ``LinkSupervisor.supervise`` reads the state again after a possible loss of notifications, and
   checks the node's health. The method raises when the link is lost, and returns when the session must switch
   nodes.
7. Leave: ``_unsubscribe`` removes the subscriptions. ``_open_link`` then closes the link and requests a gap
   entry.
8. Switch nodes: ``_switch_node`` makes the other node the current node.

Pure functions make the decisions. The functions in ``retry_policy`` decide which errors are permanent and how
long to wait. The functions in ``nodes.failover`` decide which node to use. ``ResyncTriggers`` collects the
reasons to read the state again from all parts of the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp_finesse.errors import FinesseError, NotFoundError, SignInPausedError
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connection.connection_status import ConnectionStatus
from mcp_finesse.session.connection.connector import Connector
from mcp_finesse.session.connection.link_supervisor import LinkSupervisor
from mcp_finesse.session.connection.resync_triggers import ResyncTriggers
from mcp_finesse.session.connection.retry_policy import (
    delay_before_check,
    describe_delay,
    failed_attempts,
    is_permanent,
    state_between_attempts,
    waits_for_credentials,
)
from mcp_finesse.session.connection.state_sync import StateSync
from mcp_finesse.session.nodes.failover import FailoverInputs, NextStep
from mcp_finesse.session.nodes.nodes import HealthChecks, Nodes
from mcp_finesse.session.status import SessionState
from mcp_finesse.xmpp import NotificationLink

log = logging.getLogger(__name__)


class Connection:
    """Keeps one agent connected to one of the nodes.

    Args:
        nodes: The two nodes of Finesse.
        sync: Keeps the known state in sync with Finesse over each link.
        status: Where to report the state of the connection.
        triggers: Reasons to read the state again or to check the node.

    Attributes:
        reconnects: How often the session became ready again, on the same node or on the other node.
    """

    def __init__(
        self,
        config: SessionConfig,
        nodes: Nodes,
        sync: StateSync,
        status: ConnectionStatus,
        triggers: ResyncTriggers,
    ) -> None:
        self.reconnects = 0
        self._config = config
        self._timing = config.timing
        self._clock = config.clock
        self._nodes = nodes
        self._connector = Connector(config, nodes)
        self._sync = sync
        self._status = status
        self._triggers = triggers
        self._supervisor: LinkSupervisor | None = None
        self._was_ready = False
        self._ready_at: float | None = None
        self._failure: Exception | None = None
        self._attempts = 0

    @property
    def link(self) -> NotificationLink | None:
        """The link to the Notification Service, while the session is ready."""
        return self._supervisor.link if self._supervisor is not None else None

    async def run(self) -> None:
        """Stay connected until a permanent error, and raise it.

        Raises:
            CredentialsError: The password was rejected, and it cannot be read again.
            ReplacedError: Another client uses the XMPP resource.
            Exception: Another error that ``is_permanent``.
        """
        while True:
            try:
                await self._back_off()
                async with self._open_link() as (link, supervisor):
                    await self._subscribe(link)
                    await self._read_state()
                    self._become_ready(link, supervisor)
                    reason = await supervisor.supervise()
                    await self._unsubscribe(link, self._timing.read)
                self._switch_node(reason)
            except Exception as error:
                renewable = self._nodes.login.renewable
                if is_permanent(error, was_ready=self._was_ready, renewable=renewable):
                    raise
                self._failure = error

    # -- back off

    async def _back_off(self) -> None:
        """After a failure, let the failover rules choose the node, and wait until the next attempt is due."""
        error = self._failure
        if error is None:
            return
        if not isinstance(error, FinesseError):
            log.error("Unexpected error; connecting again", exc_info=error)
            what = f"The connection ended with an unexpected error ({type(error).__name__})."
            await self._sleep_until_next_attempt(what, self._timing.poll_pause(self._clock.chance()))
            return
        if waits_for_credentials(error):
            await self._wait_for_credentials(error)
            return
        connected = None if self._ready_at is None else self._clock.monotonic() - self._ready_at
        self._attempts = failed_attempts(self._attempts, error, connected, self._timing)
        if isinstance(error, SignInPausedError):
            self._report(str(error))
            await self._clock.sleep(max(0.0, error.until - self._clock.wall()))
            return
        if self._attempts >= len(self._timing.retries):
            self._report(f"{error} Checking the node.")
        await self._check_nodes(error)

    async def _wait_for_credentials(self, error: FinesseError) -> None:
        """Wait until the source of the credentials may be read again. The next connection attempt reads the source."""
        seconds = self._nodes.login.retry_in
        when = f"in {seconds:.0f} s" if round(seconds) else "now"
        self._status.report(
            SessionState.SIGN_IN_REQUIRED, f"{error} The credentials are read again {when}.", error
        )
        await self._clock.sleep(seconds)

    async def _check_nodes(self, error: FinesseError) -> None:
        """Check the nodes until the failover rules decide, then wait for the next attempt or switch nodes."""
        checks = HealthChecks(self._nodes, self._timing.read)
        waited = False
        while not (decision := checks.decide(self._failover_inputs())).is_final:
            if checks.current is not None:
                seconds = delay_before_check(decision.step, self._timing, self._clock.chance())
                self._report(f"{error} {decision.sentence}. Next check in {seconds:.0f} s.")
                await self._clock.sleep(seconds)
                waited = True
            await checks.run(decision)
        if decision.step is NextStep.SWITCH_NODE:
            self._switch_node(decision.reason)
            return
        if not waited:
            seconds = self._timing.retry_pause(self._attempts, self._clock.chance())
            await self._sleep_until_next_attempt(str(error), seconds)
        self._attempts += 1

    def _failover_inputs(self) -> FailoverInputs:
        return FailoverInputs(
            link_up=False,
            failed_attempts=self._attempts,
            attempts_before_check=len(self._timing.retries),
        )

    async def _sleep_until_next_attempt(self, what: str, seconds: float) -> None:
        self._report(f"{what} {describe_delay(seconds)}")
        await self._clock.sleep(seconds)

    def _report(self, detail: str) -> None:
        """Report the status between two links."""
        error = self._failure if isinstance(self._failure, FinesseError) else None
        self._status.report(state_between_attempts(error, was_ready=self._was_ready), detail, error)

    # -- connect, subscribe, read

    @asynccontextmanager
    async def _open_link(self) -> AsyncIterator[tuple[NotificationLink, LinkSupervisor]]:
        """Open a link to the current node. On exit close the link, and request a gap entry if the session was ready."""
        self._ready_at = None
        self._triggers.begin_link()
        supervisor = LinkSupervisor(self._config, self._nodes, self._sync, self._status, self._triggers)
        link: NotificationLink | None = None
        try:
            user, info = await self._connector.identify()
            self._sync.identify(user, info)
            self._triggers.report_system_info(info)
            link = await self._connector.connect(user, info, supervisor)
            yield link, supervisor
        except asyncio.CancelledError:
            if (
                link is not None and supervisor.link is None
            ):  # a ready session unsubscribes before it is closed
                await self._unsubscribe(link, self._timing.close / 2)
            raise
        finally:
            self._supervisor = None
            self._triggers.end_link()
            self._sync.link_closed()
            if supervisor.lost_at is not None:
                self._triggers.request_resync("the connection was lost", supervisor.lost_at)
            elif supervisor.link is not None:
                self._triggers.request_resync("the link was closed")
            if link is not None:
                await link.close()

    async def _subscribe(self, link: NotificationLink) -> None:
        """Subscribe before Finesse sends its presence, so that the agent's Finesse desktop soon gets its notifications.

        A starting Finesse creates its feeds shortly before it sends its presence. The session subscribes to
        such feeds after it has received the presence.
        """
        early = not link.greeted
        try:
            complete = await self._sync.subscribe(link, self._connector.holder_is_alive)
        except NotFoundError:
            if not early:
                raise
            complete = False
        await link.finesse_greeting()
        if early and not complete:
            await self._sync.subscribe(link, self._connector.holder_is_alive)

    async def _read_state(self) -> None:
        with self._triggers.resyncing() as loss:
            await self._sync.resync(loss)

    def _become_ready(self, link: NotificationLink, supervisor: LinkSupervisor) -> None:
        self.reconnects += self._was_ready
        self._was_ready = True
        self._failure = None
        self._ready_at = self._clock.monotonic()
        self._supervisor = supervisor
        supervisor.begin(link)

    # -- leave, switch nodes

    async def _unsubscribe(self, link: NotificationLink, seconds: float) -> None:
        """Unsubscribe within a time limit, so that the node keeps no subscriptions of this session."""
        if link.connected:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._sync.unsubscribe(link)

    def _switch_node(self, reason: str) -> None:
        """Make the other node the current node."""
        left = self._nodes.current.url
        self._nodes.switch()
        self._sync.node_switched()
        self._attempts = 0
        self._failure = None
        current = self._nodes.current.url
        if self._was_ready:
            self._triggers.request_resync(f"the session moved from {left} to {current}: {reason}")
        log.warning("Moving from %s to %s: %s", left, current, reason)
        self._report(f"Moving from {left} to {current}: {reason}.")

    # -- closing

    async def unsubscribe(self) -> None:
        """Unsubscribe before the session is closed."""
        if self.link is not None and self.link.connected:
            await self._sync.unsubscribe(self.link)

    def close(self) -> None:
        """Release the XMPP resource. The task of ``run`` must have ended."""
        self._connector.release()
