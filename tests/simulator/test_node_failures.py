"""Test what a client sees when a part of a node or the whole node fails, and when it returns."""

from __future__ import annotations

import asyncio
import ssl
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.ports.listening import Listener
from tests.simulator.support_pair import XmppLink, event_of, events_on, link_to
from tests.simulator.support_rest import Client, client_of, error, until, xml
from tests.simulator.support_tcp import TcpClient
from tests.simulator.support_xmpp import LIMIT, tag

USER = "/finesse/api/User/1001"
SYSTEM = "/finesse/api/SystemInfo"
TEAM = "/finesse/api/Team/310/Users"
BODY = (
    "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='1' to='fin-a.sim' "
    "wait='60' hold='1' ver='1.6' xmpp:version='1.0'/>"
)
SIGN_IN = "<User><state>LOGIN</state><extension>4501</extension></User>"


@pytest.fixture
async def pair() -> AsyncIterator[SimulatorPair]:
    async with SimulatorPair(SimulatorSettings(time_scale=0.01)) as pair:
        yield pair


@pytest.fixture
async def node(pair: SimulatorPair) -> Simulator:
    return pair.a


@pytest.fixture
async def rest(node: Simulator) -> AsyncIterator[Client]:
    async with client_of(node) as client:
        yield client


@pytest.fixture
async def link(node: Simulator) -> AsyncIterator[XmppLink]:
    async with link_to(node) as link:
        yield link


def trust(node: Simulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(node.ca_file))


async def tcp_client(node: Simulator) -> TcpClient:
    host, port = node.tcp_address
    return TcpClient(*await asyncio.open_connection(host, port, ssl=trust(node)))


async def status_of(rest: Client) -> str:
    return str(xml(await rest.get("SystemInfo")).findtext("status"))


async def finesse_is(link: XmppLink) -> str:
    """Return the type of the next stanza, which must be a presence of ``finesse``."""
    stanza = await link.receive()
    assert stanza.get("from") == f"finesse@{link.domain}/finesse"
    return stanza.get("type") or "available"


class TestNotificationServiceDown:
    async def test_every_connection_is_cut_and_new_ones_are_rejected_on_all_three_transports(
        self, node: Simulator, link: XmppLink, rest: Client
    ) -> None:
        tcp = await tcp_client(node)
        await tcp.open("fin-a.sim")
        node.stop_notification_service()
        with pytest.raises(ConnectionClosed):
            await link.receive()
        await tcp.cut()
        with pytest.raises(InvalidStatus, match="503"):
            await connect(node.ws_url, ssl=trust(node), subprotocols=["xmpp"], proxy=None)  # type: ignore[list-item]
        assert (await rest.http.post("/http-bind", content=BODY)).status_code == 503
        refused = await tcp_client(node)
        await refused.cut()

    async def test_finesse_reports_out_of_service_without_the_notification_service(
        self, node: Simulator, rest: Client
    ) -> None:
        node.stop_notification_service()
        info = xml(await rest.get("SystemInfo"))
        assert info.findtext("status") == "OUT_OF_SERVICE"
        assert "Notification Service" in info.findtext("statusReason")
        assert info.findtext("lastCTIHeartbeatStatus") == "success"
        assert error(await rest.get("User/1001"))[:3] == (503, "Service Unavailable", "SERVER_OUT_OF_SERVICE")

    async def test_restarted_notification_service_keeps_the_subscriptions(
        self, pair: SimulatorPair, node: Simulator, link: XmppLink, rest: Client
    ) -> None:
        assert (await link.subscribe(TEAM)).get("type") == "result"
        node.stop_notification_service()
        pair.center.colleague("1001").sign_in()
        node.start_notification_service()
        assert await status_of(rest) == "IN_SERVICE"
        async with link_to(node) as again:
            assert await events_on(again) == []
            pair.center.colleague("1002").sign_in()
            assert await event_of(again, TEAM) == ("user", "NOT_READY", "")

    async def test_node_with_two_outages_is_in_service_only_after_both(
        self, pair: SimulatorPair, node: Simulator, rest: Client
    ) -> None:
        node.stop_notification_service()
        pair.center.set_in_service(False)
        node.start_notification_service()
        assert await status_of(rest) == "OUT_OF_SERVICE"
        pair.center.set_in_service(True)
        assert await status_of(rest) == "IN_SERVICE"


STOPS: list[Callable[[Simulator], None]] = [Simulator.stop_tomcat, Simulator.stop_web_app]


class TestTomcatOrTheWebAppDown:
    async def test_request_without_tomcat_loses_its_connection(self, node: Simulator, rest: Client) -> None:
        await rest.get("SystemInfo")
        node.stop_tomcat()
        for path in ("SystemInfo", "User/1001"):
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await rest.get(path)
        node.start_tomcat()
        assert await status_of(rest) == "IN_SERVICE"

    @pytest.mark.parametrize("status", [404, 503])
    async def test_request_without_the_web_app_gets_an_html_page(
        self, node: Simulator, rest: Client, status: int
    ) -> None:
        node.stop_web_app(status)  # type: ignore[arg-type]
        answer = await rest.get("SystemInfo")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html;charset=utf-8")
        assert f"HTTP Status {status}" in answer.text
        node.start_web_app()
        assert await status_of(rest) == "IN_SERVICE"

    @pytest.mark.parametrize("stop", STOPS)
    async def test_finesse_becomes_unavailable_and_xmpp_stays_connected(
        self, pair: SimulatorPair, node: Simulator, link: XmppLink, stop: Callable[[Simulator], None]
    ) -> None:
        stop(node)
        assert await finesse_is(link) == "unavailable"
        pair.center.colleague("1001").sign_in()
        await until(lambda: pair.center.truth()["users"]["1001"]["state"] == "NOT_READY")
        await link.assert_nothing_received()  # no Finesse is running that could publish

    async def test_xmpp_is_reachable_without_finesse(self, node: Simulator, rest: Client) -> None:
        node.stop_tomcat()
        tcp = await tcp_client(node)
        await tcp.open("fin-a.sim")
        assert (await tcp.authenticate("1001")).tag == tag("sasl:success")
        await tcp.open("fin-a.sim")
        await tcp.bind("mcp-finesse-test-2")
        await tcp.send_presence()
        assert (await tcp.iq("get", "<ping xmlns='urn:xmpp:ping'/>", "fin-a.sim")).get("type") == "result"
        assert (await rest.http.post("/http-bind", content=BODY)).status_code == 200
        tcp.writer.close()

    async def test_restarted_finesse_is_available_in_service_and_publishes_the_last_state(
        self, pair: SimulatorPair, node: Simulator, link: XmppLink
    ) -> None:
        ada = pair.center.colleague("1001")
        ada.sign_in()
        assert (await event_of(link, USER))[1] == "NOT_READY"
        first = pair.center.customers.call("4501", "3125550142")
        assert await events_on(link) == [("dialogs", "ALERTING")]
        node.stop_tomcat()
        assert await finesse_is(link) == "unavailable"
        pair.center.customers.hang_up(first)
        pair.center.customers.call("4501", "3125550143")
        node.start_tomcat()
        assert await finesse_is(link) == "available"
        # The new process never knew the first call, so its end is not published.
        assert await events_on(link) == [
            ("systemInfo", "IN_SERVICE"),
            ("dialogs", "ALERTING"),
            ("user", "NOT_READY"),
        ]

    async def test_repeated_stop_and_start_are_not_published(
        self, pair: SimulatorPair, node: Simulator, link: XmppLink
    ) -> None:
        node.start_tomcat()
        node.stop_tomcat()
        assert await finesse_is(link) == "unavailable"
        node.stop_web_app()
        node.stop_tomcat()
        await link.assert_nothing_received()
        node.start_tomcat()
        node.start_web_app()
        assert await finesse_is(link) == "available"
        assert await events_on(link) == [("systemInfo", "IN_SERVICE")]

    async def test_agent_who_leaves_while_tomcat_is_down_is_not_forced_to_not_ready(
        self, pair: SimulatorPair, node: Simulator
    ) -> None:
        pair.center.colleague("1001").sign_in()
        async with link_to(node), link_to(node, "1002"):
            node.stop_tomcat()
        await until(lambda: not node.notifications.sessions)
        node.start_tomcat()
        async with link_to(node, "1003"):
            pass
        pair.center.colleague("1003").sign_in()
        await until(lambda: pair.center.truth()["users"]["1003"]["reasonCode"] == 255)
        assert pair.center.truth()["users"]["1001"]["reasonCode"] is None


class TestDeath:
    async def test_every_connection_of_a_dead_node_is_reset(self, node: Simulator, link: XmppLink) -> None:
        http = await asyncio.open_connection("localhost", int(node.url.rsplit(":", 1)[1]), ssl=trust(node))
        tcp = await tcp_client(node)
        await tcp.open("fin-a.sim")
        await node.die()
        for reader, writer in (http, (tcp.reader, tcp.writer)):
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(), LIMIT)
            writer.close()
        with pytest.raises(ConnectionClosed) as lost:
            await link.receive()
        assert lost.value.rcvd is None  # no close frame

    async def test_ports_of_a_dead_node_refuse_and_the_other_node_serves(
        self, pair: SimulatorPair, node: Simulator
    ) -> None:
        await node.die()
        await node.die()
        for port in (int(node.url.rsplit(":", 1)[1]), node.tcp_address[1]):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
        async with client_of(pair.b) as client, link_to(pair.b) as link:
            assert xml(await client.get("SystemInfo")).findtext("status") == "IN_SERVICE"
            await client.put("User/1001", SIGN_IN, "id-1")
            assert await event_of(link, USER) == ("user", "NOT_READY", "id-1")

    async def test_node_returns_on_the_same_ports_without_sessions_and_with_subscriptions(
        self, pair: SimulatorPair, node: Simulator, link: XmppLink
    ) -> None:
        assert (await link.subscribe(TEAM)).get("type") == "result"
        addresses = (node.url, node.tcp_address)
        await node.die()
        assert node.notifications.sessions == []
        await node.come_back()
        await node.come_back()
        assert (node.url, node.tcp_address) == addresses
        async with link_to(node) as again, client_of(node) as rest:
            assert await status_of(rest) == "IN_SERVICE"
            pair.center.colleague("1002").sign_in()
            assert await event_of(again, TEAM) == ("user", "NOT_READY", "")
            tcp = await tcp_client(node)
            assert (await tcp.open("fin-a.sim"))[0].get("from") == "fin-a.sim"
            tcp.writer.close()

    async def test_bosh_session_does_not_survive_the_node(self, node: Simulator, rest: Client) -> None:
        sid = ET.fromstring((await rest.http.post("/http-bind", content=BODY)).text).get("sid")
        await node.die()
        await node.come_back()
        async with client_of(node) as again:
            text = f"<body xmlns='http://jabber.org/protocol/httpbind' rid='2' sid='{sid}'/>"
            assert (await again.http.post("/http-bind", content=text)).status_code == 404

    async def test_parts_stopped_before_the_death_run_after_the_return(
        self, node: Simulator, rest: Client
    ) -> None:
        node.stop_tomcat()
        node.stop_notification_service()
        await node.die()
        await node.come_back()
        assert await status_of(rest) == "IN_SERVICE"

    async def test_dead_node_forces_no_agent_to_not_ready(self, pair: SimulatorPair, node: Simulator) -> None:
        pair.center.colleague("1001").sign_in()
        async with link_to(node):
            await node.die()
        await node.come_back()
        async with link_to(pair.b, "1002"):
            pass
        pair.center.colleague("1002").sign_in()
        await until(lambda: pair.center.truth()["users"]["1002"]["reasonCode"] == 255)
        assert pair.center.truth()["users"]["1001"]["reasonCode"] is None

    async def test_return_fails_on_a_taken_port_and_can_be_retried(self, node: Simulator) -> None:
        await node.die()
        with Listener.reserve("127.0.0.1", node.tcp_address[1]) as thief:
            thief.open()
            with pytest.raises(OSError, match="in use"):
                await node.come_back()
        await node.come_back()
        async with client_of(node) as rest:
            assert await status_of(rest) == "IN_SERVICE"

    async def test_pair_with_a_dead_node_ends_and_releases_its_ports(self) -> None:
        async with SimulatorPair(SimulatorSettings(tcp_port=None)) as pair:
            port = int(pair.a.url.rsplit(":", 1)[1])
            await pair.a.die()
        async with Simulator(SimulatorSettings(port=port, tcp_port=None)) as another:
            assert another.url.endswith(f":{port}")


class TestCtiLost:
    async def test_lost_cti_is_published_on_both_nodes_and_nothing_else_until_it_returns(
        self, pair: SimulatorPair, link: XmppLink, rest: Client
    ) -> None:
        async with link_to(pair.b) as other, client_of(pair.b) as other_rest:
            pair.center.set_in_service(False, "no CTI server answers")
            for each, its_rest in ((link, rest), (other, other_rest)):
                assert await event_of(each, SYSTEM) == ("systemInfo", "OUT_OF_SERVICE", "")
                info = xml(await its_rest.get("SystemInfo"))
                assert info.findtext("statusReason") == "no CTI server answers"
                assert info.findtext("lastCTIHeartbeatStatus") == "failure"
                assert (await its_rest.get("User/1001")).status_code == 503
            pair.center.colleague("1001").sign_in()
            await until(lambda: pair.center.truth()["users"]["1001"]["state"] == "NOT_READY")
            pair.center.customers.hang_up(pair.center.customers.call("4501", "3125550142"))
            pair.center.set_in_service(True)
            for each in (link, other):
                assert await events_on(each) == [("systemInfo", "IN_SERVICE"), ("user", "NOT_READY")]

    async def test_unnoticed_loss_of_cti_fails_writes_with_500_and_allows_reads(
        self, pair: SimulatorPair, link: XmppLink, rest: Client
    ) -> None:
        pair.center.lose_cti_unnoticed()
        assert await status_of(rest) == "IN_SERVICE"
        answer = await rest.sign_in("4501")
        assert error(answer)[:3] == (500, "Internal Server Error", "RUNTIME_EXCEPTION")
        assert (await rest.get("User/1001")).status_code == 200
        pair.center.colleague("1002").sign_in()
        await link.assert_nothing_received()
        pair.center.set_in_service(False)
        assert await event_of(link, SYSTEM) == ("systemInfo", "OUT_OF_SERVICE", "")
        assert (await rest.sign_in("4501")).status_code == 503
        pair.center.set_in_service(True)
        assert (await rest.sign_in("4501")).status_code == 202


class TestWhatLeavesTheNodeInService:
    async def test_failed_heartbeat_leaves_the_node_in_service(
        self, pair: SimulatorPair, node: Simulator, rest: Client
    ) -> None:
        async def heartbeat(client: Client) -> list[str]:
            info = xml(await client.get("SystemInfo"))
            return [info.findtext(name) for name in ("status", "lastCTIHeartbeatStatus")]

        async with client_of(pair.b) as other:
            node.fail_heartbeat()
            assert await heartbeat(rest) == ["IN_SERVICE", "failure"]
            assert await heartbeat(other) == ["IN_SERVICE", "success"]
            node.restore_heartbeat()
            assert await heartbeat(rest) == ["IN_SERVICE", "success"]

    async def test_maintenance_mode_is_published(self, node: Simulator, link: XmppLink, rest: Client) -> None:
        async def mode() -> tuple[str, int]:
            info = xml(await rest.get("SystemInfo"))
            return info.findtext("finesseMMode") or "", int(info.findtext("finesseTimeInMMode"))

        assert await mode() == ("", -1)
        for phase in ("INITIATING", "IN_PROGRESS"):
            node.enter_maintenance(phase)  # type: ignore[arg-type]
            assert await event_of(link, SYSTEM) == ("systemInfo", "IN_SERVICE", "")
            assert await mode() == (phase, 0)
        node.leave_maintenance()
        assert await event_of(link, SYSTEM) == ("systemInfo", "IN_SERVICE", "")
        assert await mode() == ("", -1)

    async def test_lost_user_database_rejects_only_users_without_a_cached_login(
        self, pair: SimulatorPair, node: Simulator, rest: Client
    ) -> None:
        assert (await rest.get("User/1001")).status_code == 200
        async with client_of(node, "1002") as stranger, link_to(node, "1002") as link:
            node.lose_user_database()
            assert (await rest.get("User/1001")).status_code == 200
            assert error(await stranger.get("User/1002"))[:3] == (
                500,
                "Internal Server Error",
                "AWS_SERVICE_UNAVAILABLE",
            )
            pair.center.colleague("1002").sign_in()
            assert (await link.receive()).tag == tag("c:message")
            node.regain_user_database()
            assert (await stranger.get("User/1002")).status_code == 200

    async def test_ccx_has_no_maintenance_mode_and_no_user_database(self) -> None:
        async with Simulator(SimulatorSettings(platform="UCCX")) as simulator, client_of(simulator) as client:
            for act in (simulator.enter_maintenance, simulator.lose_user_database):
                with pytest.raises(RuntimeError, match="CCX has no"):
                    act()
            assert xml(await client.get("SystemInfo")).find("finesseMMode") is None
