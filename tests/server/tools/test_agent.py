"""Sign-in and sign-out, states with reasons in every form, codes and contacts."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.model import ReasonCode
from mcp_finesse.session import ErrorInfo, Outcome, OutcomeStatus
from tests.mirrored import set_user
from tests.server.support import agent, connected, data, refusal, signed_in, tell


async def test_agent_signs_in_at_an_extension(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        assert (await data(client, "sign_in", extension=4509))["status"] == "confirmed"
        await tell(client, "sign_in")
    assert session.sent == [
        ("/User/1001", {"state": "LOGIN", "extension": "4509"}),
        ("/User/1001", {"state": "LOGIN", "extension": "4501"}),
    ]


async def test_agent_signs_in_as_mobile_agent_and_with_one_phone_of_a_shared_line(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        await tell(client, "sign_in", mode="call by call", dial_number=2125550188)
        await tell(client, "sign_in", extension="4523", device_id="SEP00AABBCCDD01")
    assert session.sent == [
        (
            "/User/1001",
            {"state": "LOGIN", "extension": "4501", "mode": "CALL_BY_CALL", "dialNumber": "2125550188"},
        ),
        ("/User/1001", {"state": "LOGIN", "extension": "4523", "activeDeviceId": "SEP00AABBCCDD01"}),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "CALL_BY_CALL"},
        {"dial_number": "2125550188"},
        {"mode": "CALL_BY_CALL", "dial_number": "2125550188", "device_id": "SEP1"},
    ],
)
async def test_mobile_sign_in_requires_mode_and_number_without_device(given: dict[str, str]) -> None:
    session = signed_in()
    async with connected(session) as client:
        said = await refusal(client, "sign_in", **given)
        assert "mode and dial_number together, and without device_id. Nothing was sent." in said
        assert "mode" in await refusal(client, "sign_in", mode="SOMETIMES", dial_number="1")
        assert "dial_number" in await refusal(client, "sign_in", mode="CALL_BY_CALL", dial_number="")
    assert session.sent == []


async def test_nailed_connection_sign_in_advises_to_answer_the_call() -> None:
    session = signed_in()
    session.outcomes.append(Outcome(status=OutcomeStatus.UNKNOWN, action="LOGIN", message="Not yet."))
    async with connected(session) as client:
        said = await tell(client, "sign_in", mode="NAILED_CONNECTION", dial_number="2125550188")
    assert "The agent must first answer the call to 2125550188." in said


async def test_unknown_extension_must_be_given() -> None:
    session = signed_in()
    set_user(session.mirror, agent(state="LOGOUT", extension=None))
    async with connected(session) as client:
        assert "`extension` is missing. Ask the user" in await refusal(client, "sign_in")
    assert session.sent == []


@pytest.mark.parametrize("state", ["READY", "ready", " Ready "])
async def test_ready_is_accepted_in_any_spelling(state: str, era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        await tell(client, "change_state", state=state)
    assert session.sent == [("/User/1001", {"state": "READY"})]


@pytest.mark.parametrize("reason", ["Lunch", " lunch", 41, "41", 23, "23"])
async def test_reason_is_found_by_label_code_or_id(reason: str | int, era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        await tell(client, "change_state", state="not ready", reason=reason)
    assert session.sent == [("/User/1001", {"state": "NOT_READY", "reasonCodeId": "23"})]


async def test_number_that_is_both_code_and_id_is_ambiguous() -> None:
    session = signed_in()
    async with connected(session) as client:
        said = await refusal(client, "change_state", state="NOT_READY", reason=42)
    assert '"42" matches more than one reason. Nothing was sent.' in said
    assert "Meeting (code 42, id 24), Training (code 43, id 42)" in said
    assert session.sent == []


async def test_error_for_unknown_reason_lists_the_known_reasons() -> None:
    session = signed_in()
    async with connected(session) as client:
        said = await refusal(client, "change_state", state="NOT_READY", reason="Nap")
    assert 'No reason is called "Nap". Nothing was sent. Reasons: Lunch (code 41, id 23)' in said


async def test_reasons_are_not_listed_when_finesse_rejects_the_state() -> None:
    session = signed_in()
    error = ErrorInfo(type="Invalid State", message="CF_INVALID_AGENT_WORKMODE", data="265")
    session.outcomes.append(
        Outcome(status=OutcomeStatus.FAILED, action="NOT_READY", message="Rejected.", errors=(error,))
    )
    async with connected(session) as client:
        assert "may require a reason" not in await tell(client, "change_state", state="NOT_READY")


async def test_failed_state_change_without_a_reason_lists_the_reasons() -> None:
    session = signed_in()
    session.outcomes.append(Outcome(status=OutcomeStatus.FAILED, action="NOT_READY", message="Refused."))
    async with connected(session) as client:
        assert "Finesse may require a reason: Lunch" in await tell(client, "change_state", state="NOT_READY")
        assert "may require" not in await tell(client, "change_state", state="NOT_READY")


async def test_ready_takes_no_reason_and_other_states_are_rejected() -> None:
    session = signed_in()
    async with connected(session) as client:
        assert "READY takes no reason" in await refusal(client, "change_state", state="READY", reason=41)
        assert "'READY' or 'NOT_READY'" in await refusal(client, "change_state", state="TALKING")
        assert "state" in await refusal(client, "change_state", state=3)
    assert session.sent == []


@pytest.mark.parametrize(
    ("given", "sent"), [({}, None), ({"reason": "end of shift"}, "31"), ({"reason": 51}, "31")]
)
async def test_agent_signs_out_with_and_without_a_reason(
    given: dict[str, Any], sent: str | None, era: str
) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        await tell(client, "sign_out", **given)
    [(_, body)] = session.sent
    assert body["state"] == "LOGOUT"
    assert body.get("reasonCodeId") == sent


async def test_codes_are_returned_for_all_kinds_or_one(era: str) -> None:
    async with connected(signed_in(), era) as client:
        assert await data(client, "get_codes", kind="wrap up") == {"wrap_up": ["Sale", "Billing question"]}
        assert (await data(client, "get_codes", kind="NOT_READY"))["not_ready"][0] == {
            "id": 23,
            "code": 41,
            "label": "Lunch",
        }
        assert await tell(client, "get_codes") == (
            "Not ready: Lunch (code 41, id 23), Meeting (code 42, id 24), Training (code 43, id 42)\n"
            "Sign out: End of shift (code 51, id 31)\n"
            "Wrap-up: Sale, Billing question"
        )


async def test_kind_without_codes_is_shown_as_none() -> None:
    session = signed_in()

    async def none(category: str) -> list[ReasonCode]:
        return []

    session.codes = none  # type: ignore[method-assign]
    async with connected(session) as client:
        assert await tell(client, "get_codes", kind="SIGN_OUT") == "Sign out: none"
        assert "Reasons: none are configured" in await refusal(client, "sign_out", reason="x")


async def test_long_code_list_is_truncated_but_every_code_is_accepted() -> None:
    session = signed_in()

    async def many(category: str) -> list[ReasonCode]:
        return [ReasonCode(id=n, code=n, label=f"Reason {n}") for n in range(1, 131)]

    session.codes = many  # type: ignore[method-assign]
    async with connected(session) as client:
        told = await data(client, "get_codes", kind="NOT_READY")
        assert (len(told["not_ready"]), told["left_out"]) == (100, 30)
        assert "30 more codes were left out" in await tell(client, "get_codes", kind="NOT_READY")
        await tell(client, "change_state", state="NOT_READY", reason="Reason 130")
        said = await refusal(client, "change_state", state="NOT_READY", reason="Nap")
    assert session.sent[0][1]["reasonCodeId"] == "130"
    assert said.endswith("Reason 30 (code 30, id 30) and 100 more.")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kim", ["Dana Kim", "Ben Kim"]),
        ("DANA kim", ["Dana Kim"]),
        ("lead", ["Dana Kim"]),
        ("301234", ["Dana Kim"]),
        ("+49 (30)", ["Dana Kim"]),
        (4502, ["Ben Kim"]),
        ("nobody", []),
        ("...", []),
        ("D. Kim", ["Dana Kim"]),
        ("Kim, Dana", ["Dana Kim"]),
        ("B. Kim", ["Ben Kim"]),
        ("X. Kim", []),
    ],
)
async def test_contacts_are_found_by_words_or_part_of_a_number(
    query: str | int, found: list[str], era: str
) -> None:
    async with connected(signed_in(), era) as client:
        told = await data(client, "search_contacts", query=query)
        assert [item["name"] for item in told["contacts"]] == found
        if not found:
            assert await tell(client, "search_contacts", query=query) == "No contact matches."


async def test_contacts_beyond_the_limit_are_counted() -> None:
    async with connected(signed_in()) as client:
        told = await tell(client, "search_contacts", query="kim", limit=1)
    assert told == "Dana Kim, +49 30 1234, Lead, Global\n1 more contacts were left out. Narrow the query."
