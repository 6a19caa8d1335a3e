"""Tools that choose which notification feeds are received."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.server.arguments import Text
from mcp_finesse.server.feed_names import spelt
from mcp_finesse.server.limits import MAX_FEEDS
from mcp_finesse.server.results import Result
from mcp_finesse.server.summaries import bounded, plain
from mcp_finesse.server.tools.acting import READY_SECONDS
from mcp_finesse.session import FeedStatus, FinesseSession

Slug = Annotated[Text, Field(description="user, dialogs, queues, team:ID, queue:ID ... (list_feeds)")]


class FeedsResult(Result):
    """Feeds and whether they are received."""

    feeds: list[dict[str, Any]]
    left_out: int | None = None

    def __str__(self) -> str:
        lines = [_line(feed) for feed in self.feeds]
        if self.left_out:
            lines.append(f"{self.left_out} more were left out.")
        return "\n".join(lines) or "No feeds are known yet."


async def list_feeds(session: FinesseSession) -> FeedsResult:
    """List the notification feeds and which of them are received now.

    Use before subscribe_feed or wait_for_notification. Needs nothing. Returns feeds.
    """
    feeds, left_out = bounded(session.feeds(), MAX_FEEDS)
    return FeedsResult(feeds=plain(feeds), left_out=left_out or None)


async def subscribe_feed(session: FinesseSession, feed: Slug) -> FeedsResult:
    """Receive a further feed, such as a team or a queue.

    Use before wait_for_notification on it. Needs a feed of list_feeds that is not received yet. Returns feeds.
    """
    await session.ready(READY_SECONDS)
    return _one(await session.subscribe(spelt(feed)))


async def unsubscribe_feed(session: FinesseSession, feed: Slug) -> FeedsResult:
    """Stop a feed that is not wanted any more.

    Use to undo subscribe_feed. Needs a feed that it began. Returns feeds.
    """
    await session.ready(READY_SECONDS)
    return _one(await session.unsubscribe(spelt(feed)))


def _one(status: FeedStatus) -> FeedsResult:
    return FeedsResult(feeds=[plain(status)])


def _line(feed: dict[str, Any]) -> str:
    how = "automatic" if feed.get("automatic") else "on request"
    return f"{feed['slug']}: {'received' if feed.get('subscribed') else 'not received'}, {how}"
