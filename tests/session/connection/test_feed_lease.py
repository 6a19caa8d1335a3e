"""Feed leases: a feed is subscribed while an action needs it, or for the life of the session."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.connection.feed_lease import FeedLeases
from mcp_finesse.session.connection.subscriptions import Subscriptions


class Scripted:
    """Records subscribing (+) and unsubscribing (-). Each can be made to fail or to hang."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.trouble: list[str] = []

    async def subscribe(self, slug: str) -> None:
        await self._take(f"+{slug}")

    async def unsubscribe(self, slug: str) -> None:
        await self._take(f"-{slug}")

    async def _take(self, word: str) -> None:
        self.seen.append(word)
        if f"fail {word[0]}" in self.trouble:
            raise FinesseError("no")
        if f"hang {word[0]}" in self.trouble:
            await asyncio.Event().wait()


@pytest.fixture
def feeds() -> Scripted:
    return Scripted()


@pytest.fixture
def leases(feeds: Scripted) -> FeedLeases:
    return FeedLeases(cast("Subscriptions", feeds), 0.05)


async def test_feed_is_subscribed_only_inside_the_context(feeds: Scripted, leases: FeedLeases) -> None:
    async with leases.held_for("team:1"):
        assert feeds.seen == ["+team:1"]
    assert feeds.seen == ["+team:1", "-team:1"]


async def test_empty_feed_name_subscribes_nothing(feeds: Scripted, leases: FeedLeases) -> None:
    async with leases.held_for(""):
        pass
    assert feeds.seen == []


@pytest.mark.parametrize("trouble", ["fail +", "hang +"])
async def test_action_continues_when_the_feed_cannot_be_subscribed(
    feeds: Scripted, leases: FeedLeases, trouble: str
) -> None:
    feeds.trouble = [trouble]
    async with leases.held_for("team:1"):
        pass
    assert feeds.seen == ["+team:1"]


@pytest.mark.parametrize("trouble", ["fail -", "hang -"])
async def test_action_continues_when_the_feed_cannot_be_unsubscribed(
    feeds: Scripted, leases: FeedLeases, trouble: str
) -> None:
    feeds.trouble = [trouble]
    async with leases.held_for("team:1"):
        pass
    assert feeds.seen == ["+team:1", "-team:1"]


async def test_feed_is_unsubscribed_when_the_action_fails(feeds: Scripted, leases: FeedLeases) -> None:
    with pytest.raises(FinesseError):
        async with leases.held_for("team:1"):
            raise FinesseError("no")
    assert feeds.seen == ["+team:1", "-team:1"]


async def test_pinning_a_feed_twice_counts_as_one_use(feeds: Scripted, leases: FeedLeases) -> None:
    feeds.trouble = ["fail +"]
    await leases.pin("team:1")
    feeds.trouble = []
    await leases.pin("team:1")
    await leases.pin("team:1")
    assert feeds.seen == ["+team:1", "+team:1"]


async def test_pinning_a_feed_concurrently_counts_as_one_use(feeds: Scripted, leases: FeedLeases) -> None:
    await asyncio.gather(*(leases.pin("team:1") for _ in range(5)))
    assert feeds.seen == ["+team:1"]
