"""What is told of a failure on the way to the proxy; the rest is shown with REST and with BOSH."""

from __future__ import annotations

import errno
import socket

import httpcore
import pytest

from mcp_finesse.errors import NetworkError
from mcp_finesse.proxies import Proxy
from mcp_finesse.proxies.http import _Tunnels

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")


@pytest.mark.parametrize(
    ("error", "cause", "why"),
    [
        (httpcore.ConnectError("All attempts failed"), REFUSED, "Connection refused"),
        (httpcore.ConnectError("failed"), ExceptionGroup("", [OSError(), REFUSED]), "Connection refused"),
        (httpcore.ConnectError(""), socket.gaierror(-2, "Name or service not known"), "Name or service not"),
        (httpcore.ReadError(""), None, "the connection was lost"),
        (httpcore.WriteError("what it is called"), None, "what it is called"),
        (TimeoutError(), None, "no response within 3 s"),
    ],
)
async def test_the_cause_that_says_most_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception, cause: BaseException | None, why: str
) -> None:
    async def connect(*_: object) -> None:
        raise error from cause

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(NetworkError) as caught:
        await _Tunnels(Proxy("proxy.test", 3128)).connect_tcp("fin.test", 8445, 3)
    assert caught.value.step == "proxy"
    assert f"http://proxy.test:3128 to fin.test:8445 failed: {why}" in caught.value.message
