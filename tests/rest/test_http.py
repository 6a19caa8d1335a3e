"""One HTTP exchange: the request on the wire, and the limits of the response."""

from __future__ import annotations

import gzip
import logging
import ssl
from pathlib import Path

import httpx
import pytest

from mcp_finesse import __version__
from mcp_finesse.errors import ConfigurationError, NetworkError, PayloadError, ReadOnlyError, RefusedError
from mcp_finesse.rest import RestClient, http
from mcp_finesse.rest.http import parse_base_url, tls_context
from tests.rest.support import (
    ADA,
    SHORT,
    Reply,
    ScriptedServer,
    client_for,
    http2_server,
    scripted,
    server_context,
    trusting_context,
    xml,
)


async def test_headers_are_those_finesse_requires() -> None:
    async with scripted(xml("<User/>"), Reply()) as (client, server):
        await client.get("User/1001", params={"a": "b c"}, headers={"Range": "objects=1-6"})
        await client.send("PUT", "User/1001", b"<User/>", "r-1")

    read, write = server.requests
    assert read.line == "GET /finesse/api/User/1001?a=b+c"
    assert read.headers["Accept"] == "application/xml"
    assert read.headers["User-Agent"] == f"mcp-finesse/{__version__}"
    assert read.headers["Range"] == "objects=1-6"
    assert "requestId" not in read.headers
    assert "Content-Type" not in read.headers
    assert write.line == "PUT /finesse/api/User/1001"
    assert write.headers["requestId"] == "r-1"
    assert write.headers["Content-Type"] == "application/xml"
    assert write.body == b"<User/>"


class BrokenTransport(httpx.AsyncBaseTransport):
    """Raises what httpcore raises when it has counted the streams of a connection wrongly."""

    closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise ValueError("semaphore released too many times")

    async def aclose(self) -> None:
        self.closed = True


async def test_error_of_the_http_library_is_a_network_error_and_connections_are_replaced() -> None:
    async with scripted(Reply(202)) as (client, server):
        broken = BrokenTransport()
        client._exchanger._http = httpx.AsyncClient(transport=broken)
        with pytest.raises(NetworkError):
            await client.send("PUT", "User/1001", b"<User/>", "r-1")
        assert broken.closed
        await client.send("PUT", "User/1001", b"<User/>", "r-2")
    assert [request.method for request in server.requests] == ["PUT"]


async def test_quoted_id_is_sent_unchanged() -> None:
    async with scripted(xml("<User/>")) as (client, server):
        await client.get("User/a%2Fb%3Fc")

    assert server.requests[0].target == "/finesse/api/User/a%2Fb%3Fc"


async def test_absolute_path_is_sent_unchanged_with_its_query() -> None:
    async with scripted(xml("<x/>")) as (client, server):
        await client.get("/desktop/api/x?y=1")

    assert server.requests[0].target == "/desktop/api/x?y=1"


async def test_tls_is_verified_against_the_given_ca() -> None:
    async with (
        ScriptedServer(xml("<User/>"), tls=server_context()) as server,
        client_for(server, verify=trusting_context()) as client,
    ):
        assert (await client.get("User/1001")).tag == "User"


async def test_http_2_is_used_where_offered(tmp_path: Path) -> None:
    seen: list[str] = []
    async with http2_server(tmp_path / "server.pem", seen) as url:
        for http2 in (True, False):
            async with RestClient(url, ADA, verify=trusting_context(), http2=http2, timeouts=SHORT) as client:
                assert (await client.get("User/1001")).tag == "User"

    assert seen == ["2", "1.1"]


async def test_password_and_authorization_header_are_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        http2_server(tmp_path / "server.pem", []) as url,
        RestClient(url, ADA, verify=trusting_context(), timeouts=SHORT) as client,
    ):
        await client.get("User/1001")

    assert caplog.records
    assert "MTAwMTpzZWNyZXQ" not in caplog.text
    assert "secret" not in caplog.text
    assert "hpack" not in {record.name.partition(".")[0] for record in caplog.records}


async def test_oversized_response_is_rejected_while_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    script = (xml("<a>" + "x" * 5000 + "</a>"), xml("<SystemInfo/>"), xml("<a/>"))
    async with scripted(*script) as (client, _):
        with pytest.raises(PayloadError, match="larger than 1000"):
            await client.get("User/1001")

        assert (await client.get("User/1001")).tag == "a"


@pytest.mark.parametrize("layers", [1, 3])
async def test_compressed_response_is_rejected_unread(layers: int) -> None:
    """Three layers of gzip expand a few hundred bytes to gigabytes."""
    body = b"x" * 10_000_000
    for _ in range(layers):
        body = gzip.compress(body)
    bomb = Reply(200, body, headers={"Content-Encoding": ", ".join(["gzip"] * layers)})
    async with scripted(bomb) as (client, server):
        with pytest.raises(PayloadError, match="compressed"):
            await client.get("User/1001")
    assert server.requests[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip", "x-unknown"])
async def test_error_with_compressed_body_is_reported_by_its_status(encoding: str) -> None:
    refusal = Reply(403, gzip.compress(b"x" * 1_000_000), headers={"Content-Encoding": encoding})
    async with scripted(refusal) as (client, _):
        with pytest.raises(RefusedError, match="403"):
            await client.get("User/1001")


async def test_identity_content_encoding_is_accepted() -> None:
    async with scripted(Reply(200, b"<a/>", headers={"Content-Encoding": "identity"})) as (client, _):
        assert (await client.get("User/1001")).tag == "a"


async def test_large_response_within_the_limit_is_read() -> None:
    books = "<PhoneBooks>" + f"<PhoneBook><name>{'x' * 350}</name></PhoneBook>" * 24_000 + "</PhoneBooks>"
    async with scripted(xml(books)) as (client, _):
        assert len(await client.get("PhoneBooks")) == 24_000


async def test_response_with_too_many_tags_is_rejected() -> None:
    books = "<PhoneBooks>" + "<PhoneBook><name>x</name></PhoneBook>" * 250_000 + "</PhoneBooks>"
    async with scripted(xml(books)) as (client, _):
        with pytest.raises(PayloadError, match="more than 100000 tags"):
            await client.get("PhoneBooks")


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://fin-a.example.test:8445", "https://fin-a.example.test:8445/"),
        ("https://fin-a.example.test/desktop/container?x=1", "https://fin-a.example.test/"),
        ("https://[::1]:8445", "https://[::1]:8445/"),
    ],
)
def test_base_url_is_reduced_to_scheme_host_and_port(url: str, root: str) -> None:
    assert str(parse_base_url(url, allow_insecure=False)) == root


@pytest.mark.parametrize(
    "url",
    [
        "",
        "fin-a.example.test",
        "ftp://fin-a",
        "https://",
        "https://a:b:c",
        "https://1001:secret@fin-a",
        "http://fin-a",
        "https://fin-a:99999",
        "https://fin a:8445",
        "https://fin-a:8445\u00a0",
    ],
)
def test_unusable_url_is_rejected(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RestClient(url, ADA)

    assert caught.value.advice
    assert "secret" not in str(caught.value)


def test_plain_http_requires_allow_insecure() -> None:
    assert parse_base_url("http://lab:8082", allow_insecure=True).port == 8082


@pytest.mark.parametrize(
    "request_",
    [
        http.Request("PUT", "/x"),
        http.Request("POST", "/x"),
        http.Request("DELETE", "/x"),
        http.Request("PATCH", "/x"),
        http.Request("get", "/x"),
        http.Request("GET", "/x", body=b"<User/>"),
        http.Request("GET", "/x", headers={"X-HTTP-Method-Override": "PUT"}),
        http.Request("GET", "/x", headers={"x-method-override": "DELETE"}),
        http.Request("GET", "/x", headers={"X-Http-Method": "POST"}),
        http.Request("GET", "/x", headers={"X_HTTP_METHOD": "POST"}),
        http.Request("GET", "/x", params={"_method": "DELETE"}),
        http.Request("GET", "/x?_method=DELETE"),
    ],
    ids=str,
)
async def test_read_only_exchanger_sends_nothing_that_could_change_data(
    request_: http.Request,
) -> None:
    """The check is at the lowest level, for every caller."""
    async with ScriptedServer() as server, client_for(server, read_only=True) as client:
        with pytest.raises(ReadOnlyError):
            await client._exchanger.exchange(request_, {})
        assert server.requests == []


async def test_cookies_are_kept_up_to_a_limit() -> None:
    few = Reply(200, b"<a/>", headers={"Set-Cookie": "JSESSIONID=1; Path=/"})
    large = Reply(200, b"<a/>", headers={"Set-Cookie": f"big={'x' * 9000}; Path=/"})
    async with scripted(few, large, Reply(200, b"<a/>")) as (client, server):
        for _ in range(3):
            await client.get("User/1001")
    assert [request.headers.get("Cookie") for request in server.requests] == [None, "JSESSIONID=1", None]


def test_certificate_authorities_are_loaded_for_https_only() -> None:
    assert tls_context(httpx.URL("http://127.0.0.1:8082")).get_ca_certs() == []
    context = tls_context(httpx.URL("https://127.0.0.1:8445"))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
