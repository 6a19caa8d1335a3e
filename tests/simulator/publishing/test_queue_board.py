"""Queues: statistics, assigned agents, and feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mcp_finesse.simulator.publishing.queue_board import PUSH_SECONDS
from mcp_finesse.simulator.publishing.queue_statistics import NAMES
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support import Notification, Stage, parse_notification
from tests.simulator.support_rest import client_of, error, xml

CUSTOMER = "+13125550142"


def counts(stage: Stage, queue_id: str = "77") -> dict[str, str]:
    """Return the statistics that are not zero or empty."""
    statistics = stage.center.truth()["queues"][queue_id]
    return {name: value for name, value in statistics.items() if value not in ("0", "")}


def queue_events(stage: Stage) -> list[Notification]:
    received = [parse_notification(each) for each in stage.published if "/Queue" in each.node]
    stage.published.clear()
    return received


class TestStatistics:
    def test_statistics_count_agents_by_state(self) -> None:
        stage = Stage()
        assert counts(stage) == {}
        stage.sign_in("1001")
        stage.sign_in("1002", ready=True)
        assert counts(stage) == {"agentsLoggedOn": "2", "agentsNotReady": "1", "agentsReady": "1"}

    def test_statistics_count_waiting_calls(self) -> None:
        stage = Stage()
        for _ in range(2):
            stage.center.customers.call("8800", CUSTOMER)
            stage.time.advance(90)
        assert counts(stage) == {
            "callsInQueue": "2",
            "startTimeOfLongestCallInQueue": "2030-01-01T00:00:00Z",
        }
        stage.sign_in("1001", ready=True)
        assert counts(stage) == {
            "callsInQueue": "1",
            "startTimeOfLongestCallInQueue": "2030-01-01T00:01:30Z",
            "agentsLoggedOn": "1",
            "agentsBusyOther": "1",  # the call rings
        }

    def test_statistics_follow_talking_hold_and_wrap_up(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        assert counts(stage) == {"agentsLoggedOn": "1", "agentsTalkingInbound": "1"}
        assert counts(stage, "78") == {"agentsLoggedOn": "1", "agentsBusyOther": "1"}  # busy for queue 77
        stage.act("1001", "HOLD", dialog_id)
        assert counts(stage) == {"agentsLoggedOn": "1", "agentsBusyOther": "1"}
        stage.center.customers.hang_up(dialog_id)
        assert counts(stage) == {"agentsLoggedOn": "1", "agentsWrapUpReady": "1"}
        stage.time.advance(30)
        stage.change("1001", "NOT_READY", "23")
        assert counts(stage) == {"agentsLoggedOn": "1", "agentsNotReady": "1"}

    def test_statistics_show_wrap_up_leading_to_not_ready(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.change("1001", "NOT_READY", "23")
        stage.center.customers.hang_up(dialog_id)
        assert counts(stage) == {"agentsLoggedOn": "1", "agentsWrapUpNotReady": "1"}

    @pytest.mark.parametrize(
        ("number", "name"), [("2125550100", "agentsTalkingOutbound"), ("4502", "agentsTalkingInternal")]
    )
    def test_statistics_count_outbound_and_internal_calls(self, number: str, name: str) -> None:
        stage = Stage()
        stage.sign_in("1001", "1002")
        stage.center.colleague("1001").make_call(number)
        stage.time.advance(1)
        (dialog_id,) = stage.user("1001")["dialogs"]
        if number == "4502":
            stage.act("1002", "ANSWER", dialog_id)
        stage.time.advance(1)
        both = "2" if number == "4502" else "1"
        assert counts(stage)[name] == both

    @pytest.mark.parametrize(("platform", "queue_id"), [("UCCE", "99"), ("UCCX", "77")])
    def test_queue_without_agents_and_queues_on_ccx_have_no_statistics(
        self, platform: str, queue_id: str
    ) -> None:
        stage = Stage(platform=platform)
        stage.sign_in("1001", ready=True)
        statistics = stage.center.truth()["queues"][queue_id]
        assert set(statistics) == set(NAMES)
        assert statistics.pop("startTimeOfLongestCallInQueue") == ""
        assert set(statistics.values()) == {"-1"}


class TestFeed:
    def test_changed_statistics_are_published_after_ten_seconds(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        stage.time.advance(PUSH_SECONDS - 1)
        assert queue_events(stage) == []
        stage.time.advance(1)
        received = queue_events(stage)
        assert [each.source for each in received] == ["/finesse/api/Queue/77", "/finesse/api/Queue/78"]
        assert {(each.event, each.kind, each.request_id, each.user_id) for each in received} == {
            ("PUT", "Queue", "", None)
        }
        assert received[0].data.findtext("statistics/agentsNotReady") == "1"
        assert received[0].data.findtext("name") == "North.Sales"
        stage.time.advance(60)
        assert queue_events(stage) == []

    def test_statistics_that_changed_back_are_not_published(self) -> None:
        stage = Stage()
        dialog_id = stage.center.customers.call("8800", CUSTOMER)
        stage.center.customers.hang_up(dialog_id)
        stage.time.advance(60)
        assert queue_events(stage) == []

    def test_queue_statistics_are_not_published_on_ccx(self) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1001", ready=True)
        stage.center.queues.assign("77", ["1001"])
        stage.time.advance(60)
        assert queue_events(stage) == []

    def test_queue_statistics_are_not_published_while_out_of_service(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        stage.center.set_in_service(False)
        stage.time.advance(60)
        assert queue_events(stage) == []


class TestLists:
    @pytest.mark.parametrize(
        ("user_id", "queues"),
        [
            ("1001", ["77", "78"]),
            ("1002", ["77"]),
            ("2001", ["91"]),
            ("1000", ["77", "78"]),  # those of the team
            ("2000", ["77", "78", "91"]),  # of both teams
        ],
    )
    def test_queues_of_a_user_are_own_or_team_queues(self, user_id: str, queues: list[str]) -> None:
        assert [queue.id for queue in Stage().center.queues.of_user(user_id)] == queues

    def test_agents_are_notified_of_assigned_and_removed_queues(self) -> None:
        stage = Stage()
        stage.center.queues.assign("78", ["1002"])
        told = {
            (each.event, each.node, each.user_id): each.data.findtext("Queue/name")
            for each in queue_events(stage)
        }
        assert told == {
            ("DELETE", "/finesse/api/User/1001/Queues", "1001"): "North.Service",
            ("DELETE", "/finesse/api/User/1003/Queues", "1003"): "North.Service",
            ("POST", "/finesse/api/User/1002/Queues", "1002"): "North.Service",
        }

    def test_calls_are_routed_to_currently_assigned_agents(self) -> None:
        stage = Stage()
        stage.sign_in("1002", ready=True)
        dialog_id = stage.center.customers.call("8801", CUSTOMER)
        assert stage.user("1002")["dialogs"] == []
        stage.center.queues.assign("78", ["1002"])
        assert stage.user("1002")["dialogs"] == [dialog_id]


class TestRest:
    @pytest.fixture
    async def simulator(self) -> AsyncIterator[Simulator]:
        async with Simulator() as simulator:
            yield simulator

    async def test_any_user_can_read_any_queue_and_any_users_list(self, simulator: Simulator) -> None:
        async with client_of(simulator, "2001") as client:
            queue = xml(await client.get("Queue/77"))
            listed = xml(await client.get("User/1001/Queues"))
        assert [child.tag for child in queue] == ["uri", "name", "statistics"]
        assert {child.tag for child in queue.find("statistics")} == set(NAMES)
        assert [each.findtext("uri") for each in listed] == ["/finesse/api/Queue/77", "/finesse/api/Queue/78"]

    async def test_queue_without_agents_has_no_name(self, simulator: Simulator) -> None:
        async with client_of(simulator) as client:
            queue = xml(await client.get("Queue/99"))
        assert (queue.findtext("name"), queue.findtext("statistics/agentsReady")) == ("", "-1")

    @pytest.mark.parametrize(
        ("path", "kind"), [("Queue/1", "Not Found"), ("User/9999/Queues", "User Not Found")]
    )
    async def test_unknown_queue_or_user_is_not_found(
        self, simulator: Simulator, path: str, kind: str
    ) -> None:
        async with client_of(simulator) as client:
            assert error(await client.get(path))[:2] == (404, kind)

    async def test_queue_list_on_ccx_has_no_statistics(self) -> None:
        async with (
            Simulator(SimulatorSettings(platform="UCCX")) as simulator,
            client_of(simulator) as client,
        ):
            listed = xml(await client.get("User/1001/Queues"))
        assert {each.findtext("statistics/callsInQueue") for each in listed} == {"-1"}
