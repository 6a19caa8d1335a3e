"""Each shipped scenario shows what its name promises."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from mcp_finesse.cli.scenario_files import ScenarioRun
from mcp_finesse.cli.simulation import simulated_config, simulated_pair
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import SimulatorSettings
from mcp_finesse.simulator.scenarios.definition import read_scenario, shipped_scenarios, shipped_text
from tests.cli.support import until
from tests.session.support import LINK_TIMING, TIMING
from tests.simulator.scenarios.support import VirtualRun


async def complete_run(name: str) -> tuple[VirtualRun, Counter[tuple[str, str]], int]:
    """Run a scenario to its end. Return also the steps in each state of each agent, and the longest queue."""
    run = VirtualRun(read_scenario(name))
    states: Counter[tuple[str, str]] = Counter()
    longest = 0

    def watch() -> None:
        nonlocal longest
        states.update((agent.id, agent.state) for agent in run.center.state.agents.values())
        longest = max(longest, sum(bool(call.waiting_for) for call in run.center.state.calls.values()))

    await run.until(run.definition.scenario.duration, watch)
    return run, states, longest


def test_five_scenarios_ship_and_each_says_how_to_use_it() -> None:
    names = ["busy-monday", "mixed-chats", "node-failure", "outbound-evening", "quiet-day"]
    assert shipped_scenarios() == names
    for name in names:
        scenario = read_scenario(name).scenario
        assert scenario.title.lower() == name.replace("-", " ")
        assert "Sign in as agent 1001" in scenario.description


@pytest.mark.parametrize("name", shipped_scenarios())
def test_agent_1001_is_free_for_the_client(name: str) -> None:
    assert ScenarioRun(read_scenario(name), 1).choose_agent("1001") == "1001"


@pytest.mark.parametrize("name", ["quiet-day", "busy-monday", "outbound-evening"])
def test_scenario_is_valid_on_uccx_unless_it_has_chats(name: str) -> None:
    assert read_scenario(name, "UCCX").scenario


async def test_quiet_day_has_few_calls_and_a_lunch_break_in_which_they_wait() -> None:
    run, states, longest = await complete_run("quiet-day")
    assert 8 <= run.outcomes["calls"] <= 20
    assert run.outcomes["calls answered"] >= run.outcomes["calls"] / 2
    assert longest <= 3
    assert states["1002", "NOT_READY"] > 800 * 2
    assert states["1002", "READY"] > states["1002", "TALKING"]


async def test_busy_monday_has_queues_and_impatient_customers_and_busy_agents() -> None:
    run, states, longest = await complete_run("busy-monday")
    assert run.outcomes["calls"] > 100
    assert run.outcomes["calls answered"] > 60
    assert run.outcomes["calls abandoned"] > 20
    assert longest >= 5
    assert states["1003", "TALKING"] > 10 * states["1003", "READY"]


async def test_outbound_evening_reaches_customers_in_both_campaigns() -> None:
    run, states, _ = await complete_run("outbound-evening")
    offers = run.center.outbound.offers.values()
    outcomes = Counter((offer.campaign.name, offer.status) for offer in offers)
    for name in ("Renewals", "Survey"):
        assert outcomes[name, "REACHED"] >= 5
        assert outcomes[name, "BUSY"] == outcomes[name, "NO_ANSWER"] == 1
    assert run.outcomes["calls answered"] == run.outcomes["calls"] > 5
    assert states["1002", "RESERVED_OUTBOUND_PREVIEW"] > 0


async def test_mixed_chats_has_two_chats_at_once_interrupted_mail_and_customers_who_leave() -> None:
    at_once, interrupted = set(), 0
    run = VirtualRun(read_scenario("mixed-chats"))

    def watch() -> None:
        nonlocal interrupted
        at_once.update(len(run.center.tasks.tasks_of(agent, "5001")) for agent in ("1002", "2001"))
        interrupted += run.center.tasks.users["1002", "5002"].shown == "INTERRUPTED"

    await run.until(run.definition.scenario.duration, watch)
    assert max(at_once) == 2
    assert interrupted > 0
    assert run.outcomes["chats accepted"] > 30
    assert run.outcomes["chats abandoned"] > 3
    assert run.outcomes["calls answered"] > 5
    assert "CLOSED_BY_AGENT" in run.center.tasks.dispositions.values()


async def test_node_failure_has_calls_throughout_while_nodes_fail_in_turn() -> None:
    run, _, _ = await complete_run("node-failure")
    assert run.node.happened == ["die", "come_back"]
    assert run.outcomes["calls answered"] > 20
    assert run.outcomes.get("calls abandoned", 0) == 0


async def test_node_failure_on_real_nodes_at_high_speed(tmp_path: Path) -> None:
    definition = read_scenario("node-failure")
    async with (
        simulated_pair(SimulatorSettings(tls=False), scenario=ScenarioRun(definition, 600)) as pair,
    ):
        with anyio.fail_after(30):
            seen: list[tuple[bool, bool]] = []
            wanted = [(True, True), (False, True), (True, True), (False, False), (True, True)]
            while seen != wanted:
                now = (pair.a.node.in_service, pair.b.node.in_service)
                if seen[-1:] != [now]:
                    seen.append(now)
                assert len(seen) <= len(wanted), seen
                await anyio.sleep(0.002)


def test_shipped_text_is_that_of_the_file() -> None:
    assert shipped_text("quiet-day").startswith("title: Quiet day\n")


async def test_client_moves_to_the_other_node_when_its_node_fails(tmp_path: Path) -> None:
    run = ScenarioRun(read_scenario("node-failure"), 60)
    async with simulated_pair(SimulatorSettings(), scenario=run) as pair:
        config = replace(simulated_config(pair.a, tmp_path), timing=TIMING, link_timing=LINK_TIMING)
        async with FinesseSession(config) as session:
            await until(lambda: session.status.moves > 0, 60)
            assert session.status.url == pair.b.url
