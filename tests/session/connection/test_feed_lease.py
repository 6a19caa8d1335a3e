"""Feed leases: a feed is subscribed while an action needs it, or for the life of the session."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.connection.feed_lease import FeedLeases
from mcp_finesse.session.connection.subscriptions import Subscriptions


class ScriptedSubscriptions:
    """Records subscribing (+) and unsubscribing (-). Each can be made to fail or to hang."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.failures: list[str] = []

    async def subscribe(self, slug: str) -> None:
        await self._record(f"+{slug}")

    async def unsubscribe(self, slug: str) -> None:
        await self._record(f"-{slug}")

    async def _record(self, request: str) -> None:
        self.requests.append(request)
        if f"fail {request[0]}" in self.failures:
            raise FinesseError("no")
        if f"hang {request[0]}" in self.failures:
            await asyncio.Event().wait()


@pytest.fixture
def feeds() -> ScriptedSubscriptions:
    return ScriptedSubscriptions()


@pytest.fixture
def leases(feeds: ScriptedSubscriptions) -> FeedLeases:
    return FeedLeases(cast("Subscriptions", feeds), 0.05)


async def test_feed_is_subscribed_only_inside_the_context(
    feeds: ScriptedSubscriptions, leases: FeedLeases
) -> None:
    async with leases.held_for("team:1"):
        assert feeds.requests == ["+team:1"]
    assert feeds.requests == ["+team:1", "-team:1"]


async def test_empty_feed_name_subscribes_nothing(feeds: ScriptedSubscriptions, leases: FeedLeases) -> None:
    async with leases.held_for(""):
        pass
    assert feeds.requests == []


@pytest.mark.parametrize("failure", ["fail +", "hang +"])
async def test_action_continues_when_the_feed_cannot_be_subscribed(
    feeds: ScriptedSubscriptions, leases: FeedLeases, failure: str
) -> None:
    feeds.failures = [failure]
    async with leases.held_for("team:1"):
        pass
    assert feeds.requests == ["+team:1"]


@pytest.mark.parametrize("failure", ["fail -", "hang -"])
async def test_action_continues_when_the_feed_cannot_be_unsubscribed(
    feeds: ScriptedSubscriptions, leases: FeedLeases, failure: str
) -> None:
    feeds.failures = [failure]
    async with leases.held_for("team:1"):
        pass
    assert feeds.requests == ["+team:1", "-team:1"]


async def test_feed_is_unsubscribed_when_the_action_fails(
    feeds: ScriptedSubscriptions, leases: FeedLeases
) -> None:
    with pytest.raises(FinesseError):
        async with leases.held_for("team:1"):
            raise FinesseError("no")
    assert feeds.requests == ["+team:1", "-team:1"]


async def test_pinning_a_feed_twice_counts_as_one_use(
    feeds: ScriptedSubscriptions, leases: FeedLeases
) -> None:
    feeds.failures = ["fail +"]
    await leases.pin("team:1")
    feeds.failures = []
    await leases.pin("team:1")
    await leases.pin("team:1")
    assert feeds.requests == ["+team:1", "+team:1"]


async def test_pinning_a_feed_concurrently_counts_as_one_use(
    feeds: ScriptedSubscriptions, leases: FeedLeases
) -> None:
    await asyncio.gather(*(leases.pin("team:1") for _ in range(5)))
    assert feeds.requests == ["+team:1"]
