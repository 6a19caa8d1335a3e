"""Raw requests go only to the Finesse of the session, and their results contain no secrets."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import CredentialsError, InvalidRequestError, NetworkError, ReadOnlyError
from mcp_finesse.session.administration.raw_request import RawRequest, reporting_feed, send_raw_request
from tests.rest.support import (
    ADA_BASIC,
    CUT,
    Recorded,
    Reply,
    ScriptedServer,
    api_error,
    client_for,
    html,
    xml,
)

ADA = Credentials("1001", SecretStr("secret"))


async def send(server: ScriptedServer, request: RawRequest, **options: Any) -> Any:
    async with client_for(server, **options) as rest:
        return await send_raw_request(rest, request)


def lower(came: Recorded) -> dict[str, str]:
    return {name.lower(): value for name, value in came.headers.items()}


async def test_request_is_sent_as_given_and_response_is_returned_as_received() -> None:
    reply = Reply(
        200, b"<User><state>READY</state></User>", "application/xml", {"Set-Cookie": "JSESSION=abc"}
    )
    async with ScriptedServer(reply) as server:
        answer = await send(server, RawRequest("GET", "User/1001?a=1&b=", {"c": "x y"}, {"Accept": "*/*"}))
    [came] = server.requests
    assert came.line == "GET /finesse/api/User/1001?a=1&b=&c=x+y"
    headers = lower(came)
    assert headers["accept"] == "*/*"
    assert headers["requestid"] == answer.request_id
    assert headers["authorization"] == ADA_BASIC
    assert (answer.status, answer.body) == (200, "<User><state>READY</state></User>")
    assert answer.headers == {"content-type": "application/xml"}
    assert answer.size == 33


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({}, "application/xml"), ({"content-type": "application/json"}, "application/json")],
)
async def test_body_is_sent_as_xml_unless_a_content_type_is_given(headers: dict[str, str], kind: str) -> None:
    async with ScriptedServer(Reply(202)) as server:
        answer = await send(server, RawRequest("PUT", "/finesse/api/Dialog/33", {}, headers, "<ü/>"))
    [came] = server.requests
    assert lower(came)["content-type"] == kind
    assert came.body == "<ü/>".encode()
    assert (answer.status, answer.body, answer.feed, answer.object_id) == (202, "", "dialogs", "33")


@pytest.mark.parametrize(
    "reply",
    [
        api_error(400, "Invalid State", "CF_X", "257"),
        api_error(404, "Not Found"),
        api_error(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE"),
        html("<html>proxy</html>", 502),
        Reply(301, b"", "text/html", {"Location": "https://elsewhere.example/"}),
    ],
)
async def test_http_error_is_returned_and_redirect_is_not_followed(reply: Reply) -> None:
    async with ScriptedServer(reply) as server:
        answer = await send(server, RawRequest("GET", "User/1001"))
        assert len(server.requests) == 1
    assert answer.status == reply.status
    assert answer.headers.get("location") == reply.headers.get("Location")


@pytest.mark.parametrize(
    ("method", "reply", "open_end"),
    [
        ("PUT", Reply(500), True),
        ("PUT", Reply(408), True),
        ("POST", html("<html>proxy</html>", 502), True),
        ("PUT", api_error(500, "Internal Server Error", "RUNTIME_EXCEPTION"), False),
        ("PUT", api_error(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE"), False),
        ("DELETE", Reply(405), False),
        ("PUT", Reply(202), False),
        ("GET", Reply(500), False),
    ],
)
async def test_answer_says_whether_a_change_may_have_been_executed(
    method: str, reply: Reply, open_end: bool
) -> None:
    async with ScriptedServer(reply) as server:
        answer = await send(server, RawRequest(method, "User/1001"))
    assert answer.may_have_been_executed is open_end


@pytest.mark.parametrize(
    ("path", "unconfirmed"), [("SystemVariables", "path and elements"), ("User/1001", "")]
)
async def test_answer_says_what_is_unconfirmed_about_the_operation(path: str, unconfirmed: str) -> None:
    async with ScriptedServer(api_error(404, "Not Found")) as server:
        answer = await send(server, RawRequest("GET", path))
    assert answer.unconfirmed == unconfirmed


async def test_wrong_password_is_tried_once() -> None:
    async with ScriptedServer(api_error(401, "Authorization Failure")) as server, client_for(server) as rest:
        for _ in range(3):
            with pytest.raises(CredentialsError):
                await send_raw_request(rest, RawRequest("GET", "User/1001"))
        assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
async def test_read_only_rejects_raw_changes(method: str) -> None:
    async with ScriptedServer() as server:
        with pytest.raises(ReadOnlyError):
            await send(server, RawRequest(method, "User/1001"), read_only=True)
        assert server.requests == []
        assert (await send(server, RawRequest("GET", "User/1001"), read_only=True)).status == 202


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/finesse/api/User",
        "http:User//x://y",
        "//elsewhere.example/x",
        "User/1001#x",
        "User/a b",
        "User/ü",
        "User/1001\r\nHost: x",
    ],
)
async def test_url_or_invalid_path_is_rejected(path: str) -> None:
    async with ScriptedServer() as server:
        with pytest.raises(InvalidRequestError):
            await send(server, RawRequest("GET", path))
        assert server.requests == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Basic x"),
        ("COOKIE", "a=b"),
        ("Host", "elsewhere.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("requestId", "mine"),
        ("X Y", "z"),
        ("X", "a\r\nHost: b"),
        ("X", "ü"),
        ("", "a"),
    ],
)
async def test_reserved_or_malformed_header_is_rejected(name: str, value: str) -> None:
    async with ScriptedServer() as server:
        with pytest.raises(InvalidRequestError):
            await send(server, RawRequest("GET", "User/1001", {}, {name: value}))
        assert server.requests == []


async def test_result_contains_no_secrets() -> None:
    basic = base64.b64encode(b"1001:secret").decode()
    body = f"<X><password>hunter22</password><t>Basic {basic}</t><u>secret</u></X>"
    reply = Reply(200, body.encode(), headers={"Location": "https://1001:hunter22@h/x"})
    async with ScriptedServer(reply) as server:
        request = RawRequest(
            "PUT", "X?password=hunter22", {"token": "hunter22"}, {"X-Api-Key": "hunter22"}, body
        )
        answer = await send(server, request)
    told = f"{answer}"
    assert not any(word in told for word in ("hunter22", basic, "secret<"))
    assert server.requests[0].body.decode() == body


async def test_change_with_lost_response_may_have_been_executed() -> None:
    async with ScriptedServer(CUT, CUT) as server:
        with pytest.raises(NetworkError) as caught:
            await send(server, RawRequest("PUT", "User/1001", body="<User/>"))
        assert caught.value.advice.startswith("The request may have been executed")
        with pytest.raises(NetworkError) as caught:
            await send(server, RawRequest("GET", "User/1001"))
        assert "executed" not in caught.value.advice


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"PK\x00\x01"])
async def test_binary_body_is_not_shown(body: bytes) -> None:
    async with ScriptedServer(Reply(200, body, "application/zip")) as server:
        answer = await send(server, RawRequest("GET", "x"))
    assert (answer.body, answer.size) == (None, len(body))


async def test_xml_body_is_returned_unparsed() -> None:
    async with ScriptedServer(xml("<not xml")) as server:
        assert (await send(server, RawRequest("GET", "x"))).body == "<not xml"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/finesse/api/User/1001", ("user", "")),
        ("/finesse/api/User/1001/", ("user", "")),
        ("/finesse/api/User/1001/Dialogs", ("dialogs", "")),
        ("/finesse/api/Dialog/331", ("dialogs", "331")),
        ("/finesse/api/User/1001/Media", ("media", "")),
        ("/finesse/api/Queue/7", ("queue:7", "")),
        ("/finesse/api/ReasonCode/7", ("", "")),
        ("/elsewhere", ("", "")),
    ],
)
def test_feed_reporting_the_outcome_is_derived_from_the_path(path: str, told: tuple[str, str]) -> None:
    assert reporting_feed(path) == told


def test_body_with_half_of_a_surrogate_pair_may_change_data() -> None:
    assert RawRequest("POST", "User/1001", body="\ud800").may_change_data()
