"""How a proxy is asked for a tunnel, and what its answers mean."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import Actor, NetworkError, ProxyCredentialsError
from mcp_finesse.proxies import Handshake, Proxy
from mcp_finesse.proxies.handshake import MAX_HEAD

PLAIN = Proxy("proxy.test", 3128)
WITH_LOGIN = Proxy("proxy.test", 3128, authorization="Basic dTpodW50ZXIy")
STANDS = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"


def failure(answer: bytes, proxy: Proxy = PLAIN) -> NetworkError:
    handshake = Handshake(proxy, "fin.test", 8445)
    with pytest.raises(NetworkError) as caught:
        handshake.feed(answer)
    return caught.value


def test_the_proxy_is_asked_for_host_and_port_and_told_who_asks() -> None:
    lines = Handshake(WITH_LOGIN, "fin.test", 8445).request.decode().split("\r\n")
    assert lines[:2] == ["CONNECT fin.test:8445 HTTP/1.1", "Host: fin.test:8445"]
    assert lines[2].startswith("User-Agent: mcp-finesse/")
    assert lines[3:] == ["Proxy-Authorization: Basic dTpodW50ZXIy", "", ""]
    assert b"Authorization" not in Handshake(PLAIN, "fin.test", 8445).request


def test_addresses_and_names_of_other_scripts_are_written_as_http_wants_them() -> None:
    assert Handshake(PLAIN, "::1", 8445).target == "[::1]:8445"
    assert Handshake(PLAIN, "büro.test", 8445).target == "xn--bro-hoa.test:8445"


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_the_tunnel_stands_when_the_answer_is_whole(step: int) -> None:
    handshake = Handshake(PLAIN, "fin.test", 8445)
    parts = [STANDS[i : i + step] for i in range(0, len(STANDS), step)]
    assert [handshake.feed(part) for part in parts] == [False] * (len(parts) - 1) + [True]


@pytest.mark.parametrize(
    ("answer", "why", "advice"),
    [
        (b"", "the proxy closed the connection", "FINESSE_PROXY"),
        (b"220 mail.test ESMTP\r\n", "the proxy does not respond as an HTTP proxy", "FINESSE_PROXY"),
        (b"HTTP/1.1 fine\r\n\r\n", "the proxy does not respond as an HTTP proxy", "FINESSE_PROXY"),
        (b"HTTP/1.1 " + b"x" * MAX_HEAD, "the response is longer than 16384 bytes", "FINESSE_PROXY"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
            "other data",
            "FINESSE_PROXY",
        ),
        (
            b"HTTP/1.0 403 Forbidden\r\n\r\n<html>No</html>",
            "the proxy does not allow this connection (HTTP 403 Forbidden)",
            "allow fin.test:8445",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: http://login\r\n\r\n", "(HTTP 302 Found)", "NO_PROXY"),
        (b"HTTP/1.1 405\r\n\r\n", "(HTTP 405)", "NO_PROXY"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "cannot reach the server (HTTP 502 Bad", "host and port"),
        (
            b"HTTP/1.1 503 \x1b[31mBusy\r\n\r\n",
            "cannot reach the server (HTTP 503 [31mBusy)",
            "host and port",
        ),
        (b"HTTP/1.1 504 " + b"x" * 500 + b"\r\n\r\n", "x" * 100 + ")", "host and port"),
    ],
    ids=["end", "mail", "nonsense", "endless", "page", "403", "302", "405", "502", "escape", "long"],
)
def test_whatever_else_it_answers_is_a_failure_of_the_step_proxy(
    answer: bytes, why: str, advice: str
) -> None:
    error = failure(answer)
    assert error.step == "proxy"
    assert not error.sent
    assert error.message.startswith(
        "The connection through the proxy http://proxy.test:3128 to fin.test:8445 failed: "
    )
    assert why in error.message
    assert advice in error.advice


@pytest.mark.parametrize(
    ("proxy", "challenge", "why", "advice"),
    [
        (PLAIN, b"", "the proxy requires credentials", "Correct user and password"),
        (WITH_LOGIN, b"", "the proxy rejected the credentials", "Correct user and password"),
        (
            WITH_LOGIN,
            b"Proxy-Authenticate: Negotiate\r\nproxy-authenticate: BASIC realm=x\r\n",
            "rejected the",
            "Correct",
        ),
        (
            WITH_LOGIN,
            b"Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n",
            "the proxy requires authentication with Negotiate or NTLM, and only Basic is supported",
            "Ask the administrator of the proxy",
        ),
    ],
    ids=["none given", "wrong", "Basic is among them", "not ours"],
)
def test_a_proxy_that_wants_other_credentials_says_so_to_the_user(
    proxy: Proxy, challenge: bytes, why: str, advice: str
) -> None:
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n" + challenge + b"\r\n"
    error = failure(answer, proxy=proxy)
    assert isinstance(error, ProxyCredentialsError)
    assert (error.step, error.actor) == ("proxy", Actor.USER)
    assert why in error.message
    assert advice in error.advice
    assert "dTpodW50ZXIy" not in str(error)


def test_long_names_of_authentication_schemes_are_truncated() -> None:
    answer = b"HTTP/1.1 407 No\r\nProxy-Authenticate: " + b"a" * 9000 + b"\r\n\r\n"
    assert len(str(failure(answer))) < 1000
