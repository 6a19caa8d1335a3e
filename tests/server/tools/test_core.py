"""Core tools, which also work while Finesse is down."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mcp_finesse.errors import NetworkError
from mcp_finesse.server.tools.core.overview import StatusResult
from mcp_finesse.session import SessionState
from tests.mirrored import set_user
from tests.server.support import (
    WHEN,
    ScriptedSession,
    agent,
    call,
    confirmed,
    connected,
    data,
    refusal,
    signed_in,
    tell,
)


@pytest.mark.parametrize("state", SessionState)
async def test_status_is_returned_in_every_session_state(state: SessionState, era: str) -> None:
    session = ScriptedSession()
    session.state = state
    async with connected(session, era) as client:
        told = await data(client, "get_session_status")
        assert told["state"] == state
        assert told["notes"] == ["A note."]
        assert f"{state}: Scripted." in await tell(client, "get_session_status")


async def test_agent_is_returned_from_the_mirror(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        assert (await data(client, "get_user"))["user"]["state"] == "READY"
        assert await tell(client, "get_user") == (
            "agent 1001 Ada Okoro, READY, since 2026-11-22T12:00:00Z, extension 4501, team North"
        )
    assert session.read_users == 0


async def test_tools_report_that_the_session_is_not_ready() -> None:
    session = ScriptedSession()
    session.state = SessionState.CONNECTING
    async with connected(session) as client:
        for tool in ("get_user", "get_dialogs", "get_codes", "hold_call"):
            assert "not ready (connecting). No action is required" in await refusal(client, tool)


async def test_status_of_a_server_without_an_agent_has_no_agent_line() -> None:
    told = StatusResult(state=SessionState.NO_AGENT, detail="No agent.", since="2026-11-22T12:00:00Z")
    assert str(told) == "no_agent: No agent. Since 2026-11-22T12:00:00Z."


async def test_status_shows_the_node_and_the_number_of_failovers() -> None:
    told = StatusResult(
        state=SessionState.READY,
        since="2026-11-22T12:00:00Z",
        url="https://b:8445",
        reconnects=2,
        moves=1,
        gaps=1,
    )
    expected = (
        "Node: https://b:8445. Since the start of this MCP server: "
        "reconnects 2, moves to the other node 1, gaps 1."
    )
    assert expected in str(told)


PENDING = {"state": "TALKING", "pending_state": "NOT_READY"}


async def test_pending_reason_is_shown_while_our_last_request_decided_it(era: str) -> None:
    session = signed_in()
    set_user(session.mirror, agent(**PENDING))
    session.mirror.pending_reason.record("NOT_READY", 24)
    async with connected(session, era) as client:
        assert "will be NOT_READY after the call (Meeting, code 42)" in await tell(client, "get_user")
        known = (await data(client, "get_user"))["user"]["pending_reason"]
        assert known == {"id": 24, "code": 42, "label": "Meeting"}


async def test_pending_reason_is_unknown_after_another_client_changed_it() -> None:
    session = signed_in()
    set_user(session.mirror, agent(**PENDING))
    async with connected(session) as client:
        told = await tell(client, "get_user")
        assert "will be NOT_READY after the call (Finesse does not report the reason)" in told
        assert (await data(client, "get_user"))["user"]["pending_reason"] == {"known": False}


async def test_state_change_during_a_call_shows_the_pending_reason() -> None:
    session = signed_in()
    user = agent(**PENDING)
    set_user(session.mirror, user)
    session.outcomes.append(confirmed("NOT_READY", user=user))
    session.on_act = lambda: session.mirror.pending_reason.record("NOT_READY", 23)
    async with connected(session) as client:
        told = await tell(client, "change_state", state="NOT_READY", reason="Lunch")
    assert "will be NOT_READY after the call (Lunch, code 41)" in told


async def test_known_state_is_returned_while_finesse_is_down_and_marked_stale(era: str) -> None:
    session = signed_in()
    session.have(call())
    session.state = SessionState.RECONNECTING
    async with connected(session, era) as client:
        assert "This may be out of date: The session is not ready" in await tell(client, "get_user")
        assert "call 331" in await tell(client, "get_dialogs")
        assert (await data(client, "get_dialogs"))["stale"].startswith("The session is not ready")


async def test_degraded_session_reads_before_it_returns_state() -> None:
    session = signed_in()
    session.state = SessionState.DEGRADED
    session.after_refresh = [call("332")]
    async with connected(session) as client:
        assert "call 332" in await tell(client, "get_dialogs")
    assert (session.read_users, session.read_dialogs) == (1, 1)


async def test_degraded_session_that_cannot_read_marks_its_state_stale() -> None:
    session = signed_in()
    session.state = SessionState.DEGRADED

    async def fail() -> None:
        raise NetworkError("No route.", step="tcp")

    session.refresh_user = fail  # type: ignore[method-assign]
    async with connected(session) as client:
        assert (await data(client, "get_user"))["stale"] == "No route."


async def test_agent_not_known_yet_is_reported() -> None:
    async with connected(ScriptedSession()) as client:
        assert "not reported the agent's state yet" in await refusal(client, "get_user")


async def test_dialogs_are_returned_all_or_one_by_id(era: str) -> None:
    session = signed_in()
    session.have(call("331"), call("332", mine="HELD"))
    async with connected(session, era) as client:
        assert [item["id"] for item in (await data(client, "get_dialogs"))["dialogs"]] == ["331", "332"]
        assert (await tell(client, "get_dialogs", dialog_id=332)).startswith("call 332")
        said = await refusal(client, "get_dialogs", dialog_id="9")
        assert "Call 9 is not one of the agent's current calls. Current calls: 331, 332." in said


async def test_empty_and_very_long_call_lists_are_reported() -> None:
    session = signed_in()
    async with connected(session) as client:
        assert await tell(client, "get_dialogs") == "No calls."
        session.have(*(call(str(number)) for number in range(40)))
        told = await data(client, "get_dialogs")
        assert (len(told["dialogs"]), told["left_out"]) == (30, 10)
        assert "10 more calls were left out." in await tell(client, "get_dialogs")


async def test_status_contains_date_time_and_zone() -> None:
    async with connected(signed_in()) as client:
        told = await data(client, "get_session_status")
        assert f"Now: {told['now']}" in await tell(client, "get_session_status")
    weekday, _, time = told["now"].partition(" ")
    assert weekday in ("Saturday", "Sunday", "Monday")  # depends on the time zone of this machine
    assert datetime.fromisoformat(time) == WHEN + timedelta(minutes=10)


async def test_status_waits_briefly_while_the_session_connects() -> None:
    class Connecting(ScriptedSession):
        async def ready(self, timeout: float) -> None:
            assert 0 < timeout <= 5
            self.state = SessionState.READY

    session = Connecting()
    session.state = SessionState.CONNECTING
    async with connected(session) as client:
        assert (await data(client, "get_session_status"))["state"] == "ready"


async def test_read_only_server_says_so_in_its_status() -> None:
    session = signed_in()
    session.read_only = True
    async with connected(session) as client:
        assert "Read-only: this MCP server cannot change anything" in await tell(client, "get_session_status")


@pytest.mark.parametrize("code", [20999, "20999", "Invalid State"])
async def test_error_code_is_explained(code: int | str, era: str) -> None:
    async with connected(signed_in(), era) as client:
        [first, *_] = (await data(client, "explain_error", code=code))["meanings"]
        assert first["meaning"]
        assert first["what_to_do"] in await tell(client, "explain_error", code=code)


@pytest.mark.parametrize(
    ("code", "family", "page"),
    [
        ("CF_INVALID_OBJECT_STATE", "cti", "error-codes"),
        ("CCX_DEFAULT_ERROR_CODE", "ccx", "error-codes"),
        ("88001", "ccx", "error-codes"),
        ("6030", "media", "error-codes"),
        ("parameter missing", "http", "error-codes"),
        ("503", "http", "error-codes"),
        ("32763", "reason", "reason-codes"),
        ("50006", "reason", "reason-codes"),
    ],
)
async def test_codes_of_every_family_are_explained_with_a_reference_page(
    code: str, family: str, page: str
) -> None:
    async with connected(signed_in()) as client:
        told = await data(client, "explain_error", code=code)
    assert family in {meaning["family"] for meaning in told["meanings"]}
    assert told["read_more"] == f"finesse://reference/{page}"
    assert "similar" not in told


async def test_code_in_several_families_has_all_its_meanings() -> None:
    async with connected(signed_in()) as client:
        told = await data(client, "explain_error", code=33)
    assert [meaning["family"] for meaning in told["meanings"]] == ["cti", "media", "reason"]
    assert told["read_more"] == "finesse://reference/error-codes"


async def test_unknown_code_is_answered_with_similar_ones(era: str) -> None:
    async with connected(signed_in(), era) as client:
        told = await data(client, "explain_error", code="CF_RESOURCE_BUS")
        said = await tell(client, "explain_error", code="phone busy")
    assert told["meanings"] == []
    assert told["similar"][0]["constant"] == "CF_RESOURCE_BUSY"
    assert said.startswith("This code is not in the catalogue. Similar codes:\nccx 88005")
    assert said.endswith("resource finesse://reference/error-codes")


async def test_code_unlike_any_other_is_rejected() -> None:
    async with connected(signed_in()) as client:
        said = await refusal(client, "explain_error", code="XYZZY")
    assert "not in the catalogue, and no code is similar. All codes: resource finesse://reference" in said


async def test_signed_out_agent_is_returned() -> None:
    session = signed_in()
    set_user(session.mirror, agent(state="LOGOUT", extension=None))
    async with connected(session) as client:
        assert "LOGOUT" in await tell(client, "get_user")
