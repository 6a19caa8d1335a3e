"""The link to the Notification Service, with login, keepalive, dispatch of received stanzas and subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.errors import (
    ConfigurationError,
    FinesseError,
    InvalidRequestError,
    LinkLostError,
)
from mcp_finesse.xmpp import keepalive
from mcp_finesse.xmpp.identity import LinkIdentity, LinkTiming
from mcp_finesse.xmpp.login import log_in
from mcp_finesse.xmpp.negotiation import Ending
from mcp_finesse.xmpp.protocol.events import FeedEvent, LinkEvent, LinkState
from mcp_finesse.xmpp.protocol.jid import full_jid, same_jid, split_jid
from mcp_finesse.xmpp.protocol.presence import FINESSE_USER, PresenceBoard
from mcp_finesse.xmpp.protocol.presence_priority import PresencePriority, PriorityControl, PriorityDecision
from mcp_finesse.xmpp.protocol.pubsub import PubSub, Subscription
from mcp_finesse.xmpp.protocol.pubsub_events import NotificationReader
from mcp_finesse.xmpp.protocol.resource import check_resource, is_ours
from mcp_finesse.xmpp.stream import TransportClient
from mcp_finesse.xmpp.transport.base import Route, step

_log = logging.getLogger(__name__)

_MESSAGE = "{jabber:client}message"
_PRESENCE = "{jabber:client}presence"


class NotificationLink:
    """One XMPP session with the Notification Service, which begins with ``open``. Reconnecting requires a new link.

    Attributes:
        full_jid: our full JID. After ``open``, the full JID is the JID that the XMPP server has bound.
    """

    def __init__(
        self,
        identity: LinkIdentity,
        route: Route,
        *,
        on_feed: Callable[[FeedEvent], None],
        on_link: Callable[[LinkEvent], None],
        timing: LinkTiming | None = None,
        priority: PresencePriority = "auto",
        on_priority: Callable[[PriorityDecision], None] = lambda _: None,
        on_loss: Callable[[str, datetime], None] = lambda _reason, _since: None,
        guard: AccountGuard | None = None,
        may_send_password: Callable[[], bool] = lambda: True,
    ) -> None:
        """Prepare a link without sending anything. Requires a running event loop.

        Args:
            identity: user, domains and resource to log in with.
            route: transport and address to use.
            on_feed: a function that is called synchronously with every notification. Notifications can arrive
                before our presence is sent.
            on_link: a function that is called with CONNECTED or DEGRADED at the end of ``open`` and whenever
                the availability of Finesse changes. The function is called once with a final state if the link
                ends for any reason other than ``close``.
            timing: time limits.
            priority: setting for our presence priority.
            on_priority: a function that is called after our presence priority has changed.
            on_loss: a function that is called if notifications may be missing although the link is still up.
                The arguments of the function are the reason and the time from which notifications may be
                missing.
            guard: limits the sign-in attempts of all code that uses this account. The default guard limits only
                the attempts of this link.
            may_send_password: a function that is called after the wait for the guard. The function returns False if
                the password was replaced or has expired, and must therefore not be sent.

        Raises:
            ConfigurationError: the user id, a domain or the resource is invalid.
        """
        check_resource(identity.resource)
        if not (identity.user_id and identity.domain and identity.pubsub_domain):
            raise ConfigurationError(
                "The user id, the XMPP domain or the pubsub domain is missing.",
                advice="Set FINESSE_USER. The domains come from SystemInfo.",
            )
        self.full_jid = full_jid(identity.user_id, identity.domain, identity.resource)
        self._identity = identity
        self._route = route
        self._timing = timing or LinkTiming()
        self._guard = guard or AccountGuard(identity.user_id)
        self._may_send_password = may_send_password
        self._on_link = on_link
        self._reader = NotificationReader(identity.pubsub_domain, on_feed)
        self._board = PresenceBoard(self.full_jid, identity.domain)
        self._pubsub = PubSub(self._ask_pubsub)
        self._stream = TransportClient(
            self.full_jid,
            identity.password,
            route,
            take=self._take,
            on_end=self._ended,
            on_loss=lambda reason: on_loss(
                reason, datetime.fromtimestamp(self._stream.last_received_at, UTC)
            ),
        )
        self._priority = PriorityControl(priority, self._send_priority, on_priority, self._timing.quiet)
        self._greeted: asyncio.Future[None] = self._stream.loop.create_future()
        self._watch: asyncio.Task[None] | None = None
        self._usable = False  # True from our first presence until close()
        self._open = False  # True from the arrival of Finesse's presence, or its timeout, until close()
        self._used = False

    @property
    def transport(self) -> str:
        """The name of the transport, such as ``websocket``."""
        return self._route.name

    @property
    def connected(self) -> bool:
        """Whether feeds can be subscribed on the link."""
        return self._usable and not self._stream.ended.done()

    @property
    def degraded(self) -> bool:
        """Whether Finesse has no available presence. Notifications may be missing while the link is degraded."""
        return not self._board.finesse_available

    @property
    def siblings(self) -> frozenset[str]:
        """The full JIDs of the other available XMPP sessions of this user, such as ``.../desktop``."""
        return frozenset(self._board.siblings)

    @property
    def priority(self) -> PriorityDecision:
        """Our presence priority and the reason for it."""
        return self._priority.current

    def confirm_subscriptions(self, refused: str = "") -> None:
        """Record that our subscriptions to the automatic feeds are in place, or why a subscription was rejected."""
        self._priority.subscriptions_confirmed(not refused, refused)

    @property
    def greeted(self) -> bool:
        """Whether Finesse has sent its presence, available or unavailable."""
        return self._board.greeted

    async def open(self, *, await_finesse: bool = True) -> None:
        """Connect, authenticate once, bind the resource, send our presence, and wait for Finesse's presence.

        After ``open`` the link is degraded if Finesse is unavailable or sent no presence in time.

        Args:
            await_finesse: False to return as soon as our presence is sent, so that feeds can be subscribed
                earlier. In this case, call ``finesse_greeting`` afterwards.

        Raises:
            CredentialsError: the user id or password is wrong. Do not retry with the same credentials.
            ReplacedError: another XMPP session uses this resource.
            ConfigurationError: a setting has a value that does not work with this XMPP server.
            NetworkError: ``step`` names the step that failed.
        """
        if self._used:
            raise RuntimeError("a link can be opened only once")
        self._used = True
        timing, stream = self._timing, self._stream
        try:
            transport = await self._route.opener(stream, timing.connect)
            await log_in(
                stream,
                transport,
                self._route.url,
                timing.request,
                self._guard,
                self._identity.password,
                self._may_send_password,
            )
            self.full_jid = self._board.own_full_jid = stream.boundjid.full
            self._watch = stream.loop.create_task(keepalive.keep_watch(stream, self._identity.domain, timing))
            self._usable = True
            self._priority.begin()
            if await_finesse:
                await self.finesse_greeting()
        except BaseException:
            await self.close()
            raise

    async def finesse_greeting(self) -> None:
        """Wait for the presence of Finesse and call ``on_link`` with CONNECTED or DEGRADED.

        Raises:
            FinesseError: the link ended (step ``presence``).
        """
        async with step("presence", self._route.url):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.presence):
                    await self._stream.until(self._greeted)
            if self._stream.ended.done():  # the link ended at the same moment as the wait
                raise self._stream.ended.result().error
            self._open = True
        self._report_presence()

    async def close(self) -> None:
        """End the link. Idempotent, bounded in time, never raises."""
        self._usable = self._open = False
        self._priority.close()
        try:
            if self._watch is not None:
                self._watch.cancel()
                await asyncio.wait({self._watch})
        finally:
            await self._stream.aclose(self._timing.close)

    # Subscriptions.

    async def subscriptions(self) -> list[Subscription]:
        """Return all subscriptions of this user, including subscriptions that other XMPP sessions made.

        Raises:
            RefusedError: the service rejected the request.
            NetworkError: no reply arrived (step ``subscribe``), or the link ended.
        """
        return await self._pubsub.subscriptions()

    async def subscribe(self, node: str) -> Subscription:
        """Subscribe our full JID to a node. List the subscriptions first, because most XMPP servers create duplicates.

        Raises:
            NotFoundError: the node does not exist.
            RefusedError: the service rejected the request.
            NetworkError: no reply arrived (step ``subscribe``), or the link ended.
        """
        return await self._pubsub.subscribe(node, self.full_jid)

    async def unsubscribe(self, *subscriptions: Subscription) -> None:
        """Remove our own subscriptions, and list them again to verify. Ignore subscriptions that do not exist.

        Raises:
            InvalidRequestError: a given subscription belongs to another client. Nothing was sent.
            RefusedError: the service rejected the request, or still lists one of the subscriptions.
            NetworkError: no reply arrived (step ``subscribe``), or the link ended.
        """
        for subscription in subscriptions:
            if not same_jid(subscription.jid, self.full_jid) and not is_ours(split_jid(subscription.jid)[1]):
                raise InvalidRequestError(
                    f"The subscription of {subscription.jid} belongs to another client. Nothing was sent.",
                    advice="Only this MCP server's own subscriptions can be removed.",
                )
        if subscriptions:
            await self._pubsub.unsubscribe(*subscriptions)

    async def _ask_pubsub(self, kind: str, payload: ET.Element) -> ET.Element:
        if not self._usable and not self._stream.ended.done():
            raise LinkLostError("The link to the Notification Service is not open.")
        to, limit = self._identity.pubsub_domain, self._timing.request
        return await self._stream.request(kind, to, payload, limit)

    # Receiving.

    def _take(self, stanza: ET.Element) -> bool:
        tag = stanza.tag
        if tag == _MESSAGE:
            self._reader.take(stanza)
            return True
        if tag == _PRESENCE:
            self._take_presence(stanza)
            return True
        return False

    def _take_presence(self, presence: ET.Element) -> None:
        board, was_degraded, priorities = self._board, self.degraded, dict(self._board.priorities)
        sender = presence.get("from", "")
        if presence.get("type") == "subscribe":
            # Only Finesse monitors our presence (guide, High Availability), so no other subscription is allowed.
            if board.is_finesse(sender):
                self._stream.send_presence(pto=split_jid(sender)[0], ptype="subscribed")
            return
        board.take(presence)
        if board.priorities != priorities:
            self._priority.presence_changed(board.priorities)
        if board.greeted and not self._greeted.done():
            self._greeted.set_result(None)
        if self._open and self.degraded is not was_degraded:
            self._report_presence()

    def _send_priority(self, priority: int) -> None:
        with contextlib.suppress(ConnectionError):  # the stream reports its end separately
            self._stream.send_presence(ppriority=priority)

    def _report_presence(self) -> None:
        finesse = f"{FINESSE_USER}@{self._identity.domain}"
        if self.degraded:
            self._report(LinkState.DEGRADED, f"logged in, but {finesse} is not available")
        else:
            self._report(LinkState.CONNECTED, f"logged in, and {finesse} is available")

    # End of the link.

    def _ended(self, ending: Ending) -> None:
        """Report the end of the stream. Report nothing if ``close`` ended the stream or the stream was never open."""
        self._priority.close()
        if self._watch is not None:
            self._watch.cancel()
        if self._open:
            self._report(ending.state, ending.reason, ending.as_link_error())

    def _report(self, state: LinkState, reason: str, error: FinesseError | None = None) -> None:
        try:
            last_received_at = datetime.fromtimestamp(self._stream.last_received_at, UTC)
            self._on_link(LinkEvent(state, reason, error, datetime.now(UTC), last_received_at))
        except Exception:  # an exception in the callback must not end the link
            _log.exception("The state %s of the link could not be handled", state)
