"""TLS of the HTTP server: bounded handshakes, and certificates that are renewed while the server runs."""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import trustme

from mcp_finesse.server import Exposure
from mcp_finesse.server.transports import http as http_module
from mcp_finesse.server.transports import tls as module
from tests.server.support import signed_in
from tests.server.transports.test_http import served


class Files:
    """The files of a certificate and of its key.

    Attributes:
        authority: The authority that issues the certificates.
        exposure: Settings with these files.
    """

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        self.exposure = Exposure(tls_cert=self.cert, tls_key=self.key)
        self.write_key(self.write_certificate())

    def write_certificate(self) -> trustme.LeafCert:
        """Issue a certificate and write it without its key."""
        issued = self.authority.issue_cert("127.0.0.1")
        self.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        return issued

    def write_key(self, issued: trustme.LeafCert) -> None:
        self.key.touch(0o600)
        self.key.write_bytes(issued.private_key_pem.bytes())

    @property
    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    async def served_number(self, url: str) -> str:
        """Return the serial number of the certificate that a new connection gets."""
        place: Any = urlsplit(url)
        _, writer = await asyncio.open_connection(place.hostname, place.port, ssl=self.client)
        number: str = writer.get_extra_info("peercert")["serialNumber"]
        writer.transport.abort()
        return number


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


# -- handshakes


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["nothing", "part of the hello"])
async def test_unfinished_handshake_is_closed_in_time(
    sent: bytes, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HANDSHAKE_SECONDS", 0.3)
    async with served(signed_in(), exposure=files.exposure) as url:
        place: Any = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await _read(reader) == b""
        writer.close()


async def test_unfinished_handshakes_count_as_connections(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "MAX_CONNECTIONS", 3)
    async with served(signed_in(), exposure=files.exposure) as url:
        place: Any = urlsplit(url)
        held = [await asyncio.open_connection(place.hostname, place.port) for _ in range(3)]
        async with asyncio.timeout(5):
            reader, further = await asyncio.open_connection(place.hostname, place.port)
            assert await _read(reader) == b""
            further.close()
            held.pop()[1].transport.abort()
            async with httpx.AsyncClient(verify=files.client) as http:
                while not await _is_healthy(http, url):  # noqa: ASYNC110 - depends on another task of the server
                    await asyncio.sleep(0.01)
        for _, writer in held:
            writer.transport.abort()


async def test_finished_and_failed_handshakes_are_not_counted_twice(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "MAX_CONNECTIONS", 3)
    async with served(signed_in(), exposure=files.exposure) as url, asyncio.timeout(20):
        place: Any = urlsplit(url)
        for number in range(10):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n" if number % 2 else b"")  # no TLS, or nothing
            if number % 2:
                await _read(reader)
            writer.transport.abort()
        async with (
            httpx.AsyncClient(verify=files.client) as first,
            httpx.AsyncClient(verify=files.client) as second,
            httpx.AsyncClient(verify=files.client) as third,
        ):
            for http in (first, second, third):
                while not await _is_healthy(http, url):  # noqa: ASYNC110 - depends on another task of the server
                    await asyncio.sleep(0.01)
                assert await _is_healthy(http, url)


async def test_request_that_arrives_with_the_end_of_the_handshake_is_served(files: Files) -> None:
    async with served(signed_in(), exposure=files.exposure) as url:
        place: Any = urlsplit(url)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = files.client.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        async with asyncio.timeout(5):
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    writer.write(outgoing.read())
                    incoming.write(await reader.read(65536))
            client.write(f"GET /healthz HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
            writer.write(outgoing.read())  # Finished and the request in one write
            answer = b""
            while b"\r\n\r\n" not in answer:
                incoming.write(await reader.read(65536))
                try:
                    answer += client.read(65536)
                except ssl.SSLWantReadError:
                    continue
        assert answer.startswith(b"HTTP/1.1 200")
        writer.transport.abort()


async def test_shutdown_does_not_wait_for_handshakes(files: Files) -> None:
    async with asyncio.timeout(1.5):  # the grace period for responses is two seconds
        async with served(signed_in(), exposure=files.exposure) as url:
            place: Any = urlsplit(url)
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            await asyncio.sleep(0.1)
        assert await _read(reader) == b""
        writer.close()


# -- renewal


async def test_renewed_certificate_is_served_without_a_restart(files: Files) -> None:
    async with served(signed_in(), exposure=files.exposure) as url:
        before = await files.served_number(url)
        async with httpx.AsyncClient(verify=files.client) as http:
            assert await _is_healthy(http, url)
            files.write_key(files.write_certificate())
            assert await files.served_number(url) != before
            assert await _is_healthy(http, url)  # on the connection that uses the previous certificate


async def test_half_renewed_certificate_keeps_the_previous_one_until_its_key_is_written(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(signed_in(), exposure=files.exposure) as url:
        before = await files.served_number(url)
        issued = files.write_certificate()
        with caplog.at_level(logging.ERROR, module.__name__):
            assert [await files.served_number(url) for _ in range(3)] == [before] * 3
        assert [record.levelname for record in caplog.records] == ["ERROR"]  # once, not with each connection
        assert "the previous one stays in use" in caplog.text
        files.write_key(issued)
        assert await files.served_number(url) != before


@pytest.mark.parametrize(
    "damage",
    [
        "missing",
        "no PEM",
        pytest.param(
            "readable key",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX"),
        ),
    ],
)
async def test_files_that_cannot_be_used_keep_the_previous_certificate(
    damage: str, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(signed_in(), exposure=files.exposure) as url:
        before = await files.served_number(url)
        if damage == "missing":
            files.cert.unlink()
        elif damage == "no PEM":
            files.cert.write_text("no certificate")
        else:
            files.write_key(files.write_certificate())
            files.key.chmod(0o644)
        assert await files.served_number(url) == before
        assert "the previous one stays in use" in caplog.text


async def _is_healthy(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url.replace("/mcp", "/healthz"))).status_code == 200
    except httpx.TransportError:
        return False


async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return what arrives before the connection ends, whether by its end or by a reset."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
