"""The policy common to all tools: read-only, plain-language errors, and an audit log without external data."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.server import MCPServer

from mcp_finesse.errors import (
    ApiErrorDetail,
    CredentialsError,
    FinesseError,
    InvalidRequestError,
    NetworkError,
    NotReadyError,
    OutOfServiceError,
    RefusedError,
)
from mcp_finesse.model import Platform, SystemInfo
from mcp_finesse.rest.operation import Role, operations_of
from mcp_finesse.rest.transmission import open_transmission
from mcp_finesse.server.policy.error_text import in_plain_words
from mcp_finesse.server.policy.policy import Policy
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.sdk.requests import RequestContext
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.session import Administration, FinesseSession, Used, any_of
from mcp_finesse.session.actions import agent as agent_actions
from mcp_finesse.session.actions import calls, supervision
from tests.mirrored import set_user
from tests.server.support import ScriptedSession, agent, call, connected, refusal, signed_in, tell

TOOLS = list({entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}.values())


class Said(Result):
    """A result."""

    said: str

    def __str__(self) -> str:
        return self.said


async def greet(session: FinesseSession, name: str, times: int = 1) -> Said:
    """Greet somebody.

    Warmly.
    """
    if name == "trouble":
        raise ValueError("an inner secret")
    return Said(said=f"{session.status.state} {name} " * times)


class OneSession:
    """A stand-in for the sessions of a server."""

    def __init__(self, session: ScriptedSession | None = None) -> None:
        self._session = session or signed_in()

    @contextmanager
    def call(self, _: RequestContext) -> Iterator[FinesseSession]:
        yield self._session.as_session()

    def for_request(self, _: RequestContext) -> FinesseSession:
        return self._session.as_session()


def greeter(effect: Effect = Effect.READ, **options: Any) -> MCPServer[Any]:
    policy = Policy(OneSession(), **options)  # type: ignore[arg-type]
    policy.register(ToolEntry(greet, effect))
    return MCPServer("policy", tools=list(policy.tools), log_level="WARNING")


async def test_tool_made_of_a_function_hides_the_session_argument(era: str) -> None:
    async with Client(greeter(), mode=era) as client:
        [tool] = (await client.list_tools()).tools
        assert (tool.name, tool.title, tool.description) == ("greet", "Greet", "Greet somebody. Warmly.")
        assert list(tool.input_schema["properties"]) == ["name", "times"]
        result = await client.call_tool("greet", {"name": "Ada", "times": 2})
    assert result.structured_content == {"said": "ready Ada ready Ada "}
    assert result.content[0].text == "ready Ada ready Ada "  # type: ignore[union-attr]


@pytest.mark.parametrize("effect", Effect)
async def test_read_only_rejects_changes_and_names_the_setting(effect: Effect) -> None:
    async with Client(greeter(effect, read_only=True)) as client:
        result = await client.call_tool("greet", {"name": "Ada"})
    assert result.is_error is (effect in (Effect.CHANGE, Effect.DESTRUCTIVE))
    if result.is_error:
        text = result.content[0].text  # type: ignore[union-attr]
        assert "started read-only. Nothing was sent." in text
        assert "Only the user can correct this" in text
        assert "FINESSE_READ_ONLY" in text


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("sent", [True, False])
async def test_error_of_a_writing_tool_states_nothing_was_sent_exactly_when_true(
    effect: Effect, sent: bool
) -> None:
    async def lose(session: FinesseSession) -> Said:
        """Break."""
        transmission = open_transmission()
        assert transmission is not None
        if sent:
            transmission.start()
        raise NetworkError("The connection broke.", step="http", sent=True)

    policy = Policy(OneSession())  # type: ignore[arg-type]
    policy.register(ToolEntry(lose, effect))
    async with Client(MCPServer("policy", tools=list(policy.tools), log_level="WARNING")) as client:
        result = await client.call_tool("lose", {})
    text = result.content[0].text  # type: ignore[union-attr]
    assert ("Nothing was sent." in text) is (effect in (Effect.CHANGE, Effect.DESTRUCTIVE) and not sent)


@pytest.mark.parametrize("message", ["HOLD was not sent: busy.", "No. Nothing was sent."])
def test_nothing_was_sent_is_stated_once(message: str) -> None:
    assert in_plain_words(InvalidRequestError(message), nothing_sent=True) == message


@pytest.mark.parametrize(
    ("uses", "roles", "deployment", "said"),
    [
        ((), ["Agent"], "UCCE", None),
        ((calls.hold_call,), ["Supervisor"], "UCCE", None),
        ((supervision.barge_call,), ["Agent", "Supervisor"], "UCCE", None),
        ((supervision.barge_call,), ["SUPERVISOR"], "UCCE", None),
        ((supervision.barge_call,), ["Supervisor"], "UCCX", None),
        (
            (supervision.barge_call,), ["Agent"], "UCCE",
            "greet requires the role supervisor; agent 1001 has AGENT. Nothing was sent.",
        ),
        (
            (supervision.barge_call, supervision.drop_participant), ["Supervisor"], "UCCX",
            "greet exists on UCCE only; this Finesse is UCCX.",
        ),
        ((any_of(agent_actions.sign_in, agent_actions.sign_in_mobile),), ["Agent"], "UCCX", None),
        ((Administration.teams,), ["Agent"], "UCCE", None),  # an administrator has no user in Finesse
        ((supervision.barge_call,), [], "UCCE", None),
        ((supervision.barge_call,), None, "UCCE", None),
        ((supervision.drop_participant,), ["Agent"], "UCCE", None),
        ((supervision.drop_participant,), ["Agent"], None, None),
        ((supervision.drop_participant,), ["Agent"], "something new", None),
        ((supervision.drop_participant,), None, "uccx", "greet exists on UCCE only; this Finesse is UCCX."),
    ],
)  # fmt: skip
async def test_role_and_platform_are_checked_before_a_tool_runs(
    uses: tuple[Used, ...], roles: list[str] | None, deployment: str | None, said: str | None
) -> None:
    session = signed_in()
    set_user(session.mirror, None if roles is None else agent(roles=roles))
    session.mirror.system = SystemInfo(deployment_type=deployment)
    policy = Policy(OneSession(session))  # type: ignore[arg-type]
    policy.register(ToolEntry(greet, Effect.READ, uses))
    async with Client(MCPServer("policy", tools=list(policy.tools), log_level="WARNING")) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["greet"]
        result = await client.call_tool("greet", {"name": "Ada"})
    assert result.is_error is (said is not None)
    assert (said or "ready Ada") in result.content[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize("field", ["uses", "reads"])
def test_function_without_operation_is_rejected_when_the_tool_is_declared(field: str) -> None:
    with pytest.raises(ValueError, match="declares no operation"):
        ToolEntry(greet, Effect.READ, **{field: (print,)})  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", TOOLS, ids=lambda entry: entry.name)
def test_role_and_platforms_of_a_tool_are_those_of_its_operations(entry: ToolEntry) -> None:
    ranks = list(Role)
    needed = [min(ranks.index(each.role) for each in operations_of(used)) for used in entry.uses]
    assert entry.role == ranks[max([*needed, ranks.index(Role.AGENT)])]
    common = {
        platform
        for platform in Platform
        if all(any(platform in each.platforms for each in operations_of(used)) for used in entry.uses)
    }
    assert set(entry.platforms) == common


@pytest.mark.parametrize("entry", TOOLS, ids=lambda entry: entry.name)
def test_effect_of_a_tool_agrees_with_the_methods_of_its_operations(entry: ToolEntry) -> None:
    methods = {each.method for each in operations_of(*entry.uses)}
    if entry.effect in (Effect.READ, Effect.WATCH):
        assert methods <= {"GET"}
    elif entry.effect is not Effect.ANY:
        assert methods - {"GET"}
    assert {each.method for each in operations_of(*entry.reads)} <= {"GET"}


def test_entries_declare_nothing_but_effect_and_references() -> None:
    assert [each.name for each in fields(ToolEntry)] == ["fn", "effect", "uses", "reads", "intent", "asks"]


@pytest.mark.parametrize("entry", TOOLS, ids=lambda entry: entry.name)
def test_tool_that_changes_what_belongs_to_others_declares_its_intent(entry: ToolEntry) -> None:
    if entry.effect.changes_finesse and entry.role is not Role.AGENT:
        assert entry.intent is not None
    if entry.asks:
        assert entry.effect.changes_finesse
        assert entry.intent is not None


async def test_read_only_applies_to_every_writing_tool(era: str) -> None:
    session = signed_in()
    session.have(call())
    arguments: dict[str, dict[str, Any]] = {
        "sign_in": {},
        "sign_out": {},
        "change_state": {"state": "READY"},
        "make_call": {"to_address": "1"},
        "answer_call": {},
        "hold_call": {},
        "retrieve_call": {},
        "end_call": {},
        "consult_call": {"to_address": "1"},
        "transfer_call": {},
        "conference_call": {},
        "send_dtmf": {"digits": "1"},
        "update_call_data": {"call_variables": {"a": "b"}},
        "wrap_up_call": {"reason": "Sale"},
    }
    async with connected(session, era, read_only=True) as client:
        for tool, given in arguments.items():
            assert "read-only" in await refusal(client, tool, **given)
        assert "331" in await tell(client, "get_dialogs")
    assert session.sent == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            CredentialsError("Wrong password.", advice="Set it."),
            "Wrong password. Only the user can correct this. Set it.",
        ),
        (InvalidRequestError("No.", advice="Try yes."), "No. Try yes."),
        (
            OutOfServiceError("Finesse is out of service."),
            "Finesse is out of service. The Finesse administrator must act.",
        ),
        (
            NetworkError("No answer.", step="tcp"),
            "No answer. Failed step: tcp. Check the network, or try again later.",
        ),
        (NotReadyError("Connecting."), "Connecting. No action is required. Wait, then try again."),
        (
            RefusedError("Finesse rejected.", details=(ApiErrorDetail("Invalid State", "CF_X", "257"),)),
            "Finesse rejected. Finesse reported: Invalid State (CF_X) [257].",
        ),
        (
            RefusedError("Finesse rejected: Invalid State.", details=(ApiErrorDetail("Invalid State"),)),
            "Finesse rejected: Invalid State.",
        ),
    ],
)  # fmt: skip
def test_error_states_what_happened_who_must_act_and_what_to_try(error: FinesseError, words: str) -> None:
    assert in_plain_words(error) == words


async def test_session_error_reads_well_after_the_sdks_prefix(era: str) -> None:
    session = signed_in()
    session.error = CredentialsError("Finesse rejected the password.", advice="Correct FINESSE_PASSWORD.")
    async with connected(session, era) as client:
        assert await refusal(client, "get_codes") == (
            "Error executing tool get_codes: Finesse rejected the password. Only the user can correct "
            "this. Correct FINESSE_PASSWORD."
        )


async def test_internal_error_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    async with Client(greeter()) as client:
        result = await client.call_tool("greet", {"name": "trouble"})
    assert result.is_error
    assert result.content[0].text == "Error executing tool greet"  # type: ignore[union-attr]
    assert "an inner secret" in caplog.text


async def test_audit_log_contains_tool_effect_and_result_but_no_external_data(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "mcp_finesse.audit")
    session = signed_in()
    session.have(call(from_address="+49666", callVariable1="my card is 4111"))
    session.outcomes.append(InvalidRequestError("no such +49777"))
    async with connected(session) as client:
        await refusal(client, "make_call", to_address="+49777")
        await tell(client, "make_call", to_address="+49888")
        await tell(client, "get_dialogs")
    lines = [record.getMessage() for record in caplog.records if record.name == "mcp_finesse.audit"]
    assert [line.partition(" seconds=")[0] for line in lines] == [
        "tool=make_call effect=CHANGE ended=InvalidRequestError",
        "tool=make_call effect=CHANGE ended=confirmed request=-",
    ]
    assert not any(word in caplog.text for word in ("+49666", "+49777", "+49888", "4111"))


async def test_cancelled_call_is_in_the_audit_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "mcp_finesse.audit")
    started = anyio.Event()

    async def dawdle(session: FinesseSession) -> Said:
        """Dawdle."""
        started.set()
        await anyio.sleep_forever()
        raise AssertionError

    policy = Policy(OneSession())  # type: ignore[arg-type]
    policy.register(ToolEntry(dawdle, Effect.CHANGE))
    mcp = MCPServer("policy", tools=list(policy.tools), log_level="WARNING")
    async with Client(mcp) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, "dawdle", {})
        await started.wait()
        tasks.cancel_scope.cancel()
    assert "tool=dawdle effect=CHANGE ended=cancelled" in caplog.text


async def test_overlong_argument_is_neither_sent_nor_repeated() -> None:
    session = signed_in()
    async with connected(session) as client:
        for tool, arguments in (
            ("hold_call", {"dialog_id": "x" * 200_000}),
            ("make_call", {"to_address": "1" * 1001}),
            ("subscribe_feed", {"feed": "x" * 200_000}),
            ("get_notifications", {"after": "x" * 200_000}),
        ):
            told = await refusal(client, tool, **arguments)
            assert "characters; at most 1000 are accepted." in told
            assert len(told) < 200
        told = await refusal(client, "update_call_data", call_variables={"x" * 200_000: []})
        assert len(told) < 5_000
        told = await refusal(client, "hold_call", **{"y" * 200_000: "1"})
        assert len(told) < 5_000
    assert session.sent == []


def test_control_characters_are_removed_from_errors() -> None:
    told = in_plain_words(RefusedError("Refused 'a\x1b[31m\u202eb'.\nOne line more.", advice="Look."))
    assert told == "Refused 'a [31mb'.\nOne line more. Look."
    assert len(in_plain_words(RefusedError("x" * 100_000))) < 21_000


async def test_error_about_an_item_names_its_argument_without_validator_names() -> None:
    async with connected(signed_in()) as client:
        told = await refusal(client, "wrap_up_call", reason=[{}])
    assert told == (
        "Error executing tool wrap_up_call: invalid arguments. reason.0: Input should be a valid string."
    )


@pytest.mark.parametrize("arguments", [{"nam": "x"}, {}, {"name": "x", "times": "many"}])
async def test_call_with_rejected_arguments_is_in_the_audit_log(
    arguments: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mcp_finesse.audit")
    async with Client(greeter(Effect.CHANGE)) as client:
        assert (await client.call_tool("greet", arguments)).is_error
    lines = [record.getMessage() for record in caplog.records if record.name == "mcp_finesse.audit"]
    assert lines == ["tool=greet effect=CHANGE ended=refused-arguments seconds=0.000"]
