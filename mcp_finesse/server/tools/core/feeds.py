"""Tools that list, subscribe to and unsubscribe from notification feeds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.server.arguments.arguments import Text
from mcp_finesse.server.policy.reading import may_read
from mcp_finesse.server.present.feed_names import normalized_slug
from mcp_finesse.server.present.limits import MAX_FEEDS
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import bounded, plain
from mcp_finesse.server.tools.call_targeting import READY_SECONDS
from mcp_finesse.session import FeedStatus, FinesseSession

Slug = Annotated[Text, Field(description="Name, such as queues, queue:ID, team:ID")]


class FeedsResult(Result):
    """Feeds, each with a flag that shows whether the feed is received."""

    feeds: list[dict[str, Any]]
    left_out: int | None = None
    cursor: str | None = None

    def __str__(self) -> str:
        lines = [_line(feed) for feed in self.feeds]
        if self.left_out:
            lines.append(f"{self.left_out} more feeds were left out.")
        if self.cursor:
            lines.append(f"Cursor: {self.cursor}")
        return "\n".join(lines) or "No feeds are known yet."


async def list_feeds(session: FinesseSession) -> FeedsResult:
    """List the notification feeds and whether each is received.

    Use before subscribe_feed or wait_for_notification. Returns feeds.
    """
    feeds, left_out = bounded([feed for feed in session.feeds() if may_read(feed.slug)], MAX_FEEDS)
    return FeedsResult(feeds=plain(feeds), left_out=left_out or None)


async def subscribe_feed(session: FinesseSession, feed: Slug) -> FeedsResult:
    """Start receiving a feed, such as that of a team or a queue.

    Use before wait_for_notification on that feed. Requires a feed from list_feeds. Returns feeds and cursor.
    """
    await session.ready(READY_SECONDS)
    before = session.journal.cursor  # a wait from this cursor misses no notification of the feed
    return _one(await session.subscribe(normalized_slug(feed)), before)


async def unsubscribe_feed(session: FinesseSession, feed: Slug) -> FeedsResult:
    """Stop receiving a feed.

    Use to undo subscribe_feed. Requires a feed you subscribed to. Returns feeds.
    """
    await session.ready(READY_SECONDS)
    return _one(await session.unsubscribe(normalized_slug(feed)), None)


def _one(status: FeedStatus, cursor: str | None) -> FeedsResult:
    return FeedsResult(feeds=[plain(status)], cursor=cursor)


def _line(feed: dict[str, Any]) -> str:
    how = "automatic" if feed.get("automatic") else "on request"
    return f"{feed['slug']}: {'received' if feed.get('subscribed') else 'not received'}, {how}"
