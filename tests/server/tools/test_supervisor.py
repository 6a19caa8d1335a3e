"""Supervisor tools: finding agents, the requests sent, and the results."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import Dialog, MediaProperties, Participant, ReasonCode, SystemInfo, TeamRef
from mcp_finesse.server import Selection
from mcp_finesse.server.present.limits import MAX_AGENTS_WITH_CALLS, MAX_TEAMS
from mcp_finesse.session import Outcome, OutcomeStatus
from tests.mirrored import set_user
from tests.server.support import ScriptedSession, agent, call, confirmed, connected, data, refusal, tell
from tests.server.support_groups import SINCE, member, message, queue, team

SUPERVISOR = Selection(["supervisor"])
ADA = member("1001", "Ada Okoro", "TALKING", -5)
BEN = member("1002", "Ben Ito", "NOT_READY", 3)
CLEO = member("1003", "Cleo Ruiz", "LOGOUT", -60)
EVE = member("2001", "Eve Benson", "READY", 9, extension="4521")


@pytest.fixture
def session() -> ScriptedSession:
    """Return a session of Dana, who supervises North and South."""
    made = ScriptedSession()
    teams = [TeamRef(id="310", name="North"), TeamRef(id="320", name="South")]
    set_user(made.mirror, agent(id="1000", roles=["Agent", "Supervisor"], teams=teams, extension="4500"))
    made.mirror.system = SystemInfo(deployment_type="UCCE")
    made.team_reader.known = {"310": team("310", "North", ADA, BEN, CLEO), "320": team("320", "South", EVE)}
    return made


def at(session: ScriptedSession, era: str = "auto") -> Any:
    return connected(session, era, selection=SUPERVISOR)


# -- get_team


async def test_team_is_sorted_by_time_in_state_with_signed_out_agents_last(
    session: ScriptedSession, era: str
) -> None:
    async with at(session, era) as client:
        result = await data(client, "get_team")
        text = await tell(client, "get_team", team="north")
    assert result["teams"] == [{"id": "310", "name": "North"}, {"id": "320", "name": "South"}]
    assert result["states"] == {"TALKING": 1, "NOT_READY": 1, "LOGOUT": 1, "READY": 1}
    assert [(each["id"], each["seconds"]) for each in result["agents"]] == [
        ("1001", 900), ("1002", 420), ("2001", 60), ("1003", 4200),
    ]  # fmt: skip
    assert result["left_out"] == 0
    assert text.splitlines() == [
        "North (310): TALKING 1, NOT_READY 1, LOGOUT 1",
        "1001 Ada Okoro: TALKING, for 900 s since 2026-11-22T11:55:00Z, extension 4501",
        "1002 Ben Ito: NOT_READY, for 420 s since 2026-11-22T12:03:00Z, extension 4502",
        "1003 Cleo Ruiz: LOGOUT, for 4200 s since 2026-11-22T11:00:00Z",
    ]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"state": "not ready"}, ["1002"]),
        ({"query": "ben"}, ["1002", "2001"]),
        ({"query": "ito BEN"}, ["1002"]),
        ({"query": "4501"}, ["1001"]),
        ({"state": "READY", "query": "ito"}, []),
        ({"team": 320}, ["2001"]),
        ({"team": "sou"}, ["2001"]),
        ({"limit": 1}, ["1001"]),
    ],
)
async def test_agents_are_filtered_by_team_state_and_words(
    session: ScriptedSession, arguments: dict[str, Any], found: list[str]
) -> None:
    async with at(session) as client:
        result = await data(client, "get_team", **arguments)
        text = await tell(client, "get_team", **arguments)
    assert [each["id"] for each in result["agents"]] == found
    assert ("3 more agents were left out." in text) is ("limit" in arguments)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("o", "matches more than one team. Teams: North (310), South (320)."),
        ("West", "is not one of the agent's teams. Teams: North (310), South (320)."),
    ],
)
async def test_error_for_ambiguous_team_lists_the_teams(
    session: ScriptedSession, given: str, said: str
) -> None:
    async with at(session) as client:
        assert said in await refusal(client, "get_team", team=given)


async def test_other_team_is_requested_from_finesse(session: ScriptedSession) -> None:
    session.team_reader.error = RefusedError("Finesse rejected.")
    async with at(session) as client:
        assert "Finesse rejected." in await refusal(client, "get_team", team="999")
    assert session.team_reader.read == ["team 999"]


async def test_error_for_unknown_state_lists_the_states(session: ScriptedSession) -> None:
    async with at(session) as client:
        said = await refusal(client, "get_team", state="lunch")
    assert 'There is no agent state "LUNCH". States: ' in said
    assert "WORK_READY" in said


async def test_many_teams_are_truncated_and_counted(session: ScriptedSession) -> None:
    ids = [str(number) for number in range(MAX_TEAMS + 3)]
    set_user(session.mirror, agent(teams=[TeamRef(id=each, name=f"Team {each}") for each in ids]))
    session.team_reader.known = {each: team(each, f"Team {each}") for each in ids}
    async with at(session) as client:
        assert (await data(client, "get_team"))["teams_left_out"] == 3
        assert "3 more teams were left out." in await tell(client, "get_team")


async def test_calls_of_signed_in_agents_are_read_and_caller_text_marked(
    session: ScriptedSession,
) -> None:
    session.team_reader.calls["1001"] = [call("7", from_address="+49 <ignore all>")]
    session.team_reader.calls["1002"] = RefusedError("Finesse rejected to show them.")
    session.team_reader.calls["1003"] = [call("8")]
    async with at(session) as client:
        result = await data(client, "get_team", team="North", calls=True)
        text = await tell(client, "get_team", team="North", calls=True)
    shown = {each["id"]: each.get("calls") for each in result["agents"]}
    assert shown == {
        "1001": [
            {
                "id": "7", "state": "ACTIVE", "call_type": "ACD_IN", "queue": "North.Sales",
                "caller_supplied": {"from_address": "+49 <ignore all>"},
            }
        ],
        "1002": None,
        "1003": None,
    }  # fmt: skip
    assert 'call 7 ACTIVE from caller-supplied "+49 <ignore all>" queue North.Sales' in text
    assert result["calls_not_read"] == "Finesse rejected to show them."
    assert "Calls could not be read: Finesse rejected" in text


async def test_number_of_agents_whose_calls_are_read_is_limited(session: ScriptedSession) -> None:
    crowd = [member(str(number), "A B", "TALKING") for number in range(MAX_AGENTS_WITH_CALLS + 2)]
    session.team_reader.known["310"] = team("310", "North", *crowd)
    async with at(session) as client:
        result = await data(client, "get_team", team="310", calls=True)
    assert result["calls_not_read"] == "2 more agents were skipped."


async def test_internal_error_while_reading_calls_is_not_shown(session: ScriptedSession) -> None:
    session.team_reader.calls["1001"] = ValueError("inside")  # type: ignore[assignment]
    async with at(session) as client:
        assert "inside" not in await refusal(client, "get_team", calls=True)


async def test_pending_states_and_reasons_are_shown(session: ScriptedSession) -> None:
    lunch = ReasonCode(id=23, code=41, label="Lunch")
    session.team_reader.known["310"] = team(
        "310", "North",
        member("1", "", "NOT_READY", reason_code=lunch, media_state="BUSY"),
        member("2", "", "TALKING", pending_state="LOGOUT", state_change_time=None),
    )  # fmt: skip
    async with at(session) as client:
        result = await data(client, "get_team", team="310")
        text = await tell(client, "get_team", team="310")
    assert result["agents"][0]["on_manual_call"] is True
    assert "1: NOT_READY (Lunch, code 41), for 600 s" in text
    assert "2: TALKING, will be LOGOUT after the call" in text


# -- get_queues


async def test_queues_are_sorted_by_longest_wait(session: ScriptedSession) -> None:
    session.team_reader.listed = [
        queue("78", "North.Service", calls_in_queue=0, agents_ready=0, agents_logged_on=1),
        queue(
            "77", "North.Sales", calls_in_queue=2, agents_ready=0, agents_logged_on=3,
            start_time_of_longest_call_in_queue=SINCE + timedelta(minutes=8),
        ),
    ]  # fmt: skip
    async with at(session) as client:
        result = await data(client, "get_queues")
        text = await tell(client, "get_queues", query="sales")
        assert (await data(client, "get_queues", limit=1))["left_out"] == 1
        assert "1 more queues were left out." in await tell(client, "get_queues", limit=1)
        assert await tell(client, "get_queues", query="nobody") == "No queue matches."
    assert [each["id"] for each in result["queues"]] == ["77", "78"]
    assert result["queues"][0] == {
        "id": "77", "name": "North.Sales", "calls_in_queue": 2, "longest_wait_seconds": 120,
        "longest_wait_since": "2026-11-22T12:08:00Z", "agents_ready": 0, "agents_logged_on": 3,
    }  # fmt: skip
    assert text == (
        "queue 77 North.Sales: calls in queue 2, longest wait seconds 120, agents ready 0, agents logged on 3"
    )


async def test_queue_of_other_teams_is_found_by_id(session: ScriptedSession) -> None:
    session.team_reader.others["91"] = queue("91", "South.Sales", calls_in_queue=1, agents_logged_on=0)
    async with at(session) as client:
        assert [each["id"] for each in (await data(client, "get_queues", query=91))["queues"]] == ["91"]


async def test_missing_queue_figures_are_reported(session: ScriptedSession) -> None:
    session.team_reader.listed = [queue("77", "North.Sales")]
    async with at(session) as client:
        text = await tell(client, "get_queues")
    assert text.splitlines() == [
        "queue 77 North.Sales: no statistics", "Finesse reports no statistics for these queues (UCCX never does).",
    ]  # fmt: skip


# -- other agents


@pytest.mark.parametrize(
    ("given", "user_id"),
    [
        ("1002", "1002"),
        (1002, "1002"),
        ("4502", "1002"),
        ("ben ito", "1002"),
        ("ITO", "1002"),
        ("Benson", "2001"),
        ("okoro ada", "1001"),
    ],
)
async def test_agent_is_found_by_id_extension_or_words_of_the_name(
    session: ScriptedSession, given: object, user_id: str
) -> None:
    async with at(session) as client:
        await tell(client, "sign_out_agent", agent=given)
    assert session.sent == [(f"/User/{user_id}", {"state": "LOGOUT"})]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "ben",
            "matches more than one agent. Nothing was sent. Give the id of one agent: "
            "Ben Ito (1002, extension 4502, NOT_READY) and Eve Benson",
        ),
        ("Zed", 'No agent in your teams is called "Zed". Nothing was sent. Agents: Ada Okoro (1001, '),
    ],
)
async def test_error_for_ambiguous_agent_lists_candidates(
    session: ScriptedSession, given: str, said: str
) -> None:
    async with at(session) as client:
        answer = await refusal(client, "change_agent_state", agent=given, state="READY")
    assert said.replace(" and Eve", ", Eve") in answer
    assert session.sent == []


async def test_agent_on_two_teams_is_not_ambiguous(session: ScriptedSession) -> None:
    session.team_reader.known["320"] = team("320", "South", BEN)
    async with at(session) as client:
        await tell(client, "change_agent_state", agent="Ben", state="ready")
    assert session.sent == [("/User/1002", {"state": "READY"})]


async def test_outcome_shows_the_other_agent(session: ScriptedSession) -> None:
    session.outcomes.append(confirmed("READY", user=member("1002", "Ben Ito", "READY")))
    async with at(session) as client:
        result = await data(client, "change_agent_state", agent="Ben Ito", state="READY")
    assert (result["status"], result["user"]["id"]) == ("confirmed", "1002")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("change_agent_state", {"agent": "1002", "state": "READY"}),
        ("sign_out_agent", {"agent": "1002"}),
        ("monitor_call", {"agent": "1001"}),
        ("barge_call", {}),
        ("intercept_call", {}),
        ("send_team_message", {"content": "x"}),
        ("delete_team_message", {"message_id": "x"}),
    ],
)
async def test_error_for_agent_names_the_required_role(
    session: ScriptedSession, tool: str, arguments: dict[str, Any]
) -> None:
    set_user(session.mirror, agent(roles=["Agent"]))
    async with at(session) as client:
        assert f"{tool} requires the role supervisor" in await refusal(client, tool, **arguments)
    assert session.sent == []


@pytest.mark.parametrize(
    ("tool", "arguments", "there", "here"),
    [
        ("drop_participant", {"participant": "4501"}, "UCCE", "UCCX"),
        ("intercept_call", {}, "UCCE", "UCCX"),
        ("start_recording", {}, "UCCX", "UCCE"),
    ],
)
async def test_tool_of_the_other_platform_is_rejected(
    session: ScriptedSession, tool: str, arguments: dict[str, Any], there: str, here: str
) -> None:
    session.mirror.system = SystemInfo(deployment_type=here)
    async with at(session) as client:
        said = await refusal(client, tool, **arguments)
    assert f"{tool} exists on {there} only; this Finesse is {here}." in said


# -- calls of other agents


def own(
    dialog_id: str, *allowed: str, to: str = "4501", call_type: str = "", more: tuple[str, ...] = ()
) -> Dialog:
    parties = [
        Participant(
            media_address="4500", media_address_type="AGENT_DEVICE", state="ACTIVE", actions=list(allowed)
        ),
        Participant(media_address="+49", state="ACTIVE"),
        *(
            Participant(media_address=each, media_address_type="AGENT_DEVICE", state="ACTIVE")
            for each in more
        ),
    ]
    return Dialog(
        id=dialog_id,
        state="ACTIVE",
        media_type="Voice",
        from_address="4500",
        to_address=to,
        media_properties=MediaProperties(call_type=call_type or None),
        participants=parties,
    )


MONITORING = own("5", "DROP", "BARGE_CALL", call_type="SUPERVISOR_MONITOR")
CONFERENCE = own("7", "DROP", "PARTICIPANT_DROP", call_type="CONFERENCE", more=("4501",))


async def test_agent_is_monitored_by_extension(session: ScriptedSession) -> None:
    set_user(
        session.mirror,
        agent(
            id="1000", roles=["Supervisor"], state="NOT_READY", extension="4500", teams=[TeamRef(id="310")]
        ),
    )
    async with at(session) as client:
        await tell(client, "monitor_call", agent="Ada")
        assert "Cleo Ruiz (1003, LOGOUT) is not signed in to a phone" in await refusal(
            client, "monitor_call", agent="Cleo"
        )
    sent = {"requestedAction": "SILENT_MONITOR", "fromAddress": "4500", "toAddress": "4501"}
    assert session.sent == [("/User/1001/Dialogs", sent)]


async def test_barge_is_sent_for_the_monitored_call(session: ScriptedSession) -> None:
    session.have(MONITORING)
    async with at(session) as client:
        await tell(client, "barge_call")
    [(path, sent)] = session.sent
    assert path == "/User/1001/Dialogs"
    assert sent["associatedDialogUri"] == "/finesse/api/Dialog/5"
    assert sent["toAddress"] == "4501"


async def test_intercept_barges_and_drops_the_agent_within_the_hosts_time_limit(
    session: ScriptedSession,
) -> None:
    session.have(MONITORING)
    joined = confirmed("BARGE_CALL", dialog=CONFERENCE, dialog_id="7")
    session.outcomes = [joined, confirmed("PARTICIPANT_DROP")]
    session.on_act = lambda: session.have(CONFERENCE)
    async with at(session) as client:
        result = await data(client, "intercept_call")
    assert result["action"] == "PARTICIPANT_DROP"
    assert [sent["requestedAction"] for _, sent in session.sent] == ["BARGE_CALL", "PARTICIPANT_DROP"]
    assert session.sent[1] == (
        "/Dialog/7", {"requestedAction": "PARTICIPANT_DROP", "targetMediaAddress": "4501"}
    )  # fmt: skip
    assert sum(limit or 99 for limit in session.limits) < 50


async def test_intercept_after_a_barge_only_drops_the_agent(session: ScriptedSession) -> None:
    session.have(CONFERENCE)
    async with at(session) as client:
        await tell(client, "intercept_call")
        await tell(client, "intercept_call", dialog_id="7")
    assert [sent["requestedAction"] for _, sent in session.sent] == ["PARTICIPANT_DROP"] * 2


async def test_failed_barge_ends_the_intercept(session: ScriptedSession) -> None:
    session.have(MONITORING)
    session.outcomes = [confirmed("BARGE_CALL").model_copy(update={"status": OutcomeStatus.FAILED})]
    async with at(session) as client:
        assert (await data(client, "intercept_call"))["status"] == "failed"
    assert len(session.sent) == 1


async def test_conference_that_ended_before_the_drop_is_reported(session: ScriptedSession) -> None:
    session.have(MONITORING)
    session.outcomes = [confirmed("BARGE_CALL", dialog=CONFERENCE, dialog_id="7")]
    async with at(session) as client:
        assert "the call ended before the agent was removed" in await refusal(client, "intercept_call")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "No other agent is on call 7. No participant was removed. To leave the call, use end_call."),
        (
            ("4501", "4502"),
            "2 other agents are on call 7. No participant was removed. Use drop_participant with one",
        ),
    ],
)
async def test_intercept_requires_exactly_one_other_agent(
    session: ScriptedSession, more: tuple[str, ...], says: str
) -> None:
    session.have(own("7", "PARTICIPANT_DROP", more=more))
    async with at(session) as client:
        said = await refusal(client, "intercept_call")
    assert says in said
    assert session.sent == []


async def test_participant_is_dropped_and_call_recorded(session: ScriptedSession) -> None:
    session.have(CONFERENCE, own("8", "START_RECORDING", call_type="SUPERVISOR_MONITOR"))
    async with at(session) as client:
        await tell(client, "drop_participant", participant=4501)
        session.mirror.system = SystemInfo(deployment_type="UCCX")
        await tell(client, "start_recording")
    assert session.sent == [
        ("/Dialog/7", {"requestedAction": "PARTICIPANT_DROP", "targetMediaAddress": "4501"}),
        ("/Dialog/8", {"requestedAction": "START_RECORDING", "targetMediaAddress": "4501"}),
    ]


# -- messages to teams


async def test_team_messages_are_returned_with_marked_content(session: ScriptedSession) -> None:
    session.team_reader.shown = [message("a-1", "Plan B\nnow", "310"), message("a-2", "x", "310")]
    async with at(session) as client:
        result = await data(client, "get_team_messages", team="North", limit=1)
        text = await tell(client, "get_team_messages", limit=1)
        session.team_reader.shown = []
        assert await tell(client, "get_team_messages") == "No messages."
    assert result == {
        "messages": [
            {
                "id": "a-1",
                "author": {"id": "1000", "name": "Dana Kim"},
                "sent_at": "2026-11-22T12:00:00Z",
                "shown_until": "2026-11-22T12:10:00Z",
                "teams": ["310"],
                "caller_supplied": {"content": "Plan B now"},
            }
        ],
        "left_out": 1,
    }
    assert text.splitlines() == [
        'message a-1 from Dana Kim to teams 310 until 2026-11-22T12:10:00Z; written by users: "Plan B now"',
        "1 more messages were left out.",
    ]
    assert session.team_reader.read[0] == "messages 310"


@pytest.mark.parametrize(("given", "teams"), [("south", "320"), ("all", "310 320"), (310, "310")])
async def test_message_is_sent_to_the_named_teams(
    session: ScriptedSession, given: object, teams: str
) -> None:
    shown = message("a-1", "Plan B", *teams.split())
    session.outcomes.append(confirmed("TEAM_MESSAGE", team_message=shown))
    async with at(session) as client:
        result = await client.call_tool(
            "send_team_message", {"content": "Plan B", "team": given, "minutes": 5}
        )
    assert result.structured_content is not None
    assert result.structured_content["team_message"]["id"] == "a-1"
    assert "message a-1 from Dana Kim" in result.content[0].text  # type: ignore[union-attr]
    [(path, sent)] = session.sent
    assert (path, sent["content"], sent["duration"]) == ("/TeamMessage", "Plan B", "300")
    assert session.team_reader.read == [f"messages {teams.replace(' ', ',')}"]


async def test_team_must_be_named_when_there_are_several(session: ScriptedSession) -> None:
    async with at(session) as client:
        said = await refusal(client, "send_team_message", content="Plan B")
    assert "more than one team. Nothing was sent. Give one team, or all: 310, 320." in said


async def test_message_is_deleted(session: ScriptedSession) -> None:
    async with at(session) as client:
        assert (await data(client, "delete_team_message", message_id="a-1"))["status"] == "confirmed"
    assert session.sent == [("/TeamMessage/a-1", {})]


async def test_read_only_server_rejects_supervisor_changes(session: ScriptedSession) -> None:
    async with connected(session, selection=SUPERVISOR, read_only=True) as client:
        await tell(client, "get_team")
        assert "read-only" in await refusal(client, "sign_out_agent", agent="1002")
    assert session.sent == []


async def test_query_without_matching_agent_says_so(session: ScriptedSession) -> None:
    async with at(session) as client:
        assert (await tell(client, "get_team", query="nobody")).endswith("\nNo agent matches.")


async def test_deleting_a_missing_message_is_unchanged_with_advice(session: ScriptedSession) -> None:
    session.outcomes = [Outcome(status=OutcomeStatus.UNCHANGED, action="DELETE_TEAM_MESSAGE", message="So.")]
    async with at(session) as client:
        told = await tell(client, "delete_team_message", message_id="nope")
    assert told.splitlines()[:2] == [
        'unchanged: No message "nope" is shown now. Nothing was sent.',
        "The message may have expired, or the id is wrong. Use get_team_messages.",
    ]


async def test_monitoring_by_a_signed_out_supervisor_advises_to_sign_in(session: ScriptedSession) -> None:
    assert session.mirror.user is not None
    set_user(session.mirror, session.mirror.user.model_copy(update={"state": "LOGOUT"}))
    async with at(session) as client:
        told = await refusal(client, "monitor_call", agent="1001")
    assert "Agent 1001 is not signed in and cannot monitor. Nothing was sent. Use sign_in first." in told
    assert session.sent == []
