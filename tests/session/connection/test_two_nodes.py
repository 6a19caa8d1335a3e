"""Failover between two nodes: when the session stays, when it moves, and what it reports and keeps."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions.agent import change_state
from mcp_finesse.session.actions.calls import end_call, hold_call
from mcp_finesse.session.actions.tasks import sign_in_media
from mcp_finesse.session.state.media_settings import MediaSettings
from mcp_finesse.simulator import SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.xmpp import LinkTiming
from tests.session.support import AGENT, Floor, config_for

CHAT, SETTINGS = "5001", MediaSettings(3, "ACCEPT", "TRANSFER")
LINK = LinkTiming(ping_interval=0.5, ping_timeout=0.5, presence=1.0, connect=2.0, request=2.0)


class TwoNodes(Floor):
    """A session on the first of two nodes."""

    pair: SimulatorPair

    @property
    def on_first(self) -> bool:
        return self.session.status.url == self.pair.a.url

    async def until_moved(self) -> None:
        await self.until(lambda: not self.on_first and self.session.status.state == "ready", 15)

    @property
    def gaps(self) -> list[str]:
        return [entry.text for entry in self.session.journal if entry.kind == "gap"]


@asynccontextmanager
async def two_nodes(folder: Path, *, platform: str = "UCCE", **more: Any) -> AsyncIterator[TwoNodes]:
    async with SimulatorPair(SimulatorSettings(platform=platform)) as pair:  # type: ignore[arg-type]
        trust = {
            "make_tls": lambda: ssl.create_default_context(cafile=str(pair.ca_file)),
            "link_timing": LINK,
        }
        config = config_for(pair.a, folder, **(trust | more))
        async with FinesseSession(config) as session:
            finesse = TwoNodes(pair.a, session, config)
            finesse.pair = pair
            await session.ready(10)
            yield finesse


async def die(pair: SimulatorPair) -> None:
    await pair.a.die()


async def stop_notifications(pair: SimulatorPair) -> None:
    pair.a.stop_notification_service()


async def stop_tomcat(pair: SimulatorPair) -> None:
    pair.a.stop_tomcat()


async def stop_web_app(pair: SimulatorPair) -> None:
    pair.a.stop_web_app(503)


async def lose_cti_here(pair: SimulatorPair) -> None:
    pair.a.node.set_in_service(False, "CTI server is unreachable")


@pytest.mark.parametrize(
    "fail",
    [die, stop_notifications, stop_tomcat, stop_web_app, lose_cti_here],
    ids=lambda fail: fail.__name__,
)
async def test_session_moves_when_its_node_fails_and_the_other_is_in_service(
    fail: Callable[[SimulatorPair], Awaitable[None]], tmp_path: Path
) -> None:
    async with two_nodes(tmp_path) as finesse:
        call = await finesse.talking()
        await fail(finesse.pair)
        await finesse.until_moved()
        status = finesse.session.status
        assert (status.moves, status.other_url) == (1, finesse.pair.a.url)
        assert any("moved from" in text for text in finesse.gaps)
        await finesse.until(finesse.mirrors_the_truth)
        assert (await finesse.session.act(hold_call(call))).status == "confirmed"


async def test_media_settings_lost_by_failover_are_reported_and_sent_again_on_request(tmp_path: Path) -> None:
    """The other node shows none of the settings (guide p.168)."""
    async with two_nodes(tmp_path) as finesse:
        media = sign_in_media(AGENT, CHAT, SETTINGS)
        assert (await finesse.session.act(media)).status == "confirmed"
        await finesse.pair.a.die()
        await finesse.until_moved()
        settings = finesse.session.mirror.task_store.settings
        await finesse.until(lambda: CHAT in settings.lost)
        assert settings.lost[CHAT] == {name: (value, "") for name, value in SETTINGS.known().items()}
        assert not [each for each in finesse.pair.b.requests if each.method == "PUT"]
        outcome = await finesse.session.act(media)
        assert (outcome.status, list(outcome.differences)) == ("confirmed", [])
        assert "Changed settings: max_dialog_limit 3" in outcome.message
        assert CHAT not in settings.lost


async def test_session_moves_between_ccx_nodes(tmp_path: Path) -> None:
    async with two_nodes(tmp_path, platform="UCCX") as finesse:
        await finesse.pair.a.die()
        await finesse.until_moved()
        assert finesse.mirrors_the_truth()


async def test_state_is_taken_from_the_other_node_although_its_clock_is_behind(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        await finesse.ready()
        agent = next(entry.raw for entry in finesse.session.journal if ">READY<" in (entry.raw or ""))
        assert agent is not None
        ahead = re.sub("(?<=<stateChangeTime>)20..", "2096", agent)
        finesse.pair.a.notifications.publish(Publication(f"/finesse/api/User/{AGENT}", ahead, AGENT))
        await finesse.until(lambda: "2096" in str(finesse.session.mirror.user))
        await finesse.pair.a.die()
        finesse.pair.b.center.colleague(AGENT).change_state("NOT_READY", "23")
        await finesse.until_moved()
        await finesse.until(finesse.mirrors_the_truth)


async def test_repeated_moves_between_nodes_are_reported_once(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        for _ in range(6):
            finesse.session._connection._switch_node("it fails")
        with finesse.session._triggers.resyncing() as loss:
            assert loss.reason.count("moved from") == 2


async def test_session_does_not_move_back_when_the_first_node_recovers(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        await finesse.pair.a.die()
        await finesse.until_moved()
        await finesse.pair.a.come_back()
        finesse.session._triggers.request_resync("requested by a test")
        await finesse.until(lambda: any("requested by a test" in text for text in finesse.gaps))
        assert not finesse.on_first
        await finesse.pair.b.die()
        await finesse.until(lambda: finesse.on_first and finesse.session.status.state == "ready", 15)
        assert finesse.session.status.moves == 2


async def test_session_stays_when_its_node_recovers_in_time(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        finesse.pair.a.stop_web_app(503)
        await finesse.until(lambda: finesse.session.status.state in ("degraded", "out_of_service"))
        finesse.pair.a.start_web_app()
        await finesse.until(lambda: finesse.session.status.state == "ready", 10)
        assert finesse.on_first
        assert finesse.session.status.moves == 0


async def test_session_stays_when_both_nodes_lose_cti(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        for node in (finesse.pair.a, finesse.pair.b):
            node.node.set_in_service(False, "CTI server is unreachable")
        await finesse.until(lambda: "other node" in finesse.session.status.detail)
        status = finesse.session.status
        assert status.state == "out_of_service"
        assert status.link is not None
        assert status.link.connected
        for node in (finesse.pair.b, finesse.pair.a):
            node.node.set_in_service(True)
        await finesse.until(lambda: finesse.session.status.state == "ready", 15)
        assert any("out of service" in text for text in finesse.gaps)


async def test_node_with_failed_heartbeat_is_not_a_failover_target(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        finesse.pair.b.fail_heartbeat()
        finesse.pair.a.node.set_in_service(False, "CTI server is unreachable")
        await finesse.until(lambda: "heartbeat" in finesse.session.status.detail)
        finesse.pair.b.restore_heartbeat()
        await finesse.until_moved()


async def test_repeated_http_500_makes_the_session_check_its_node(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        await finesse.sign_in()
        finesse.pair.center.lose_cti_unnoticed()
        finesse.pair.a.fail_heartbeat()
        finesse.pair.b.fail_heartbeat()
        for _ in range(2):
            outcome = await finesse.session.act(change_state(AGENT, "READY"))
            assert outcome.status == "failed"
        await finesse.until(lambda: finesse.session.status.state == "out_of_service")
        assert "heartbeat" in finesse.session.status.detail
        finesse.pair.center.set_in_service(True)
        finesse.pair.a.restore_heartbeat()
        finesse.pair.b.restore_heartbeat()
        await finesse.until(lambda: finesse.session.status.state == "ready", 10)


async def test_session_leaves_a_node_in_maintenance_when_the_call_has_ended(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        call = await finesse.talking()
        finesse.pair.a.enter_maintenance("IN_PROGRESS")
        await finesse.until(lambda: "maintenance" in finesse.session._triggers.health_check)
        assert (await finesse.session.act(hold_call(call))).status == "confirmed"
        assert finesse.on_first
        assert (await finesse.session.act(end_call(call))).status == "confirmed"
        await finesse.until_moved()
        assert any("maintenance" in text for text in finesse.gaps)
        left = finesse.pair.a.notifications.subscriptions.owned_by(Jid(AGENT, finesse.pair.a.settings.domain))
        assert [row.jid.resource for row in left if row.jid.resource] == []


async def test_session_stays_when_both_nodes_are_in_maintenance(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        finesse.pair.a.enter_maintenance("IN_PROGRESS")
        finesse.pair.b.enter_maintenance("IN_PROGRESS")
        await finesse.sign_in()
        assert finesse.on_first


async def test_session_without_failover_stays_on_a_dead_node(tmp_path: Path) -> None:
    async with two_nodes(tmp_path, failover=False) as finesse:
        assert finesse.session.status.other_url is None
        await finesse.pair.a.die()
        await finesse.until(lambda: "Next check" in finesse.session.status.detail, 10)
        await finesse.pair.a.come_back()
        await finesse.until(lambda: finesse.session.status.state == "ready", 15)
        assert finesse.on_first


async def test_session_starts_on_the_known_other_node_when_the_first_is_down(
    tmp_path: Path,
) -> None:
    async with SimulatorPair() as pair:
        await pair.a.die()
        config = config_for(
            pair.a,
            tmp_path,
            other_url=pair.b.url,
            make_tls=lambda: ssl.create_default_context(cafile=str(pair.ca_file)),
        )
        async with FinesseSession(config) as session:
            await session.ready(15)
            assert session.status.url == pair.b.url
            assert not [entry for entry in session.journal if entry.kind == "gap"]


async def test_requested_feeds_are_subscribed_on_the_other_node(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        slug = next(
            feed.slug for feed in finesse.session.feeds() if not feed.automatic and ":" not in feed.slug
        )
        await finesse.session.subscribe(slug)
        await finesse.pair.a.die()
        await finesse.until_moved()
        held = {feed.slug for feed in finesse.session.feeds() if feed.subscribed}
        assert {"user", "dialogs", slug} <= held


async def test_failover_does_not_sign_agents_in_or_out(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as finesse:
        await finesse.ready()
        before = [len(node.requests) for node in (finesse.pair.a, finesse.pair.b)]
        await finesse.pair.a.die()
        await finesse.until_moved()
        after = [
            list(node.requests)[seen:]
            for node, seen in zip((finesse.pair.a, finesse.pair.b), before, strict=True)
        ]
        assert {request.method for requests in after for request in requests} == {"GET"}


async def test_wrong_password_is_not_tried_on_the_other_node(tmp_path: Path) -> None:
    async with SimulatorPair() as pair:
        config = config_for(
            pair.a,
            tmp_path,
            password="wrong",
            other_url=pair.b.url,
            make_tls=lambda: ssl.create_default_context(cafile=str(pair.ca_file)),
        )
        async with FinesseSession(config) as session:
            finesse = Floor(pair.a, session, config)
            await finesse.until(lambda: session.status.state == "refused", 10)
        assert len(pair.center.attempts) == 1
