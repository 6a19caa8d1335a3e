"""Requests to authorization servers that are slow, endless, compressed, or no authorization servers at all."""

from __future__ import annotations

import asyncio
import gzip
import time

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxies
from mcp_finesse.server.auth.fetching import MAX_DOCUMENT, Fetcher, NotFoundError, check_address, same_origin
from mcp_finesse.server.auth.verifier import UnavailableError
from tests.server.auth.support import authorization_server, response


async def says_nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drips(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65_536)
        await writer.drain()


async def redirects(writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"", status="302 Found", Location="http://127.0.0.1:9/"))


async def compresses(writer: asyncio.StreamWriter) -> None:
    writer.write(response(gzip.compress(b"{}" + b" " * 1000), Content_Encoding="gzip"))


async def shows_a_page(writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"<html>{}</html>", Content_Type="text/html"))


async def fails(writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"{}", status="500 Internal Server Error"))


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def is_cut_off(writer: asyncio.StreamWriter) -> None:
    writer.write(response(b'{"keys": []}', Content_Length="100"))


async def nests_deeply(writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"[" * 100_000))


async def answers_with_a_list(writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"[]"))


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (says_nothing, "did not respond within 0.5"), (drips, "did not respond within 0.5"),
        (never_ends, f"more than {MAX_DOCUMENT // 1024} KB"), (redirects, "redirects"), (compresses, "compressed"),
        (shows_a_page, "text/html instead of JSON"), (fails, "status 500"), (hangs_up, "cannot be reached"),
        (is_cut_off, "cannot be reached"), (nests_deeply, "invalid JSON"), (answers_with_a_list, "not an object"),
    ],
)  # fmt: skip
async def test_misbehaving_server_is_reported_in_time(behaviour: object, problem: str) -> None:
    async with authorization_server() as server:
        server.documents["/keys"] = behaviour
        fetcher = Fetcher(server.issuer, Proxies(), 0.5)
        started = time.monotonic()
        with pytest.raises(UnavailableError, match=problem):
            await fetcher.get(f"{server.issuer}/keys")
        assert time.monotonic() - started < 3
        await fetcher.aclose()


async def test_missing_document_and_missing_server_are_distinguished() -> None:
    async with authorization_server() as server:
        with pytest.raises(NotFoundError):
            await Fetcher(server.issuer, Proxies()).get(f"{server.issuer}/missing")
    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        await Fetcher(server.issuer, Proxies()).get(f"{server.issuer}/missing")
    assert not isinstance(caught.value, NotFoundError)


@pytest.mark.parametrize("path", ["/\x00", "/" + "a" * 70_000])
async def test_address_that_cannot_be_requested_is_reported(path: str) -> None:
    """The metadata of the authorization server contain the address."""
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await Fetcher("http://127.0.0.1:9", Proxies()).get(f"http://127.0.0.1:9{path}")


async def test_form_is_sent_with_encoded_credentials() -> None:
    async with authorization_server() as server:
        server.documents["/introspect"] = {"active": False}
        fetcher = Fetcher(server.issuer, Proxies())
        assert await fetcher.post(f"{server.issuer}/introspect", {"token": "t"}, "a:b", "c d") == {
            "active": False
        }
        assert server.forms == [{"token": ["t"]}]
        assert "Authorization: Basic YSUzQWI6Yytk" in server.headers  # a%3Ab:c+d


@pytest.mark.parametrize(
    "url",
    [
        "", "login.example.com", "https://", "ftp://login.example.com", "http://login.example.com",
        "https://user:secret@login.example.com", "https://login.example.com?x=1", "https://login.example.com#x",
        "https://login.example.com:0", "https://[::1", "https://login.example.com/a b", "https://login.example.com\n",
    ],
)  # fmt: skip
def test_address_that_is_unencrypted_or_odd_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_OAUTH_ISSUER") as caught:
        check_address("FINESSE_OAUTH_ISSUER", url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://login.example.com/realms/a", "http://127.0.0.1:8080", "https://10.0.0.5:8443"]
)
def test_encrypted_and_local_addresses_raise_nothing(url: str) -> None:
    check_address("FINESSE_OAUTH_ISSUER", url)


async def test_cookies_are_neither_kept_nor_sent() -> None:
    async def sets_cookies(writer: asyncio.StreamWriter) -> None:
        cookies = "".join(f"Set-Cookie: c{number}=v; Path=/\r\n" for number in range(50))
        writer.write(response(b"{}").replace(b"\r\n\r\n", b"\r\n" + cookies.encode() + b"\r\n", 1))

    async with authorization_server() as server:
        server.documents["/"] = sets_cookies
        fetcher = Fetcher(server.issuer, Proxies())
        for _ in range(2):
            assert await fetcher.get(f"{server.issuer}/") == {}
        assert "cookie:" not in server.headers.lower()
        assert fetcher._client is not None
        assert len(fetcher._client.cookies.jar) == 0
        await fetcher.aclose()


def test_origin_is_scheme_host_and_port() -> None:
    assert same_origin("https://a.example/x", "https://A.example:443/y")
    for other in (
        "http://a.example",
        "https://a.example:8443",
        "https://b.a.example",
        "https://a.example:x",
        "",
    ):
        assert not same_origin("https://a.example", other)
