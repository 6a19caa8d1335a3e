"""Every agent and supervisor operation: the request byte by byte, and its catalog entry."""

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
async def test_read_sends_the_documented_request(call: Call) -> None:
    async with scripted(xml("<Thing/>")) as (client, server):
        await call.ask(client)

    (request,) = server.requests
    assert request.line == call.line
    assert request.body == b""
    assert "requestId" not in request.headers


@pytest.mark.parametrize("call", CHANGES, ids=str)
async def test_change_sends_the_documented_request(call: Call) -> None:
    async with scripted() as (client, server):
        assert await call.ask(client) is None

    (request,) = server.requests
    assert (request.line, request.body.decode()) == (call.line, call.body)
    assert request.headers["requestId"] == "r-1"
    assert request.headers.get("Content-Type") == ("application/xml" if call.body else None)


@pytest.mark.parametrize("call", TOKENS, ids=str)
async def test_token_requests_are_sent_without_credentials(call: Call) -> None:
    async with scripted(TOKEN) as (client, server):
        assert (await call.ask(client)).token.get_secret_value() == "t"

    (request,) = server.requests
    assert (request.line, request.body.decode()) == (call.line, call.body)
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert "authorization" not in headers
    assert headers["accept"] == "application/json"
    assert headers.get("content-type") == ("application/x-www-form-urlencoded" if call.body else None)


@pytest.mark.parametrize("call", [*READS, *CHANGES, *TOKENS], ids=str)
def test_catalog_path_matches_the_request(call: Call) -> None:
    assert any(_fits(entry, call.line) for entry in operations_of(call.function)), call.line


@pytest.mark.parametrize("entry", DECLARED, ids=lambda entry: entry.name)
def test_every_declared_operation_has_a_tested_function(entry: Operation) -> None:
    assert entry.function in {call.function for call in (*READS, *CHANGES, *TOKENS)} | {
        "system.get_system_info"
    }
    assert entry.source
    assert entry.platforms <= {UCCE, UCCX}


def test_supervisor_operations_are_declared_for_supervisors() -> None:
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


def test_unconfirmed_operations_have_no_function_and_state_what_is_unknown() -> None:
    free = [entry for entry in operations() if not entry.function]
    assert {entry.name for entry in free} >= {"ScriptSelectors: get list", "Media: put list"}
    assert all(entry.unsure and entry.path and entry.source for entry in free), unconfirmed.__name__


def _fits(entry: Operation, line: str) -> bool:
    path = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(entry.path))
    # The guide prints two paths for one operation.
    return re.fullmatch(rf"{entry.method} {path}s?(\?.*)?", line) is not None
