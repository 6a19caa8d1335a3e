"""Notifications of changed resources for MCP clients of all protocol versions, sent without delaying the feeds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.abc
from mcp.server.connection import Connection
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent

from mcp_finesse.errors import InvalidRequestError, NotReadyError
from mcp_finesse.server.present import uris
from mcp_finesse.server.sdk.requests import current_request
from mcp_finesse.server.sdk.server import when_connection_ends
from mcp_finesse.server.sessions import Sessions
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
    """Announces changes of a session as ``notifications/resources/updated`` to the clients of that session.

    When a change happens, the notifier only records the change, which is cheap. A separate asyncio task
    announces the change. Clients of protocol version 2026-07-28 listen on a bus. Clients of earlier versions
    subscribe to individual resources.
    """

    def __init__(self, *, interval: float = INTERVAL) -> None:
        self._interval = interval
        self._channels: dict[FinesseSession, _Channel] = {}
        self._subscribers: dict[Connection, _Subscriber] = {}

    @property
    def connections(self) -> int:
        """Number of subscribed connections of clients of earlier protocol versions."""
        return len(self._subscribers)

    @asynccontextmanager
    async def announcing(self, session: FinesseSession) -> AsyncIterator[None]:
        """Announce changes of ``session`` while this context is active."""
        async with anyio.create_task_group() as tasks:
            channel = _Channel(tasks)
            ends = (session.on_change(channel.on_change), session.journal.listen(channel.on_entry))
            self._channels[session] = channel
            tasks.start_soon(channel.announce, self._interval)
            try:
                yield
            finally:
                del self._channels[session]
                for end in ends:
                    end()
            tasks.cancel_scope.cancel()

    def bus_of(self, session: FinesseSession) -> InMemorySubscriptionBus | None:
        """Return the bus on which changes of a session are announced, or None if the session is closed."""
        channel = self._channels.get(session)
        return channel.bus if channel is not None else None

    def subscribe(self, session: FinesseSession, connection: Connection, uri: str) -> None:
        """Notify the client on ``connection`` of changes of ``uri`` until the client unsubscribes or disconnects.

        Raises:
            InvalidRequestError: the limit on the number of subscriptions is reached.
        """
        subscriber = self._subscribers.get(connection)
        if len(uri) > MAX_URI:
            raise InvalidRequestError(f"A resource with more than {MAX_URI} characters cannot be subscribed.")
        if subscriber is None and len(self._subscribers) >= MAX_CLIENTS:
            raise InvalidRequestError(
                f"{MAX_CLIENTS} clients are subscribed already.",
                advice="End the subscriptions of another client first.",
            )
        if subscriber is not None and len(subscriber.uris) >= MAX_RESOURCES and uri not in subscriber.uris:
            raise InvalidRequestError(
                f"This client has {MAX_RESOURCES} subscriptions already.",
                advice="Unsubscribe from a resource first.",
            )
        if subscriber is None:
            channel = self._channels.get(session)
            if channel is None:
                return  # the MCP server is shutting down, and announces no more changes
            subscriber = _Subscriber(connection.send_resource_updated)
            self._subscribers[connection] = subscriber
            channel.add(subscriber)
            when_connection_ends(connection, lambda: self._forget(channel, connection))
        subscriber.uris.add(uri)

    def unsubscribe(self, connection: Connection, uri: str) -> None:
        """End a subscription. An unknown subscription is not an error."""
        if subscriber := self._subscribers.get(connection):
            subscriber.uris.discard(uri)

    def _forget(self, channel: _Channel, connection: Connection) -> None:
        channel.remove(self._subscribers.pop(connection))


class SessionBus:
    """The SDK's subscription bus. A listener receives only changes of the session to which its request belongs."""

    def __init__(self, sessions: Sessions, notifier: ResourceNotifier) -> None:
        self._sessions = sessions
        self._notifier = notifier

    def _bus(self) -> InMemorySubscriptionBus | None:
        try:
            return self._notifier.bus_of(self._sessions.for_request(current_request()))
        except NotReadyError:
            return None  # the MCP server is shutting down, and announces no more changes

    async def publish(self, event: ServerEvent) -> None:
        """Publish an event to the listeners of the session of the current request."""
        if (bus := self._bus()) is not None:
            await bus.publish(event)

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Add a listener for the session of the current request. Return a function that removes it."""
        bus = self._bus()
        return bus.subscribe(listener) if bus is not None else lambda: None


class _Channel:
    """Collects the changes of one session, and passes them to the clients of that session."""

    def __init__(self, tasks: anyio.abc.TaskGroup) -> None:
        self.bus = InMemorySubscriptionBus()
        self._tasks = tasks
        self._subscribers: list[_Subscriber] = []
        self._changed: dict[str, None] = {}
        self._wake = asyncio.Event()

    def add(self, subscriber: _Subscriber) -> None:
        """Start to announce changes to a client of an earlier protocol version."""
        self._subscribers.append(subscriber)
        self._tasks.start_soon(subscriber.run)

    def remove(self, subscriber: _Subscriber) -> None:
        """Stop announcing changes to this client."""
        self._subscribers.remove(subscriber)
        subscriber.scope.cancel()

    def on_change(self, change: Change) -> None:
        """Store the resources that a change of the session affects, for the next announcement."""
        self._record(*uris.of_change(change))

    def on_entry(self, entry: Entry) -> None:
        """Store the resources that a new journal entry affects, for the next announcement."""
        self._record(uris.NOTIFICATIONS, uris.feed(entry.feed))

    def _record(self, *changed: str) -> None:
        self._changed.update(dict.fromkeys(changed))
        self._wake.set()

    async def announce(self, interval: float) -> None:
        """Announce recorded changes until cancelled. Announce a resource at most once per ``interval`` seconds."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, {}
            for uri in changed:
                for subscriber in self._subscribers:
                    subscriber.record(uri)
                await self.bus.publish(ResourceUpdated(uri=uri))
            await anyio.sleep(interval)


class _Subscriber:
    """A subscribed client of an earlier protocol version, with an asyncio task so that it delays no other client."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self.uris: set[str] = set()
        self.scope = anyio.CancelScope()
        self._send = send
        self._pending: dict[str, None] = {}
        self._wake = asyncio.Event()

    def record(self, uri: str) -> None:
        """Store a change of ``uri``. Several changes before the next announcement are announced once."""
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
                    await self._send_update(uri)

    async def _send_update(self, uri: str) -> None:
        try:
            await self._send(uri)
        except Exception:
            # announcements are only hints, so a failed announcement to one client must not affect other clients
            logger.exception("Could not notify a client of a changed resource")
