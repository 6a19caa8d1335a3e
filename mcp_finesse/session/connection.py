"""The life of the connection: connect, stay, lose, come back; one loop, one rule for what is worth a retry.

After the link is open: subscribe, read, merge. Only then is the session ready.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    FinesseError,
    LinkLostError,
    NetworkError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    ProxyCredentialsError,
    RefusedError,
    ReplacedError,
)
from mcp_finesse.rest import RestClient, system
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connector import Connector
from mcp_finesse.session.status import SessionState
from mcp_finesse.xmpp import LinkEvent, LinkState, NotificationLink

log = logging.getLogger(__name__)
Ended = asyncio.Future[LinkEvent]
Report = Callable[[SessionState, str, FinesseError | None], None]


def is_fatal(error: FinesseError) -> bool:
    """Whether trying again by ourselves would be wrong: it cannot help, or it would harm.

    A refused password is never tried again (Finesse locks the account after five, and who runs a proxy may do
    so too), and a session that was replaced does not take its place back, or two clients would evict each
    other for ever.
    """
    fatal = CredentialsError | ProxyCredentialsError | ReplacedError | ConfigurationError | NotFoundError
    return isinstance(error, fatal) or (isinstance(error, RefusedError) and error.status in (400, 401, 403))


class Connection:
    """Keeps one agent connected.

    Args:
        report: told how far the connection is.
        connector: makes fresh links.
        attached: subscribes on a fresh link; ``detached`` forgets a dead one.
        resync: reads and merges the state; given when and why notifications may have been missed.
    """

    def __init__(
        self,
        config: SessionConfig,
        rest: RestClient,
        connector: Connector,
        *,
        report: Report,
        attached: Callable[[NotificationLink], Awaitable[None]],
        detached: Callable[[], None],
        resync: Callable[[str, datetime | None], Awaitable[None]],
    ) -> None:
        self.link: NotificationLink | None = None
        self.reconnects = 0
        self._config = config
        self._rest = rest
        self._connector = connector
        self._report = report
        self._attached = attached
        self._detached = detached
        self._resync = resync
        self._clock = config.clock
        self._nudge = asyncio.Event()
        self._doubts: list[tuple[datetime, str]] = []
        self._lost_at: datetime | None = None
        self._in_service = True

    async def run(self) -> None:
        """Connect and stay connected until an error that cannot be mended by waiting; then raise it."""
        timing, attempt = self._config.timing, 0
        while True:
            connected_at = self._clock.monotonic() + timing.poll
            try:
                ended = await self._connect()
                connected_at = self._clock.monotonic()
                await self._stay(ended)
            except FinesseError as error:
                await self._leave_link()
                if is_fatal(error):
                    raise
                if self._clock.monotonic() - connected_at > timing.poll:
                    attempt = 0  # a link that dies young does not earn a fresh start
                if isinstance(error, OutOfServiceError):
                    attempt = max(attempt, len(timing.retries))
                pause = timing.retry_pause(attempt, self._clock.chance())
                self._report(self._state_after(error), f"{error} Next try in {pause:.0f} s.", error)
                attempt += 1
                await self._clock.sleep(pause)

    def _state_after(self, error: FinesseError) -> SessionState:
        if isinstance(error, OutOfServiceError):
            return SessionState.OUT_OF_SERVICE
        was_connected = self.reconnects or self._lost_at is not None
        return SessionState.RECONNECTING if was_connected else SessionState.CONNECTING

    async def _connect(self) -> Ended:
        ended: Ended = asyncio.get_running_loop().create_future()
        self._nudge.clear()
        link = await self._connector.connect(partial(self._on_link, ended))
        try:
            await self._attached(link)
            await self._resync("the connection was lost" if self._lost_at else "", self._lost_at)
        except BaseException:
            await link.close()
            raise
        self.link = link
        self.reconnects += self._lost_at is not None
        self._lost_at = None
        self._in_service = True
        self._tell(link)
        return ended

    # -- staying

    async def _stay(self, ended: Ended) -> None:
        """Stay until the link ends; read again when in doubt, when Finesse is back, and now and then."""
        timing = self._config.timing
        while not ended.done():
            await self._pause(ended, timing.poll if self._doubts else timing.safety)
            while not self._in_service and not ended.done() and not await self._is_back():
                await self._pause(ended, timing.poll * (0.8 + 0.4 * self._clock.chance()))
            if not ended.done():
                await self._read_again()
        event = ended.result()
        raise event.error or LinkLostError(f"The Notification Service was lost: {event.reason}.")

    async def _pause(self, ended: Ended, seconds: float) -> None:
        """Wait so long, or until the link ends or somebody has news."""
        nudge = asyncio.ensure_future(self._nudge.wait())
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        waiting: set[asyncio.Future[Any]] = {ended, nudge, timer}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nudge.cancel()
            timer.cancel()
        self._nudge.clear()

    async def _is_back(self) -> bool:
        """Ask SystemInfo; an event that says the same is only a hint."""
        try:
            self._in_service = (await system.get_system_info(self._rest)).in_service
        except FinesseError as error:
            log.info("SystemInfo cannot be read: %s", error)
        return self._in_service

    async def _read_again(self) -> None:
        doubts, self._doubts = self._doubts, []
        reason = "; ".join(dict.fromkeys(text for _, text in doubts))
        try:
            await self._resync(reason, doubts[0][0] if doubts else None)
        except OutOfServiceError as error:
            self._doubts = doubts
            self.out_of_service(error.message)
        except (NetworkError, RefusedError, PayloadError) as error:
            # The ping tells whether the link lives; a read that failed is made again.
            log.info("reading the state again failed: %s", error)
            self._doubts = doubts
        else:
            self._tell(self.link)

    # -- what others tell

    def doubt(self, reason: str) -> None:
        """Something may have been missed: read the state again soon, and write a gap down."""
        self._doubts.append((self._now(), reason))
        self._nudge.set()

    def out_of_service(self, reason: str) -> None:
        """Finesse said, in an event or in an answer, that it is out of service."""
        if self._in_service:
            self._in_service = False
            self._report(SessionState.OUT_OF_SERVICE, f"Finesse is out of service: {reason}", None)
            self.doubt("Finesse was out of service")

    def in_service_again(self) -> None:
        """An event says so; SystemInfo is asked."""
        if not self._in_service:
            self._nudge.set()

    def _on_link(self, ended: Ended, event: LinkEvent) -> None:
        if event.state in (LinkState.LOST, LinkState.REPLACED, LinkState.REFUSED):
            self._lost_at = self._lost_at or event.at
            if not ended.done():
                ended.set_result(event)
        elif event.state is LinkState.CONNECTED and self.link is not None:
            self.doubt("Finesse was away from the Notification Service")
        else:
            self._tell(self.link)

    def _tell(self, link: NotificationLink | None) -> None:
        if link is None or not self._in_service:
            return
        if link.degraded:
            self._report(
                SessionState.DEGRADED,
                "Connected, but the user 'finesse' is not present at the Notification Service: events may not come.",
                None,
            )
        else:
            self._report(SessionState.READY, "Connected; notifications are coming in.", None)

    async def _leave_link(self) -> None:
        link, self.link = self.link, None
        self._detached()
        if link is not None:
            await link.close()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall(), UTC)

    async def aclose(self) -> None:
        """Close the link and give the place back."""
        link, self.link = self.link, None
        if link is not None:
            await link.close()
        self._connector.release()
