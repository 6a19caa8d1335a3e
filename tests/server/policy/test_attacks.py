"""Attempts to make Finesse receive a change that a rule forbids, or that nobody confirmed."""

from __future__ import annotations

import copy
from typing import Any

import anyio
import pytest
from mcp.client import Client

from mcp_finesse.model import Dialog, Media, MediaProperties, Participant, ScheduledCallback, Team
from mcp_finesse.server import build_server
from mcp_finesse.server.audit.auditor import Auditor
from mcp_finesse.server.policy.number_patterns import plain_number
from mcp_finesse.server.policy.policy_file import read_policy
from mcp_finesse.server.policy.rate_limits import RateLimits
from mcp_finesse.server.toolsets.selection import Selection
from tests.server.policy.test_gate import NUMBER, Person, Records, every_era, gate_of, office, supervisor
from tests.server.support import ScriptedSession, call, refusal, signed_in
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


@pytest.mark.parametrize("padding", [" ", "\n", "\u200b", "\u202e \t"])
async def test_question_shows_that_text_behind_many_blanks_is_not_shown(padding: str) -> None:
    person = Person("decline")
    body = "<User><state>READY</state>" + padding * 10_000 + "<requireMe>1</requireMe></User>"
    async with office(person, toolsets=("developer",)) as here:
        await here.refused("send_request", method="PUT", path="/finesse/api/User/1001", body=body)
    (asked,) = person.asked
    assert "requireMe" in asked or "READY</state>… (" in asked


async def test_question_says_how_long_a_request_is_that_is_not_shown_completely() -> None:
    person = Person("decline")
    query = [{"name": "a", "value": "x" * 400}, {"name": "force", "value": "true"}]
    body = f"<User><!-- {'x' * 2_000} --><state>LOGOUT</state></User>"
    async with office(person, toolsets=("developer",)) as here:
        await here.refused(
            "send_request", method="PUT", path="/finesse/api/User/1001", query=query, body=body
        )
    (asked,) = person.asked
    assert f"({len(body)} characters in all)" in asked
    assert asked.count("characters in all)") == 2


TASK_TOOLS: list[tuple[str, dict[str, Any], str]] = [
    ("accept_task", {}, "ACCEPT"),
    ("work_on_task", {"action": "PAUSE"}, "PAUSE"),
    ("close_task", {}, "CLOSE"),
    ("transfer_task", {"to_address": "Billing"}, "TRANSFER"),
]


def task(task_id: str, action: str) -> Dialog:
    return Dialog(
        id=task_id,
        state="ACTIVE",
        media_type="Cisco_Email",
        participants=[Participant(media_address="1001", state="ACTIVE", actions=[action])],
        media_properties=MediaProperties(media_id="5002", queue_name="Mails"),
    )


@every_era
@pytest.mark.parametrize(("tool", "arguments", "action"), TASK_TOOLS)
async def test_question_names_the_only_task_and_the_tool_acts_on_no_other(
    era: str, tool: str, arguments: dict[str, Any], action: str
) -> None:
    session = signed_in()
    session.have_work([], [task("1_2_3", action)])
    person = Person("yes", "decline", while_asked=lambda: session.have_work([], [task("4_5_6", action)]))
    async with office(person, era=era, session=session, confirm="always", toolsets=("tasks",)) as here:
        await here.refused(tool, **arguments)
    assert "task 1_2_3 (Cisco_Email, queue Mails)" in person.asked[0]
    assert all(str(each) in person.asked[0] for each in arguments.values())
    assert here.records.decisions()[-1][0] in ("changed", "declined")


@pytest.mark.parametrize(("tool", "arguments", "action"), TASK_TOOLS)
async def test_tool_acts_on_the_task_that_was_checked(
    tool: str, arguments: dict[str, Any], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the check, another task is the only one that fits."""
    session = signed_in()
    session.have_work([], [task("1_2_3", action)])
    async with office(Person(), session=session, confirm="always", toolsets=("tasks",)) as here:
        gate = gate_of(here)
        admit = gate.admit

        async def then_change(*given: Any) -> Any:
            admitted = await admit(*given)
            session.have_work([], [task("4_5_6", action)])
            return admitted

        monkeypatch.setattr(gate, "admit", then_change)
        await here.client.call_tool(tool, arguments)
    assert session.sent
    assert all(path == "/Dialog/1_2_3" for path, _ in session.sent)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("sign_out_media", {}), ("change_media_state", {"state": "READY"}), ("sign_in_media", {})],
)
async def test_question_names_the_only_medium(tool: str, arguments: dict[str, Any]) -> None:
    session = signed_in()
    chat = Media(id="5001", name="Cisco_Chat", state="NOT_READY")
    mail = Media(id="5002", name="Cisco_Email", state="NOT_READY")
    session.have_work([chat], [])
    person = Person("yes", "decline", while_asked=lambda: session.have_work([mail], []))
    async with office(person, session=session, confirm="always", toolsets=("tasks",)) as here:
        await here.refused(tool, **arguments)
    assert "medium 5001 (Cisco_Chat)" in person.asked[0]


async def test_call_that_only_a_new_read_shows_is_named_and_chosen() -> None:
    session = signed_in()
    session.after_refresh = [call("331", actions=("DROP",))]
    person = Person()
    async with office(person, session=session, confirm="always") as here:
        await here.tell("end_call")
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


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("barge_call", {}),
        ("intercept_call", {}),
        ("drop_participant", {"participant": "4502"}),
        ("start_recording", {}),
    ],
)
async def test_phone_call_of_an_agent_in_a_denied_team_cannot_be_changed(
    tool: str, arguments: dict[str, Any]
) -> None:
    session = supervisor()
    joined = call("331", actions=("BARGE_CALL", "PARTICIPANT_DROP", "START_RECORDING"))
    joined.participants.append(
        Participant(media_address="4502", media_address_type="AGENT_DEVICE", state="ACTIVE")
    )
    if tool == "start_recording":
        monitor = MediaProperties(call_type="SUPERVISOR_MONITOR")
        joined = joined.model_copy(update={"to_address": "4502", "media_properties": monitor})
    session.have(joined)
    rules = {"teams": {"deny": ["310"]}}
    async with office(session=session, rules=rules, confirm="never", toolsets=("supervisor",)) as here:
        assert "teams.deny" in await here.refused(tool, **arguments)
        assert session.sent == []


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
        f"*31#{NUMBER}",
        f"#31#{NUMBER}#",
        f"*31*1*{NUMBER}",
        f"4502,{NUMBER}",
        f"9p{NUMBER}#",
        f"sip:*31*{NUMBER}@host",
        f"*31#{NUMBER},,1",
        f"1,{NUMBER},2",
        f"9w{NUMBER}w1",
        f"9,+{NUMBER},1",
        f"+{NUMBER}",
    ],
)
async def test_denied_number_with_other_characters_is_refused(number: str) -> None:
    async with office(rules={"numbers": {"deny": ["0900!"]}}, confirm="never") as here:
        assert "numbers.deny" in await here.refused("make_call", to_address=number)


def preview(**fields: Any) -> Dialog:
    """Return a campaign preview. Fields show the customer's number, or none is shown."""
    variables = {name: value for name, value in fields.items() if name == "BACustomerNumber"}
    offered = call("331", actions=("ACCEPT", "REJECT", "CLOSE"), from_address="6001", **variables)
    media = offered.media_properties
    assert media is not None
    shown = {name: value for name, value in fields.items() if name not in variables}
    return offered.model_copy(
        update=shown
        | {
            "participants": offered.participants[:1],
            "media_properties": media.model_copy(update={"call_type": "OUTBOUND_PREVIEW"}),
        }
    )


SHOWN = [{"callback_number": NUMBER}, {"BACustomerNumber": NUMBER}]
OUTBOUND = ("outbound",)


@every_era
@pytest.mark.parametrize("fields", SHOWN, ids=str)
async def test_number_of_an_accepted_preview_is_checked(era: str, fields: dict[str, str]) -> None:
    session = signed_in()
    session.have(preview(**fields))
    person = Person("decline")
    rules: dict[str, Any] = {"numbers": {"allow": ["4!"]}}
    async with office(person, session=session, rules=rules, era=era, toolsets=OUTBOUND) as here:
        await here.refused("answer_preview", answer="ACCEPT")
        assert f"let Finesse call {NUMBER}" in person.asked[0]
        assert "331" in person.asked[0]
        await here.tell("answer_preview", answer="REJECT")  # calls nobody
    rules = {"numbers": {"deny": ["09!"]}}
    async with office(session=session, rules=rules, confirm="never", era=era, toolsets=OUTBOUND) as here:
        assert "numbers.deny" in await here.refused("answer_preview", answer=" accept")
        await here.tell("answer_preview", answer="CLOSE")


@pytest.mark.parametrize("fields", [*SHOWN, {}], ids=str)
async def test_preview_is_accepted_without_a_question_if_no_numbers_are_listed(
    fields: dict[str, str],
) -> None:
    """The campaign has chosen the customer, not the client."""
    session = signed_in()
    session.have(preview(**fields))
    async with office(session=session, toolsets=OUTBOUND) as here:
        await here.tell("answer_preview", answer="ACCEPT")
        assert here.records.decisions() == []


async def test_listed_number_of_a_preview_is_accepted_without_a_question() -> None:
    session = signed_in()
    session.have(preview(callback_number="4777"))
    rules: dict[str, Any] = {"numbers": {"allow": ["4!"]}}
    async with office(session=session, rules=rules, toolsets=OUTBOUND) as here:
        await here.tell("answer_preview", answer="ACCEPT")
        assert here.records.decisions() == []


async def test_preview_without_a_number_is_asked_about_and_refused_if_numbers_are_denied() -> None:
    session = signed_in()
    session.have(preview())
    person = Person("decline")
    rules: dict[str, Any] = {"numbers": {"allow": ["4!"]}}
    async with office(person, session=session, rules=rules, toolsets=OUTBOUND) as here:
        await here.refused("answer_preview", answer="ACCEPT")
    assert "a number that Finesse does not show" in person.asked[0]
    rules = {"numbers": {"deny": ["09!"]}}
    async with office(session=session, rules=rules, confirm="never", toolsets=OUTBOUND) as here:
        text = await here.refused("answer_preview", answer="ACCEPT")
        assert "numbers.deny" in text
        assert "does not show" in text


async def test_other_number_in_the_same_preview_is_not_confirmed() -> None:
    session = signed_in()
    session.have(preview(callback_number=NUMBER))
    person = Person("yes", "decline", while_asked=lambda: session.have(preview(callback_number="0900999")))
    rules: dict[str, Any] = {"numbers": {"allow": ["4!"]}}
    async with office(person, session=session, rules=rules, toolsets=OUTBOUND) as here:
        await here.refused("answer_preview", answer="ACCEPT")


CALLBACK = {"actions": ("UPDATE_SCHEDULED_CALLBACK",)}


@pytest.mark.parametrize(
    "customer",
    [
        call(from_address=NUMBER, **CALLBACK),  # type: ignore[arg-type]
        call(from_address="4777", **CALLBACK, BACustomerNumber=NUMBER),  # type: ignore[arg-type]
        call(from_address="4777", **CALLBACK).model_copy(  # type: ignore[arg-type]
            update={"scheduled_callback": ScheduledCallback(callback_number=NUMBER)}
        ),
    ],
    ids=["party", "contact", "scheduled"],
)
async def test_callback_without_a_number_is_checked_with_the_number_that_will_be_called(
    customer: Dialog,
) -> None:
    session = signed_in()
    session.have(customer)
    when = {"time": "2050-05-01T14:30"}
    rules: dict[str, Any] = {"numbers": {"deny": ["09!"]}}
    async with office(session=session, rules=rules, confirm="never", toolsets=OUTBOUND) as here:
        assert "numbers.deny" in await here.refused("schedule_callback", **when)
    person = Person("decline")
    rules = {"numbers": {"allow": ["4!"]}}
    async with office(person, session=session, rules=rules, toolsets=OUTBOUND) as here:
        await here.refused("schedule_callback", **when)
    assert f"at {NUMBER}." in person.asked[0]
    async with office(
        session=session, toolsets=OUTBOUND
    ) as here:  # the number is part of a current phone call
        await here.tell("schedule_callback", **when)


def consulting(number: str, *, original: str = "HELD", marked: bool = True) -> ScriptedSession:
    """Return a session of an agent with a customer's call and a consult call to a number."""
    session = signed_in()
    actions = ("TRANSFER", "CONFERENCE", "RETRIEVE")
    customer = call("331", mine=original, actions=actions, from_address="0800555")
    consult = call(
        "332", mine="ACTIVE" if original == "HELD" else "HELD", actions=actions, from_address=number
    )
    media = MediaProperties(call_type="CONSULT" if marked else None, dialed_number=number)
    called = {"from_address": "4501", "to_address": number, "media_properties": media}
    session.have(customer, consult.model_copy(update=called))
    return session


@every_era
@pytest.mark.parametrize("tool", ["transfer_call", "conference_call"])
@pytest.mark.parametrize("dialog_id", ["331", "332"])
@pytest.mark.parametrize(("original", "marked"), [("HELD", True), ("ACTIVE", True), ("ACTIVE", False)])
async def test_number_of_the_consulted_colleague_is_checked(
    era: str, tool: str, dialog_id: str, original: str, marked: bool
) -> None:
    session = consulting(NUMBER, original=original, marked=marked)
    deny = {"numbers": {"deny": ["09!"]}}
    async with office(session=session, rules=deny, confirm="never", era=era) as here:
        assert "numbers.deny" in await here.refused(tool, dialog_id=dialog_id)
    person = Person("decline")
    async with office(person, session=session, rules={"numbers": {"allow": ["4!"]}}, era=era) as here:
        await here.refused(tool, dialog_id=dialog_id)
    assert NUMBER in person.asked[0]
    assert "331" in person.asked[0]


@pytest.mark.parametrize("tool", ["transfer_call", "conference_call"])
async def test_number_of_the_caller_is_not_a_number_that_is_called(tool: str) -> None:
    session = consulting("4502")
    async with office(session=session, rules={"numbers": {"deny": ["08!"]}}) as here:
        await here.tell(tool, dialog_id="331")
    async with office(session=consulting("4502")) as here:
        await here.tell(tool, dialog_id="331")
        assert here.records.decisions() == []


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
