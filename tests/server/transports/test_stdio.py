"""A real process on stdio ends in order, whatever ends it, and supports both protocol eras."""

from __future__ import annotations

import array
import asyncio
import fcntl
import json
import os
import signal
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import anyio
import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.types import ResourceUpdatedNotification

from mcp_finesse.server import build_server
from mcp_finesse.server.transports import stdio
from tests.server.support import signed_in, tell

PROGRAM = Path(__file__).parents[1] / "stdio_program.py"
ROOT = Path(__file__).parents[3]
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "0"},
}
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "0"},
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Server:
    """The program, addressed line by line."""

    def __init__(self, process: asyncio.subprocess.Process, notes: Path) -> None:
        self.process = process
        self.notes = notes

    @classmethod
    @asynccontextmanager
    async def started(cls, folder: Path, *arguments: str) -> AsyncIterator[Self]:
        notes = folder / "notes"
        notes.touch()
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.server.stdio_program", str(notes), *arguments,
            stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(20):
                yield cls(process, notes)
        finally:
            # Kill the process if it still runs, and close the pipes before the loop ends.
            process._transport.close()  # type: ignore[attr-defined]
            await process.wait()

    async def serving(self) -> None:
        while "serving" not in self.notes.read_text():  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.01)

    async def ask(self, number: int, method: str, **params: Any) -> None:
        assert self.process.stdin is not None
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def answer(self, number: int) -> dict[str, Any]:
        assert self.process.stdout is not None
        while True:
            line = await self.process.stdout.readline()
            assert line, "the server ended"
            message: dict[str, Any] = json.loads(line)  # nothing but JSON is on the wire
            if message.get("id") == number:
                return message

    async def in_a_wait(self) -> None:
        """Start a tool call that takes long."""
        await self.ask(1, "initialize", **INITIALIZE)
        await self.answer(1)
        await self.ask(
            2, "tools/call", name="wait_for_notification", arguments={"timeout": 50, "kind": "never"}
        )
        await self.ask(3, "ping")
        await self.answer(3)

    async def blocked(self) -> None:
        """Wait until the process cannot write: its pipe, of 64 KiB, is full and stays so."""
        pipe = self.process._transport.get_pipe_transport(1).get_extra_info("pipe")  # type: ignore[attr-defined]
        waiting = array.array("i", [0])
        while waiting[0] < 60_000:
            await asyncio.sleep(0.01)
            fcntl.ioctl(pipe, termios.FIONREAD, waiting)

    async def ended(self) -> tuple[int, str]:
        """Return the exit status and the output on stderr."""
        assert self.process.stderr is not None
        said = (await self.process.stderr.read()).decode()
        return await self.process.wait(), said


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("when", ["unasked", "in a wait"])
async def test_signal_closes_the_session_and_ends_with_status_0(
    sent: signal.Signals, when: str, tmp_path: Path
) -> None:
    async with Server.started(tmp_path, "0.2") as server:
        await server.serving()
        if when == "in a wait":
            await server.in_a_wait()
        server.process.send_signal(sent)
        status, said = await server.ended()
    assert status == 0
    assert "Traceback" not in said
    assert server.notes.read_text().splitlines() == ["serving", "closed"]


async def test_second_signal_does_not_disturb_the_shutdown(tmp_path: Path) -> None:
    async with Server.started(tmp_path, "0.2") as server:
        await server.serving()
        server.process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        status, said = await server.ended()
    assert (status, "Traceback" in said) == (0, False)
    assert "closed" in server.notes.read_text()


async def test_hanging_close_does_not_delay_the_exit(tmp_path: Path) -> None:
    async with Server.started(tmp_path, "60") as server:
        await server.serving()
        server.process.send_signal(signal.SIGTERM)
        with anyio.fail_after(4):
            status, said = await server.ended()
    assert (status, "Traceback" in said) == (0, False)
    assert "took more than 1.5 s to close" in said


async def test_client_that_does_not_read_does_not_delay_the_exit(tmp_path: Path) -> None:
    async with Server.started(tmp_path) as server:
        await server.serving()
        await server.ask(1, "initialize", **INITIALIZE)
        for number in range(2, 30):
            await server.ask(number, "tools/list")  # 15 KB each, and nobody reads them from the pipe
        await server.blocked()
        server.process.send_signal(signal.SIGTERM)
        with anyio.fail_after(6):
            while server.process.returncode is None:  # noqa: ASYNC110  (wait() also waits for the pipes)
                await asyncio.sleep(0.01)
    assert server.process.returncode == 0
    assert "closed" in server.notes.read_text()


@pytest.mark.parametrize("when", ["unasked", "in a wait"])
async def test_end_of_input_closes_the_session(when: str, tmp_path: Path) -> None:
    async with Server.started(tmp_path) as server:
        await server.serving()
        if when == "in a wait":
            await server.in_a_wait()
        assert server.process.stdin is not None
        server.process.stdin.close()
        status, said = await server.ended()
    assert (status, "Traceback" in said) == (0, False)
    assert server.notes.read_text().splitlines() == ["serving", "closed"]


async def test_client_that_disappears_leaves_no_traceback(tmp_path: Path) -> None:
    async with Server.started(tmp_path) as server:
        await server.serving()
        await server.in_a_wait()
        server.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        await server.ask(4, "tools/list")
        await asyncio.sleep(0.2)  # the write fails in the process, which must not show it
        assert server.process.stdin is not None
        server.process.stdin.close()
        status, said = await server.ended()
    assert (status, "Traceback" in said) == (0, False)
    assert server.notes.read_text().splitlines() == ["serving", "closed"]


async def test_discover_request_leaves_the_protocol_era_open(tmp_path: Path) -> None:
    async with Server.started(tmp_path) as server:
        for number in (1, 2):
            await server.ask(number, "server/discover", _meta=ENVELOPE)
            found = (await server.answer(number))["result"]
            assert found["supportedVersions"] == ["2026-07-28"]
            assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "mcp-finesse"
        await server.ask(3, "initialize", **INITIALIZE)
        assert (await server.answer(3))["result"]["protocolVersion"] == "2025-11-25"


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_client_calls_tools_and_is_notified_of_changes(era: str, tmp_path: Path) -> None:
    heard = asyncio.Event()

    async def hear(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.set()

    program = StdioServerParameters(
        command=sys.executable, args=["-m", "tests.server.stdio_program", str(tmp_path / "notes")], cwd=ROOT
    )
    async with asyncio.timeout(20), Client(program, mode=era, message_handler=hear) as client:
        assert "READY" in await tell(client, "get_user")
        if era == "legacy":
            await client.subscribe_resource("finesse://user")
            await heard.wait()
        else:
            async with client.listen(resource_subscriptions=["finesse://user"]) as events:
                assert (await anext(events)).uri == "finesse://user"  # type: ignore[union-attr]
    assert (tmp_path / "notes").read_text().splitlines() == ["serving", "closed"]


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The timers that would end this process, replaced by recorders."""
    started: list[float] = []

    class Timer:
        daemon = False

        def __init__(self, seconds: float, function: Any, arguments: list[Any]) -> None:
            assert (function, arguments) == (os._exit, [0])
            self.seconds = seconds

        def start(self) -> None:
            assert self.daemon
            started.append(self.seconds)

    monkeypatch.setattr(stdio.threading, "Timer", Timer)
    return started


@pytest.mark.parametrize("session_closes", [True, False])
async def test_serving_returns_after_a_signal_and_a_hard_exit_is_scheduled(
    session_closes: bool, timers: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = anyio.Event()

    async def serve(_: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await anyio.sleep_forever()
        finally:
            if session_closes:
                closed.set()

    monkeypatch.setattr(stdio, "run_stdio", serve)
    monkeypatch.setattr(stdio, "_CLOSE_LIMIT", 0.05)
    with anyio.fail_after(5):
        await stdio.serve_stdio(build_server(signed_in().as_session()), closed)
    assert timers == [1.6]


@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionResetError])
async def test_broken_pipe_ends_serving_without_an_error(
    error: type[OSError], timers: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve(_: Any) -> None:
        async with anyio.create_task_group():
            raise error

    monkeypatch.setattr(stdio, "run_stdio", serve)
    await stdio.serve_stdio(build_server(signed_in().as_session()), anyio.Event())
    assert timers == []


async def test_other_errors_are_raised_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(_: Any) -> None:
        async with anyio.create_task_group():
            raise RuntimeError("ours")

    monkeypatch.setattr(stdio, "run_stdio", serve)
    with pytest.raises(RuntimeError, match="ours"):
        await stdio.serve_stdio(build_server(signed_in().as_session()), anyio.Event())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"jsonrpc": "2.0", "id": 7, "method": "ping"', -32700),
        (b"not JSON", -32700),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "\\ud800"}', -32700),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "\xff\xfe"', -32700),
        (b"[" * 100_000, -32700),
        (b'{"jsonrpc": "2.0", "id": ' + b"9" * 5000 + b', "method": "ping"}', -32700),
        (b'{"id": 7}', -32600),
        (b"[]", -32600),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_invalid_line_is_answered_with_an_error_without_id(
    line: bytes, code: int, tmp_path: Path
) -> None:
    async with Server.started(tmp_path) as server:
        assert server.process.stdin is not None
        assert server.process.stdout is not None
        server.process.stdin.write(line + b"\n")
        answer = json.loads(await server.process.stdout.readline())
        assert answer["error"]["code"] == code
        assert answer["id"] is None
        await server.ask(1, "initialize", **INITIALIZE)
        capabilities = (await server.answer(1))["result"]["capabilities"]
        assert "prompts" not in capabilities
        await server.ask(2, "prompts/get", name="x")
        assert (await server.answer(2))["error"]["code"] == -32601
        server.process.stdin.close()
        status, said = await server.ended()
        assert status == 0
        assert set(said.splitlines()) <= {"a stray print"}  # which the program prints itself
