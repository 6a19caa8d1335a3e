"""Test BOSH over HTTPS: sessions by id, statuses, the whole life of a client, cuts and server shutdown."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from mcp_finesse.simulator.openfire.bosh.endpoint import MAX_BODY
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_bosh import BODY, PING, BoshClient, bosh, read, wrapped
from tests.simulator.support_rest import until
from tests.simulator.support_xmpp import DIALOGS_NODE, DOMAIN, NS, Publication, tag


async def held(client: BoshClient, simulator: Simulator) -> asyncio.Task[httpx.Response]:
    """Return a request that the server is holding."""
    task = asyncio.create_task(client.post(client.next()))
    await until(lambda: len(simulator.notifications._connections) == 1)
    await asyncio.sleep(0.02)  # time for the server to read it
    return task


@pytest.mark.parametrize("http2", [False, True])
async def test_client_logs_in_subscribes_and_receives_what_is_published(http2: bool) -> None:
    async with Simulator() as simulator, bosh(simulator, "1001", http2=http2) as client:
        await client.send_presence()
        assert (await client.receive()).get("from") == f"finesse@{DOMAIN}/finesse"
        assert (await client.subscribe(DIALOGS_NODE)).get("type") == "result"
        polling = await held(client, simulator)
        simulator.notifications.publish(Publication(DIALOGS_NODE, "<Update/>"))
        assert (await polling).http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        items = read(await polling).findall("c:message/event:event/event:items", NS)
        assert [item.get("node") for item in items] == [DIALOGS_NODE]


async def test_path_with_and_without_a_trailing_slash_is_served() -> None:
    async with Simulator() as simulator, bosh(simulator) as client:
        client.url += "/"
        assert (await client.create()).get("sid")


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize(("method", "status"), [("POST", 413), ("PUT", 405)])
async def test_overlong_body_is_answered(method: str, status: int, http2: bool) -> None:
    async with Simulator() as simulator, bosh(simulator, http2=http2) as client:
        answer = await client.http.request(method, client.url, content="x" * (3 * MAX_BODY))
        assert answer.status_code == status


async def test_unknown_session_is_404() -> None:
    async with Simulator() as simulator, bosh(simulator) as client:
        client.sid = "nobody"
        assert (await client.post(client.next())).status_code == 404


@pytest.mark.parametrize(
    ("text", "status"),
    [("hello", 400), (wrapped(to=DOMAIN), 400), ("x" * (MAX_BODY + 1), 413)],
    ids=["no XML", "no rid", "too long"],
)
async def test_invalid_body_is_an_http_error(text: str, status: int) -> None:
    async with Simulator() as simulator, bosh(simulator) as client:
        assert (await client.post(text)).status_code == status


async def test_only_post_is_served() -> None:
    async with Simulator() as simulator, bosh(simulator) as client:
        assert (await client.http.get(client.url)).status_code == 405


@pytest.mark.parametrize(
    ("attributes", "condition"),
    [({"to": "elsewhere.sim"}, "host-unknown"), ({"to": ""}, "improper-addressing")],
)
async def test_another_domain_is_rejected(attributes: dict[str, str], condition: str) -> None:
    async with Simulator() as simulator, bosh(simulator) as client:
        reply = await client.create(**attributes)
        assert reply.attrib == {"type": "terminate", "condition": condition}


async def test_client_ends_its_session() -> None:
    async with Simulator() as simulator, bosh(simulator, "1001") as client:
        assert (await client.request(type="terminate")).attrib == {"type": "terminate"}
        assert simulator.notifications.sessions == []
        assert (await client.post(client.next())).status_code == 404


async def test_conflict_is_reported_to_the_older_session() -> None:
    async with Simulator() as simulator, bosh(simulator, "1001") as first:
        polling = await held(first, simulator)
        async with bosh(simulator, "1001"):
            reply = read(await polling)
            assert (reply[0].tag, reply[0][0].tag) == (tag("stream:error"), tag("streams:conflict"))
            assert (await first.post(first.next())).status_code == 404


async def test_inactive_client_loses_its_session() -> None:
    settings = SimulatorSettings(time_scale=0.002)
    async with Simulator(settings) as simulator, bosh(simulator, "1001") as client:
        assert len(simulator.notifications.sessions) == 1
        async with bosh(simulator) as other:  # keeps the session reaper running
            await other.create()
            await until(lambda: not simulator.notifications.sessions)
        assert (await client.post(client.next())).status_code == 404


async def test_request_is_held_for_the_scaled_time() -> None:
    async with Simulator(SimulatorSettings(time_scale=0.01)) as simulator, bosh(simulator) as client:
        await client.create(wait=60)
        reply = await client.request()
        assert (reply.tag, len(reply)) == (BODY, 0)


@pytest.mark.parametrize("http2", [False, True])
async def test_killed_links_break_the_held_request_and_end_the_session(http2: bool) -> None:
    async with Simulator() as simulator, bosh(simulator, "1001", http2=http2) as client:
        polling = await held(client, simulator)
        simulator.faults.kill_links()
        if http2:
            assert (await polling).status_code == 500
        else:
            with pytest.raises(httpx.RemoteProtocolError):
                await polling
        assert (await client.post(client.next())).status_code == 404


async def test_silent_server_answers_with_an_empty_body() -> None:
    async with Simulator(SimulatorSettings(time_scale=0.01)) as simulator, bosh(simulator, "1001") as client:
        simulator.faults.silent = True
        assert len(await client.request(PING % "lost")) == 0


async def test_stopping_ends_sessions_cleanly_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with Simulator() as simulator, bosh(simulator, "1001") as client:
        polling = await held(client, simulator)
        await simulator.notifications.aclose()
        assert read(await polling)[0][0].tag == tag("streams:system-shutdown")
        assert (await client.post(client.next())).status_code == 503
    assert asyncio.all_tasks() - before == set()


async def test_client_that_disconnects_during_a_held_request_leaves_no_session() -> None:
    async with Simulator(SimulatorSettings(time_scale=0.002)) as simulator:
        async with bosh(simulator, "1001") as client:
            polling = await held(client, simulator)
            polling.cancel()
        await until(lambda: not simulator.notifications.sessions)
        assert not simulator.notifications._connections
