"""Sign-in as a mobile agent, with a phone of a shared line, and at an E.164 extension."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.calls.setup import ANSWER_SECONDS
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.requests.sign_ins import NAILED_SECONDS
from mcp_finesse.simulator.world.devices import Mobile
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage

HOME = "2125550101"  # rings until answered


def mobile(stage: Stage, mode: str, number: str = HOME, user_id: str = "1003") -> None:
    stage.center.colleague(user_id).sign_in(mobile=Mobile(mode, number))
    stage.settle()


class TestMobileAgent:
    def test_call_by_call_sign_in_shows_mode_and_number(self) -> None:
        stage = Stage()
        mobile(stage, "CALL_BY_CALL")
        (received,) = stage.received()
        assert received.summary == "USER NOT_READY"
        assert [child.text for child in received.data.find("mobileAgent")] == ["CALL_BY_CALL", HOME]
        stage.change("1003", "LOGOUT", "31")
        (received,) = stage.received()
        assert received.data.find("mobileAgent") is None

    def test_nailed_connection_must_be_answered_first(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION")
        assert stage.summaries() == []
        stage.center.customers.answer_mobile_agent("1003")
        assert stage.summaries() == ["USER NOT_READY"]
        assert stage.user("1003")["mobileAgent"] == "NAILED_CONNECTION"
        with pytest.raises(LookupError, match="1003"):
            stage.center.customers.answer_mobile_agent("1003")

    def test_nailed_connection_to_an_automatic_answer_signs_in(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION", "2125550100")
        stage.time.advance(ANSWER_SECONDS)
        assert stage.state("1003") == "NOT_READY"

    def test_unanswered_nailed_connection_fails(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION")
        stage.time.advance(NAILED_SECONDS)
        with pytest.raises(LookupError):
            stage.center.customers.answer_mobile_agent("1003")
        assert (stage.state("1003"), stage.summaries()) == ("LOGOUT", [])

    def test_earlier_attempt_does_not_end_a_later_one(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION", "2125550100")
        mobile(stage, "NAILED_CONNECTION")
        stage.time.advance(ANSWER_SECONDS)
        assert stage.state("1003") == "LOGOUT"
        stage.time.advance(NAILED_SECONDS - ANSWER_SECONDS - 1)
        mobile(stage, "NAILED_CONNECTION")
        stage.time.advance(1)
        stage.center.customers.answer_mobile_agent("1003")
        assert stage.state("1003") == "NOT_READY"

    def test_extension_of_a_ringing_setup_call_is_taken(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION")
        stage.center.colleague("1002").sign_in("4503")
        stage.settle()
        assert stage.summaries() == ["ERROR Device Busy 283"]
        stage.center.customers.answer_mobile_agent("1003")
        assert (stage.state("1003"), stage.state("1002")) == ("NOT_READY", "LOGOUT")

    def test_extension_is_free_again_after_the_setup_call_timed_out(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION")
        stage.time.advance(NAILED_SECONDS)
        stage.center.colleague("1002").sign_in("4503")
        stage.settle()
        assert stage.summaries() == ["USER NOT_READY"]

    def test_another_sign_in_of_the_agent_cancels_the_setup_call(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION", "2125550100")
        stage.center.colleague("1003").sign_in("4509")
        stage.time.advance(ANSWER_SECONDS)
        assert stage.summaries() == ["USER NOT_READY"]
        assert stage.user("1003")["extension"] == "4509"
        with pytest.raises(LookupError, match="1003"):
            stage.center.customers.answer_mobile_agent("1003")

    def test_nailed_connection_to_a_busy_number_fails(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION", "2125550102")
        assert stage.summaries() == ["ERROR Generic Error 14"]

    def test_signed_in_agent_needs_no_second_nailed_connection(self) -> None:
        stage = Stage()
        mobile(stage, "NAILED_CONNECTION", "2125550100")
        stage.time.advance(ANSWER_SECONDS)
        stage.change("1003", "READY")
        mobile(stage, "NAILED_CONNECTION")
        assert stage.summaries()[-1] == "USER READY"

    def test_agent_not_configured_as_mobile_is_rejected(self) -> None:
        stage = Stage()
        mobile(stage, "CALL_BY_CALL", user_id="1001")
        assert stage.summaries() == ["ERROR Mode Not Allowed 71"]
        assert stage.state("1001") == "LOGOUT"

    @pytest.mark.parametrize(
        ("platform", "wanted", "refused"),
        [
            ("UCCE", Mobile("", HOME), (400, "Parameter Missing", "mode")),
            ("UCCE", Mobile("CALL_BY_CALL", ""), (400, "Parameter Missing", "dialNumber")),
            ("UCCE", Mobile("SOMETIMES", HOME), (400, "Invalid Input", "mode")),
            ("UCCX", Mobile("CALL_BY_CALL", HOME), (501, "Not Implemented", "mobileAgent")),
        ],
    )
    def test_invalid_mobile_sign_in_is_rejected_immediately(
        self, platform: str, wanted: Mobile, refused: tuple[int, str, str]
    ) -> None:
        stage = Stage(platform=platform)
        with pytest.raises(ApiProblem) as caught:
            stage.center.colleague("1003").sign_in(mobile=wanted)
        assert (caught.value.status, caught.value.details.type, caught.value.details.data) == refused


class TestSharedLine:
    PHONE = "CSFGLUND"

    def test_selected_phone_is_shown(self) -> None:
        stage = Stage()
        stage.center.colleague("2003").sign_in(device_id=self.PHONE)
        stage.settle()
        (received,) = stage.received()
        assert received.data.findtext("activeDeviceId") == self.PHONE
        assert received.data.findtext("settings/deviceSelection") == "enabled"
        assert [each.findtext("deviceId") for each in received.data.iterfind("Devices/Device")] == [
            "SEP00AABBCCDD01",
            self.PHONE,
        ]
        assert stage.user("2003")["activeDeviceId"] == self.PHONE

    def test_phone_selection_is_optional(self) -> None:
        stage = Stage()
        stage.sign_in("2003")
        assert stage.state("2003") == "NOT_READY"

    @pytest.mark.parametrize(("user_id", "phone"), [("2003", "SEP999"), ("1001", PHONE)])
    def test_phone_not_on_the_line_is_rejected(self, user_id: str, phone: str) -> None:
        stage = Stage()
        stage.center.colleague(user_id).sign_in(device_id=phone)
        stage.settle()
        assert stage.summaries() == ["ERROR Invalid Device 260"]


@pytest.mark.parametrize("extension", ["+", "+1212555010012345", "+12x", "4501x"])
def test_ccx_accepts_e164_extensions_of_15_characters(extension: str) -> None:
    world = default_world()
    world.devices["+12125550100"] = True
    stage = Stage(platform="UCCX", world=world)
    stage.center.colleague("1001").sign_in("+12125550100")
    stage.settle()
    assert stage.user("1001")["extension"] == "+12125550100"
    with pytest.raises(ApiProblem, match="Bad Request"):
        stage.center.colleague("1002").sign_in(extension)
