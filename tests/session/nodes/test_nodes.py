"""The current node and the other node of a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse.model import Node, SystemInfo
from mcp_finesse.session.nodes.nodes import Nodes, other_node_url
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support import config_for

A, B = Node(host="fin-a.example.com"), Node(host="fin-b.example.com")


@pytest.mark.parametrize(
    ("url", "info", "other"),
    [
        ("https://fin-a.example.com:8445", {}, "https://fin-b.example.com:8445"),
        ("https://FIN-B.example.com:8445", {}, "https://fin-a.example.com:8445"),
        ("https://fin-a.example.com", {}, "https://fin-b.example.com"),
        ("https://10.0.0.1:8445", {"xmpp_domain": "fin-b.example.com"}, "https://fin-a.example.com:8445"),
        ("https://10.0.0.1:8445", {"xmpp_domain": "fin-c.example.com"}, None),
        ("https://fin-a.example.com:8445", {"secondary_node": None}, None),
        ("https://fin-a.example.com:8445", {"secondary_node": Node()}, None),
        ("https://fin-a.example.com:8445", {"secondary_node": A}, None),
        (
            "https://fin-a.example.com:8445",
            {"secondary_node": Node(host="fin-b.example.com", https_port=9445)},
            "https://fin-b.example.com:9445",
        ),
        (
            "https://fin-a.example.com:8445",
            {"secondary_node": Node(host="fd00::2")},
            "https://[fd00::2]:8445",
        ),
        (
            "https://localhost:1001",
            {
                "primary_node": Node(host="localhost", https_port=1001),
                "secondary_node": Node(host="localhost", https_port=1002),
            },
            "https://localhost:1002",
        ),
    ],
)
def test_other_node_url_is_derived_from_system_info(
    url: str, info: dict[str, object], other: str | None
) -> None:
    known: dict[str, object] = {"primary_node": A, "secondary_node": B, "xmpp_domain": "fin-a.example.com"}
    assert other_node_url(url, SystemInfo(**(known | info))) == other  # type: ignore[arg-type]


async def test_other_node_is_learned_once_and_sessions_can_switch_to_it(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        nodes = Nodes(config_for(simulator, tmp_path, url="https://fin-a.example.com:8445"))
        nodes.move()
        assert (nodes.moves, nodes.current.url) == (0, "https://fin-a.example.com:8445")
        nodes.learn(SystemInfo(primary_node=A, secondary_node=B))
        assert nodes.other is not None
        assert nodes.other.url == "https://fin-b.example.com:8445"
        nodes.learn(SystemInfo(primary_node=A, secondary_node=Node(host="elsewhere.example.com")))
        nodes.move()
        assert (nodes.moves, nodes.current.url) == (1, "https://fin-b.example.com:8445")
        assert nodes.rest.url.startswith("https://fin-b.example.com")
        await nodes.close()


@pytest.mark.parametrize(
    "more",
    [
        {"failover": False},
        {"failover": False, "other_url": "https://fin-b.example.com:8445"},
        {"url": "http://fin-a.example.com:8080", "allow_insecure": True},
    ],
    ids=["switched off", "switched off, though set", "told unencrypted"],
)
async def test_other_node_is_not_used_without_failover_or_over_http(
    more: dict[str, object], tmp_path: Path
) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        nodes = Nodes(config_for(simulator, tmp_path, **({"url": "https://fin-a.example.com:8445"} | more)))
        nodes.learn(SystemInfo(primary_node=A, secondary_node=B))
        assert nodes.other is None
        await nodes.close()


async def test_node_look_describes_the_state_or_the_failure(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        nodes = Nodes(config_for(simulator, tmp_path, other_url="https://127.0.0.1:1"))
        here, there = await nodes.look(3)
        assert here.is_target
        assert there is not None
        assert not there.in_service
        assert "its state cannot be read" in there.said
        simulator.faults.no_answer(path="SystemInfo")
        assert (await nodes.current.look(0.1)).said == "it does not respond"
        await nodes.close()
