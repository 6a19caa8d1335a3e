"""Bad responses to configuration requests: one clear error each, and nothing is sent twice."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import (
    CredentialsError,
    FinesseError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    ReadOnlyError,
    RefusedError,
)
from tests.rest.admin.support import ASKS, READS, TEXTS, WRITES, Ask
from tests.rest.support import OUT_OF_SERVICE, Reply, api_error, html, scripted, xml

SYSTEM = "<SystemInfo><primaryNode><host>{}</host></primaryNode></SystemInfo>"
NAMES = [pytest.param(ask, id=name) for name, ask in ASKS.items()]
KINDS = [
    (400, "Bad Request"),
    (400, "Parameter Missing"),
    (400, "Invalid Input"),
    (400, "Finesse API Error"),
    (400, "Maximum Exceeded"),
    (400, "In Use"),
    (400, "Database constraint violation"),
    (401, "Invalid Authorization User Specified"),
    (405, "Method Not Allowed"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
]


async def failure(ask: Ask, *script: Reply) -> tuple[FinesseError, list[str]]:
    """Return the error and the request lines that were sent."""
    async with scripted(*script) as (client, server):
        with pytest.raises(FinesseError) as caught:
            await ask(client)
        return caught.value, [request.line for request in server.requests]


@pytest.mark.parametrize("ask", NAMES)
async def test_every_documented_error_is_reported_with_finesses_words(ask: Ask) -> None:
    refusals = [api_error(status, kind, "words", "data") for status, kind in KINDS]
    async with scripted(*refusals) as (client, server):
        for number, (status, kind) in enumerate(KINDS, 1):
            with pytest.raises(RefusedError) as caught:
                await ask(client)
            error = caught.value
            assert (error.status, error.details[0].type, error.details[0].data) == (status, kind, "data")
            assert len(server.requests) == number


@pytest.mark.parametrize("ask", NAMES)
async def test_missing_object_raises_not_found(ask: Ask) -> None:
    error, _ = await failure(ask, api_error(404, "Not Found"))
    assert isinstance(error, NotFoundError)
    assert error.advice
    team = api_error(404, "finesse.api.team.team_assignment_invalid_team", "This is not a valid team", "310")
    error, _ = await failure(ask, team)
    assert isinstance(error, NotFoundError)
    assert "This is not a valid team" in str(error)


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (
            api_error(400, "Finesse API Error"),
            "a duplicate, has an unknown id, or was changed in the meantime",
        ),
        (api_error(404, "Not Found"), "List the objects"),
        (api_error(404, "finesse.api.team.team_assignment_invalid_team"), "List the teams"),
        (api_error(400, "In Use"), "Remove the assignment first"),
        (api_error(400, "Maximum Exceeded"), "Delete an object"),
    ],
)
async def test_error_advice_is_addressed_to_administrators(answer: Reply, advice: str) -> None:
    error, _ = await failure(WRITES["delete PhoneBook"], answer)
    assert advice in error.advice


@pytest.mark.parametrize("ask", NAMES)
async def test_rejected_administrator_password_is_sent_once(ask: Ask) -> None:
    error, lines = await failure(ask, api_error(401, "Authorization Failure", "UNAUTHORIZED"))
    assert isinstance(error, CredentialsError)
    assert len(lines) == 1


@pytest.mark.parametrize("name", sorted(ASKS))
async def test_http_403_of_a_secondary_node_names_the_primary(name: str) -> None:
    error, lines = await failure(
        ASKS[name], api_error(403, "Forbidden"), xml(SYSTEM.format("fin-a.example.com"))
    )
    assert isinstance(error, RefusedError)
    assert (error.status, error.details[0].type) == (403, "Forbidden")
    assert "fin-a.example.com" in error.advice
    assert lines[1:] == ["GET /finesse/api/SystemInfo"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (xml(SYSTEM.format("LOCALHOST")), "This is the primary node"),
        (xml(SYSTEM.format("")), "primary node. Use that node"),
        (xml("<SystemInfo/>"), "primary node. Use that node"),
        (api_error(500, "Internal Server Error"), "primary node. Use that node"),
    ],
)
async def test_http_403_advice_covers_this_or_an_unknown_primary_node(answer: Reply, words: str) -> None:
    error, _ = await failure(ASKS["get ConfigInfo"], api_error(403, "Forbidden"), answer)
    assert words in error.advice


async def test_missing_administrator_role_is_reported_and_credentials_stay_valid() -> None:
    async with scripted(
        xml("<Teams/>"), api_error(401, "Authorization Failure"), xml("<User/>"), xml("<Teams/>")
    ) as (client, _):
        await ASKS["list Team"](client)
        with pytest.raises(RefusedError, match="credentials of an administrator") as caught:
            await ASKS["list Team"](client)
        assert caught.value.status == 401
        await ASKS["list Team"](client)


@pytest.mark.parametrize("name", WRITES)
async def test_configuration_change_is_never_retried(name: str) -> None:
    error, lines = await failure(WRITES[name], OUT_OF_SERVICE)
    assert isinstance(error, OutOfServiceError)
    assert error.rejected_before_execution
    assert len(lines) == 1


@pytest.mark.parametrize("name", [*READS, *TEXTS])
async def test_configuration_read_is_retried_while_out_of_service(name: str) -> None:
    error, lines = await failure((READS | TEXTS)[name], *[OUT_OF_SERVICE] * 3)
    assert isinstance(error, OutOfServiceError)
    assert len(lines) == 3


@pytest.mark.parametrize("name", WRITES)
async def test_read_only_client_sends_no_configuration_change(name: str) -> None:
    async with scripted(read_only=True) as (client, server):
        with pytest.raises(ReadOnlyError):
            await WRITES[name](client)
        assert server.requests == []


@pytest.mark.parametrize("ask", NAMES)
async def test_html_page_of_a_proxy_is_a_payload_error(ask: Ask) -> None:
    error, _ = await failure(ask, html())
    assert isinstance(error, PayloadError)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200),
        Reply(200, b"{}", "application/json"),
        Reply(200, b"<ReasonCodes>", "application/xml"),
        Reply(200, b"<?xml version='1.0' encoding='klingon'?><a/>"),
        Reply(200, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        Reply(200, b"x" * 10_000_000, "text/plain"),
        api_error(200, "Finesse API Error"),
    ],
    ids=["empty", "JSON", "cut", "charset", "entity", "10 MB", "error in a 200"],
)
@pytest.mark.parametrize(
    "name", ["list ReasonCode", "get SystemConfig", "get Workflow of a team", "list Team"]
)
async def test_invalid_document_is_an_error_of_bounded_length(name: str, answer: Reply) -> None:
    error, _ = await failure(READS[name], answer)
    assert isinstance(error, PayloadError | RefusedError)
    assert len(str(error)) < 500


@pytest.mark.parametrize("name", WRITES)
async def test_error_document_with_status_200_is_an_error(name: str) -> None:
    error, _ = await failure(WRITES[name], api_error(200, "Finesse API Error", "stale"))
    assert isinstance(error, RefusedError)


async def test_export_that_is_not_utf_8_is_a_payload_error() -> None:
    error, _ = await failure(TEXTS["export contacts"], Reply(200, b"\xff\xfe\xfd", "text/csv"))
    assert isinstance(error, PayloadError)
    assert "UTF-8" in error.message
