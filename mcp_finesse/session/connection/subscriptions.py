"""Which feeds are wanted, and by how many: two clients that ask for one feed make one subscription.

The feeds of the agent itself are automatic, through a row of the bare JID. Sources disagree on whether such a
feed reaches every session of the agent or only one, so we subscribe to them with our own full JID as well: with
the Finesse desktop beside us nothing is missed, and what comes twice is marked as a duplicate. The feed of the
agent's tasks is not listed as automatic, and subscribed to like these.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Container
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from mcp_finesse.errors import FinesseError, InvalidRequestError, NotFoundError, RefusedError
from mcp_finesse.xmpp import Feed, NotificationLink, Subscription, feed_by_slug, list_feeds
from mcp_finesse.xmpp.protocol.jid import same_jid, split_jid
from mcp_finesse.xmpp.protocol.subscription_reconciler import plan

log = logging.getLogger(__name__)
_NEEDED = ("user", "dialogs")
MAX_FEEDS = 100
"""Feeds that clients may ask for: a supervisor has some teams and queues. Each is a subscription on the server."""
_ALSO_OWN = ("media_dialogs",)


class FeedStatus(BaseModel):
    """One feed and whether its notifications come here.

    Attributes:
        slug: the name in tools and resources.
        node: the pubsub node, once the agent's id is known.
        users: how many asked for it explicitly.
    """

    model_config = ConfigDict(frozen=True)
    slug: str
    node: str
    automatic: bool
    subscribed: bool
    users: int = 0
    description: str = ""


class Subscriptions:
    """The feeds of one session: what is wanted outlives the link, what is held belongs to it.

    Args:
        user_id: the agent's id, which is part of most nodes.
        now: the time.
        on_missing: told when a feed that somebody asked for does not come any more, and when it does again: why,
            since when, until when (None: it still does not), and which feed it is.
    """

    def __init__(
        self,
        user_id: str,
        now: Callable[[], datetime],
        on_missing: Callable[[str, datetime, datetime | None, str], object],
    ) -> None:
        self.user_id = user_id
        self.platform: str | None = None
        self._wanted: Counter[str] = Counter()
        self._held: dict[str, Subscription] = {}
        self._automatic: set[str] = set()  # nodes of the rows of the bare JID, in lower case
        self._refused: dict[str, str] = {}  # automatic feeds without a row of ours, and why
        self._not_found = False  # a feed that is wanted, by ``attach``
        self._unsure: set[str] = set()  # asked for or given up, and no answer: a row may be there or not
        self._now = now
        self._on_missing = on_missing
        self._missing: dict[str, datetime] = {}
        self._link: NotificationLink | None = None
        self._just_tried = False  # all that is missing, by ``attach``
        self._lock = asyncio.Lock()

    async def attach(self, link: NotificationLink, holder_is_alive: Callable[[str], bool | None]) -> bool:
        """List, remove what is left over of ours, and subscribe what is missing.

        Args:
            link: a fresh link.
            holder_is_alive: whether the process that holds a resource of ours lives; None: cannot be known.

        Afterwards the link knows whether the automatic feeds come by our own subscriptions.

        Returns:
            Whether each feed that is wanted exists.

        Raises:
            FinesseError: a feed of the agent itself could not be subscribed to, and does not come automatically.
        """
        async with self._lock:
            rows = await link.subscriptions()
            bare, _ = split_jid(link.full_jid)
            self._automatic = {row.node.lower() for row in rows if split_jid(row.jid) == (bare, "")}
            self._refused = {}
            self._not_found = False
            own = [feed.slug for feed in list_feeds(self.platform) if _is_own(feed)]
            wanted = {self._node(slug): slug for slug in (*own, *self._wanted)}
            todo = plan(rows, list(wanted), link.full_jid, holder_is_alive)
            if todo.remove:
                try:
                    await link.unsubscribe(*todo.remove)
                except FinesseError as error:
                    log.warning("subscriptions of an earlier session remain: %s", error.message)
                # Which of several subscriptions of one JID a server removed is known by its list alone.
                todo = plan(await link.subscriptions(), list(wanted), link.full_jid, holder_is_alive)
            self._held = {wanted[node]: row for node, row in todo.keep.items()}
            self._unsure.clear()
            self._link, self._just_tried = link, True
            for node in todo.add:
                await self._take(link, wanted[node], node)
            link.confirm_subscriptions("; ".join(self._refused.values()))
            return not self._not_found

    async def mend(self) -> None:
        """Ask once more for the feeds that somebody wants and ``attach`` could not get, unless that was just now."""
        async with self._lock:
            link, just_tried, self._just_tried = self._link, self._just_tried, False
            if link is not None and not just_tried:
                for slug in [slug for slug in self._wanted if slug not in self._held]:
                    await self._take(link, slug, self._node(slug))

    async def _take(self, link: NotificationLink, slug: str, node: str) -> None:
        try:
            self._held[slug] = await self._row(link, slug, node)
        except FinesseError as error:
            self._not_found |= isinstance(error, NotFoundError)
            may_come = isinstance(error, RefusedError) and node.lower() in self._automatic
            if slug in _NEEDED and not may_come:
                raise
            comes_to_all = node.lower() in self._automatic  # and would go to the desktop alone at priority -1
            if feed_by_slug(slug).automatic and (comes_to_all or not isinstance(error, NotFoundError)):
                self._refused[slug] = f"{slug}: {error.message.rstrip('.')}"
            log.warning("feed %s cannot be subscribed to: %s", slug, error.message)
            if slug in self._wanted and slug not in self._missing:
                self._missing[slug] = self._now()
                reason = f"the feed {slug} is not received: {error.message.rstrip('.')}"
                self._on_missing(reason, self._missing[slug], None, slug)
        else:
            if (since := self._missing.pop(slug, None)) is not None:
                self._on_missing(f"the feed {slug} was not received", since, self._now(), slug)

    async def _row(self, link: NotificationLink, slug: str, node: str) -> Subscription:
        """Have a row, by the list where there may be one already: a second would outlive the first."""
        if slug in self._unsure and (found := await _own_rows(link, {node.lower()})):
            row = found[0]
        else:
            self._unsure.add(slug)
            try:
                row = await link.subscribe(node)
            except RefusedError:
                self._unsure.discard(slug)
                raise
        self._unsure.discard(slug)
        return row

    def detach(self) -> None:
        """The link is gone; the rows on the server stay, and are found again."""
        self._link = None
        self._held = {}

    async def release(self, link: NotificationLink) -> None:
        """Unsubscribe everything of ours before a clean end; all at once, since there is little time for it."""
        rows, self._held, self._link = list(self._held.values()), {}, None
        if self._unsure:
            with contextlib.suppress(FinesseError):
                rows += await _own_rows(link, {self._node(slug).lower() for slug in self._unsure})
        try:
            await link.unsubscribe(*rows)
        except FinesseError as error:
            log.warning("subscriptions remain at the Notification Service: %s", error.message)

    async def subscribe(self, slug: str) -> FeedStatus:
        """Ask for a feed. Without a link it is subscribed to as soon as there is one.

        Raises:
            InvalidRequestError: no such feed, not on this platform, or too many feeds.
            FinesseError: Finesse rejected the request; nothing is counted.
        """
        feed = self._feed(slug)
        async with self._lock:
            if slug not in self._wanted and len(self._wanted) >= MAX_FEEDS:
                raise InvalidRequestError(
                    f"{MAX_FEEDS} feeds are subscribed already. Nothing was sent.",
                    advice="Unsubscribe from feeds that are not needed.",
                )
            if self._link is not None and slug not in self._held:
                self._held[slug] = await self._row(self._link, slug, self._node(slug))
            self._wanted[slug] += 1
        return self._status(feed, slug)

    async def unsubscribe(self, slug: str) -> FeedStatus:
        """Give a feed up; the subscription ends when the last one does.

        Raises:
            InvalidRequestError: nobody asked for it.
        """
        feed = self._feed(slug)
        async with self._lock:
            if not self._wanted[slug]:
                raise InvalidRequestError(
                    f"This server is not subscribed to {slug!r}.",
                    advice="The agent's own feeds are always received and cannot be unsubscribed."
                    if _is_own(feed)
                    else "Use list_feeds to see the subscribed feeds.",
                )
            self._wanted[slug] -= 1
            if not self._wanted[slug]:
                del self._wanted[slug]
                self._missing.pop(slug, None)
                await self._give_up(slug)
        return self._status(feed, slug)

    async def _give_up(self, slug: str) -> None:
        row = None if _is_own(feed_by_slug(slug)) else self._held.pop(slug, None)
        if row is not None and self._link is not None:
            self._unsure.add(slug)
            await self._link.unsubscribe(row)
            self._unsure.discard(slug)

    def feeds(self) -> list[FeedStatus]:
        """Every feed that can be named, and those with an id that are subscribed."""
        known = [(feed, feed.slug) for feed in list_feeds(self.platform)]
        named = {slug for _, slug in known}
        known += [(feed_by_slug(slug), slug) for slug in self._wanted if slug not in named]
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
            subscribed=slug in self._held,
            users=self._wanted[slug],
            description=feed.description,
        )


async def _own_rows(link: NotificationLink, nodes: Container[str]) -> list[Subscription]:
    """The rows of our full JID on some nodes, which are named in lower case, as the service lists them."""
    return [
        row
        for row in await link.subscriptions()
        if same_jid(row.jid, link.full_jid) and row.node.lower() in nodes and row.state == "subscribed"
    ]


def _is_own(feed: Feed) -> bool:
    """Whether the feed tells of the agent's own state and work: it is always followed."""
    return feed.automatic or feed.slug in _ALSO_OWN
