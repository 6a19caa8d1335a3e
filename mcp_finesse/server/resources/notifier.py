"""Notifications of changed resources, in both protocol versions, without delaying the processing of feeds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.abc
from mcp.server.connection import Connection
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server.present import uris
from mcp_finesse.server.sdk.server import when_connection_ends
from mcp_finesse.session import Change, Entry, FinesseSession

logger = logging.getLogger(__name__)

MAX_CLIENTS = 200
"""Maximum number of clients that subscribe to resources or listen for changes."""
MAX_RESOURCES = 1_000
"""Maximum number of subscribed resources per client."""
MAX_URI = 2_000
"""Maximum characters of a subscribed URI."""
INTERVAL = 0.1
"""Minimum seconds between two announcements of the same resource."""


class ResourceNotifier:
    """Announces changes of the session as ``notifications/resources/updated``.

    A change is only recorded when it happens, which is cheap; a separate task announces it. Clients of protocol
    version 2026-07-28 listen on :attr:`bus`; clients of earlier versions subscribe to individual resources.
    """

    def __init__(self, *, interval: float = INTERVAL) -> None:
        self.bus = InMemorySubscriptionBus()
        self._interval = interval
        self._changed: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._subscribers: dict[Connection, _Subscriber] = {}
        self._tasks: anyio.abc.TaskGroup | None = None

    @property
    def connections(self) -> int:
        """Number of subscribed connections of clients of earlier protocol versions."""
        return len(self._subscribers)

    @asynccontextmanager
    async def announcing(self, session: FinesseSession) -> AsyncIterator[None]:
        """Announce changes of ``session`` while this context is active."""
        ends = (session.on_change(self._on_change), session.journal.listen(self._on_entry))
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._announce)
                yield
                tasks.cancel_scope.cancel()
        finally:
            self._tasks = None
            for end in ends:
                end()

    def subscribe(self, connection: Connection, uri: str) -> None:
        """Notify ``connection`` of changes of ``uri`` until it unsubscribes or ends.

        Raises:
            InvalidRequestError: there are too many subscriptions already.
        """
        subscriber = self._subscribers.get(connection)
        if len(uri) > MAX_URI:
            raise InvalidRequestError(f"A resource with more than {MAX_URI} characters cannot be subscribed.")
        if subscriber is None and len(self._subscribers) >= MAX_CLIENTS:
            raise InvalidRequestError(
                f"{MAX_CLIENTS} clients are subscribed already.", advice="End another one first."
            )
        if subscriber is not None and len(subscriber.uris) >= MAX_RESOURCES and uri not in subscriber.uris:
            raise InvalidRequestError(
                f"This client has {MAX_RESOURCES} subscriptions already.", advice="Unsubscribe from some."
            )
        if subscriber is None:
            if self._tasks is None:
                return  # shutting down: no more announcements
            subscriber = _Subscriber(connection.send_resource_updated)
            self._subscribers[connection] = subscriber
            self._tasks.start_soon(subscriber.run)
            when_connection_ends(connection, lambda: self._forget(connection))
        subscriber.uris.add(uri)

    def unsubscribe(self, connection: Connection, uri: str) -> None:
        """End a subscription; an unknown one is not an error."""
        if subscriber := self._subscribers.get(connection):
            subscriber.uris.discard(uri)

    def _forget(self, connection: Connection) -> None:
        self._subscribers.pop(connection).scope.cancel()

    def _on_change(self, change: Change) -> None:
        self._note(*uris.of_change(change))

    def _on_entry(self, entry: Entry) -> None:
        self._note(uris.NOTIFICATIONS, uris.feed(entry.feed))

    def _note(self, *changed: str) -> None:
        self._changed.update(dict.fromkeys(changed))
        self._wake.set()

    async def _announce(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, {}
            for uri in changed:
                for subscriber in self._subscribers.values():
                    subscriber.tell(uri)
                await self.bus.publish(ResourceUpdated(uri=uri))
            await anyio.sleep(self._interval)


class _Subscriber:
    """A subscribed client of an earlier protocol version, with its own task, so that it can only delay itself."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self.uris: set[str] = set()
        self.scope = anyio.CancelScope()
        self._send = send
        self._pending: dict[str, None] = {}
        self._wake = asyncio.Event()

    def tell(self, uri: str) -> None:
        """Record a change of ``uri``. Several changes before the next send are announced once."""
        if uri in self.uris:
            self._pending[uri] = None
            self._wake.set()

    async def run(self) -> None:
        """Send recorded changes until :attr:`scope` is cancelled."""
        with self.scope:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._pending:
                    uri = next(iter(self._pending))
                    del self._pending[uri]
                    await self._tell_client(uri)

    async def _tell_client(self, uri: str) -> None:
        try:
            await self._send(uri)
        except Exception:
            # Announcements are advisory: a failure for one client must not affect the others
            logger.exception("Could not notify a client of a changed resource")
