"""Attempts to make Finesse receive a change that a rule forbids, or that nobody confirmed."""

from __future__ import annotations

import copy
from typing import Any

import anyio
import pytest
from mcp.client import Client

from mcp_finesse.model import MediaProperties, Participant, Team
from mcp_finesse.server import build_server
from mcp_finesse.server.audit.auditor import Auditor
from mcp_finesse.server.policy.number_patterns import plain_number
from mcp_finesse.server.policy.policy_file import read_policy
from mcp_finesse.server.policy.rate_limits import RateLimits
from mcp_finesse.server.toolsets.selection import Selection
from tests.server.policy.test_gate import NUMBER, Person, Records, every_era, gate_of, office, supervisor
from tests.server.support import call, refusal, signed_in
from tests.server.support_groups import member

PADDED = "4502" + " " * 200 + NUMBER
"""A text that begins like an extension; the number is beyond the first 100 characters."""


# -- answers and codes


async def test_one_answer_does_not_confirm_two_tool_calls() -> None:
    """A retry that was approved is sent twice. Between the two, another identical tool call opens a new question."""
    person = Person()
    async with office(person) as here:
        session = here.client.session
        send = session.send_request
        contacts = here.session.contacts
        retries: list[Any] = []
        reads = 0
        hold, held = anyio.Event(), anyio.Event()

        async def slow_contacts() -> Any:
            nonlocal reads
            reads += 1
            if (
                retries and reads == 2
            ):  # the first read of the copy is for the question, the second for the check
                held.set()
                await hold.wait()
            return await contacts()

        async def recording(request: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal reads
            if getattr(getattr(request, "params", None), "input_responses", None) and not retries:
                retries.append((copy.deepcopy(request), args, kwargs))
                reads = 0
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(send, copy.deepcopy(request), *args)
                    await held.wait()
                    answer = await send(request, *args, **kwargs)  # uses the answer
                    fresh = copy.deepcopy(request)
                    fresh.params.input_responses = fresh.params.request_state = None
                    await send(fresh, *args, **kwargs)  # opens a new question
                    hold.set()
                return answer
            return await send(request, *args, **kwargs)

        session.send_request = recording  # type: ignore[method-assign]
        here.session.contacts = slow_contacts  # type: ignore[method-assign]
        await here.client.call_tool("make_call", {"to_address": NUMBER})
        assert retries
        assert len(here.session.sent) == 1


async def test_answer_to_an_expired_question_does_not_confirm_a_newer_question() -> None:
    """The question is replaced by another one, with another code, before the person answers."""
    async with office(Person(), era="legacy") as here:
        questions = gate_of(here)._confirmations

        def replace() -> None:
            [(key, question)] = questions._open.items()
            questions.close(key)
            questions.ask(key, question.summary)

        person = Person(while_asked=replace)
        server = here.client.server
        async with Client(server, mode="legacy", elicitation_callback=person) as other:  # type: ignore[arg-type]
            text = await refusal(other, "make_call", to_address=NUMBER)
    assert "expired or was already answered" in text
    assert here.session.sent == []


# -- objects


async def test_tool_acts_on_the_agent_that_the_person_confirmed() -> None:
    """After the check, the name belongs to another agent."""
    session = supervisor()
    read = session.team_reader.team
    person = Person()
    reads_after_answer = 0

    async def renamed(team_id: str) -> Team:
        nonlocal reads_after_answer
        reads_after_answer += len(person.asked)
        if reads_after_answer == 2:  # the first read after the answer is the check
            users = [member("2002", "Ben Kim", "READY"), member("1002", "Zoe Lee", "READY")]
            session.team_reader.known["310"] = Team(id="310", name="North", users=users)
        return await read(team_id)

    session.team_reader.team = renamed  # type: ignore[method-assign]
    async with office(person, era="legacy", session=session, toolsets=("supervisor",)) as here:
        await here.client.call_tool("sign_out_agent", {"agent": "Ben Kim"})
    assert "1002" in person.asked[0]
    assert all(path == "/User/1002" for path, _ in session.sent)


@every_era
async def test_transfer_acts_on_the_call_that_the_question_names(era: str) -> None:
    """The person agreed to transferring one call; meanwhile another call is the only one."""
    session = signed_in()
    session.have(call("331", actions=("TRANSFER_SST",)))
    person = Person(
        "yes", "decline", while_asked=lambda: session.have(call("332", actions=("TRANSFER_SST",)))
    )
    async with office(person, era=era, session=session) as here:
        await here.refused("transfer_call", to_address=NUMBER)
    assert "331" in person.asked[0]


@every_era
async def test_question_names_the_only_call(era: str) -> None:
    session = signed_in()
    session.have(call("331", actions=("DROP",)))
    person = Person("yes", "decline", while_asked=lambda: session.have(call("332", actions=("DROP",))))
    async with office(person, era=era, session=session, confirm="always") as here:
        await here.refused("end_call")
    assert "331" in person.asked[0]


async def test_agent_whose_team_was_not_read_is_compared_by_id() -> None:
    session = supervisor()
    joined = call("331", actions=("BARGE_CALL",))
    joined.participants.append(
        Participant(media_address="4502", media_address_type="AGENT_DEVICE", state="ACTIVE")
    )
    session.have(joined)
    rules = {"agents": {"deny": ["1002", "2002"]}}
    async with office(session=session, rules=rules, toolsets=("supervisor",)) as here:
        assert "agents.deny" in await here.refused("barge_call")


async def test_recording_of_a_monitored_agent_obeys_the_rules() -> None:
    session = supervisor()
    monitored = call("331", actions=("START_RECORDING",)).model_copy(
        update={"to_address": "4502", "media_properties": MediaProperties(call_type="SUPERVISOR_MONITOR")}
    )
    session.have(monitored)
    rules = {"agents": {"deny": ["1002", "2002"]}}
    async with office(session=session, rules=rules, toolsets=("supervisor",)) as here:
        assert "agents.deny" in await here.refused("start_recording")


@pytest.mark.parametrize("team", ["0310", " 310 ", "٣١٠"])
async def test_other_spelling_of_a_team_id_is_refused(team: str) -> None:
    session = supervisor()
    async with office(session=session, rules={"teams": {"deny": ["310"]}}, toolsets=("supervisor",)) as here:
        assert "teams.deny" in await refusal(here.client, "get_team", team=team)
        await refusal(here.client, "subscribe_feed", feed=f"team:{team}")
    assert session.wanted == []


# -- numbers


@every_era
async def test_number_of_a_mobile_agent_is_a_number_that_is_called(era: str) -> None:
    arguments = {"extension": "4501", "mode": "NAILED_CONNECTION", "dial_number": NUMBER}
    person = Person("decline")
    async with office(person, era=era) as here:
        await here.refused("sign_in", **arguments)
    assert NUMBER in person.asked[0]
    async with office(rules={"numbers": {"deny": ["09!"]}}, confirm="never", era=era) as here:
        assert "numbers.deny" in await here.refused("sign_in", **arguments)


async def test_padded_number_is_not_a_known_extension() -> None:
    async with office() as here:
        await here.refused("make_call", to_address=PADDED)
    assert plain_number(PADDED) == f"4502{NUMBER}"


@pytest.mark.parametrize(
    "number",
    [
        f"{NUMBER}#",
        f"{NUMBER}*",
        f"{NUMBER},,1",
        f"{NUMBER};ext=1",
        f"sip:{NUMBER}@host",
        f"tel:{NUMBER}",
        "0900p123456",
        f" {NUMBER}@10.0.0.1",
    ],
)
async def test_denied_number_with_other_characters_is_refused(number: str) -> None:
    async with office(rules={"numbers": {"deny": ["0900!"]}}, confirm="never") as here:
        assert "numbers.deny" in await here.refused("make_call", to_address=number)


# -- rules


async def test_required_person_is_asked_before_a_tool_that_reads() -> None:
    person = Person("decline")
    async with office(person, rules={"require": {"search_contacts": "person"}}) as here:
        await here.refused("search_contacts", query="Dana")
    assert len(person.asked) == 1


def test_pattern_without_a_tool_is_an_error(tmp_path: Any) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[tools]\ndeny = ["*_configurations"]\n')
    with pytest.raises(Exception, match="there is no tool"):
        read_policy(file, ("create_configuration",))


def test_counts_of_tool_calls_do_not_grow_without_a_limit() -> None:
    now = 0.0
    rates = RateLimits(clock=lambda: now)
    for _ in range(1_000):
        now += 1
        rates.count("hold_call", "1001")
    assert len(rates._calls["hold_call", "1001"]) <= 60


# -- odd arguments and audit


@every_era
async def test_crash_of_an_intent_is_recorded(era: str) -> None:
    session, records = signed_in(), Records()

    async def crash() -> Any:
        raise ZeroDivisionError

    session.contacts = crash  # type: ignore[method-assign]
    server = build_server(session.as_session(), auditor=Auditor(records), selection=Selection(("agent",)))
    async with Client(server, mode=era, elicitation_callback=Person()) as client:
        result = await client.call_tool("make_call", {"to_address": NUMBER})
    assert result.is_error
    assert [each["event"] for each in records.written] == ["call", "result"]
    assert records.written[-1]["outcome"] == "crashed"
    assert session.sent == []


async def test_secret_is_not_part_of_the_question() -> None:
    person = Person("decline")
    async with office(person, toolsets=("developer",)) as here:
        await here.client.call_tool(
            "send_request", {"method": "PUT", "path": "User/1001", "body": "<password>hunter22</password>"}
        )
    assert "hunter22" not in person.asked[0]
