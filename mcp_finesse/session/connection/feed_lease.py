"""Feed leases. A lease keeps a feed subscribed while an action needs the feed, or until the session closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.connection.subscriptions import Subscriptions

log = logging.getLogger(__name__)


class FeedLeases:
    """Keeps feeds subscribed while they are needed. Other users of a feed are not affected.

    If the subscription to a feed fails, the action does not fail. The result of the action is then read over
    REST.

    Args:
        subscriptions: The subscriptions of the session, which count the uses of each feed.
        seconds: Maximum duration of a subscribe or unsubscribe request.
    """

    def __init__(self, subscriptions: Subscriptions, seconds: float) -> None:
        self._subscriptions = subscriptions
        self._seconds = seconds
        self._pinned: set[str] = set()
        self._pinning = asyncio.Lock()

    async def pin(self, feed: str) -> None:
        """Keep a feed subscribed until the session closes. Do nothing if the feed cannot be subscribed."""
        async with self._pinning:  # concurrent callers must count as one use
            if feed not in self._pinned and await self._subscribe(feed):
                self._pinned.add(feed)

    @asynccontextmanager
    async def held_for(self, feed: str) -> AsyncIterator[None]:
        """Keep a feed subscribed inside the context. An empty name does nothing."""
        held = bool(feed) and await self._subscribe(feed)
        try:
            yield
        finally:
            if held:
                await self._unsubscribe(feed)

    async def _subscribe(self, feed: str) -> bool:
        try:
            async with asyncio.timeout(self._seconds):
                await self._subscriptions.subscribe(feed)
        except (FinesseError, TimeoutError) as error:
            log.info(
                "Feed %s cannot be subscribed (%s); the object will be read instead",
                feed,
                type(error).__name__,
            )
            return False
        return True

    async def _unsubscribe(self, feed: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._subscriptions.unsubscribe(feed)
        except (FinesseError, TimeoutError) as error:
            log.info("Could not unsubscribe from feed %s: %s", feed, type(error).__name__)
