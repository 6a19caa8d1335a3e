"""Test the logs that desktops send."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mcp_finesse.simulator.client_logs import LOG_CHARACTERS, ClientLogs
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.server import Simulator
from tests.simulator.support_rest import client_of, error

PATH = "User/1001/ClientLog"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


def log(text: str) -> str:
    return f"<ClientLog><logData>{text}</logData></ClientLog>"


async def test_log_is_kept_up_to_its_limit(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        assert (await client.send("POST", PATH, log("&amp;" * LOG_CHARACTERS))).status_code == 202
        assert error(await client.send("POST", PATH, log("x" * (LOG_CHARACTERS + 1))))[:2] == (
            400,
            "Invalid Input",
        )
    (kept,) = simulator.center.client_logs.received
    assert (kept.user_id, kept.text) == ("1001", "&" * LOG_CHARACTERS)


async def test_compressed_log_is_kept_unchanged(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        answer = await client.send("POST", "User/1001/CompressedClientLog", b"PK\x03\x04")
        assert answer.status_code == 202
        assert error(await client.send("POST", "User/1001/CompressedClientLog", b""))[0] == 400
    assert simulator.center.client_logs.received[0].archive == b"PK\x03\x04"


@pytest.mark.parametrize(
    ("method", "path", "body", "refused"),
    [
        ("POST", PATH, "<ClientLog/>", (400, "Parameter Missing")),
        ("POST", PATH, "<Log/>", (400, "Bad Request")),
        ("POST", PATH.replace("1001", "1002"), log("x"), (401, "Invalid Authorization User Specified")),
        ("GET", PATH, "", (405, "Method Not Allowed")),
        ("PUT", PATH, log("x"), (405, "Method Not Allowed")),
    ],
)
async def test_invalid_request_is_rejected_with_its_error(
    simulator: Simulator, method: str, path: str, body: str, refused: tuple[int, str]
) -> None:
    async with client_of(simulator) as client:
        assert error(await client.send(method, path, body))[:2] == refused


def test_overlong_user_id_is_rejected_before_it_becomes_a_file_name() -> None:
    with pytest.raises(ApiProblem, match="Operation Failure"):
        ClientLogs().take_text("x" * 13, "log")
