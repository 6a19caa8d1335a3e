"""The life of the connection: connect, stay, lose, come back; one loop, one rule for what is worth a retry.

After the link is open: subscribe, read, merge. Only then is the session ready.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    FinesseError,
    LinkLostError,
    NetworkError,
    NotFoundError,
    OutOfServiceError,
    RefusedError,
    ReplacedError,
)
from mcp_finesse.rest import RestClient, system
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connector import Connector
from mcp_finesse.session.status import SessionState
from mcp_finesse.xmpp import LinkEvent, LinkState, NotificationLink

log = logging.getLogger(__name__)
Report = Callable[[SessionState, str], None]


def is_fatal(error: FinesseError) -> bool:
    """Whether trying again by ourselves would be wrong: it cannot help, or it would harm.

    A refused password is never tried again (Finesse locks the account after five), and a session that was
    replaced does not take its place back, or two clients would evict each other for ever.
    """
    return isinstance(error, CredentialsError | ReplacedError | ConfigurationError | NotFoundError) or (
        isinstance(error, RefusedError) and error.status in (400, 401, 403)
    )


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
        self._ended: asyncio.Future[LinkEvent] | None = None
        self._nudge = asyncio.Event()
        self._reasons: list[str] = []
        self._lost_at: datetime | None = None
        self._in_service = True

    async def run(self) -> None:
        """Connect and stay connected until an error that cannot be mended by waiting; then raise it."""
        attempt = 0
        while True:
            connected_at: float | None = None
            try:
                await self._connect()
                connected_at = self._clock.monotonic()
                await self._stay()
            except FinesseError as error:
                await self._leave_link()
                if is_fatal(error):
                    raise
                if (
                    connected_at is not None
                    and self._clock.monotonic() - connected_at > self._config.timing.poll
                ):
                    attempt = 0  # a link that dies young does not earn a fresh start
                state = (
                    SessionState.RECONNECTING if self.reconnects or self._lost_at else SessionState.CONNECTING
                )
                if isinstance(error, OutOfServiceError):
                    state, attempt = (
                        SessionState.OUT_OF_SERVICE,
                        max(attempt, len(self._config.timing.retries)),
                    )
                pause = self._config.timing.retry_pause(attempt, self._clock.chance())
                self._report(state, f"{error} Next try in {pause:.0f} s.")
                attempt += 1
                await self._clock.sleep(pause)

    async def _connect(self) -> None:
        self._ended = asyncio.get_running_loop().create_future()
        self._nudge.clear()
        link = await self._connector.connect(self._on_link)
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

    # -- staying

    async def _stay(self) -> None:
        """Stay until the link ends; read again when asked to, when Finesse is back, and now and then."""
        assert self._ended is not None
        while not self._ended.done():
            await self._wait_for_news()
            if self._ended.done():
                break
            self._nudge.clear()
            if not self._in_service:
                await self._wait_for_service()
            reasons, self._reasons = self._reasons, []
            try:
                await self._resync("; ".join(dict.fromkeys(reasons)), self._now() if reasons else None)
            except OutOfServiceError as error:
                self.out_of_service(error.message)
            except (NetworkError, RefusedError) as error:
                # The link tells whether the connection lives; a read that failed is made again.
                log.info("reading the state again failed: %s", error)
                self._reasons = reasons
            else:
                self._tell(self.link)
        event = self._ended.result()
        raise event.error or LinkLostError(f"The Notification Service was lost: {event.reason}.")

    async def _wait_for_news(self) -> None:
        assert self._ended is not None
        nudge = asyncio.ensure_future(self._nudge.wait())
        timer = asyncio.ensure_future(self._clock.sleep(self._config.timing.safety))
        try:
            await asyncio.wait({self._ended, nudge, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nudge.cancel()
            timer.cancel()

    async def _wait_for_service(self) -> None:
        """Ask SystemInfo until Finesse is in service; an event may say so earlier, and is only a hint."""
        assert self._ended is not None
        while not self._ended.done():
            try:
                if (await system.get_system_info(self._rest)).in_service:
                    self._in_service = True
                    self._reasons.append("Finesse was out of service")
                    return
            except FinesseError as error:
                log.info("SystemInfo cannot be read: %s", error)
            pause = asyncio.ensure_future(
                self._clock.sleep(self._config.timing.poll * (0.8 + 0.4 * self._clock.chance()))
            )
            nudge = asyncio.ensure_future(self._nudge.wait())
            try:
                await asyncio.wait({self._ended, pause, nudge}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
                nudge.cancel()
            self._nudge.clear()

    # -- what others tell

    def read_again(self, reason: str) -> None:
        """Something may have been missed: read the state again soon, and write a gap down."""
        self._reasons.append(reason)
        self._nudge.set()

    def out_of_service(self, reason: str) -> None:
        """Finesse said, in an event or in an answer, that it is out of service."""
        if self._in_service:
            self._in_service = False
            self._report(SessionState.OUT_OF_SERVICE, f"Finesse is out of service: {reason}")
        self._nudge.set()

    def in_service_again(self) -> None:
        """An event says so; SystemInfo is asked."""
        if not self._in_service:
            self._nudge.set()

    def _on_link(self, event: LinkEvent) -> None:
        if event.state in (LinkState.LOST, LinkState.REPLACED, LinkState.REFUSED):
            if self._lost_at is None:
                self._lost_at = event.at
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(event)
        elif event.state is LinkState.CONNECTED and self.link is not None:
            self.read_again("Finesse was away from the Notification Service")
        elif self.link is not None:
            self._tell(self.link)

    def _tell(self, link: NotificationLink | None) -> None:
        if link is None or not self._in_service:
            return
        if link.degraded:
            self._report(
                SessionState.DEGRADED,
                "Connected, but the user 'finesse' is not present at the Notification Service: events may not come.",
            )
        else:
            self._report(SessionState.READY, "Connected; notifications are coming in.")

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
