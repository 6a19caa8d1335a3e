"""The link to the Notification Service: log in, watch that it lives, hand out what comes in, subscribe."""

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
    """One session with the Notification Service, from ``open`` to its end; a reconnect is a new link.

    Attributes:
        full_jid: our address; the server's word on it after ``open``.
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
    ) -> None:
        """Prepare a link; nothing is sent yet. Made inside a running event loop.

        Args:
            identity: who logs in.
            route: the way in.
            on_feed: gets every notification, synchronously, from before our presence is sent.
            on_link: gets CONNECTED or DEGRADED at the end of ``open`` and whenever Finesse's presence
                comes or goes; and, if the link ends other than by ``close``, one final state.
            timing: limits.
            priority: of our presence.
            on_priority: called after our priority was changed.
            on_loss: called when notifications may be missing although the link stands: why, and since when.
            guard: limits the attempts to sign in of everything that uses this account; by default this link
                limits its own.

        Raises:
            ConfigurationError: user id, domain or resource cannot be used.
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
        self._guard = guard or AccountGuard(identity.user_id, identity.password)
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
            on_loss=lambda reason: on_loss(reason, datetime.fromtimestamp(self._stream.heard_at, UTC)),
        )
        self._priority = PriorityControl(priority, self._send_priority, on_priority, self._timing.quiet)
        self._greeted: asyncio.Future[None] = self._stream.loop.create_future()
        self._watch: asyncio.Task[None] | None = None
        self._usable = False  # from our first presence to close()
        self._open = False  # from the greeting of Finesse, or its time-out, to close()
        self._used = False

    @property
    def transport(self) -> str:
        """How the service is reached, such as ``websocket``."""
        return self._route.name

    @property
    def connected(self) -> bool:
        """Whether feeds can be subscribed on the link."""
        return self._usable and not self._stream.ended.done()

    @property
    def degraded(self) -> bool:
        """Whether Finesse itself is not attached to the service: notifications may be missing."""
        return not self._board.finesse_available

    @property
    def siblings(self) -> frozenset[str]:
        """Full JIDs of other sessions of this user that are available, ``.../desktop`` for one."""
        return frozenset(self._board.siblings)

    @property
    def priority(self) -> PriorityDecision:
        """The priority of our presence, and why."""
        return self._priority.current

    def confirm_subscriptions(self, refused: str = "") -> None:
        """Note that our subscriptions to the automatic feeds are in place, or why one of them is refused."""
        self._priority.subscriptions_confirmed(not refused, refused)

    @property
    def greeted(self) -> bool:
        """Whether Finesse has said that it is attached to the service, or that it is not."""
        return self._board.greeted

    async def open(self, *, await_finesse: bool = True) -> None:
        """Dial, authenticate once, bind, send presence, wait for Finesse's.

        Returns when Finesse is known to be attached, or degraded when it is known not to be, or did not
        say so in time.

        Args:
            await_finesse: False to return when our presence is sent, so that feeds are subscribed at once;
                ``finesse_greeting`` has to follow.

        Raises:
            CredentialsError: id or password are wrong; do not try again with the same.
            ReplacedError: another session holds this place, or the server bars us.
            ConfigurationError: something that was set cannot work.
            NetworkError: the step that failed is in ``step``.
        """
        if self._used:
            raise RuntimeError("a link is opened once")
        self._used = True
        timing, stream = self._timing, self._stream
        try:
            transport = await self._route.opener(stream, timing.connect)
            await log_in(stream, transport, self._route.url, timing.request, self._guard)
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
        """Wait for the presence of Finesse, and call ``on_link`` with CONNECTED or DEGRADED.

        Raises:
            FinesseError: the link ended (step ``presence``).
        """
        async with step("presence", self._route.url):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.presence):
                    await self._stream.until(self._greeted)
            if self._stream.ended.done():  # in the very moment of the greeting, or of the time-out
                raise self._stream.ended.result().error
            self._open = True
        self._tell_presence()

    async def close(self) -> None:
        """End the link; safe at any time and any number of times, bounded, never raises."""
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
        """All subscriptions of this user, those of other sessions included.

        Raises:
            RefusedError: the service rejected the request.
            NetworkError: no answer came (step ``subscribe``), or the link ended.
        """
        return await self._pubsub.subscriptions()

    async def subscribe(self, node: str) -> Subscription:
        """Subscribe our full JID to a node. Twice makes two rows on most servers: list first.

        Raises:
            NotFoundError: there is no such node.
            RefusedError: the service rejected the request.
            NetworkError: no answer came (step ``subscribe``), or the link ended.
        """
        return await self._pubsub.subscribe(node, self.full_jid)

    async def unsubscribe(self, *subscriptions: Subscription) -> None:
        """Remove rows of ours, and verify that by the list; that one is not there is success.

        Raises:
            InvalidRequestError: the row is not ours. Nothing was sent.
            RefusedError: the service rejected the request, or still lists a row.
            NetworkError: no answer came (step ``subscribe``), or the link ended.
        """
        for subscription in subscriptions:
            if not same_jid(subscription.jid, self.full_jid) and not is_ours(split_jid(subscription.jid)[1]):
                raise InvalidRequestError(
                    f"The subscription of {subscription.jid} belongs to another client. Nothing was sent.",
                    advice="Only this server's own subscriptions can be removed.",
                )
        if subscriptions:
            await self._pubsub.unsubscribe(*subscriptions)

    async def _ask_pubsub(self, kind: str, payload: ET.Element) -> ET.Element:
        if not self._usable and not self._stream.ended.done():
            raise LinkLostError("The link to the Notification Service is not open.")
        to, limit = self._identity.pubsub_domain, self._timing.request
        return await self._stream.request(kind, to, payload, limit)

    # What comes in.

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
            # Finesse watches its users by their presence (guide, High Availability); nobody else needs ours.
            if board.is_finesse(sender):
                self._stream.send_presence(pto=split_jid(sender)[0], ptype="subscribed")
            return
        board.take(presence)
        if board.priorities != priorities:
            self._priority.presence_changed(board.priorities)
        if board.greeted and not self._greeted.done():
            self._greeted.set_result(None)
        if self._open and self.degraded is not was_degraded:
            self._tell_presence()

    def _send_priority(self, priority: int) -> None:
        with contextlib.suppress(ConnectionError):  # the end of the stream is reported by itself
            self._stream.send_presence(ppriority=priority)

    def _tell_presence(self) -> None:
        finesse = f"{FINESSE_USER}@{self._identity.domain}"
        if self.degraded:
            self._tell(LinkState.DEGRADED, f"logged in, but {finesse} is not available")
        else:
            self._tell(LinkState.CONNECTED, f"logged in, and {finesse} is available")

    # How it ends.

    def _ended(self, ending: Ending) -> None:
        """The stream is over: tell it, unless it was closed here or never open."""
        self._priority.close()
        if self._watch is not None:
            self._watch.cancel()
        if self._open:
            self._tell(ending.state, ending.reason, ending.as_link_error())

    def _tell(self, state: LinkState, reason: str, error: FinesseError | None = None) -> None:
        try:
            heard_at = datetime.fromtimestamp(self._stream.heard_at, UTC)
            self._on_link(LinkEvent(state, reason, error, datetime.now(UTC), heard_at))
        except Exception:  # a listener's mistake must not cost the link
            _log.exception("The state %s of the link could not be handled", state)
