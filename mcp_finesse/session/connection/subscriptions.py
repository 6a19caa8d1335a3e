"""Subscriptions of a session, reference-counted per feed.

The agent's own feeds are automatic: the XMPP server subscribes the agent's bare JID. Sources disagree on
whether such a feed reaches every session of the agent or only one. The session therefore also subscribes with
its full JID. The session then receives every notification even while a Finesse desktop is connected. The second
copy of a notification is detected as a duplicate. The feed of the agent's tasks is not documented as automatic,
so the session subscribes to that feed too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Container
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from mcp_finesse.errors import FinesseError, InvalidRequestError, NotFoundError, RefusedError
from mcp_finesse.session.timing import Clock
from mcp_finesse.xmpp import Feed, NotificationLink, Subscription, feed_by_slug, list_feeds
from mcp_finesse.xmpp.protocol.jid import same_jid, split_jid
from mcp_finesse.xmpp.protocol.subscription_reconciler import plan

log = logging.getLogger(__name__)
_REQUIRED = ("user", "dialogs")
MAX_FEEDS = 100
"""Maximum feeds that MCP clients may subscribe. Each feed needs a subscription on the XMPP server."""
_OWN_NOT_AUTOMATIC = ("media_dialogs",)


class FeedStatus(BaseModel):
    """One feed, and whether it is subscribed.

    Attributes:
        slug: The name of the feed in tools and resources.
        node: The pubsub node of the feed.
        users: How many explicit subscribe requests have not been released yet.
    """

    model_config = ConfigDict(frozen=True)
    slug: str
    node: str
    automatic: bool
    subscribed: bool
    users: int = 0
    description: str = ""


class GapRecorder(Protocol):
    """Interface of the journal, for recording periods without notifications."""

    def append_gap(self, reason: str, since: datetime, until: datetime | None, feed: str, /) -> object:
        """Record that notifications of a feed may be missing. If ``until`` is None, the gap continues."""


class Subscriptions:
    """The feeds of one session. A requested feed outlives a link. A subscription belongs to one link.

    Args:
        user_id: The agent's id, which is part of most nodes.
        clock: Provides the current time.
        gaps: Records the times during which a requested feed is not received.
    """

    def __init__(self, user_id: str, clock: Clock, gaps: GapRecorder) -> None:
        self.user_id = user_id
        self.platform: str | None = None
        self._requested: Counter[str] = Counter()
        self._subscribed: dict[str, Subscription] = {}
        self._automatic: set[str] = set()  # nodes subscribed for the bare JID, in lower case
        self._rejected: dict[str, str] = {}  # the reasons why feeds have no subscription of the full JID
        self._not_found = False  # whether the last ``attach`` found that a requested feed does not exist
        self._unconfirmed: set[str] = (
            set()
        )  # a subscription may exist, because the last subscribe or unsubscribe request got no response
        self._clock = clock
        self._gaps = gaps
        self._missing: dict[str, datetime] = {}
        self._link: NotificationLink | None = None
        self._just_attached = False  # ``attach`` has just tried all missing feeds
        self._lock = asyncio.Lock()

    async def attach(self, link: NotificationLink, holder_is_alive: Callable[[str], bool | None]) -> bool:
        """List the subscriptions, remove stale ones, and add missing ones.

        Then report to the link whether the session's own subscriptions cover the automatic feeds.

        Args:
            link: A new link.
            holder_is_alive: A function that returns whether the process that holds one of our XMPP resources is
                alive, or None if that is unknown.

        Returns:
            Whether every requested feed exists.

        Raises:
            FinesseError: A feed of the agent cannot be subscribed, and its automatic subscription does not
                exist either.
        """
        async with self._lock:
            existing = await link.subscriptions()
            bare, _ = split_jid(link.full_jid)
            self._automatic = {each.node.lower() for each in existing if split_jid(each.jid) == (bare, "")}
            self._rejected = {}
            self._not_found = False
            own = [feed.slug for feed in list_feeds(self.platform) if _is_own(feed)]
            wanted = {self._node(slug): slug for slug in (*own, *self._requested)}
            todo = plan(existing, list(wanted), link.full_jid, holder_is_alive)
            if todo.remove:
                try:
                    await link.unsubscribe(*todo.remove)
                except FinesseError as error:
                    log.warning("Subscriptions of an earlier session remain: %s", error.message)
                # If one JID had several subscriptions, only a new list shows which subscription the XMPP server
                # removed.
                todo = plan(await link.subscriptions(), list(wanted), link.full_jid, holder_is_alive)
            self._subscribed = {wanted[node]: subscription for node, subscription in todo.keep.items()}
            self._unconfirmed.clear()
            self._link, self._just_attached = link, True
            for node in todo.add:
                await self._subscribe_or_report(link, wanted[node], node)
            link.confirm_subscriptions("; ".join(self._rejected.values()))
            return not self._not_found

    async def retry_missing(self) -> None:
        """Retry requested feeds that ``attach`` could not subscribe. Do nothing if ``attach`` has just run."""
        async with self._lock:
            link, just_attached, self._just_attached = self._link, self._just_attached, False
            if link is not None and not just_attached:
                for slug in [slug for slug in self._requested if slug not in self._subscribed]:
                    await self._subscribe_or_report(link, slug, self._node(slug))

    async def _subscribe_or_report(self, link: NotificationLink, slug: str, node: str) -> None:
        try:
            self._subscribed[slug] = await self._find_or_subscribe(link, slug, node)
        except FinesseError as error:
            self._not_found |= isinstance(error, NotFoundError)
            is_automatic = node.lower() in self._automatic  # not received at priority -1
            if slug in _REQUIRED and not (isinstance(error, RefusedError) and is_automatic):
                raise
            if feed_by_slug(slug).automatic and (is_automatic or not isinstance(error, NotFoundError)):
                self._rejected[slug] = f"{slug}: {error.message.rstrip('.')}"
            log.warning("Feed %s cannot be subscribed to: %s", slug, error.message)
            if slug in self._requested and slug not in self._missing:
                self._missing[slug] = self._clock.now()
                reason = f"the feed {slug} is not received: {error.message.rstrip('.')}"
                self._gaps.append_gap(reason, self._missing[slug], None, slug)
        else:
            if (since := self._missing.pop(slug, None)) is not None:
                self._gaps.append_gap(f"the feed {slug} was not received", since, self._clock.now(), slug)

    async def _find_or_subscribe(self, link: NotificationLink, slug: str, node: str) -> Subscription:
        """Find an existing subscription, or else subscribe. Removing one of two subscriptions would leave the other."""
        if slug in self._unconfirmed and (found := await _own_subscriptions(link, {node.lower()})):
            subscription = found[0]
        else:
            self._unconfirmed.add(slug)
            try:
                subscription = await link.subscribe(node)
            except RefusedError:
                self._unconfirmed.discard(slug)
                raise
        self._unconfirmed.discard(slug)
        return subscription

    def detach(self) -> None:
        """Forget a lost link. The link's subscriptions stay on the XMPP server, where ``attach`` finds them."""
        self._link = None
        self._subscribed = {}

    async def release(self, link: NotificationLink) -> None:
        """Unsubscribe from all feeds before a clean close. All requests are sent in one batch to save time."""
        subscriptions, self._subscribed, self._link = list(self._subscribed.values()), {}, None
        if self._unconfirmed:
            with contextlib.suppress(FinesseError):
                subscriptions += await _own_subscriptions(
                    link, {self._node(slug).lower() for slug in self._unconfirmed}
                )
        try:
            await link.unsubscribe(*subscriptions)
        except FinesseError as error:
            log.warning("Subscriptions remain at the Notification Service: %s", error.message)

    async def subscribe(self, slug: str) -> FeedStatus:
        """Subscribe to a feed. If there is no link, the feed is subscribed after the next connect.

        Raises:
            InvalidRequestError: The feed does not exist on any platform or on this platform, or too many feeds
                are in use.
            FinesseError: Finesse rejected the request. This use of the feed is not counted.
        """
        feed = self._feed(slug)
        async with self._lock:
            if slug not in self._requested and len(self._requested) >= MAX_FEEDS:
                raise InvalidRequestError(
                    f"{MAX_FEEDS} feeds are subscribed already. Nothing was sent.",
                    advice="Unsubscribe from a feed that you no longer use.",
                )
            if self._link is not None and slug not in self._subscribed:
                self._subscribed[slug] = await self._find_or_subscribe(self._link, slug, self._node(slug))
            self._requested[slug] += 1
        return self._status(feed, slug)

    async def unsubscribe(self, slug: str) -> FeedStatus:
        """Release one use of a feed. Releasing the last use unsubscribes.

        Raises:
            InvalidRequestError: The feed is not in use.
        """
        feed = self._feed(slug)
        async with self._lock:
            if not self._requested[slug]:
                raise InvalidRequestError(
                    f"This MCP server is not subscribed to {slug!r}.",
                    advice="The agent's own feeds are always received and cannot be unsubscribed."
                    if _is_own(feed)
                    else "Use list_feeds to see the subscribed feeds.",
                )
            self._requested[slug] -= 1
            if not self._requested[slug]:
                del self._requested[slug]
                self._missing.pop(slug, None)
                await self._unsubscribe(slug)
        return self._status(feed, slug)

    async def _unsubscribe(self, slug: str) -> None:
        subscription = None if _is_own(feed_by_slug(slug)) else self._subscribed.pop(slug, None)
        if subscription is not None and self._link is not None:
            self._unconfirmed.add(slug)
            await self._link.unsubscribe(subscription)
            self._unconfirmed.discard(slug)

    def feeds(self) -> list[FeedStatus]:
        """Return the status of every feed without an id in its slug, and of every subscribed feed with an id."""
        known = [(feed, feed.slug) for feed in list_feeds(self.platform)]
        named = {slug for _, slug in known}
        known += [(feed_by_slug(slug), slug) for slug in self._requested if slug not in named]
        return [self._status(feed, slug) for feed, slug in known]

    def _feed(self, slug: str) -> Feed:
        feed = feed_by_slug(slug)
        if self.platform is not None and self.platform not in feed.platforms:
            raise InvalidRequestError(
                f"{self.platform} does not publish the feed {slug!r}.",
                advice="Use list_feeds to see the available feeds.",
            )
        return feed

    def _node(self, slug: str) -> str:
        return feed_by_slug(slug).node(self.user_id)

    def _status(self, feed: Feed, slug: str) -> FeedStatus:
        return FeedStatus(
            slug=slug,
            node=feed.node(self.user_id),
            automatic=feed.automatic,
            subscribed=slug in self._subscribed,
            users=self._requested[slug],
            description=feed.description,
        )


async def _own_subscriptions(link: NotificationLink, nodes: Container[str]) -> list[Subscription]:
    """Return our full JID's subscriptions to these pubsub nodes, in lower case as the service lists them."""
    return [
        each
        for each in await link.subscriptions()
        if same_jid(each.jid, link.full_jid) and each.node.lower() in nodes and each.state == "subscribed"
    ]


def _is_own(feed: Feed) -> bool:
    """Return whether the feed reports the agent's own state and work. Such a feed is always subscribed."""
    return feed.automatic or feed.slug in _OWN_NOT_AUTOMATIC
