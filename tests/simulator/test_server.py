"""Test the simulator on real sockets: HTTP/1.1 and HTTP/2 over TLS, start, stop, the WebSocket endpoint."""

from __future__ import annotations

import asyncio
import socket
import ssl

import httpx
import pytest
from lxml import etree
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_rest import client_of, until, xml
from tests.simulator.support_tcp import TcpClient
from tests.simulator.support_xmpp import NS, RawClient

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"


@pytest.mark.parametrize(("http2", "version"), [(False, "HTTP/1.1"), (True, "HTTP/2")])
async def test_both_versions_of_http_are_served(http2: bool, version: str) -> None:
    async with Simulator() as simulator, client_of(simulator, http2=http2) as client:
        answer = await client.get("SystemInfo")
        assert (answer.status_code, answer.http_version) == (200, version)
        assert xml(answer).findtext("status") == "IN_SERVICE"


async def test_simulator_runs_without_tls() -> None:
    async with Simulator(SimulatorSettings(tls=False)) as simulator, client_of(simulator) as client:
        assert simulator.url.startswith("http://")
        assert simulator.ws_url.startswith("ws://")
        assert (await client.get("SystemInfo")).status_code == 200


async def test_certificate_is_trusted_only_through_its_own_authority() -> None:
    async with Simulator() as simulator, httpx.AsyncClient(trust_env=False) as stranger:
        with pytest.raises(httpx.ConnectError):
            await stranger.get(f"{simulator.url}/finesse/api/SystemInfo")


async def test_notification_service_is_on_the_same_port() -> None:
    async with Simulator() as simulator:
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        for url in (simulator.ws_url, f"{simulator.ws_url}/"):
            async with connect(url, ssl=trust, subprotocols=["xmpp"], proxy=None) as link:  # type: ignore[list-item]
                await link.send(f'<open xmlns="{FRAMING}" to="finesse.sim" version="1.0"/>')
                assert FRAMING in str(await asyncio.wait_for(link.recv(), 10))


async def test_rest_action_is_published_over_xmpp_and_a_disconnect_starts_the_timer() -> None:
    settings = SimulatorSettings(time_scale=0.001)
    async with Simulator(settings) as simulator, client_of(simulator) as client:
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        async with connect(simulator.ws_url, ssl=trust, subprotocols=["xmpp"], proxy=None) as socket:
            xmpp = RawClient(socket)
            await xmpp.log_in("1001")
            await xmpp.send_presence()
            assert (await xmpp.receive()).get("from") == "finesse@finesse.sim/finesse"
            await client.send(
                "PUT",
                "User/1001",
                "<User><state>LOGIN</state><extension>4501</extension></User>",
                "id-1",
            )
            items = (await xmpp.receive()).find("event:event/event:items", NS)
            assert items is not None
            assert items.get("node") == "/finesse/api/User/1001"
            update = etree.fromstring("".join(items.itertext()))
            assert update.findtext("requestId") == "id-1"
            assert update.findtext("data/user/state") == "NOT_READY"
        await until(lambda: simulator.center.truth()["users"]["1001"]["reasonCode"] == 255)


async def test_other_paths_are_not_found() -> None:
    async with Simulator() as simulator:
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        async with httpx.AsyncClient(verify=trust, trust_env=False) as http:
            assert (await http.get(f"{simulator.url}/")).status_code == 404
        with pytest.raises(InvalidStatus):
            await connect(f"{simulator.ws_url}x", ssl=trust, proxy=None)


async def test_published_events_go_to_the_notification_service() -> None:
    async with Simulator() as simulator:
        assert simulator.node.publish == simulator.notifications.publish
        assert simulator.faults.on_kill_links == simulator.notifications.kill_links
        assert simulator.node.faults is simulator.faults


async def test_taken_port_is_an_immediate_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        simulator = Simulator(SimulatorSettings(port=taken.getsockname()[1]))
        with pytest.raises(OSError, match="in use"):
            await simulator.__aenter__()


async def test_stopping_closes_the_port_and_removes_the_folder() -> None:
    async with Simulator() as simulator, client_of(simulator) as client:
        await client.get("SystemInfo")
        folder = simulator.ca_file.parent
        assert await asyncio.to_thread(folder.exists)
    assert not await asyncio.to_thread(folder.exists)
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", int(simulator.url.rsplit(":", 1)[1]))


async def test_stopping_leaves_no_task_even_with_open_connections() -> None:
    before = asyncio.all_tasks()
    async with Simulator() as simulator:
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        http = httpx.AsyncClient(verify=trust, http2=True, trust_env=False)
        await http.get(f"{simulator.url}/finesse/api/SystemInfo")
        simulator.faults.no_answer()
        waiting = asyncio.create_task(http.get(f"{simulator.url}/finesse/api/SystemInfo"))
        await until(lambda: len(simulator.requests) == 2)
    assert (await asyncio.wait_for(waiting, 10)).status_code == 500
    await http.aclose()
    assert asyncio.all_tasks() - before == set()


async def test_many_concurrent_requests_are_answered() -> None:
    async with Simulator() as simulator, client_of(simulator) as client:
        answers = await asyncio.gather(*(client.get("User/1001") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}


async def test_xmpp_over_tcp_has_its_own_port() -> None:
    async with Simulator() as simulator:
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        host, port = simulator.tcp_address
        client = TcpClient(*await asyncio.open_connection(host, port, ssl=trust))
        await client.log_in("1001")
        await client.send_presence()
        assert (await client.receive()).get("from") == "finesse@finesse.sim/finesse"
        simulator.faults.kill_links()
        await client.cut()
        client.writer.close()


async def test_tcp_port_can_be_plain_or_absent() -> None:
    async with Simulator(SimulatorSettings(tls=False)) as simulator:
        client = TcpClient(*await asyncio.open_connection(*simulator.tcp_address))
        await client.log_in("1001")
        client.writer.close()
    async with Simulator(SimulatorSettings(tcp_port=None)) as simulator:
        with pytest.raises(RuntimeError, match="tcp_port"):
            _ = simulator.tcp_address


async def test_stopping_closes_the_tcp_port_even_during_a_handshake() -> None:
    async with Simulator() as simulator:
        address = simulator.tcp_address
        reader, writer = await asyncio.open_connection(*address)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", address[1])
