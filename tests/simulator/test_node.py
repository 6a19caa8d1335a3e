"""Test one node beside another, without sockets and on a fake clock."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.node import NOTIFICATIONS
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support import Notification, Stage, parse_notification


class TwoNodes(Stage):
    """A stage with a second node, ``second``; ``received_there`` returns the notifications of that node."""

    def __init__(self) -> None:
        super().__init__()
        self.second = self.center.add_node(SimulatorSettings(domain="fin-b.sim"), Faults())
        self.published_there: list[Publication] = []
        self.second.publish = self.published_there.append

    def received_there(self) -> list[Notification]:
        everything = [parse_notification(each) for each in self.published_there]
        self.published_there.clear()
        return [each for each in everything if "/Team/" not in each.node]

    def summaries_there(self) -> list[str]:
        return [each.summary for each in self.received_there()]

    def ask(self, state: str, request_id: str) -> None:
        """Request a state for Ada at the second node."""
        ada = self.center.state.agents["1001"]
        job = self.center.users.change_state(ada, "1001", state)
        self.center.carry_out(job, request_id, node=self.second)
        self.settle()


@pytest.fixture
def stage() -> TwoNodes:
    return TwoNodes()


def forget(stage: TwoNodes) -> None:
    stage.published.clear()
    stage.published_there.clear()


class TestRequestIds:
    def test_request_id_is_known_only_to_the_requested_node(self, stage: TwoNodes) -> None:
        stage.sign_in("1001")
        forget(stage)
        stage.ask("READY", "id-1")
        assert [each.request_id for each in stage.received_there()] == ["id-1"]
        assert [each.request_id for each in stage.received()] == [""]

    def test_error_is_published_only_at_the_requested_node(self, stage: TwoNodes) -> None:
        stage.sign_in("1001")
        forget(stage)
        stage.ask("WORK", "id-1")
        assert [(each.kind, each.request_id) for each in stage.received_there()] == [("apiErrors", "id-1")]
        assert stage.received() == []

    def test_intermediate_event_is_published_only_at_the_requested_node(self, stage: TwoNodes) -> None:
        stage.sign_in("1001")
        forget(stage)
        stage.second.faults.intermediate_event()
        stage.ask("READY", "id-1")
        assert [(each.summary, each.request_id) for each in stage.received_there()] == [
            ("USER NOT_READY", "id-1"),
            ("USER READY", ""),
        ]
        assert stage.summaries() == ["USER READY"]

    def test_restarted_finesse_knows_no_earlier_request_id(self, stage: TwoNodes) -> None:
        stage.sign_in("1001")
        ada = stage.center.state.agents["1001"]
        stage.center.carry_out(
            stage.center.users.change_state(ada, "1001", "READY"), "id-1", node=stage.second
        )
        stage.second.halt("down")
        stage.second.boot()
        forget(stage)
        stage.settle()
        assert [each.request_id for each in stage.received_there()] == [""]

    def test_oldest_request_ids_are_forgotten(self, stage: TwoNodes) -> None:
        for number in range(1001):
            stage.second.remember(f"id-{number}")
        assert [stage.second._known(f"id-{number}") for number in (0, 1)] == ["", "id-1"]


class TestCti:
    def test_pending_state_is_lost_with_cti(self, stage: TwoNodes) -> None:
        dialog_id = stage.talking()
        stage.change("1001", "NOT_READY", "23")
        assert stage.user("1001")["pendingState"] == "NOT_READY"
        stage.center.set_in_service(False)
        stage.center.set_in_service(True)
        stage.center.customers.hang_up(dialog_id)
        assert stage.user("1001")["pendingState"] == ""
        stage.time.advance(60)
        assert stage.state("1001") == "READY"

    def test_call_that_started_and_ended_without_cti_is_not_published(self, stage: TwoNodes) -> None:
        stage.sign_in("1001")
        stage.center.set_in_service(False)
        stage.center.customers.hang_up(stage.center.customers.call("4501", "+13125550142"))
        forget(stage)
        stage.center.set_in_service(True)
        assert stage.summaries() == stage.summaries_there() == ["SYSTEM IN_SERVICE", "USER NOT_READY"]

    def test_recovery_before_the_loss_was_noticed_publishes_only_the_differences(
        self, stage: TwoNodes
    ) -> None:
        stage.sign_in("1001", "1002")
        forget(stage)
        stage.center.lose_cti_unnoticed()
        stage.change("1001", "READY")
        stage.center.colleague("1002").sign_in()
        stage.settle()
        assert stage.summaries() == stage.summaries_there() == []
        stage.center.set_in_service(True)
        assert stage.summaries() == stage.summaries_there() == ["USER READY"]

    def test_one_node_can_lose_cti_alone(self, stage: TwoNodes) -> None:
        stage.sign_in("1001")
        forget(stage)
        stage.second.set_in_service(False, "its link broke")
        stage.change("1001", "READY")
        assert stage.summaries() == ["USER READY"]
        assert stage.summaries_there() == ["SYSTEM OUT_OF_SERVICE"]
        assert (stage.center.in_service, stage.second.in_service) == (True, False)
        stage.second.set_in_service(True)
        assert stage.summaries_there() == ["SYSTEM IN_SERVICE", "USER READY"]
        assert stage.summaries() == []


class TestOutages:
    def test_only_the_first_and_the_last_outage_are_published(self, stage: TwoNodes) -> None:
        stage.second.lose(NOTIFICATIONS, "one")
        stage.second.set_in_service(False, "two")
        stage.second.regain(NOTIFICATIONS)
        stage.second.regain(NOTIFICATIONS)
        assert stage.summaries_there() == ["SYSTEM OUT_OF_SERVICE"]
        assert stage.second.system.reason == "two"
        stage.second.set_in_service(True)
        assert stage.summaries_there() == ["SYSTEM IN_SERVICE"]

    def test_halted_finesse_publishes_nothing(self, stage: TwoNodes) -> None:
        stage.second.halt("down")
        stage.second.set_maintenance("INITIATING")
        assert stage.summaries_there() == []
        assert stage.second.halted


class TestPresence:
    def test_presence_is_watched_by_each_node_alone(self, stage: TwoNodes) -> None:
        stage.sign_in("1001", ready=True)
        stage.node.presence("1001", False)
        stage.second.presence("1001", True)
        stage.time.advance(60)
        assert stage.user("1001")["reasonCode"] == 255

    @pytest.mark.parametrize(
        "fate",
        [
            lambda node: node.set_in_service(False),
            lambda node: (node.lose(NOTIFICATIONS, "down"), node.regain(NOTIFICATIONS)),
            lambda node: (node.halt("down"), node.boot()),
        ],
        ids=["out of service then", "lost its sessions with the service", "ended meanwhile"],
    )
    def test_node_without_knowledge_of_presence_forces_no_agent_to_not_ready(
        self, stage: TwoNodes, fate: object
    ) -> None:
        stage.sign_in("1001", ready=True)
        stage.second.presence("1001", False)
        fate(stage.second)  # type: ignore[operator]
        stage.time.advance(120)
        assert stage.state("1001") == "READY"

    def test_halted_finesse_does_not_see_lost_presence(self, stage: TwoNodes) -> None:
        stage.sign_in("1001", ready=True)
        stage.second.halt("down")
        stage.second.presence("1001", False)
        stage.second.boot()
        stage.time.advance(120)
        assert stage.state("1001") == "READY"
