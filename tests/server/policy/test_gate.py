"""Confirmation, rules and limits, as an MCP client experiences them, in both protocol eras."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp import MCPError
from mcp.client import Client
from mcp.types import ElicitRequestParams, ElicitResult, ListRootsResult

from mcp_finesse.errors import AuditError, ReadOnlyError
from mcp_finesse.model import Participant, Team
from mcp_finesse.server import build_server
from mcp_finesse.server.audit.auditor import Auditor
from mcp_finesse.server.policy import gate
from mcp_finesse.server.policy.policy import Policy
from mcp_finesse.server.policy.rules import PolicyRules
from mcp_finesse.server.toolsets.selection import Selection
from tests.server.support import ERAS, ScriptedSession, call, refusal, signed_in, tell
from tests.server.support_groups import member, message

NUMBER = "0900123456"
"""A number that is neither an extension, nor a contact, nor part of a call."""


class Person:
    """A person who answers questions, and remembers them.

    Attributes:
        asked: The questions.
        answers: What to answer, in order; afterwards always yes.
        while_asked: Called while a question is shown.
    """

    def __init__(self, *answers: str, while_asked: Callable[[], Any] = lambda: None) -> None:
        self.asked: list[str] = []
        self.answers = list(answers)
        self.while_asked = while_asked

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params.message)
        self.while_asked()
        answer = self.answers.pop(0) if self.answers else "yes"
        if answer in ("decline", "cancel"):
            return ElicitResult(action=answer)
        return ElicitResult(action="accept", content={"confirm": answer == "yes"})


class Records:
    """An audit file in memory."""

    def __init__(self) -> None:
        self.written: list[Mapping[str, Any]] = []

    def append(self, fields: Mapping[str, Any]) -> None:
        self.written.append(dict(fields))

    def decisions(self) -> list[tuple[str, str, str]]:
        return [
            (each["decision"], each["rule"], each.get("confirmed_by", ""))
            for each in self.written
            if each["event"] == "decision"
        ]


class Office:
    """A client of a server with a policy.

    Attributes:
        session: The session, which records what is sent.
        records: The audit records.
    """

    def __init__(self, client: Client, session: ScriptedSession, records: Records) -> None:
        self.client = client
        self.session = session
        self.records = records

    async def tell(self, tool: str, **arguments: Any) -> str:
        return await tell(self.client, tool, **arguments)

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Call a tool, which must be refused without sending anything."""
        before = len(self.session.sent)
        text = await refusal(self.client, tool, **arguments)
        assert "Nothing was sent." in text
        assert self.session.sent[before:] == []
        return text


@asynccontextmanager
async def office(
    person: Person | None = None,
    *,
    era: str = "auto",
    session: ScriptedSession | None = None,
    rules: dict[str, Any] | None = None,
    confirm: str = "auto",
    toolsets: tuple[str, ...] = ("agent",),
) -> AsyncIterator[Office]:
    session, records = session or signed_in(), Records()
    server = build_server(
        session.as_session(),
        auditor=Auditor(records),
        selection=Selection(toolsets),
        rules=PolicyRules.model_validate(rules or {}),
        confirm=confirm,
    )
    async with Client(server, mode=era, elicitation_callback=person) as client:
        yield Office(client, session, records)


every_era = pytest.mark.parametrize("era", ERAS)


# -- a client that can ask


@every_era
async def test_person_is_asked_and_agrees(era: str) -> None:
    person = Person()
    async with office(person, era=era) as here:
        await here.tell("make_call", to_address=NUMBER)
        assert len(here.session.sent) == 1
    [question] = person.asked
    assert f"Call {NUMBER}." in question
    asked = next(each for each in here.records.written if each.get("decision") == "asked")
    assert asked["arguments"]["to_address"] == NUMBER
    assert asked["question"] in question
    assert "neither an extension, nor in a phone book" in question
    assert here.records.decisions() == [
        ("asked", "confirm=auto", ""),
        ("confirmed", "confirm=auto", "person"),
    ]


@every_era
@pytest.mark.parametrize("answer", ["no", "decline", "cancel"])
async def test_nothing_is_sent_if_the_person_does_not_agree(era: str, answer: str) -> None:
    async with office(Person(answer), era=era) as here:
        assert "The person did not agree" in await here.refused("make_call", to_address=NUMBER)
        assert here.records.decisions()[-1] == ("declined", "confirm=auto", "")
        await here.tell("make_call", to_address=NUMBER)  # asks again
        assert len(here.session.sent) == 1


async def test_answer_that_is_no_valid_form_is_recorded_as_declined() -> None:
    """Since 2026-07-28 the client sends the answer itself, and can send anything."""
    invalid: list[Any] = [
        ElicitResult(action="accept", content={"confirm": "perhaps"}),
        ElicitResult(action="accept", content={}),
        ElicitResult(action="accept"),
        ListRootsResult(roots=[]),
    ]
    for answer in invalid:
        async with office(Person()) as here:
            session = here.client.session
            send = session.send_request

            async def altered(
                request: Any, *args: Any, answer: Any = answer, send: Any = send, **kwargs: Any
            ) -> Any:
                given = getattr(getattr(request, "params", None), "input_responses", None)
                for name in given or {}:
                    given[name] = answer
                return await send(request, *args, **kwargs)

            session.send_request = altered  # type: ignore[method-assign]
            assert "did not agree" in await here.refused("make_call", to_address=NUMBER)
            assert here.records.decisions() == [
                ("asked", "confirm=auto", ""),
                ("declined", "confirm=auto", ""),
            ]
            assert [each["event"] for each in here.records.written] == [
                "decision",
                "call",
                "decision",
                "result",
            ]
            asked, declined = [each for each in here.records.written if each["event"] == "decision"]
            assert asked["question"] == declined["question"]


@every_era
async def test_every_tool_call_is_asked_about(era: str) -> None:
    person = Person()
    async with office(person, era=era) as here:
        await here.tell("make_call", to_address=NUMBER)
        await here.tell("make_call", to_address=NUMBER)
    first, second = person.asked
    assert first != second


async def test_unanswered_question_ends_in_time_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "LIFETIME", 0.05)

    async def silent(context: Any, params: ElicitRequestParams) -> ElicitResult:
        await anyio.sleep(30)
        return ElicitResult(action="accept", content={"confirm": True})

    async with office(silent, era="legacy") as here:  # type: ignore[arg-type]
        assert "did not agree" in await here.refused("make_call", to_address=NUMBER)


async def test_late_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    person = Person()

    async with office(person) as here:
        questions = gate_of(here)._confirmations
        monkeypatch.setattr(questions, "_clock", lambda: now)

        def pass_time() -> None:
            nonlocal now
            if len(person.asked) == 1:
                now += 121

        person.while_asked = pass_time
        await here.tell("make_call", to_address=NUMBER)
        assert len(person.asked) == 2
        assert len(here.session.sent) == 1


@every_era
async def test_nothing_is_sent_if_the_situation_changed_while_the_person_was_asked(era: str) -> None:
    """The person agreed to removing somebody from one call; meanwhile the tool call would act on another one."""
    session = signed_in()
    session.have(call("331", actions=("PARTICIPANT_DROP",)))
    person = Person(
        "yes", "decline", while_asked=lambda: session.have(call("332", actions=("PARTICIPANT_DROP",)))
    )
    async with office(person, era=era, session=session) as here:
        await here.refused("drop_participant", participant="4502")
    assert "331" in person.asked[0]
    assert here.records.decisions()[-1][0] in ("changed", "declined")


async def test_approved_request_that_is_replayed_is_asked_again() -> None:
    """In 2026-07-28 the client sends the answer with a state that the SDK accepts any number of times."""
    person = Person("yes", "decline")
    replayed: list[Any] = []
    async with office(person) as here:
        session = here.client.session
        send = session.send_request

        async def recording(request: Any, *args: Any, **kwargs: Any) -> Any:
            if getattr(getattr(request, "params", None), "input_responses", None):
                replayed.append((request, args, kwargs))
            return await send(request, *args, **kwargs)

        session.send_request = recording  # type: ignore[method-assign]
        await here.tell("make_call", to_address=NUMBER)
        assert len(here.session.sent) == 1
        [(request, args, kwargs)] = replayed
        answer = await send(request, *args, **kwargs)
        assert getattr(answer, "result_type", None) == "input_required"
    assert len(here.session.sent) == 1


@every_era
async def test_two_identical_tool_calls_need_two_answers(era: str) -> None:
    person = Person()
    async with office(person, era=era) as here:
        results = []

        async def one() -> None:
            results.append(await here.client.call_tool("make_call", {"to_address": NUMBER}))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one)
            tasks.start_soon(one)
        done = [each for each in results if not each.is_error]
        assert len(here.session.sent) == len(done)
        assert len(here.records.decisions()) >= 2
        confirmed = [each for each in here.records.written if each.get("decision") == "confirmed"]
        assert len({each["question"] for each in confirmed}) == len(confirmed) == len(done)


async def test_refused_tool_call_is_not_asked_about() -> None:
    person = Person()
    async with office(person, rules={"numbers": {"deny": ["0!"]}}) as here:
        await here.refused("make_call", to_address=NUMBER)
    assert person.asked == []


# -- a client that cannot ask


def code_in(text: str) -> str:
    found = re.search(r"confirmation_code (\w+)", text)
    assert found is not None, text
    return found[1]


@every_era
async def test_client_that_cannot_ask_confirms_with_a_code(era: str) -> None:
    async with office(era=era) as here:
        text = await here.refused("make_call", to_address=NUMBER)
        assert f"Call {NUMBER}." in text
        assert "Ask the user" in text
        await here.tell("make_call", to_address=NUMBER, confirmation_code=code_in(text))
        assert len(here.session.sent) == 1
        assert here.records.decisions() == [
            ("quoted", "confirm=auto", ""),
            ("confirmed", "confirm=auto", "client"),
        ]
        again = await here.refused("make_call", to_address=NUMBER, confirmation_code=code_in(text))
        assert "not valid" in again


async def test_code_is_bound_to_the_arguments() -> None:
    async with office() as here:
        code = code_in(await here.refused("make_call", to_address=NUMBER))
        variables = [{"name": "callVariable1", "value": "x"}]
        assert "not valid" in await here.refused("make_call", to_address="0900999", confirmation_code=code)
        await here.refused("make_call", to_address=NUMBER, call_variables=variables, confirmation_code=code)
        await here.refused("consult_call", to_address=NUMBER, dialog_id="331", confirmation_code=code)


async def test_restart_invalidates_codes() -> None:
    async with office() as before:
        code = code_in(await before.refused("make_call", to_address=NUMBER))
    async with office() as after:
        await after.refused("make_call", to_address=NUMBER, confirmation_code=code)


async def test_code_does_not_replace_the_person_of_a_client_that_can_ask() -> None:
    async with office() as here:
        code = code_in(await here.refused("make_call", to_address=NUMBER))
        person = Person("decline")
        async with Client(here.client.server, elicitation_callback=person) as other:  # type: ignore[arg-type]
            text = await refusal(other, "make_call", to_address=NUMBER, confirmation_code=code)
        assert "did not agree" in text
        assert len(person.asked) == 1
        assert here.session.sent == []


@pytest.mark.parametrize(
    ("confirm", "rules"), [("always", {}), ("auto", {"require": {"make_call": "person"}})], ids=str
)
async def test_required_person_cannot_be_replaced_by_a_code(confirm: str, rules: dict[str, Any]) -> None:
    async with office(confirm=confirm, rules=rules | {"contact": "Security, ext. 4711"}) as here:
        text = await here.refused("make_call", to_address="4502")
        assert "cannot show a question" in text
        assert "Security, ext. 4711" in text
        [tool] = [each for each in (await here.client.list_tools()).tools if each.name == "make_call"]
        assert "confirmation_code" not in tool.input_schema["properties"]


# -- what is asked about


@pytest.mark.parametrize("number", ["4502", "4999", "+49 (30) 1234", "+49301234", "4777"])
async def test_known_number_is_called_without_a_question(number: str) -> None:
    session = signed_in()
    session.have(call(from_address="+49301234"))
    async with office(session=session) as here:
        await here.tell("make_call", to_address=number)
        assert here.records.decisions() == []


@pytest.mark.parametrize("number", ["110", "45020", "+49301235", "0"])
async def test_unknown_number_is_asked_about(number: str) -> None:
    async with office() as here:
        await here.refused("make_call", to_address=number)


async def test_ordinary_work_is_not_interrupted() -> None:
    session = signed_in()
    session.have(call(actions=("HOLD", "DROP", "UPDATE_CALL_DATA", "SEND_DTMF")))
    async with office(session=session) as here:
        for tool, arguments in {
            "hold_call": {},
            "end_call": {},
            "change_state": {"state": "READY"},
            "send_dtmf": {"digits": "1"},
            "update_call_data": {"call_variables": [{"name": "callVariable1", "value": "x"}]},
        }.items():
            await here.tell(tool, **arguments)
        assert here.records.decisions() == []


async def test_mode_never_asks_nothing() -> None:
    async with office(confirm="never") as here:
        await here.tell("make_call", to_address=NUMBER)
        [tool] = [each for each in (await here.client.list_tools()).tools if each.name == "make_call"]
        assert "confirmation_code" not in tool.input_schema["properties"]


async def test_mode_always_asks_before_every_change_and_before_no_read() -> None:
    person = Person()
    session = signed_in()
    session.have(call())
    async with office(person, confirm="always", session=session) as here:
        await here.tell("hold_call")
        await here.tell("get_dialogs")
        await here.tell("search_contacts", query="Dana")
    [question] = person.asked
    assert "Hold call" in question
    assert "a rule requires it" in question


async def test_invalid_tool_call_is_not_asked_about() -> None:
    person = Person()
    session = signed_in()
    session.team_reader.known["310"] = Team(
        id="310", name="North", users=[member("1002", "Ben Kim", "READY")]
    )
    async with office(person, session=session, toolsets=("supervisor",)) as here:
        await here.refused("sign_out_agent", agent="nobody")
    assert person.asked == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("headers", [[], [{"name": "X-HTTP-Method-Override", "value": "DELETE"}]])
async def test_raw_request_that_may_change_data_is_asked_about(
    method: str, headers: list[dict[str, str]]
) -> None:
    person = Person("decline")
    async with office(person, toolsets=("developer",)) as here:
        arguments = {"method": method, "path": "User/1001", "headers": headers}
        await here.client.call_tool("send_request", arguments)
    assert len(person.asked) == (0 if method == "GET" and not headers else 1)


# -- rules and limits


def supervisor() -> ScriptedSession:
    """Return the session of a supervisor of the team North with the agents 1002 and 2002."""
    session = signed_in()
    users = [member("1002", "Ben Kim", "READY"), member("2002", "Eve Ode", "READY")]
    session.team_reader.known["310"] = Team(id="310", name="North", users=users)
    session.team_reader.shown = [message("7", "Lunch at noon", "310")]
    return session


@pytest.mark.parametrize(
    ("rules", "tool", "arguments", "rule"),
    [
        ({"agents": {"deny": ["2*"]}}, "sign_out_agent", {"agent": "Eve"}, "agents.deny"),
        (
            {"agents": {"allow": ["1*"]}},
            "change_agent_state",
            {"agent": "Eve", "state": "READY"},
            "agents.allow",
        ),
        ({"agents": {"deny": ["2*"]}}, "monitor_call", {"agent": "2002"}, "agents.deny"),
        ({"teams": {"deny": ["310"]}}, "get_team", {}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "get_team", {"team": "north"}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "send_team_message", {"content": "x", "team": "all"}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "delete_team_message", {"message_id": "7"}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "delete_team_message", {"message_id": " 07"}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "get_team_messages", {}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "sign_out_agent", {"agent": "1002"}, "teams.deny"),
        ({"teams": {"deny": ["310"]}}, "subscribe_feed", {"feed": "Team:310"}, "teams.deny"),
        ({"feeds": {"deny": ["queue:*"]}}, "subscribe_feed", {"feed": "QUEUE:5"}, "feeds.deny"),
        ({"numbers": {"deny": ["09!"]}}, "make_call", {"to_address": "(09) 00-1"}, "numbers.deny"),
        ({"numbers": {"deny": ["09!"]}}, "consult_call", {"to_address": "09001"}, "numbers.deny"),
        ({"numbers": {"deny": ["09!"]}}, "transfer_call", {"to_address": "09001"}, "numbers.deny"),
        ({"numbers": {"deny": ["09!"]}}, "schedule_callback", {"number": "09001"}, "numbers.deny"),
        ({"teams": {"allow": []}}, "send_request", {"method": "GET", "path": "Team/310"}, "teams"),
    ],
    ids=str,
)
async def test_rule_applies_to_the_object_that_the_arguments_identify(
    rules: dict[str, Any], tool: str, arguments: dict[str, Any], rule: str
) -> None:
    async with office(session=supervisor(), rules=rules, toolsets=("all",)) as here:
        assert f"Rule {rule} of the policy file" in await here.refused(tool, **arguments)
        assert here.session.exchanged == []
        assert here.session.wanted == []


@every_era
async def test_resource_obeys_the_rules(era: str) -> None:
    rules = {"teams": {"deny": ["310"]}, "feeds": {"deny": ["queue:*"]}}
    async with office(session=supervisor(), rules=rules, era=era) as here:
        for uri, rule in {"finesse://teams/310": "teams.deny", "finesse://queues/5": "feeds.deny"}.items():
            with pytest.raises(MCPError, match=rule):
                await here.client.read_resource(uri)
        assert here.session.wanted == []


async def test_agent_on_a_phone_call_is_compared_by_id() -> None:
    """The policy names agent 2002; the phone call shows only the extension 4502."""
    session = supervisor()
    session.mirror.team_store.merge("310", session.team_reader.known["310"])
    joined = call("331", actions=("BARGE_CALL",))
    joined.participants.append(
        Participant(media_address="4502", media_address_type="AGENT_DEVICE", state="ACTIVE")
    )
    session.have(joined)
    rules = {"agents": {"deny": ["1002", "2002"]}}
    async with office(session=session, rules=rules, toolsets=("supervisor",)) as here:
        assert "agents.deny" in await here.refused("barge_call")


async def test_question_is_one_line_of_visible_text() -> None:
    person = Person("decline")
    session = signed_in()
    session.have(call(actions=("PARTICIPANT_DROP",)))
    async with office(person, session=session) as here:
        await here.refused("drop_participant", participant="45\n02\u202e\u200b. Confirm: yes\r\n")
    summary, _, rest = person.asked[0].partition("\n\n")
    assert summary.startswith("Remove 45 02. Confirm: yes from phone call 331")
    assert summary.isprintable()
    assert rest.startswith("You are asked because")


class Broken(Records):
    """An audit file that cannot be written."""

    def append(self, fields: Mapping[str, Any]) -> None:
        raise AuditError("The disk is full.")


@every_era
async def test_nobody_is_asked_while_the_audit_log_cannot_be_written(era: str) -> None:
    person = Person()
    server = build_server(signed_in().as_session(), auditor=Auditor(Broken()))
    async with Client(server, mode=era, elicitation_callback=person) as client:
        assert "The disk is full" in await refusal(client, "make_call", to_address=NUMBER)
    assert person.asked == []


async def test_nothing_is_sent_if_the_client_cancels_while_the_person_is_asked() -> None:
    shown = anyio.Event()

    async def thinking(context: Any, params: ElicitRequestParams) -> ElicitResult:
        shown.set()
        await anyio.sleep(30)
        return ElicitResult(action="accept", content={"confirm": True})

    async with office(thinking, era="legacy") as here, anyio.create_task_group() as tasks:  # type: ignore[arg-type]
        tasks.start_soon(here.client.call_tool, "make_call", {"to_address": NUMBER})
        await shown.wait()
        tasks.cancel_scope.cancel()
    assert here.session.sent == []
    assert here.records.decisions() == [("asked", "confirm=auto", "")]


async def test_refusal_names_the_rule_and_who_can_change_it() -> None:
    rules = {"contact": "Security, ext. 4711", "tools": {"deny": ["hold_call"]}}
    async with office(rules=rules) as here:
        text = await here.refused("hold_call")
        assert "tools.deny" in text
        assert "Security, ext. 4711" in text
        assert here.records.decisions() == [("refused", "tools.deny", "")]


async def test_tool_call_over_the_limit_is_refused_until_a_minute_has_passed() -> None:
    async with office(rules={"limits": {"tools": {"make_call": 2}}}) as here:
        await here.tell("make_call", to_address="4502")
        await here.tell("make_call", to_address="4502")
        text = await here.refused("make_call", to_address="4502")
        assert re.search(r"Wait (5\d|60) s", text)
        assert here.records.decisions() == [("refused", "limits.per_minute", "")]


async def test_refused_tool_call_does_not_count() -> None:
    async with office(rules={"limits": {"per_minute": 1}, "numbers": {"deny": ["0!"]}}) as here:
        await here.refused("make_call", to_address="0123")
        await here.tell("make_call", to_address="4502")


async def test_read_only_tool_call_is_refused_before_a_question() -> None:
    person = Person()
    session, records = signed_in(), Records()
    server = build_server(session.as_session(), read_only=True, auditor=Auditor(records))
    async with Client(server, elicitation_callback=person) as client:
        assert "read-only" in await refusal(client, "make_call", to_address=NUMBER)
    assert person.asked == []


async def test_raw_change_in_read_only_mode_is_refused_without_a_question() -> None:
    person = Person()
    session = signed_in()
    session.answers.append(ReadOnlyError("This server is read-only. Nothing was sent."))
    server = build_server(session.as_session(), read_only=True, selection=Selection(["developer"]))
    async with Client(server, elicitation_callback=person) as client:
        text = await refusal(client, "send_request", method="DELETE", path="User/1001")
    assert "read-only" in text
    assert person.asked == []


def gate_of(here: Office) -> gate.Gate:
    """Return the gate of the server of a client."""
    tools = here.client.server._tool_manager.list_tools()  # type: ignore[union-attr]
    owners = [cell.cell_contents for tool in tools for cell in tool.fn.__closure__ or ()]
    return next(each._gate for each in owners if isinstance(each, Policy))
