"""Bad responses by family: every documented error, and what no Finesse would send."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from mcp_finesse.errors import (
    CredentialsError,
    FinesseError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    RefusedError,
)
from mcp_finesse.model import explain
from mcp_finesse.rest.api import phone_books, tokens, users
from mcp_finesse.rest.client import RestClient
from tests.rest.calls import CHANGES, READS, TOKENS, Call
from tests.rest.support import OUT_OF_SERVICE, Reply, ScriptedServer, api_error, html, scripted, xml

TEN_MEGABYTES = 10 * 1024 * 1024
OWN = Reply(200, b"<User><loginId>1001</loginId></User>")

COMMON = [(401, "Authorization Failure"), (404, "Not Found"), (500, "Internal Server Error")]
# The error tables of the families: HTTP status and ErrorType.
REFUSALS: dict[str, list[tuple[int, str]]] = {
    "users": [
        *((400, kind) for kind in ("Bad Request", "Generic Error", "Invalid Input", "Invalid State")),
        (400, "Parameter Missing"),
        (400, "Finesse API Error"),
        (401, "Unauthorized"),
        (401, "Invalid Authorization User Specified"),
        (401, "Invalid Authorization Specified"),
        (401, "Invalid State"),
        (401, "Invalid Supervisor"),
        (404, "User Not Found"),
    ],
    "dialogs": [
        *((400, kind) for kind in ("20700", "20999", "13145", "88049", "Generic Error", "Bad Request")),
        *((400, kind) for kind in ("Invalid Destination", "Invalid Input", "Invalid State")),
        (400, "Parameter Missing"),
        (400, "Finesse API Error"),
        (401, "Invalid Authorization"),
        (401, "Invalid Authorization User Specified"),
        (401, "Invalid State"),
        (404, "Dialog Not Found"),
        (501, "Not Implemented"),
    ],
    "queues": [(404, "User Not Found")],
    "teams": [],
    "team_resources": [
        *((400, kind) for kind in ("Bad Request", "Finesse API Error", "Invalid Input")),
        (401, "Invalid Authorization"),
        (404, "TeamId Not Found"),
        (416, "Range Not Satisfiable"),
        (416, "Invalid Range Specified"),
    ],
    "team_messages": [
        (401, "Unauthorized"),
        (400, "System Resource Limit Exceeded"),
        (500, "teammessage.max.limit.exceeded"),
    ],
    "media": [
        *((400, kind) for kind in ("Bad Request", "Parameter Missing", "Agent is not logged in")),
        (400, "Agent already logged into MRD"),
        (400, "Agent already in requested mode"),
    ],
    "tokens": [(400, "Bad Request"), (403, "Forbidden")],
}
LIKE = {
    "supervision": "dialogs",
    "outbound": "dialogs",
    "tasks": "dialogs",
    "codes": "users",
    "phone_books": "users",
}


def refusals() -> list[tuple[Call, int, str]]:
    """Return each family's errors for one of its reads and one of its changes."""
    found = []
    for calls in (READS, CHANGES):
        for call in {call.function.partition(".")[0]: call for call in calls}.values():
            family = call.function.partition(".")[0]
            kinds = [*COMMON, *REFUSALS[LIKE.get(family, family)]]
            found += [(call, status, kind) for status, kind in kinds]
    return found


async def accepted(client: RestClient, server: ScriptedServer) -> None:
    """Get the credentials accepted, so that a later 401 concerns the request."""
    server.script.appendleft(OWN)
    await users.get_user(client, "1001")
    server.requests.clear()


@pytest.mark.parametrize(("call", "status", "kind"), refusals(), ids=str)
async def test_every_documented_error_keeps_its_words_and_gives_advice(
    call: Call, status: int, kind: str
) -> None:
    async with scripted() as (client, server):
        await accepted(client, server)
        server.script.append(api_error(status, kind, "M", "D"))
        server.always = OWN
        with pytest.raises(RefusedError) as caught:
            await call.ask(client)

    error = caught.value
    assert type(error) is (NotFoundError if status == 404 else RefusedError)
    assert (error.status, error.details[0].type, error.details[0].data) == (status, kind, "D")
    assert kind in error.message
    assert error.advice


@pytest.mark.parametrize("kind", sorted({kind for call, _, kind in refusals()}))
def test_every_documented_error_type_is_in_the_catalog(kind: str) -> None:
    assert explain(kind), kind


async def test_media_error_names_the_media() -> None:
    body = (
        "<ApiErrors><ApiError><ErrorType>Agent is not logged in</ErrorType><ErrorData>6</ErrorData>"
        "<ErrorMessage>E_ARM_STAT_AGENT_NOT_LOGGED_IN</ErrorMessage><ErrorMedia>5001</ErrorMedia></ApiError></ApiErrors>"
    )
    call = next(call for call in CHANGES if call.function == "media.change_state")
    async with scripted(xml(body, 400)) as (client, _):
        with pytest.raises(RefusedError) as caught:
            await call.ask(client)

    assert (caught.value.details[0].media, caught.value.details[0].data) == ("5001", "6")


@pytest.mark.parametrize("call", [*READS, *CHANGES], ids=str)
async def test_out_of_service_is_distinguished_from_other_errors(call: Call) -> None:
    async with scripted() as (client, server):
        server.always = OUT_OF_SERVICE
        with pytest.raises(OutOfServiceError):
            await call.ask(client)

        assert len(server.requests) == (3 if call in READS else 1)


@pytest.mark.parametrize(
    "call", [call for call in (*READS, *CHANGES) if not call.function.startswith("tokens")], ids=str
)
async def test_rejected_credentials_stop_all_requests(call: Call) -> None:
    async with scripted() as (client, server):
        server.always = api_error(401, "Authorization Failure", "UNAUTHORIZED", "1001")
        for _ in range(2):
            with pytest.raises(CredentialsError):
                await call.ask(client)

        assert len(server.requests) == 1


BAD_BODIES = {
    "empty": Reply(200, b""),
    "empty and unnamed": Reply(200, b"", ""),
    "blank": Reply(200, b" \r\n "),
    "a page of a proxy": html(),
    "a page called XML": Reply(200, b"<html><body>Sign in</body></html>"),
    "JSON": Reply(200, b'{"a": 1}', "application/json"),
    "cut off": xml("<Users><User><loginId>1001</log"),
    "with a document type": xml('<!DOCTYPE x [<!ENTITY e "x">]><User><loginId>&e;</loginId></User>'),
    "in another charset than it says": Reply(
        200, b'<?xml version="1.0" encoding="utf-8"?><User><firstName>Ren\xe9</firstName></User>'
    ),
    "in a charset that nobody knows": Reply(200, b'<?xml version="1.0" encoding="x-none"?><User/>'),
}


@pytest.mark.parametrize("reply", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("call", READS, ids=str)
async def test_read_error_describes_what_arrived_instead_of_xml(call: Call, reply: Reply) -> None:
    async with scripted(reply) as (client, _):
        with pytest.raises(PayloadError, match="where XML was expected") as caught:
            await call.ask(client)

    assert caught.value.advice


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, '<?xml version="1.0" encoding="iso-8859-1"?><User><x>é</x></User>'.encode("latin-1")),
        Reply(200, '<?xml version="1.0" encoding="utf-16"?><User><x>é</x></User>'.encode("utf-16")),
        Reply(200, b"<User><x>y</x></User>", "text/plain; charset=latin-1"),
        Reply(200, b"\xef\xbb\xbf<User><x>y</x></User>", ""),
    ],
)
@pytest.mark.parametrize("call", READS, ids=str)
async def test_document_is_read_whatever_its_content_type(call: Call, reply: Reply) -> None:
    async with scripted(reply) as (client, server):
        assert await call.ask(client) is not None
        assert len(server.requests) == 1


@pytest.mark.parametrize("call", CHANGES, ids=str)
async def test_change_is_accepted_without_a_body_and_unknown_after_an_html_page(call: Call) -> None:
    async with scripted(Reply(200), Reply(202), Reply(207), html()) as (client, server):
        for _ in range(3):
            await call.ask(client)
        with pytest.raises(PayloadError, match="unknown whether"):
            await call.ask(client)

        assert len(server.requests) == 4


@pytest.mark.parametrize("call", READS, ids=str)
async def test_ten_megabytes_of_other_content_are_rejected(call: Call) -> None:
    async with scripted(
        Reply(200, b"x" * TEN_MEGABYTES, "text/plain"),
        Reply(200, b"<User><x>" + b"y" * TEN_MEGABYTES + b"</x></User>"),
    ) as (client, _):
        for _ in range(2):
            with pytest.raises(PayloadError) as caught:
                await call.ask(client)

            assert len(str(caught.value)) < 500


async def test_oversized_response_is_rejected_before_it_is_complete() -> None:
    async with scripted(Reply(200, b"<x/>" + b" " * (17 * 1024 * 1024))) as (client, _):
        with pytest.raises(PayloadError, match="larger than"):
            await users.get_user(client, "1001")


async def test_ten_megabytes_of_contacts_are_read() -> None:
    contact = "<Contact><firstName>Ada</firstName><description>" + "d" * 1700 + "</description></Contact>"
    body = f"<PhoneBooks><PhoneBook><Contacts>{contact * 6000}</Contacts></PhoneBook></PhoneBooks>"
    assert len(body) > TEN_MEGABYTES
    async with scripted(xml(body, 206)) as (client, _):
        (book,) = await phone_books.get_phone_books(client, "1001", "310")

    assert len(book.contacts) == 6000


@pytest.mark.parametrize("call", TOKENS, ids=str)
@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(200, b"", "application/json"), PayloadError, "is not JSON"),
        (Reply(200, b'{"token": "s3cret"', "application/json"), PayloadError, "is not JSON"),
        (Reply(200, b"[" * 100_000, "application/json"), PayloadError, "is not JSON"),
        (Reply(200, b"\xff\xfe{}x", "application/json"), PayloadError, "is not JSON"),
        (Reply(200, b"[1]", "application/json"), PayloadError, "is not an object"),
        (Reply(200, b'{"token": "s3cret"}', "application/json"), PayloadError, "expires_in"),
        (Reply(200, b'{"token": ["s3cret"], "expires_in": 0}', ""), PayloadError, "expires_in, token"),
        (Reply(200, b"s3cret" * (TEN_MEGABYTES // 6), "text/plain"), PayloadError, "is not JSON"),
        (html("<html>s3cret</html>"), RefusedError, "requires a browser"),
        (Reply(302, headers={"Location": "https://idp.test/?s3cret"}), RefusedError, "requires a browser"),
        (Reply(400, b"s3cret", ""), RefusedError, "HTTP 400"),
        (html("s3cret", 401), RefusedError, "HTTP 401"),
        (Reply(500), RefusedError, "HTTP 500"),
        (html(status=503), OutOfServiceError, "out of service"),
    ],
)
async def test_response_without_a_token_is_described_and_not_shown(
    call: Call, reply: Reply, kind: type[FinesseError], words: str
) -> None:
    async with scripted(reply) as (client, _):
        with pytest.raises(kind, match=words) as caught:
            await call.ask(client)

    assert type(caught.value) is kind
    if reply.status < 400:
        assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_token_is_read_completely_and_never_shown() -> None:
    body = (
        b'{"token": "abc", "refresh_token": "def", "expires_in": 300, "user_id": 1001, "realm": "r",'
        b' "user_principal": "ada@corp.test", "more": []}'
    )
    async with scripted(Reply(200, body, "text/plain")) as (client, _):
        got = await tokens.refresh_access_token(client, SecretStr("a"), SecretStr("b"))

    assert got.token.get_secret_value() == "abc"
    assert got.refresh_token is not None
    assert got.refresh_token.get_secret_value() == "def"
    assert (got.user_id, got.realm, got.user_principal, got.refresh_in) == ("1001", "r", "ada@corp.test", 225)
    assert "abc" not in repr(got) + str(got)
    assert "def" not in repr(got) + str(got)


async def test_user_auth_mode_is_requested_without_credentials() -> None:
    answers = [
        xml(f"<UserAuthMode><authMode>{mode}</authMode></UserAuthMode>") for mode in ("SSO", "NON_SSO")
    ]
    async with scripted(*answers) as (client, server):
        modes = [await tokens.get_user_auth_mode(client, "ada") for _ in answers]

    assert [mode.single_sign_on for mode in modes] == [True, False]
    assert all("authorization" not in map(str.lower, request.headers) for request in server.requests)


async def test_cancelled_call_leaves_the_client_usable() -> None:
    async with scripted(Reply(then="hang")) as (client, server):
        task = asyncio.create_task(users.get_user(client, "1001"))
        await server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.always = OWN
        assert (await users.get_user(client, "1001")).login_id == "1001"
