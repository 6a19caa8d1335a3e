"""The connection lifecycle: connect, supervise, reconnect and switch nodes.

A new link is subscribed, and the state is read and merged, before the session is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    FinesseError,
    NotFoundError,
    OutOfServiceError,
    ProxyCredentialsError,
    RefusedError,
    ReplacedError,
    SignInPausedError,
)
from mcp_finesse.model import SystemInfo
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connection.connector import Connector
from mcp_finesse.session.connection.link_supervisor import LinkSupervisor, Report, Resync
from mcp_finesse.session.connection.recovery import Recovery
from mcp_finesse.session.connection.resync_triggers import split_reasons
from mcp_finesse.session.nodes.failover import Decision, FailoverInputs, NodeHealth, Step
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.status import SessionState
from mcp_finesse.xmpp import NotificationLink

log = logging.getLogger(__name__)
_LOST = "the connection was lost"
_MAX_REASONS = 20
"""Maximum reasons kept for one gap. They contain node addresses, so a long outage could accumulate many."""


def next_attempt(pause: float) -> str:
    """Return a sentence that says when the next connection attempt is made."""
    return f"Next try in {pause:.0f} s." if round(pause) else "Retrying now."


def is_permanent(error: FinesseError, *, was_ready: bool) -> bool:
    """Return whether the error is permanent (no automatic reconnect).

    Rejected credentials are permanent: Finesse locks the account after five attempts, and a proxy may do the same. A
    replaced session does not reconnect, because two clients would keep evicting each other. Before the first successful
    connection, a wrong setting and an agent unknown to Finesse are permanent too. After it they were evidently right,
    so a redirect, an error status or an HTML page then comes from an intermediary.
    """
    if isinstance(error, CredentialsError | ProxyCredentialsError | ReplacedError):
        return True
    if was_ready:
        return False
    if isinstance(error, ConfigurationError | NotFoundError):
        return True
    # Without details the rejection is not from Finesse but from an intermediary.
    return isinstance(error, RefusedError) and (
        error.status == 401 or (error.status in (400, 403) and bool(error.details))
    )


class Connection:
    """Keeps one agent connected to one of the nodes.

    Args:
        nodes: The nodes.
        connector: Opens links to the node in use.
        report: Called with the status of the connection.
        attached: Subscribes on a new link, and returns whether every feed exists.
        detached: Forgets a lost link.
        released: Unsubscribes before a working link is closed.
        resync: Reads and merges the state, given why and since when notifications may have been missed.
        on_call: Returns whether the agent is on a call.

    Attributes:
        reconnects: How often the connection was re-established, on either node.
    """

    def __init__(
        self,
        config: SessionConfig,
        nodes: Nodes,
        connector: Connector,
        *,
        report: Report,
        attached: Callable[[NotificationLink], Awaitable[bool]],
        detached: Callable[[], None],
        released: Callable[[NotificationLink], Awaitable[None]],
        resync: Resync,
        on_call: Callable[[], bool],
    ) -> None:
        self.reconnects = 0
        self._timing = config.timing
        self._clock = config.clock
        self._nodes = nodes
        self._connector = connector
        self._report = report
        self._attached = attached
        self._detached = detached
        self._released = released
        self._resync = resync
        self._on_call = on_call
        self._stay: LinkSupervisor | None = None
        self._attempts = 0
        self._was_ready = False
        self._lost_at: datetime | None = None
        self._lost_because: dict[str, None] = {_LOST: None}
        self._error: FinesseError | None = None

    @property
    def link(self) -> NotificationLink | None:
        """The link to the Notification Service, while the session has one."""
        return self._stay.link if self._stay is not None else None

    async def run(self) -> None:
        """Stay connected until a permanent error, and raise it.

        An error that nobody expected, of this code or of a library, does not end a session that was ready.
        """
        while True:
            try:
                await self._run_once()
            except FinesseError:
                raise
            except Exception as error:
                if not self._was_ready:
                    raise
                log.exception("unexpected error; connecting again")
                await self._leave_link()
                pause = self._timing.poll_pause(self._clock.chance())
                what = f"The connection ended with an unexpected error ({type(error).__name__})."
                self._report(SessionState.RECONNECTING, f"{what} {next_attempt(pause)}", None)
                await self._clock.sleep(pause)

    async def _run_once(self) -> None:
        """Connect once and stay connected; returns when the next attempt is due, raises permanent errors."""
        connected_at: float | None = None
        try:
            stay = await self._connect()
            connected_at = self._clock.monotonic()
            because = await stay.last()
            await self._depart(stay)
            self._move(because)
        except FinesseError as error:
            await self._leave_link()
            if is_permanent(error, was_ready=self._was_ready):
                raise
            if connected_at is not None and self._clock.monotonic() - connected_at > self._timing.poll:
                self._attempts = 0  # reset the back-off only after a stable connection
            await self._come_back(error)

    # -- connecting

    async def _connect(self) -> LinkSupervisor:
        stay = self._stay = LinkSupervisor(
            self._nodes,
            self._timing,
            self._clock,
            report=self._report,
            resync=self._resync,
            on_call=self._on_call,
        )
        link = await self._connector.connect(stay.on_link)
        try:
            await self._subscribe(link)
            await self._resync("; ".join(self._lost_because) if self._lost_at else "", self._lost_at)
        except BaseException as error:
            try:
                if isinstance(error, asyncio.CancelledError):  # closed before it was ready
                    await self._give_back(link, self._timing.close / 2)
            finally:
                await link.close()
            raise
        self.reconnects += self._lost_at is not None
        self._lost_at, self._lost_because = None, {_LOST: None}
        self._was_ready = True
        stay.begin(link)
        return stay

    async def _subscribe(self, link: NotificationLink) -> None:
        """Subscribe before Finesse sends its presence, so that a Finesse desktop of the same agent is served soon.

        A starting Finesse creates its feeds shortly before it becomes present. Missing feeds are then subscribed after
        that.
        """
        early = not link.greeted
        try:
            complete = await self._attached(link)
        except NotFoundError:
            if not early:
                raise
            complete = False
        await link.finesse_greeting()
        if early and not complete:
            await self._attached(link)

    async def _come_back(self, error: FinesseError) -> None:
        """Wait until the next connection attempt is due, to whichever node is then in use."""
        self._error = error
        if isinstance(error, SignInPausedError):
            self._report(self._state(), str(error), error)
            await self._clock.sleep(max(0.0, error.until - self._clock.wall()))
            return
        quick = len(self._timing.retries)
        if isinstance(error, OutOfServiceError):
            self._attempts = max(self._attempts, quick)
        if self._attempts >= quick:
            self._report(self._state(), f"{error} Checking the node.", error)
        recovery = Recovery(self._nodes, self._timing, self._clock, self._tell_wait)
        decision = await recovery.settle(self._facts, self._clock.sleep)
        if decision.step is Step.MOVE:
            self._move(decision.because)
            return
        if not recovery.waited:
            pause = self._timing.retry_pause(self._attempts, self._clock.chance())
            self._report(self._state(), f"{error} {next_attempt(pause)}", error)
            await self._clock.sleep(pause)
        self._attempts += 1

    def _facts(self) -> FailoverInputs:
        return FailoverInputs(link_up=False, attempts=self._attempts, quick_tries=len(self._timing.retries))

    def _state(self) -> SessionState:
        if isinstance(self._error, OutOfServiceError):
            return SessionState.OUT_OF_SERVICE
        return SessionState.RECONNECTING if self._was_ready else SessionState.CONNECTING

    def _tell_wait(self, decision: Decision, _: NodeHealth, seconds: float) -> None:
        detail = f"{self._error} {decision.about_this_node}. Next check in {seconds:.0f} s."
        self._report(self._state(), detail, self._error)

    # -- leaving

    def _move(self, because: str) -> None:
        came_from = self._nodes.current.url
        self._nodes.move()
        self._attempts = 0
        self._error = None
        there = self._nodes.current.url
        if self._was_ready:
            self._lost_at = self._lost_at or self._now()
            self._because(f"the session moved from {came_from} to {there}: {because}")
        log.warning("moving from %s to %s: %s", came_from, there, because)
        self._report(self._state(), f"Moving from {came_from} to {there}: {because}.", None)

    def _because(self, reason: str) -> None:
        """Add the reason of a gap. Each reason is kept once, however long the outage lasts."""
        if len(self._lost_because) < _MAX_REASONS:
            self._lost_because.update(dict.fromkeys(split_reasons(reason)))

    async def _depart(self, stay: LinkSupervisor) -> None:
        """Close a working link after unsubscribing, so that the node keeps no subscriptions of this session."""
        if stay.link is not None:
            await self._give_back(stay.link, self._timing.look)
        self._lost_because = {"the link was left": None}
        await self._leave_link()

    async def _give_back(self, link: NotificationLink, seconds: float) -> None:
        """Unsubscribe, within a time limit."""
        if link.connected:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._released(link)

    async def _leave_link(self) -> None:
        stay, self._stay = self._stay, None
        self._detached()
        if stay is not None:
            reason, since = stay.unsettled()
            if since is not None:
                self._lost_at = min(since, self._lost_at or since)
                self._because(reason)
            self._lost_at = self._lost_at or stay.lost_at
            if stay.link is not None:
                await stay.link.close()

    # -- reports from other components

    def doubt(self, reason: str, since: datetime | None = None) -> None:
        """Request a resync, because notifications may have been missed, and record a gap."""
        if self._stay is not None:
            self._stay.doubt(reason, since)

    def request_reread(self) -> None:
        """Request a read of the state, although no notification is known to be missing."""
        if self._stay is not None:
            self._stay.request_reread()

    def trouble(self, error: FinesseError) -> None:
        """Process an error response of Finesse."""
        if self._stay is not None:
            self._stay.trouble(error)

    def hear(self, info: SystemInfo) -> None:
        """Process a SystemInfo from an event or a response."""
        if self._stay is not None:
            self._stay.hear(info)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall(), UTC)

    async def aclose(self) -> None:
        """Close the link and release the XMPP resource."""
        await self._leave_link()
        self._connector.release()
