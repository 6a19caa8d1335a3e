"""Every operation for agents and supervisors: what goes over the wire, byte by byte, and the catalogue beside it."""

from __future__ import annotations

import re

import pytest

from mcp_finesse.rest.api import unconfirmed
from mcp_finesse.rest.operation import UCCE, UCCX, Operation, Role, operations, operations_of
from tests.rest.calls import CHANGES, READS, TOKENS, Call
from tests.rest.support import Reply, scripted, xml

TOKEN = Reply(200, b'{"token": "t", "expires_in": 300}', "application/json")
FAMILIES = frozenset(call.function.partition(".")[0] for call in (*READS, *CHANGES, *TOKENS))
DECLARED = tuple(entry for entry in operations() if entry.function.partition(".")[0] in FAMILIES)


@pytest.mark.parametrize("call", READS, ids=str)
async def test_a_read_asks_for_what_the_reference_names(call: Call) -> None:
    async with scripted(xml("<Thing/>")) as (client, server):
        await call.ask(client)

    (request,) = server.requests
    assert request.line == call.line
    assert request.body == b""
    assert "requestId" not in request.headers


@pytest.mark.parametrize("call", CHANGES, ids=str)
async def test_a_change_is_sent_as_the_reference_shows_it(call: Call) -> None:
    async with scripted() as (client, server):
        assert await call.ask(client) is None

    (request,) = server.requests
    assert (request.line, request.body.decode()) == (call.line, call.body)
    assert request.headers["requestId"] == "r-1"
    assert request.headers.get("Content-Type") == ("application/xml" if call.body else None)


@pytest.mark.parametrize("call", TOKENS, ids=str)
async def test_tokens_are_asked_for_without_credentials(call: Call) -> None:
    async with scripted(TOKEN) as (client, server):
        assert (await call.ask(client)).token.get_secret_value() == "t"

    (request,) = server.requests
    assert (request.line, request.body.decode()) == (call.line, call.body)
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert "authorization" not in headers
    assert headers["accept"] == "application/json"
    assert headers.get("content-type") == ("application/x-www-form-urlencoded" if call.body else None)


@pytest.mark.parametrize("call", [*READS, *CHANGES, *TOKENS], ids=str)
def test_the_catalogue_says_where_a_function_asks(call: Call) -> None:
    assert any(_fits(entry, call.line) for entry in operations_of(call.function)), call.line


@pytest.mark.parametrize("entry", DECLARED, ids=lambda entry: entry.name)
def test_every_declared_operation_has_a_function_that_is_tried_here(entry: Operation) -> None:
    assert entry.function in {call.function for call in (*READS, *CHANGES, *TOKENS)} | {
        "system.get_system_info"
    }
    assert entry.source
    assert entry.platforms <= {UCCE, UCCX}


def test_what_supervisors_alone_may_do_is_said() -> None:
    named = {entry.name for entry in DECLARED if entry.role is Role.SUPERVISOR}
    assert named == {
        "Dialog: BARGE_CALL",
        "Dialog: SILENT_MONITOR",
        "Dialog: end BARGE_CALL",
        "Dialog: end SILENT_MONITOR",
        "TeamMessage: create",
        "TeamMessage: delete",
        "User: change agent state (supervisor)",
        "User: sign out another agent (supervisor)",
    }


def test_what_is_not_known_for_sure_has_no_function_and_says_what() -> None:
    free = [entry for entry in operations() if not entry.function]
    assert {entry.name for entry in free} >= {"ScriptSelectors: get list", "Media: put list"}
    assert all(entry.unsure and entry.path and entry.source for entry in free), unconfirmed.__name__


def _fits(entry: Operation, line: str) -> bool:
    path = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(entry.path))
    # The guide prints two paths for one operation.
    return re.fullmatch(rf"{entry.method} {path}s?(\?.*)?", line) is not None
