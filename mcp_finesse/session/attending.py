"""Has the feeds that are needed beside those that somebody asked for: while an action needs one, or for good."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.actions import Action
from mcp_finesse.session.subscriptions import Subscriptions

log = logging.getLogger(__name__)


class Attending:
    """Subscribes before an action and gives the feed up after it; who else has the feed keeps it.

    A feed that is not to be had is no obstacle: then the object is read back.

    Args:
        seconds: the most that subscribing, and giving up, may take.
    """

    def __init__(self, subscriptions: Subscriptions, seconds: float) -> None:
        self._subscriptions = subscriptions
        self._seconds = seconds
        self._followed: set[str] = set()
        self._following = asyncio.Lock()

    async def follow(self, feed: str) -> None:
        """Have a feed for as long as the session lives, if it is to be had."""
        async with self._following:  # two callers at once must not be counted as two
            if feed not in self._followed and await self._subscribe(feed):
                self._followed.add(feed)

    @asynccontextmanager
    async def to(self, action: Action) -> AsyncIterator[None]:
        """Have the feed of this action, if it names one, inside the context."""
        taken = bool(action.feed) and await self._subscribe(action.feed)
        try:
            yield
        finally:
            if taken:
                await self._give_up(action.feed)

    async def _subscribe(self, feed: str) -> bool:
        try:
            async with asyncio.timeout(self._seconds):
                await self._subscriptions.subscribe(feed)
        except (FinesseError, TimeoutError) as error:
            log.info(
                "feed %s cannot be subscribed (%s); the object will be read instead",
                feed,
                type(error).__name__,
            )
            return False
        return True

    async def _give_up(self, feed: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._subscriptions.unsubscribe(feed)
        except (FinesseError, TimeoutError) as error:
            log.info("could not unsubscribe from feed %s: %s", feed, type(error).__name__)
