"""Requests on User objects: what Finesse rejects immediately, and what CTI does with the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage, parse_notification, world_where


def refusal_of(stage: Stage, acting: str, user_id: str, state: str, reason: str = "") -> tuple[int, str, str]:
    with pytest.raises(ApiProblem) as caught:
        stage.center.users.change_state(stage.center.state.agents[acting], user_id, state, reason)
    return caught.value.status, caught.value.details.type, caught.value.details.data


@pytest.mark.parametrize(
    ("state", "reason", "refused"),
    [
        ("", "", (400, "Parameter Missing", "state")),
        ("ready", "", (400, "Invalid Input", "state")),
        ("NOT_READY", "", (400, "Parameter Missing", "reasonCodeId")),
        ("LOGOUT", "", (400, "Parameter Missing", "reasonCodeId")),
        ("NOT_READY", "41", (400, "Invalid Input", "reasonCodeId")),  # the code, not the database id
        ("NOT_READY", "31", (400, "Invalid Input", "reasonCodeId")),  # of the other category
        ("NOT_READY", "1", (400, "Invalid Input", "reasonCodeId")),  # a system code
        ("NOT_READY", "lunch", (400, "Invalid Input", "reasonCodeId")),
    ],
)
def test_invalid_state_request_is_rejected_immediately(
    state: str, reason: str, refused: tuple[int, str, str]
) -> None:
    stage = Stage()
    stage.sign_in("1001")
    assert refusal_of(stage, "1001", "1001", state, reason) == refused
    assert stage.received() == []


def test_second_sign_out_is_rejected_immediately() -> None:
    assert refusal_of(Stage(), "1001", "1001", "LOGOUT", "31") == (400, "Invalid State", "state")


def test_reason_is_given_by_database_id() -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    stage.change("1001", "NOT_READY", "23")
    assert stage.user("1001") == stage.user("1001") | {
        "state": "NOT_READY",
        "reasonCodeId": "23",
        "reasonCode": 41,
    }


def test_reason_is_not_required_without_reason_codes() -> None:
    world = default_world()
    codes = tuple(code for code in world.reason_codes if code.system)
    bare = replace(world, reason_codes=codes)
    stage = Stage(world=bare)
    stage.sign_in("1001", ready=True)
    stage.change("1001", "NOT_READY")
    assert stage.user("1001")["reasonCodeId"] == "-1"


@pytest.mark.parametrize("state", ["WORK", "WORK_READY", "TALKING", "RESERVED", "HOLD"])
def test_system_states_are_accepted_and_fail_later(state: str) -> None:
    stage = Stage()
    stage.sign_in("1001")
    stage.change("1001", state)
    (error,) = stage.received()
    assert error.summary == "ERROR Invalid State 265"
    assert (error.event, error.node, error.source) == (
        "PUT",
        "/finesse/api/User/1001",
        "/finesse/api/User/1001",
    )


class TestSignIn:
    def test_sign_in_sets_not_ready_with_reason_minus_one(self) -> None:
        stage = Stage()
        stage.center.colleague("1001").sign_in("4509")
        stage.settle()
        (received,) = stage.received()
        assert received.summary == "USER NOT_READY"
        assert received.data.findtext("reasonCodeId") == "-1"
        assert received.data.findtext("extension") == "4509"

    def test_second_sign_in_keeps_the_state_and_is_notified(self) -> None:
        stage = Stage()
        stage.sign_in("1001", ready=True)
        stage.center.colleague("1001").sign_in()
        stage.settle()
        assert stage.summaries() == ["USER READY"]

    @pytest.mark.parametrize(
        ("extension", "error"),
        [
            ("4777", "Invalid Device 260"),
            ("4599", "Invalid Device 260"),
            ("4502", "Device Busy 283"),
        ],
    )
    def test_unusable_device_fails_later(self, extension: str, error: str) -> None:
        stage = Stage()
        stage.sign_in("1002")
        stage.center.colleague("1001").sign_in(extension)
        stage.settle()
        assert stage.summaries() == [f"ERROR {error}"]
        assert stage.state("1001") == "LOGOUT"

    @pytest.mark.parametrize(
        ("extension", "type_"),
        [("", "Parameter Missing"), ("+14155550100", "Bad Request"), ("x", "Bad Request")],
    )
    def test_extension_must_be_a_number(self, extension: str, type_: str) -> None:
        center = Stage().center
        with pytest.raises(ApiProblem, match=type_):
            center.users.sign_in(center.state.agents["1001"], "1001", extension)


class TestOthers:
    """Requests on other users."""

    @pytest.mark.parametrize(
        ("acting", "user_id", "refused"),
        [
            ("1001", "1002", (401, "Invalid Authorization User Specified", "1002")),
            ("1001", "9999", (404, "User Not Found", "4023")),
            ("1000", "2001", (401, "Invalid Supervisor", "2001")),
        ],
    )
    def test_request_on_a_foreign_user_is_rejected(
        self, acting: str, user_id: str, refused: tuple[int, str, str]
    ) -> None:
        assert refusal_of(Stage(), acting, user_id, "READY") == refused

    def test_supervisor_cannot_sign_another_user_in(self) -> None:
        center = Stage().center
        with pytest.raises(ApiProblem, match="Invalid Authorization User Specified"):
            center.users.sign_in(center.state.agents["1000"], "1001", "4501")

    def test_login_name_is_accepted_on_ccx_and_for_reading_a_user(self) -> None:
        assert Stage(platform="UCCX").center.users.agent("aokoro").id == "1001"
        users = Stage().center.users
        assert users.agent("aokoro", by_name=True).id == "1001"
        with pytest.raises(ApiProblem, match="User Not Found"):
            users.agent("aokoro")

    def test_supervisor_sets_a_member_not_ready_with_999(self) -> None:
        stage = Stage()
        stage.sign_in("1001", ready=True)
        self._as_supervisor(stage, "NOT_READY")
        assert stage.user("1001")["reasonCode"] == 999

    def test_supervisor_signs_a_member_out(self) -> None:
        stage = Stage()
        stage.sign_in("1001", ready=True)
        self._as_supervisor(stage, "LOGOUT")
        assert stage.user("1001") == stage.user("1001") | {"state": "LOGOUT", "reasonCodeId": "-1"}

    @pytest.mark.parametrize(("state", "code"), [("NOT_READY", 33), ("LOGOUT", 22)])
    def test_supervisor_reason_codes_differ_on_ccx(self, state: str, code: int) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1001", ready=True)
        self._as_supervisor(stage, state)
        assert stage.user("1001")["reasonCode"] == code

    def test_team_event_carries_the_request_id(self) -> None:
        stage = Stage()
        stage.sign_in("1001", ready=True)
        dana = stage.center.state.agents["1000"]
        stage.center.carry_out(stage.center.users.change_state(dana, "1001", "NOT_READY"), "id-9")
        stage.settle()
        team = parse_notification(stage.published[-1])
        assert (team.node, team.request_id, team.summary) == (
            "/finesse/api/Team/310/Users",
            "id-9",
            "USER NOT_READY",
        )

    @pytest.mark.parametrize(
        ("state", "reason", "refused"),
        [
            ("NOT_READY", "23", (400, "Invalid Input", "reasonCodeId")),
            ("WORK", "", (400, "Invalid State", "state")),
        ],
    )
    def test_supervisor_request_with_reason_or_system_state_is_rejected(
        self, state: str, reason: str, refused: tuple[int, str, str]
    ) -> None:
        stage = Stage()
        stage.sign_in("1001")
        assert refusal_of(stage, "1000", "1001", state, reason) == refused

    @staticmethod
    def _as_supervisor(stage: Stage, state: str) -> None:
        stage.center.colleague("1000").change_state_of("1001", state)
        stage.settle()


class TestPendingState:
    def test_pending_state_is_notified_and_takes_effect_when_the_call_ends(self) -> None:
        stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
        dialog_id = stage.talking()
        stage.change("1001", "NOT_READY", "23")
        (received,) = stage.received()
        assert (received.summary, received.data.findtext("pendingState")) == ("USER TALKING", "NOT_READY")
        stage.center.customers.hang_up(dialog_id)
        assert stage.user("1001") == stage.user("1001") | {
            "state": "NOT_READY",
            "pendingState": "",
            "reasonCodeId": "23",
        }
