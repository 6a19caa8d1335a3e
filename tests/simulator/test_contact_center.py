"""The contact centre as its doors see it: nodes, identity, service state, the queue of requests."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.publishing.publication import AuthResult
from tests.simulator.support import Stage


def test_automatic_nodes() -> None:
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
def test_known_nodes(node: str, ucce: bool, uccx: bool) -> None:
    assert Stage().center.feeds.known(node) is ucce
    assert Stage(platform="UCCX").center.feeds.known(node) is uccx


def test_attempts_of_every_door_are_counted_together() -> None:
    center = Stage().center
    assert center.authenticate("1001", "secret") is AuthResult.OK
    for _ in range(5):
        assert center.authenticate("1001", "guess") is AuthResult.WRONG
    assert center.authenticate("1001", "secret") is AuthResult.LOCKED
    assert [attempt.user_id for attempt in center.attempts] == ["1001"] * 7


def test_a_second_request_waits_for_the_outcome_of_the_first() -> None:
    stage = Stage(delay=1.0)
    stage.center.colleague("1001").sign_in()
    stage.center.colleague("1001").change_state("READY")
    stage.time.advance(1)
    assert stage.briefs() == ["USER NOT_READY"]
    stage.time.advance(1)
    assert stage.briefs() == ["USER READY"]


class TestOutOfService:
    def test_is_announced_with_its_reason(self) -> None:
        stage = Stage()
        stage.center.set_in_service(False, "CTI is down")
        (heard,) = stage.heard()
        assert (heard.node, heard.user_id, heard.brief) == (
            "/finesse/api/SystemInfo",
            None,
            "SYSTEM OUT_OF_SERVICE",
        )
        assert heard.data.findtext("statusReason") == "CTI is down"
        assert heard.data.findtext("lastCTIHeartbeatStatus") == "failure"
        assert not stage.center.in_service

    def test_the_same_again_is_no_news(self) -> None:
        stage = Stage()
        stage.center.set_in_service(True)
        assert stage.heard() == []

    def test_nothing_is_told_meanwhile_and_the_last_state_afterwards(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.sign_in("1002")
        stage.center.set_in_service(False)
        stage.center.customers.hang_up(dialog_id)
        stage.change("1001", "READY")
        stage.act("1001", "HOLD", stage.center.customers.call("4501", "+1312555"))  # refused: it rings
        assert stage.briefs() == ["SYSTEM OUT_OF_SERVICE"]
        stage.center.set_in_service(True)
        assert stage.briefs() == [
            "SYSTEM IN_SERVICE",
            "DELETE DROPPED: +13125550142 DROPPED, 4501 DROPPED",
            "POST ALERTING: +1312555 INITIATED, 4501 ALERTING",
            "USER RESERVED",
            "USER NOT_READY",  # of 1002, who did not change
        ]


def test_the_truth_is_plain() -> None:
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
