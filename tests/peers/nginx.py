"""nginx as a reverse proxy, with the configuration that the guide shows."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from tests.peers.support import LIMIT, ROOT

GUIDE = ROOT / "docs" / "operations" / "serve-over-http.md"
_MAIN = """
daemon off; master_process off; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {server}
}}
"""


def program() -> str:
    """Return the path of nginx. Without nginx a test is skipped, but in CI it fails."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        reason = "needs nginx: apt-get install nginx-light (macOS: brew install nginx)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def block_of_the_guide() -> str:
    """Return the server block that the guide shows."""
    found = re.search(r"```text\n(server \{.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@asynccontextmanager
async def reverse_proxy(
    folder: Path, upstream: str, authority: trustme.CA, more: str = ""
) -> AsyncIterator[str]:
    """Run nginx in front of a server, and yield the URL of nginx.

    Args:
        folder: An empty folder for the files of nginx.
        upstream: The URL of the server.
        authority: The authority of the certificate of nginx.
        more: Directives to add to the location.
    """
    command = program()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "nginx.pem")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = block_of_the_guide()
    for shown, used in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/nginx/finesse-mcp.pem", f"{folder}/nginx.pem"),
        ("/etc/nginx/finesse-mcp.key", f"{folder}/nginx.pem"),
        ("127.0.0.1:8765", urlsplit(upstream).netloc),
        ("proxy_buffering off;", f"proxy_buffering off; {more}"),
    ):
        assert server.count(shown) == 1, shown
        server = server.replace(shown, used)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, server=server))
    process = await asyncio.create_subprocess_exec(
        command, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log",
        stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIMIT):
            while not await _listens(port):
                assert process.returncode is None, (folder / "error.log").read_text()
                await asyncio.sleep(0.02)
        yield f"https://localhost:{port}/mcp"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.transport.abort()
    return True
