"""The Notification Service: an XMPP server that behaves like the Openfire inside Finesse."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.bosh.body import Reply
from mcp_finesse.simulator.openfire.bosh.endpoint import BoshEndpoint, respond
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.offline_messages import OfflineMessages
from mcp_finesse.simulator.openfire.ports import Cancellable, StreamEndpoint
from mcp_finesse.simulator.openfire.presence import PresenceExchange
from mcp_finesse.simulator.openfire.pubsub import SubscriptionTable, receivers
from mcp_finesse.simulator.openfire.pubsub_service import PubsubService
from mcp_finesse.simulator.openfire.server_queries import answer_query
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire.session_registry import SessionRegistry
from mcp_finesse.simulator.openfire.stanzas import StanzaError, iq_result
from mcp_finesse.simulator.openfire.tcp_endpoint import TcpEndpoint
from mcp_finesse.simulator.openfire.websocket_endpoint import (
    SUBPROTOCOL,
    Receive,
    Scope,
    Send,
    WebSocketEndpoint,
    refuse,
)
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.publishing.publication import AuthResult, Publication
from mcp_finesse.simulator.rest.exchange import receive_body
from mcp_finesse.simulator.settings import SimulatorSettings


class Center(Protocol):
    """The interface through which the Notification Service uses the contact center."""

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check a user id and password, and count failures."""

    def presence(self, user_id: str, available: bool) -> None:
        """Handle the start of a user's first available XMPP session, or the end of the last available XMPP session."""

    def automatic_nodes(self, user_id: str) -> Iterable[str]:
        """Return the nodes to which Finesse subscribes a user automatically."""

    def known_node(self, node: str) -> bool:
        """Return whether a pubsub node exists."""

    def entitled(self, user_id: str, node: str) -> bool:
        """Return whether a user may subscribe to a pubsub node. Called only with ``team_feeds_for_supervisors``."""


class LinkFaults(Protocol):
    """The injected faults that the Notification Service applies."""

    @property
    def silent(self) -> bool:
        """Whether to send nothing to clients that are logged in."""

    @property
    def no_finesse_presence(self) -> bool:
        """Whether to withhold the presence of ``finesse@domain``."""


class NotificationService:
    """The XMPP sessions, presence and pubsub of one simulated node. Endpoints connect the clients.

    Subscriptions persist across XMPP sessions and across restarts of the service. All code runs on one event
    loop.

    Args:
        center: the contact center, which must publish notifications through ``publish``.
        faults: the faults to inject.
        settings: settings of the simulated node and its XMPP server.

    Attributes:
        on_published: a function that is called with each publication and the number of XMPP sessions that were
            sent the publication.
    """

    def __init__(
        self,
        center: Center,
        faults: LinkFaults,
        settings: SimulatorSettings,
    ) -> None:
        self.domain = settings.domain.lower()
        self.openfire: OpenfireSettings = settings.openfire
        self.subscriptions = SubscriptionTable(
            center.known_node,
            multiple=self.openfire.multiple_subscriptions,
            subid_mode=settings.subid_mode,
            unsubscribe_leaves_others=self.openfire.unsubscribe_leaves_others,
            entitled=lambda user_id, node: (
                not self.openfire.team_feeds_for_supervisors or center.entitled(user_id, node)
            ),
        )
        self.on_published: Callable[[Publication, int], None] = lambda _publication, _receivers: None
        self._center = center
        self._faults = faults
        self._bare_jid_routing = settings.bare_jid_routing
        self._offline = OfflineMessages(self.domain)
        self._registry = SessionRegistry(self.openfire.conflict_limit)
        self._presence = PresenceExchange(
            self._registry,
            f"finesse@{self.domain}/finesse",
            finesse_is_mute=lambda: faults.no_finesse_presence,
            report=center.presence,
        )
        self._pubsub = PubsubService(
            settings.pubsub_domain.lower(),
            self.subscriptions,
            self._deliver,
            last_item_on_subscribe=self.openfire.last_item_on_subscribe,
        )
        self._bosh = BoshEndpoint(
            self.domain, self.open_session, settings.time_scale, self.openfire.repeated_rid
        )
        self._count = itertools.count(1)
        self._streams: set[XmppSession] = set()
        self._connections: set[asyncio.Task[object]] = set()
        self._closed = False

    @property
    def sessions(self) -> list[XmppSession]:
        """The bound sessions."""
        return list(self._registry)

    async def websocket_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket connection (ASGI) until it ends.

        The handshake is rejected with 400 if the client does not offer the subprotocol ``xmpp``, and with
        503 if the service is closed.
        """
        if self._closed or SUBPROTOCOL not in scope.get("subprotocols", []):
            await refuse(receive, send, scope, 503 if self._closed else 400)
            return
        with self._connection():
            endpoint = WebSocketEndpoint(self.domain, receive, send, self.openfire.close_timeout)
            await endpoint.run(self.open_session)

    async def bosh_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one BOSH request (ASGI). Respond with 503 if the service is closed."""
        if self._closed:
            await receive_body(receive)
            await respond(send, Reply("", 503))
            return
        with self._connection():
            await self._bosh(scope, receive, send)

    async def tcp_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one TCP connection until it ends. Use this as the callback of ``asyncio.start_server``."""
        if self._closed:
            writer.transport.abort()
            return
        with self._connection():
            endpoint = TcpEndpoint(self.domain, reader, writer, self.openfire.close_timeout)
            await endpoint.run(self.open_session)

    def open_session(self, endpoint: StreamEndpoint) -> XmppSession:
        """Create the XMPP session for a new connection. Endpoints call this method."""
        session = XmppSession(self, endpoint)
        self._streams.add(session)
        return session

    def publish(self, publication: Publication) -> None:
        """Route a publication to the current subscribers immediately. Each session sends its messages in order."""
        self.on_published(publication, self._pubsub.publish(publication))

    def kill_links(self, abrupt: bool = True) -> None:
        """Close every connection, either abruptly or gracefully with ``system-shutdown``."""
        for session in list(self._streams):
            if abrupt:
                session.abort()
            else:
                session.end("system-shutdown")

    def set_finesse_presence(self, available: bool) -> None:
        """Make the user ``finesse`` available or unavailable to all available sessions."""
        self._presence.set_finesse(available)

    def stop(self) -> None:
        """Stop the service. Cut every connection and refuse new connections."""
        self._closed = True
        self.kill_links()

    def start(self) -> None:
        """Restart the Notification Service with its previous subscriptions."""
        self._closed = False

    async def aclose(self) -> None:
        """Close all connections gracefully within the close timeout. Refuse new connections."""
        self._closed = True
        self.kill_links(abrupt=False)
        if self._connections:
            _, late = await asyncio.wait(set(self._connections), timeout=self.openfire.close_timeout + 1)
            for connection in late:
                connection.cancel()

    # Interface for sessions: StreamHost.

    @property
    def silent(self) -> bool:
        """Whether to send nothing to clients that are logged in."""
        return self._faults.silent

    def later(self, seconds: float, callback: Callable[[], None]) -> Cancellable:
        """Schedule a callback."""
        return asyncio.get_running_loop().call_later(seconds, callback)

    def tick(self) -> int:
        """Return the next value of the activity counter."""
        return next(self._count)

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check a user id and password."""
        return self._center.authenticate(user_id, password)

    def bind(self, session: XmppSession, jid: Jid) -> None:
        """Register an XMPP session. At the first login of a user, create the automatic subscriptions."""
        self._registry.bind(session, jid)
        self.subscriptions.subscribe_automatically(jid, self._center.automatic_nodes(session.user_id))

    def presence(self, session: XmppSession, stanza: Element) -> None:
        """Handle a presence stanza."""
        self._presence.take(session, stanza)
        if session.priority is not None and session.priority >= 0:
            for message in self._offline.take(session.jid):
                session.send(message)

    def answer(self, session: XmppSession, request: Element) -> None:
        """Reply to an IQ request that was sent to the XMPP server or the pubsub service."""
        to = (request.get("to") or self.domain).lower()
        if to == self._pubsub.address:
            self._pubsub.answer(session.jid, request, session.send)
        elif to in (self.domain, str(session.jid.bare)):
            session.send(iq_result(request, str(session.jid), answer_query(request, self._pubsub.address)))
        else:
            raise StanzaError("service-unavailable")

    def gone(self, session: XmppSession) -> None:
        """Remove an XMPP session that has ended. Its subscriptions remain."""
        self._streams.discard(session)
        self._registry.remove(session)
        self._presence.leave(session)

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """Track the current asyncio task as a connection. When the service closes, it waits for the task to end."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- a coroutine that runs on asyncio is in a task
        self._connections.add(task)
        try:
            yield
        finally:
            self._connections.discard(task)

    def _deliver(self, jid: Jid, message: str) -> int:
        """Send a message to the XMPP sessions that a JID reaches, and return how many do not swallow it."""
        sessions = self._registry.of_user(jid)
        reached = receivers(jid, sessions, self._bare_jid_routing)
        for session in reached:
            session.send(message)
        if not (reached or jid.resource) and any(session.priority is not None for session in sessions):
            self._offline.store(jid, message)
        return 0 if self.silent else sum(not session.frozen for session in reached)
