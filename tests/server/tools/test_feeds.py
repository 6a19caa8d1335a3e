"""Feeds are listed, subscribed and unsubscribed."""

from __future__ import annotations

from tests.server.support import connected, data, signed_in, tell


async def test_feeds_are_listed_subscribed_and_unsubscribed(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        [got] = (await data(client, "subscribe_feed", feed="team:310"))["feeds"]
        assert (got["slug"], got["subscribed"]) == ("team:310", True)
        assert await tell(client, "list_feeds") == (
            "user: received, automatic\ndialogs: received, automatic\nteam:310: received, on request"
        )
        assert await tell(client, "unsubscribe_feed", feed="team:310") == "team:310: not received, on request"
    assert session.wanted == []


async def test_read_only_server_allows_subscribing() -> None:
    session = signed_in()
    async with connected(session, read_only=True) as client:
        await tell(client, "subscribe_feed", feed="team:310")
    assert session.wanted == ["team:310"]


async def test_feed_names_are_normalized() -> None:
    session = signed_in()
    async with connected(session) as client:
        await tell(client, "subscribe_feed", feed=" Team:310")
        assert session.wanted == ["team:310"]
        await tell(client, "unsubscribe_feed", feed="TEAM:310")
    assert session.wanted == []
