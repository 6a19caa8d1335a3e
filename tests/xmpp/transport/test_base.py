"""Connection steps: a failure names its step and its cause."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

import pytest

from mcp_finesse.errors import CredentialsError, NetworkError
from mcp_finesse.xmpp.transport.base import Deadline, step


async def test_step_that_times_out_is_named() -> None:
    with pytest.raises(NetworkError) as caught:
        async with step("tls", "fin.test:8445", Deadline(0.01)):
            await asyncio.Event().wait()
    assert caught.value.step == "tls"
    assert caught.value.message == "TLS with fin.test:8445 failed: no response within 0.01 s."


async def test_steps_share_one_deadline() -> None:
    deadline = Deadline(0.05)
    async with step("tcp", "a:1", deadline):
        await asyncio.sleep(0.02)
    with pytest.raises(NetworkError):
        async with step("tls", "a:1", deadline):
            await asyncio.sleep(0.045)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "Connection refused."),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "Connection timed out."),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known."),
        (ValueError("it responded with HTTP 200."), "it responded with HTTP 200."),
        (ssl.SSLError(1, "odd"), "odd."),
        (OSError(), "OSError."),
    ],
)
async def test_cause_is_described_in_words(error: Exception, words: str) -> None:
    with pytest.raises(NetworkError) as caught:
        async with step("tcp", "a:1"):
            raise error
    assert caught.value.message == f"No connection to a:1: {words}"
    assert caught.value.__cause__ is error
    assert caught.value.advice


async def test_finesse_error_passes_through_a_step() -> None:
    with pytest.raises(CredentialsError):
        async with step("sasl", "a:1"):
            raise CredentialsError("no")
