"""Subscriptions: reference-counted, restored after a lost link, and never another client's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError, RefusedError
from mcp_finesse.session import Entry, FeedStatus
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.xmpp.protocol.resource import host_name
from tests.session.support import TIMING, Floor, floor

TEAM = "/finesse/api/Team/310/Users"
DOMAIN = "finesse.sim"


def subscribed_resources(finesse: Floor, node: str) -> list[str]:
    """Return the resources subscribed to a node. An empty one is the automatic subscription."""
    owned = finesse.simulator.notifications.subscriptions.owned_by(Jid("1001", DOMAIN))
    return sorted(row.jid.resource for row in owned if row.node == node)


def own_resource(finesse: Floor) -> str:
    link = finesse.session.status.link
    assert link is not None
    return link.address.partition("/")[2]


def status(finesse: Floor, slug: str) -> FeedStatus:
    return next(feed for feed in finesse.session.feeds() if feed.slug == slug)


async def test_own_feeds_have_a_full_jid_subscription_in_addition_to_the_automatic_one(
    finesse: Floor,
) -> None:
    assert subscribed_resources(finesse, "/finesse/api/User/1001/Dialogs") == ["", own_resource(finesse)]
    assert status(finesse, "dialogs").subscribed


async def test_feed_is_subscribed_once_and_unsubscribed_by_the_last_user(finesse: Floor) -> None:
    assert (await finesse.session.subscribe("team:310")).users == 1
    assert (await finesse.session.subscribe("team:310")).users == 2
    assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]
    assert status(finesse, "team:310").subscribed
    assert (await finesse.session.unsubscribe("team:310")).users == 1
    assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]
    left = await finesse.session.unsubscribe("team:310")
    assert (left.users, left.subscribed) == (0, False)
    assert subscribed_resources(finesse, TEAM) == []


async def test_notifications_of_a_subscribed_feed_are_received(finesse: Floor) -> None:
    await finesse.session.subscribe("team:310")
    finesse.simulator.center.colleague("1002").sign_in()
    await finesse.until(lambda: any(entry.feed == "team:310" for entry in finesse.session.journal))


async def test_automatic_or_unrequested_feed_cannot_be_unsubscribed(finesse: Floor) -> None:
    with pytest.raises(InvalidRequestError, match="are always received"):
        await finesse.session.unsubscribe("dialogs")
    with pytest.raises(InvalidRequestError, match="list_feeds"):
        await finesse.session.unsubscribe("team:310")


async def test_unsubscribing_an_automatic_feed_keeps_it_subscribed(finesse: Floor) -> None:
    await finesse.session.subscribe("dialogs")
    assert (await finesse.session.unsubscribe("dialogs")).subscribed
    assert subscribed_resources(finesse, "/finesse/api/User/1001/Dialogs") == ["", own_resource(finesse)]


async def test_task_feed_is_subscribed_although_it_is_not_automatic(finesse: Floor) -> None:
    node = "/finesse/api/User/1001/Dialogs/Media"
    assert subscribed_resources(finesse, node) == [own_resource(finesse)]
    await finesse.session.subscribe("media_dialogs")
    assert (await finesse.session.unsubscribe("media_dialogs")).subscribed
    assert subscribed_resources(finesse, node) == [own_resource(finesse)]
    with pytest.raises(InvalidRequestError, match="are always received"):
        await finesse.session.unsubscribe("media_dialogs")


async def test_task_feed_is_not_subscribed_on_uccx(tmp_path: Path) -> None:
    async with floor(tmp_path, platform="UCCX") as finesse:
        assert "media_dialogs" not in [feed.slug for feed in finesse.session.feeds()]
        assert finesse.session.status.state == "ready"


async def test_error_for_unknown_feed_lists_known_feeds(finesse: Floor) -> None:
    with pytest.raises(InvalidRequestError, match="dialogs"):
        await finesse.session.subscribe("weather")


async def test_rejected_subscription_is_not_counted(finesse: Floor) -> None:
    finesse.simulator.notifications.subscriptions.refusals[TEAM] = "forbidden"
    with pytest.raises(RefusedError):
        await finesse.session.subscribe("team:310")
    with pytest.raises(InvalidRequestError):
        await finesse.session.unsubscribe("team:310")


async def test_feed_not_published_by_the_platform_is_rejected_before_any_request(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, platform="UCCX") as finesse:
        with pytest.raises(InvalidRequestError, match="UCCX does not publish"):
            await finesse.session.subscribe("queue:77")


async def test_feed_requested_without_a_link_is_subscribed_after_connecting(tmp_path: Path) -> None:
    async with floor(tmp_path, connect=False) as finesse:
        assert not (await finesse.session.subscribe("team:310")).subscribed
        await finesse.session.ready(10)
        assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]


async def test_requested_feed_is_subscribed_once_after_a_lost_link(finesse: Floor) -> None:
    await finesse.session.subscribe("team:310")
    finesse.simulator.faults.kill_links()
    await finesse.until(lambda: finesse.session.status.reconnects == 1, 10)
    await finesse.until(lambda: finesse.session.status.state == "ready", 10)
    assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]


def lose_the_subscription(finesse: Floor) -> None:
    """Remove the team's subscriptions and cut the links, so that the session notices."""
    table = finesse.simulator.notifications.subscriptions
    for row in table.owned_by(Jid("1001", DOMAIN), TEAM):
        table.unsubscribe(Jid("1001", DOMAIN), TEAM, str(row.jid), row.subid)
    finesse.simulator.faults.kill_links()


def team_gaps(finesse: Floor) -> list[Entry]:
    return [entry for entry in finesse.session.journal if entry.kind == "gap" and entry.feed == "team:310"]


async def test_requested_feed_rejected_after_a_reconnect_does_not_end_the_session(finesse: Floor) -> None:
    await finesse.session.subscribe("team:310")
    finesse.simulator.notifications.subscriptions.refusals[TEAM] = "forbidden"
    lose_the_subscription(finesse)
    await finesse.until(lambda: finesse.session.status.reconnects == 1, 10)
    await finesse.until(lambda: finesse.session.status.state == "ready", 10)
    assert not status(finesse, "team:310").subscribed
    (gap,) = team_gaps(finesse)
    assert gap.text.startswith("Notifications may be missing: the feed team:310 is not received: ")
    assert gap.gap is not None
    assert gap.gap.until is None


async def test_requested_feed_is_tried_again_and_its_gap_ends_when_subscribed(tmp_path: Path) -> None:
    """Each safety read subscribes once."""
    async with floor(tmp_path, timing=replace(TIMING, safety=0.1)) as finesse:
        await finesse.session.subscribe("team:310")
        finesse.simulator.notifications.subscriptions.refusals[TEAM] = "forbidden"
        lose_the_subscription(finesse)
        await finesse.until(lambda: len(team_gaps(finesse)) == 1, 10)
        finesse.simulator.notifications.subscriptions.refusals.clear()
        await finesse.until(lambda: status(finesse, "team:310").subscribed, 10)
        missing, restored = team_gaps(finesse)
        assert missing.gap is not None
        assert restored.gap is not None
        assert missing.gap.since == restored.gap.since < restored.gap.until
        assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]


async def test_feed_that_is_no_longer_requested_reports_no_second_gap(finesse: Floor) -> None:
    await finesse.session.subscribe("team:310")
    finesse.simulator.notifications.subscriptions.refusals[TEAM] = "forbidden"
    lose_the_subscription(finesse)
    await finesse.until(lambda: len(team_gaps(finesse)) == 1, 10)
    await finesse.session.unsubscribe("team:310")
    finesse.simulator.notifications.subscriptions.refusals.clear()
    await finesse.session.subscribe("team:310")
    assert status(finesse, "team:310").subscribed
    assert len(team_gaps(finesse)) == 1


async def cancel_when_executed(finesse: Floor, request: Coroutine[Any, Any, FeedStatus]) -> None:
    """Cancel a request that is under way and wait until the service has executed it."""
    before = subscribed_resources(finesse, TEAM)
    task = asyncio.create_task(request)
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(5):
        while subscribed_resources(finesse, TEAM) == before:  # noqa: ASYNC110 - the server's table has no event
            await asyncio.sleep(0.005)
    assert task.cancelled()


async def test_subscription_of_cancelled_request_is_reused(finesse: Floor) -> None:
    await cancel_when_executed(finesse, finesse.session.subscribe("team:310"))
    assert "team:310" not in [feed.slug for feed in finesse.session.feeds()]
    await finesse.session.subscribe("team:310")
    assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]
    await finesse.session.unsubscribe("team:310")
    assert subscribed_resources(finesse, TEAM) == []


async def test_subscription_removed_by_cancelled_request_is_made_again(finesse: Floor) -> None:
    await finesse.session.subscribe("team:310")
    await cancel_when_executed(finesse, finesse.session.unsubscribe("team:310"))
    assert (await finesse.session.subscribe("team:310")).subscribed
    assert subscribed_resources(finesse, TEAM) == [own_resource(finesse)]


async def test_subscription_of_cancelled_request_is_removed_on_close(finesse: Floor) -> None:
    await cancel_when_executed(finesse, finesse.session.subscribe("team:310"))
    await finesse.session.close()
    assert subscribed_resources(finesse, TEAM) == []


async def test_close_while_connecting_leaves_no_subscription_of_ours(tmp_path: Path) -> None:
    async with floor(tmp_path, connect=False) as finesse:
        finesse.simulator.faults.no_answer(1, "GET", "/User/1001/Dialogs")
        async with asyncio.timeout(5):
            while not any("/Dialogs" in request.path for request in finesse.simulator.requests):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert len(subscribed_resources(finesse, "/finesse/api/User/1001")) == 2
        await finesse.session.close()
        assert subscribed_resources(finesse, "/finesse/api/User/1001") == [""]


async def test_only_leftover_subscriptions_of_this_machine_are_removed(tmp_path: Path) -> None:
    host = host_name()
    others = ["desktop", "mcp-finesse-elsewhere-1", f"mcp-finesse-{host}-8", "another-product"]
    leftover = f"mcp-finesse-{host}-7"
    (tmp_path / f"{DOMAIN}-1001-7.lock").touch()
    async with floor(tmp_path, connect=False) as finesse:
        table = finesse.simulator.notifications.subscriptions
        for resource in (*others, leftover):
            table.subscribe(Jid("1001", DOMAIN), TEAM, f"1001@{DOMAIN}/{resource}")
        await finesse.session.ready(10)
        assert subscribed_resources(finesse, TEAM) == sorted(others)
        await finesse.session.close()
        assert subscribed_resources(finesse, TEAM) == sorted(others)
        assert subscribed_resources(finesse, "/finesse/api/User/1001") == [""]
