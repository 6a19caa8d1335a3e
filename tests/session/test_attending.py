"""Feeds that are needed beside those somebody asked for."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.actions import Action, Step
from mcp_finesse.session.attending import Attending
from mcp_finesse.session.goals import Unseen
from mcp_finesse.session.subscriptions import Subscriptions


async def send(*_: Any) -> None:
    return None


def action(feed: str) -> Action:
    return Action("READY", "agent 1", lambda _: Step(Unseen(""), send), feed=feed)


class Scripted:
    """Notes who comes and goes; refuses or dawdles when told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.trouble: list[str] = []

    async def subscribe(self, slug: str) -> None:
        await self._take(f"+{slug}")

    async def unsubscribe(self, slug: str) -> None:
        await self._take(f"-{slug}")

    async def _take(self, word: str) -> None:
        self.seen.append(word)
        if f"refuse {word[0]}" in self.trouble:
            raise FinesseError("no")
        if f"dawdle {word[0]}" in self.trouble:
            await asyncio.sleep(60)


@pytest.fixture
def feeds() -> Scripted:
    return Scripted()


@pytest.fixture
def attending(feeds: Scripted) -> Attending:
    return Attending(cast("Subscriptions", feeds), 0.05)


async def test_a_feed_is_there_while_the_action_takes(feeds: Scripted, attending: Attending) -> None:
    async with attending.to(action("team:1")):
        assert feeds.seen == ["+team:1"]
    assert feeds.seen == ["+team:1", "-team:1"]


async def test_an_action_without_a_feed_needs_none(feeds: Scripted, attending: Attending) -> None:
    async with attending.to(action("")):
        pass
    assert feeds.seen == []


@pytest.mark.parametrize("trouble", ["refuse +", "dawdle +"])
async def test_a_feed_that_is_not_to_be_had_is_no_obstacle(
    feeds: Scripted, attending: Attending, trouble: str
) -> None:
    feeds.trouble = [trouble]
    async with attending.to(action("team:1")):
        pass
    assert feeds.seen == ["+team:1"]


@pytest.mark.parametrize("trouble", ["refuse -", "dawdle -"])
async def test_nor_is_one_that_cannot_be_given_up(
    feeds: Scripted, attending: Attending, trouble: str
) -> None:
    feeds.trouble = [trouble]
    async with attending.to(action("team:1")):
        pass
    assert feeds.seen == ["+team:1", "-team:1"]


async def test_the_feed_is_given_up_when_the_action_fails(feeds: Scripted, attending: Attending) -> None:
    with pytest.raises(FinesseError):
        async with attending.to(action("team:1")):
            raise FinesseError("no")
    assert feeds.seen == ["+team:1", "-team:1"]


async def test_who_follows_a_feed_is_counted_once(feeds: Scripted, attending: Attending) -> None:
    feeds.trouble = ["refuse +"]
    await attending.follow("team:1")
    feeds.trouble = []
    await attending.follow("team:1")
    await attending.follow("team:1")
    assert feeds.seen == ["+team:1", "+team:1"]


async def test_two_that_follow_a_feed_at_the_same_time_are_counted_once(
    feeds: Scripted, attending: Attending
) -> None:
    await asyncio.gather(*(attending.follow("team:1") for _ in range(5)))
    assert feeds.seen == ["+team:1"]
