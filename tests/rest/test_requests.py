"""Every agent and supervisor operation: the request byte by byte, and its catalog entry."""

from __future__ import annotations

import re

import pytest

from mcp_finesse.rest.operation import Operation, Role, operations_of
from tests.rest.calls import CHANGES, READS, TOKENS, Call
from tests.rest.declared import function_named, senders
from tests.rest.support import Reply, scripted, xml

TOKEN = Reply(200, b'{"token": "t", "expires_in": 300}', "application/json")
DECLARED = tuple(
    (operation, name)
    for operation, names in senders().items()
    for name in names
    if not name.startswith("admin.")
)


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
    assert any(_fits(entry, call.line) for entry in operations_of(function_named(call.function))), call.line


@pytest.mark.parametrize(("operation", "function"), DECLARED, ids=lambda each: getattr(each, "name", each))
def test_every_function_that_sends_an_operation_is_tested(operation: Operation, function: str) -> None:
    tested = {call.function for call in (*READS, *CHANGES, *TOKENS)} | {"system.get_system_info"}
    assert function in tested, operation.name


def test_supervisor_operations_are_declared_for_supervisors() -> None:
    named = {operation.name for operation, _ in DECLARED if operation.role is Role.SUPERVISOR}
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


def _fits(entry: Operation, line: str) -> bool:
    path = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(entry.path))
    # The guide prints two paths for one operation.
    return re.fullmatch(rf"{entry.method} {path}s?(\?.*)?", line) is not None
