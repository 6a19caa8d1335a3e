"""Test two nodes on one contact center, and which state each node keeps to itself."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from tests.simulator.support_pair import XmppLink, event_of, events_on, link_to
from tests.simulator.support_rest import client_of, until, xml

SIGN_IN = "<User><state>LOGIN</state><extension>4501</extension></User>"
USER = "/finesse/api/User/1001"
SYSTEM = "/finesse/api/SystemInfo"


@pytest.fixture
async def pair() -> AsyncIterator[SimulatorPair]:
    async with SimulatorPair(SimulatorSettings(time_scale=0.01)) as pair:
        yield pair


@pytest.fixture
async def on_a(pair: SimulatorPair) -> AsyncIterator[XmppLink]:
    async with link_to(pair.a) as link:
        yield link


@pytest.fixture
async def on_b(pair: SimulatorPair) -> AsyncIterator[XmppLink]:
    async with link_to(pair.b) as link:
        yield link


class TestWhatEachNodeIs:
    async def test_each_node_names_both_nodes_with_their_real_ports(self, pair: SimulatorPair) -> None:
        for node in (pair.a, pair.b):
            async with client_of(node) as client:
                info = xml(await client.get("SystemInfo"))
            assert info.findtext("xmppDomain") == node.settings.domain
            for name, other in (("primaryNode", pair.a), ("secondaryNode", pair.b)):
                host, port = info.findtext(f"{name}/host"), info.findtext(f"{name}/httpsPort")
                assert f"https://{host}:{port}" == other.url
                assert (host, int(info.findtext(f"{name}/xmppSecurePort"))) == other.tcp_address
                assert info.find(f"{name}/xmppPort") is None

    async def test_single_node_names_no_secondary_node(self) -> None:
        async with Simulator() as simulator, client_of(simulator) as client:
            info = xml(await client.get("SystemInfo"))
            assert info.findtext("primaryNode/httpsPort") == simulator.url.rsplit(":", 1)[1]
            assert info.find("secondaryNode") is None

    async def test_xmpp_port_without_tls_is_the_plain_one(self) -> None:
        async with SimulatorPair(SimulatorSettings(tls=False)) as pair, client_of(pair.b) as client:
            info = xml(await client.get("SystemInfo"))
            assert info.findtext("secondaryNode/xmppPort") == str(pair.b.tcp_address[1])
            assert info.find("secondaryNode/xmppSecurePort") is None

    async def test_nodes_without_a_tcp_port_name_none(self) -> None:
        async with SimulatorPair(SimulatorSettings(tcp_port=None)) as pair, client_of(pair.a) as client:
            with pytest.raises(RuntimeError, match="tcp_port"):
                _ = pair.b.tcp_address
            assert xml(await client.get("SystemInfo")).find("primaryNode/xmppSecurePort") is None

    def test_nodes_get_their_own_domains_and_ports(self) -> None:
        pair = SimulatorPair(SimulatorSettings(port=8445, tcp_port=65535))
        assert (pair.a.settings.domain, pair.b.settings.domain) == ("fin-a.sim", "fin-b.sim")
        assert (pair.b.settings.port, pair.b.settings.tcp_port) == (8446, 0)
        named = SimulatorPair(
            SimulatorSettings(domain="one.test"), second=SimulatorSettings(domain="two.test")
        )
        assert (named.a.settings.domain, named.b.settings.domain) == ("one.test", "two.test")

    @pytest.mark.parametrize(
        "second",
        [SimulatorSettings(domain="FIN-A.sim"), SimulatorSettings(platform="UCCX")],
        ids=["one domain", "two platforms"],
    )
    def test_pair_with_one_domain_or_two_platforms_is_rejected(self, second: SimulatorSettings) -> None:
        with pytest.raises(ValueError, match="both"):
            SimulatorPair(second=second)

    async def test_taken_port_leaves_no_file_and_no_task(self) -> None:
        before = asyncio.all_tasks()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            second = SimulatorSettings(domain="fin-b.sim", port=taken.getsockname()[1])
            pair = SimulatorPair(second=second)
            with pytest.raises(OSError, match="in use"):
                await pair.__aenter__()
        assert not await asyncio.to_thread(pair.ca_file.exists)
        assert asyncio.all_tasks() - before == set()


class TestOneContactCentre:
    async def test_both_nodes_publish_an_event_and_only_the_requested_one_sends_the_request_id(
        self, pair: SimulatorPair, on_a: XmppLink, on_b: XmppLink
    ) -> None:
        async with client_of(pair.a) as client:
            await client.put("User/1001", SIGN_IN, "id-1")
        assert [await event_of(link, USER) for link in (on_a, on_b)] == [
            ("user", "NOT_READY", "id-1"),
            ("user", "NOT_READY", ""),
        ]
        assert [len(node.requests) for node in (pair.a, pair.b)] == [1, 0]

    async def test_repeated_sign_in_at_the_other_node_is_published_at_both(
        self, pair: SimulatorPair, on_a: XmppLink, on_b: XmppLink
    ) -> None:
        pair.center.colleague("1001").sign_in()
        for link in (on_a, on_b):
            assert await event_of(link, USER) == ("user", "NOT_READY", "")
        async with client_of(pair.b) as client:
            await client.put("User/1001", SIGN_IN, "again")
        assert await event_of(on_a, USER) == ("user", "NOT_READY", "")
        assert await event_of(on_b, USER) == ("user", "NOT_READY", "again")

    async def test_failed_request_is_reported_only_at_the_requested_node(
        self, pair: SimulatorPair, on_a: XmppLink, on_b: XmppLink
    ) -> None:
        pair.b.faults.fail_next("LOGIN", data="283")
        async with client_of(pair.b) as client:
            await client.put("User/1001", SIGN_IN, "id-2")
        assert await event_of(on_b, USER) == ("apiErrors", "283", "id-2")
        await on_a.assert_nothing_received()

    async def test_faults_of_one_node_do_not_affect_the_other(
        self, pair: SimulatorPair, on_a: XmppLink, on_b: XmppLink
    ) -> None:
        pair.a.faults.lose_next_event(node=USER)
        pair.center.colleague("1001").sign_in()
        assert await event_of(on_b, USER) == ("user", "NOT_READY", "")
        await on_a.assert_nothing_received()

    async def test_subscriptions_belong_to_one_node(
        self, pair: SimulatorPair, on_a: XmppLink, on_b: XmppLink
    ) -> None:
        team = "/finesse/api/Team/310/Users"
        assert (await on_a.subscribe(team)).get("type") == "result"
        pair.center.colleague("1002").sign_in()
        assert (await event_of(on_a, team))[:2] == ("user", "NOT_READY")
        await on_b.assert_nothing_received()

    async def test_one_node_can_be_out_of_service_alone(
        self, pair: SimulatorPair, on_a: XmppLink, on_b: XmppLink
    ) -> None:
        pair.b.faults.out_of_service("its CTI link broke")
        assert await event_of(on_b, SYSTEM) == ("systemInfo", "OUT_OF_SERVICE", "")
        pair.center.colleague("1001").sign_in()
        assert await event_of(on_a, USER) == ("user", "NOT_READY", "")
        async with client_of(pair.a) as a, client_of(pair.b) as b:
            assert [(await each.get("User/1001")).status_code for each in (a, b)] == [200, 503]
        pair.b.faults.in_service()
        assert await events_on(on_b) == [("systemInfo", "IN_SERVICE"), ("user", "NOT_READY")]
        await on_a.assert_nothing_received()
        assert pair.center.truth()["in_service"]


class TestPresence:
    async def test_lost_presence_at_one_node_makes_the_agent_not_ready(
        self, pair: SimulatorPair, on_b: XmppLink
    ) -> None:
        async with link_to(pair.a):
            pair.center.colleague("1001").sign_in()
            assert (await event_of(on_b, USER))[1] == "NOT_READY"
            pair.center.colleague("1001").change_state("READY")
            assert (await event_of(on_b, USER))[1] == "READY"
        assert (await event_of(on_b, USER))[1] == "NOT_READY"
        assert pair.center.truth()["users"]["1001"]["reasonCode"] == 255

    async def test_lost_presence_during_a_call_takes_effect_when_the_call_ends(
        self, pair: SimulatorPair, on_b: XmppLink
    ) -> None:
        ada = pair.center.colleague("1001")
        ada.sign_in()
        ada.change_state("READY")
        await until(lambda: pair.center.truth()["users"]["1001"]["state"] == "READY")
        dialog_id = pair.center.customers.call("8800", "3125550142")
        ada.act("ANSWER", dialog_id)
        await until(lambda: pair.center.truth()["users"]["1001"]["state"] == "TALKING")
        async with link_to(pair.a):
            pass
        agent = pair.center.state.agents["1001"]
        await until(lambda: agent.forced is not None)
        assert agent.state == "TALKING"
        pair.center.customers.hang_up(dialog_id)
        assert pair.center.truth()["users"]["1001"]["reasonCode"] == 255

    async def test_out_of_service_node_forces_no_agent_to_not_ready(self, pair: SimulatorPair) -> None:
        async with link_to(pair.a):
            pair.center.colleague("1001").sign_in()
            await until(lambda: pair.center.truth()["users"]["1001"]["state"] == "NOT_READY")
            pair.a.faults.out_of_service()
        async with link_to(pair.b, "1002"):
            pass
        pair.center.colleague("1002").sign_in()
        # Ben's minute started after Ada's.
        await until(lambda: pair.center.truth()["users"]["1002"]["reasonCode"] == 255)
        assert pair.center.truth()["users"]["1001"]["reasonCode"] is None
