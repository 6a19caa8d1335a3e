"""The life of the connection: connect, stay, lose, come back, move; one loop, one rule for what is worth a retry.

After the link is open: subscribe, read, merge. Only then is the session ready.
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
"""Of one gap: the addresses of nodes are part of them, so that a long outage could add up."""


def next_attempt(pause: float) -> str:
    """Return when the next attempt to connect follows, in a sentence."""
    return f"Next try in {pause:.0f} s." if round(pause) else "Retrying now."


def is_permanent(error: FinesseError, *, was_ready: bool) -> bool:
    """Whether the error ends the session, so that it does not reconnect automatically.

    Rejected credentials always do: Finesse locks the account after five, and a proxy may do so too. A replaced
    session does not take its place back, or two clients would evict each other for ever. Before the session was ever
    ready, a wrong setting and an agent that Finesse does not know end it too: they will not mend themselves. Once it
    was ready they were right, so that a redirect, an error status or a page comes from something in between.
    """
    if isinstance(error, CredentialsError | ProxyCredentialsError | ReplacedError):
        return True
    if was_ready:
        return False
    if isinstance(error, ConfigurationError | NotFoundError):
        return True
    # Without details it is not Finesse that refuses the agent, but something in between.
    return isinstance(error, RefusedError) and (
        error.status == 401 or (error.status in (400, 403) and bool(error.details))
    )


class Connection:
    """Keeps one agent connected, to one node or the other.

    Args:
        nodes: where to.
        connector: makes fresh links to the node that is worked on.
        report: told how far the connection is.
        attached: subscribes on a fresh link, and returns whether each feed exists.
        detached: forgets a dead link.
        released: unsubscribes before a link is left that still stands.
        resync: reads and merges the state; given why and since when notifications may have been missed.
        on_call: whether the agent has a call.

    Attributes:
        reconnects: how often the connection came back, here or elsewhere.
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
        """Connect and stay connected until an error that cannot be mended by waiting; then raise it."""
        while True:
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
                    self._attempts = 0  # a link that dies young does not earn a fresh start
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
                if isinstance(error, asyncio.CancelledError):  # the session ends before it was ready
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
        """Subscribe before Finesse has greeted, so that a desktop beside us gets its notifications soon.

        A Finesse that is starting creates its feeds shortly before it greets. What is missing is then subscribed after
        the greeting.
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
        """Return when it is time to connect, to whichever node is then the current one."""
        self._error = error
        if isinstance(error, SignInPausedError):
            self._report(self._state(), str(error), error)
            await self._clock.sleep(max(0.0, error.until - self._clock.wall()))
            return
        quick = len(self._timing.retries)
        if isinstance(error, OutOfServiceError):
            self._attempts = max(self._attempts, quick)
        if self._attempts >= quick:
            self._report(self._state(), f"{error} Checking the node for the reason.", error)
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
        """Add to why notifications are missing; each reason once, however long it takes to come back."""
        if len(self._lost_because) < _MAX_REASONS:
            self._lost_because.update(dict.fromkeys(split_reasons(reason)))

    async def _depart(self, stay: LinkSupervisor) -> None:
        """Leave a link that stands: without our rows, so that the node owes us nothing."""
        if stay.link is not None:
            await self._give_back(stay.link, self._timing.look)
        self._lost_because = {"the link was left": None}
        await self._leave_link()

    async def _give_back(self, link: NotificationLink, seconds: float) -> None:
        """Remove our rows, as far as that can be done in so many seconds."""
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

    # -- what others tell

    def doubt(self, reason: str, since: datetime | None = None) -> None:
        """Something may have been missed: read the state again soon, and write a gap down."""
        if self._stay is not None:
            self._stay.doubt(reason, since)

    def request_reread(self) -> None:
        """The state is to be read again, although no notification is known to be missing."""
        if self._stay is not None:
            self._stay.request_reread()

    def trouble(self, error: FinesseError) -> None:
        """Finesse answered an error to a request."""
        if self._stay is not None:
            self._stay.trouble(error)

    def hear(self, info: SystemInfo) -> None:
        """A SystemInfo came, in an event or in an answer."""
        if self._stay is not None:
            self._stay.hear(info)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall(), UTC)

    async def aclose(self) -> None:
        """Close the link and give the place back."""
        await self._leave_link()
        self._connector.release()
