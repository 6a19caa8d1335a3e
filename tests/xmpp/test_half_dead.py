"""Servers that stop responding at any point of any transport: bounded failure with its step or reason."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mcp_finesse.errors import LinkLostError, NetworkError
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.xmpp import (
    LinkState,
    LinkTiming,
    NotificationLink,
    Route,
    bosh_route,
    tcp_route,
    websocket_route,
)
from tests.xmpp.bosh_server import BRISK
from tests.xmpp.relay import Relay
from tests.xmpp.support import HASTY, Recorder, opened_by

SETTINGS = SimulatorSettings(tls=False)
BIND = b"urn:ietf:params:xml:ns:xmpp-bind"
PATIENT = LinkTiming(close=0.1)
SILENT = re.escape("no response within 0.5 s")
SHORT = replace(HASTY, connect=0.5)

WAYS: dict[str, Callable[[int], Route]] = {
    "websocket": lambda port: websocket_route(f"ws://127.0.0.1:{port}/ws", allow_insecure=True),
    "bosh": lambda port: bosh_route(f"http://127.0.0.1:{port}/http-bind", allow_insecure=True, timing=BRISK),
    "tcp": lambda port: tcp_route("127.0.0.1", port, encrypted=False, allow_insecure=True),
}
ways = pytest.mark.parametrize("way", WAYS)


def port_of(simulator: Simulator, way: str) -> int:
    return simulator.tcp_address[1] if way == "tcp" else int(simulator.url.rpartition(":")[2])


@asynccontextmanager
async def relayed(
    way: str, freeze_after: tuple[bytes, int] = (b"", 0), *, frozen: bool = False
) -> AsyncIterator[tuple[Relay, Route]]:
    async with (
        Simulator(SETTINGS) as simulator,
        Relay(port_of(simulator, way), freeze_after, frozen=frozen) as relay,
    ):
        yield relay, WAYS[way](relay.port)


@asynccontextmanager
async def opened(
    route: Route, timing: LinkTiming = SHORT
) -> AsyncIterator[tuple[NotificationLink, Recorder]]:
    changes = {"user_id": "1001", "domain": SETTINGS.domain, "pubsub_domain": SETTINGS.pubsub_domain}
    async with opened_by(route, timing=timing, **changes) as made:
        yield made


@pytest.mark.parametrize(("way", "step"), [("websocket", "upgrade"), ("bosh", "http"), ("tcp", "stream")])
async def test_silent_server_times_out_with_its_step(way: str, step: str) -> None:
    async with relayed(way, frozen=True) as (_, route), asyncio.timeout(5):
        with pytest.raises(NetworkError, match=SILENT) as caught:
            async with opened(route):
                pass
    assert caught.value.step == step


@ways
@pytest.mark.parametrize(
    ("words", "times", "step"),
    [(b"<mechanisms", 1, "sasl"), (b"<success", 1, "bind"), (BIND, 1, "bind")],
    ids=["at the password", "after the password", "at the place"],
)
async def test_server_silent_during_login_times_out_with_its_step(
    way: str, words: bytes, times: int, step: str
) -> None:
    async with relayed(way, (words, times)) as (relay, route), asyncio.timeout(5):
        with pytest.raises(NetworkError, match=SILENT) as caught:
            async with opened(route):
                pass
        assert relay.frozen
    assert caught.value.step == step


@ways
async def test_server_silent_after_bind_gives_a_degraded_link_that_is_lost(
    way: str,
) -> None:
    async with (
        relayed(way, (b"<jid>", 1)) as (_, route),
        asyncio.timeout(5),
        opened(route) as (link, recorder),
    ):
        assert link.degraded
        event = await recorder.until_state(LinkState.LOST)
        assert event.reason == "2 pings in a row received no response"


@ways
async def test_half_open_connection_is_detected_and_pending_requests_fail(way: str) -> None:
    async with relayed(way) as (relay, route), asyncio.timeout(10), opened(route) as (link, recorder):
        relay.frozen = True
        with pytest.raises(NetworkError) as caught:
            await link.subscribe("/finesse/api/Team/310/Users")
        assert caught.value.step == "subscribe"
        waiting = asyncio.ensure_future(link.subscriptions())
        event = await recorder.until_state(LinkState.LOST)
        assert isinstance(event.error, LinkLostError)
        with pytest.raises(NetworkError):
            await waiting


@ways
async def test_truncated_packet_is_detected(way: str) -> None:
    async with relayed(way) as (relay, route), asyncio.timeout(10), opened(route) as (_, recorder):
        relay.truncate = True  # the response to the next ping, and whatever carries it
        event = await recorder.until_state(LinkState.LOST)
        assert event.reason == "2 pings in a row received no response"


@pytest.mark.parametrize("way", ["websocket", "tcp"])
async def test_cut_connection_is_lost_immediately(way: str) -> None:
    async with relayed(way) as (relay, route), asyncio.timeout(10), opened(route, PATIENT) as (_, recorder):
        relay.cut()
        assert isinstance((await recorder.until_state(LinkState.LOST)).error, LinkLostError)


async def test_bosh_session_survives_a_cut_connection() -> None:
    async with (
        relayed("bosh") as (relay, route),
        asyncio.timeout(10),
        opened(route, PATIENT) as (link, recorder),
    ):
        before = relay.connections
        relay.cut()
        await link.subscriptions()
        assert relay.connections > before
        assert [event.state for event in recorder.states] == [LinkState.CONNECTED]


async def test_bosh_session_unknown_to_the_server_is_lost_immediately() -> None:
    async with (
        relayed("bosh") as (relay, route),
        Simulator(SETTINGS) as another,
        asyncio.timeout(10),
        opened(route, PATIENT) as (link, recorder),
    ):
        relay.target = port_of(another, "bosh")
        relay.cut()
        event = await recorder.until_state(LinkState.LOST)
        assert "item-not-found" in event.reason
        assert isinstance(event.error, LinkLostError)
        with pytest.raises(LinkLostError):
            await link.subscriptions()


@ways
async def test_close_of_a_half_open_link_is_bounded(way: str) -> None:
    async with relayed(way) as (relay, route), asyncio.timeout(10), opened(route, PATIENT) as (link, _):
        relay.frozen = True
        async with asyncio.timeout(1.5):
            await link.close()
        assert not link.connected
