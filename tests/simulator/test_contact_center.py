"""Test the contact center as its interfaces see it: nodes, identity, service state, request queue."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.publishing.publication import AuthResult
from tests.simulator.support import Stage


def test_user_is_subscribed_automatically_to_the_own_nodes() -> None:
    assert Stage().center.feeds.automatic("1001") == [
        "/finesse/api/User/1001",
        "/finesse/api/User/1001/Dialogs",
        "/finesse/api/User/1001/Media",
        "/finesse/api/SystemInfo",
    ]
    assert "/finesse/api/User/1001/Media" not in Stage(platform="UCCX").center.feeds.automatic("1001")


@pytest.mark.parametrize(
    ("node", "ucce", "uccx"),
    [
        ("/finesse/api/SystemInfo", True, True),
        ("/finesse/api/User/1001", True, True),
        ("/finesse/api/User/1001/Dialogs", True, True),
        ("/finesse/api/User/1001/ClientLog", True, True),
        ("/finesse/api/User/1001/Dialogs/Media", True, False),
        ("/finesse/api/User/1001/Queues", True, False),
        ("/finesse/api/Team/310/Users", True, True),
        ("/finesse/api/Queue/77", True, False),
        ("/finesse/api/Team/311/Users", False, False),
        ("/finesse/api/User/9999", False, False),
        ("/finesse/api/User/1001/", False, False),
    ],
)
def test_known_nodes_depend_on_the_platform(node: str, ucce: bool, uccx: bool) -> None:
    assert Stage().center.feeds.known(node) is ucce
    assert Stage(platform="UCCX").center.feeds.known(node) is uccx


def test_attempts_of_every_interface_are_counted_together() -> None:
    center = Stage().center
    assert center.authenticate("1001", "secret") is AuthResult.OK
    for _ in range(5):
        assert center.authenticate("1001", "guess") is AuthResult.WRONG
    assert center.authenticate("1001", "secret") is AuthResult.LOCKED
    assert [attempt.user_id for attempt in center.attempts] == ["1001"] * 7


def test_second_request_waits_for_the_outcome_of_the_first() -> None:
    stage = Stage(delay=1.0)
    stage.center.colleague("1001").sign_in()
    stage.center.colleague("1001").change_state("READY")
    stage.time.advance(1)
    assert stage.summaries() == ["USER NOT_READY"]
    stage.time.advance(1)
    assert stage.summaries() == ["USER READY"]


class TestOutOfService:
    def test_out_of_service_is_announced_with_its_reason(self) -> None:
        stage = Stage()
        stage.center.set_in_service(False, "CTI is down")
        (received,) = stage.received()
        assert (received.node, received.user_id, received.summary) == (
            "/finesse/api/SystemInfo",
            None,
            "SYSTEM OUT_OF_SERVICE",
        )
        assert received.data.findtext("statusReason") == "CTI is down"
        assert received.data.findtext("lastCTIHeartbeatStatus") == "failure"
        assert not stage.center.in_service

    def test_unchanged_service_state_is_not_published(self) -> None:
        stage = Stage()
        stage.center.set_in_service(True)
        assert stage.received() == []

    def test_nothing_is_published_out_of_service_and_the_last_state_afterwards(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.sign_in("1002")
        stage.center.set_in_service(False)
        stage.center.customers.hang_up(dialog_id)
        stage.change("1001", "READY")
        stage.act("1001", "HOLD", stage.center.customers.call("4501", "+1312555"))  # rejected: it is ringing
        assert stage.summaries() == ["SYSTEM OUT_OF_SERVICE"]
        stage.center.set_in_service(True)
        assert stage.summaries() == [
            "SYSTEM IN_SERVICE",
            "DELETE DROPPED: +13125550142 DROPPED, 4501 DROPPED",
            "POST ALERTING: +1312555 INITIATED, 4501 ALERTING",
            "USER RESERVED",
            "USER NOT_READY",  # of 1002, which did not change
        ]


def test_truth_shows_users_and_dialogs() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    truth = stage.center.truth()
    assert truth["in_service"] is True
    assert truth["users"]["1001"] == {
        "state": "TALKING",
        "pendingState": "",
        "reasonCodeId": "",
        "reasonCode": None,
        "extension": "4501",
        "activeDeviceId": "",
        "mobileAgent": "",
        "dialogs": [dialog_id],
    }
    assert truth["dialogs"][dialog_id]["fromAddress"] == "+13125550142"
