"""The current node and the other node of a session."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from mcp_finesse.model import Node, SystemInfo
from mcp_finesse.session.nodes.failover import FailoverInputs, NextStep, NodeHealth
from mcp_finesse.session.nodes.nodes import HealthChecks, Nodes, other_node_url
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
        nodes.switch()
        assert (nodes.switches, nodes.current.url) == (0, "https://fin-a.example.com:8445")
        nodes.update_from(SystemInfo(primary_node=A, secondary_node=B))
        assert nodes.other is not None
        assert nodes.other.url == "https://fin-b.example.com:8445"
        nodes.update_from(SystemInfo(primary_node=A, secondary_node=Node(host="elsewhere.example.com")))
        nodes.switch()
        assert (nodes.switches, nodes.current.url) == (1, "https://fin-b.example.com:8445")
        assert nodes.rest.url.startswith("https://fin-b.example.com")
        await nodes.close()


@pytest.mark.parametrize(
    "more",
    [
        {"failover": False},
        {"failover": False, "other_url": "https://fin-b.example.com:8445"},
        {"url": "http://fin-a.example.com:8080", "allow_insecure": True},
    ],
    ids=["no failover", "no failover, other node configured", "unencrypted"],
)
async def test_other_node_is_not_used_without_failover_or_over_http(
    more: dict[str, object], tmp_path: Path
) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        nodes = Nodes(config_for(simulator, tmp_path, **({"url": "https://fin-a.example.com:8445"} | more)))
        nodes.update_from(SystemInfo(primary_node=A, secondary_node=B))
        assert nodes.other is None
        await nodes.close()


async def test_health_check_describes_the_state_or_the_failure(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        nodes = Nodes(config_for(simulator, tmp_path, other_url="https://127.0.0.1:1"))
        current, other = await nodes.check_health(3)
        assert current.is_failover_target
        assert other is not None
        assert not other.in_service
        assert "its state cannot be read" in other.description
        simulator.faults.no_answer(path="SystemInfo")
        assert (await nodes.current.check_health(0.1)).description == "it does not respond"
        await nodes.close()


IN_SERVICE = NodeHealth("it is in service", in_service=True, heartbeat=True)
OUT_OF_SERVICE = NodeHealth("it is out of service")
LINK_DOWN = FailoverInputs(link_up=False, failed_attempts=3)
LINK_UP = FailoverInputs(link_up=True)
Results = list[tuple[NodeHealth, NodeHealth | None]]


class ScriptedNodes:
    """Two nodes with a scripted result for each health check."""

    def __init__(self, results: Results) -> None:
        self._results = iter(results)

    async def check_health(self, _: float) -> tuple[NodeHealth, NodeHealth | None]:
        return next(self._results)


@pytest.mark.parametrize(
    ("inputs", "results", "step", "waits"),
    [
        (FailoverInputs(link_up=False), [], NextStep.RECONNECT, []),
        (LINK_DOWN, [(IN_SERVICE, OUT_OF_SERVICE)], NextStep.RECONNECT, []),
        (LINK_UP, [(IN_SERVICE, None)], NextStep.RESUME, []),
        (
            LINK_UP,
            [(OUT_OF_SERVICE, OUT_OF_SERVICE), (OUT_OF_SERVICE, OUT_OF_SERVICE), (IN_SERVICE, IN_SERVICE)],
            NextStep.RESUME,
            [NextStep.WAIT, NextStep.WAIT],
        ),
        (
            LINK_UP,
            [(OUT_OF_SERVICE, IN_SERVICE), (OUT_OF_SERVICE, IN_SERVICE)],
            NextStep.SWITCH_NODE,
            [NextStep.CHECK_AGAIN],
        ),
        (
            LINK_UP,
            [(OUT_OF_SERVICE, IN_SERVICE), (IN_SERVICE, IN_SERVICE)],
            NextStep.RESUME,
            [NextStep.CHECK_AGAIN],
        ),
        (
            LINK_UP,
            [
                (OUT_OF_SERVICE, IN_SERVICE),
                (OUT_OF_SERVICE, OUT_OF_SERVICE),
                (OUT_OF_SERVICE, IN_SERVICE),
                (OUT_OF_SERVICE, IN_SERVICE),
            ],
            NextStep.SWITCH_NODE,
            [NextStep.CHECK_AGAIN, NextStep.WAIT, NextStep.CHECK_AGAIN],
        ),
        (LINK_DOWN, [(OUT_OF_SERVICE, None), (IN_SERVICE, None)], NextStep.RECONNECT, [NextStep.WAIT]),
    ],
    ids=[
        "quick attempts need no check",
        "one check suffices",
        "nothing is wrong",
        "both nodes recover",
        "the current node is checked again, then left",
        "the current node recovers in time",
        "the other node fails again",
        "a single node is waited for",
    ],
)
async def test_health_checks_are_repeated_until_the_decision_is_final(
    inputs: FailoverInputs, results: Results, step: NextStep, waits: list[NextStep]
) -> None:
    checks = HealthChecks(cast("Nodes", ScriptedNodes(results)), 1.0)
    waited = []
    while not (decision := checks.decide(inputs)).is_final:
        if checks.current is not None:
            waited.append(decision.step)
        await checks.run(decision)
    assert decision.step is step
    assert waited == waits
    assert checks.current == (results[-1][0] if results else None)
