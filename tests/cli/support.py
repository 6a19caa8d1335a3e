"""The command as a separate process, the simulated Finesse it uses, and a client on its pipes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import anyio
from mcp.client import Client
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from mcp_finesse.simulator import Simulator
from mcp_finesse.simulator.openfire.jid import Jid

ROOT = Path(__file__).parents[2]
LIMIT = 20.0
"""Seconds for anything that must happen. A process takes one or two to start."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
Streams = tuple[Any, Any]


def environment(folder: Path, settings: Mapping[str, object] = NOTHING) -> dict[str, str]:
    """Return an environment with only these settings: ``url`` becomes ``FINESSE_URL``."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FINESSE_") and not name.lower().endswith("_proxy")
    }
    clean |= {"XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config")}
    return clean | {f"FINESSE_{name.upper()}": str(value) for name, value in settings.items()}


def settings_for(simulator: Simulator, **more: object) -> dict[str, object]:
    """Return the settings of agent 1001 on a simulator."""
    return {
        "url": simulator.url, "user": "1001", "password": "secret", "ca_file": simulator.ca_file,
    } | more  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        status: its exit status.
        out: what was left on its stdout.
        err: what was left on its stderr.
        seconds: how long it took, less the time for which the machine had no processor for it.
    """

    status: int
    out: str
    err: str
    seconds: float


class Command:
    """``mcp-finesse`` as a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    @asynccontextmanager
    async def started(
        cls,
        folder: Path,
        *arguments: str,
        settings: Mapping[str, object] = NOTHING,
        variables: Mapping[str, str] = NOTHING,
        terminal: bool = False,
    ) -> AsyncIterator[Self]:
        """Start the command. The process does not outlive this context.

        Args:
            folder: holds its state.
            arguments: arguments of the command.
            settings: added to its environment with our prefix.
            variables: added to its environment unchanged.
            terminal: make its stdin an idle terminal instead of a pipe.
        """
        pipe = asyncio.subprocess.PIPE
        ends = os.openpty() if terminal else ()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mcp_finesse", *arguments,
            stdin=ends[1] if ends else pipe, stdout=pipe, stderr=pipe, cwd=ROOT, limit=2**22,
            env=environment(folder, settings) | dict(variables),
        )  # fmt: skip
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
            process._transport.close()  # type: ignore[attr-defined]  # close the pipes before the loop ends
            await process.wait()
            for end in ends:
                os.close(end)

    @asynccontextmanager
    async def client(self, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
        """Yield the SDK's client on the pipes of the process."""
        async with Client(self._pipes(), mode=mode, **options) as client:
            yield client

    @asynccontextmanager
    async def _pipes(self) -> AsyncIterator[Streams]:
        to_client, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](100)
        outgoing, from_client = anyio.create_memory_object_stream[SessionMessage](100)
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None

        async def read() -> None:
            async with to_client:
                while line := await stdout.readline():
                    # Anything but JSON on stdout is an error and fails the test here.
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    await to_client.send(SessionMessage(message))

        async def write() -> None:
            async for item in from_client:
                stdin.write(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                with suppress(ConnectionError):
                    await stdin.drain()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            tasks.start_soon(write)
            yield incoming, outgoing
            tasks.cancel_scope.cancel()

    def signal(self, sent: signal.Signals) -> None:
        self.process.send_signal(sent)

    def end_input(self) -> None:
        """Close stdin, as a host does to stop its server."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def hang_up(self) -> None:
        """Close stdin and stdout, as if the host had disappeared."""
        for pipe in (0, 1):
            self.process._transport.get_pipe_transport(pipe).close()  # type: ignore[attr-defined]

    async def said(self, pattern: str) -> re.Match[str]:
        """Read stderr up to a matching line."""
        assert self.process.stderr is not None
        async with asyncio.timeout(LIMIT):
            while line := (await self.process.stderr.readline()).decode():
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"the process ended and never said {pattern}")

    async def ended(self, seconds: float = LIMIT) -> Ended:
        """Wait for the process to end, at most ``seconds``."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        began, waits = time.monotonic(), WaitsForProcessor(self.process.pid)
        async with asyncio.timeout(seconds), anyio.create_task_group() as tasks:
            tasks.start_soon(waits.follow)
            err = await self.process.stderr.read()
            took = time.monotonic() - began
            out = await self.process.stdout.read()
            status = await self.process.wait()
            tasks.cancel_scope.cancel()
        return Ended(status, out.decode(), err.decode(), took - waits.seconds)


class WaitsForProcessor:
    """How long a process and the simulator in this one were ready to run while other programs ran instead.

    Without the Linux scheduler's figures (``/proc/PID/schedstat``), this is always 0.
    """

    def __init__(self, pid: int) -> None:
        self._files = [Path(f"/proc/{each}/schedstat") for each in (pid, os.getpid())]
        self._first = [self._read(file) for file in self._files]
        self._last = list(self._first)

    @property
    def seconds(self) -> float:
        return sum(self._last) - sum(self._first)

    async def follow(self) -> None:
        """Read the figures again and again: they end with the process."""
        while True:
            self._last = [
                max(last, self._read(file)) for last, file in zip(self._last, self._files, strict=True)
            ]
            await asyncio.sleep(0.02)

    @staticmethod
    def _read(file: Path) -> float:
        try:
            return int(file.read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0


async def run(folder: Path, *arguments: str, settings: Mapping[str, object] = NOTHING) -> Ended:
    """Run the command to its end with an empty stdin."""
    async with Command.started(folder, *arguments, settings=settings) as command:
        command.end_input()
        return await command.ended()


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool, which must succeed, and return its structured content."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return dict(result.structured_content or {})


async def status_when(client: Client, true: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Poll the status until the condition holds and return it."""
    async with asyncio.timeout(LIMIT):
        while not true(status := await call(client, "get_session_status")):  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.02)
    return status


async def ready(client: Client) -> dict[str, Any]:
    """Wait until the session is ready and return the status."""
    return await status_when(client, lambda status: status["state"] == "ready")


async def until(true: Callable[[], object], seconds: float = LIMIT) -> None:
    """Poll until a condition in the test process, for example on the simulator, holds."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  (the simulator has no event for everything)
            await asyncio.sleep(0.005)


def writes(simulator: Simulator) -> list[str]:
    """Return the bodies of the requests that change something, oldest first."""
    return [request.body.decode() for request in simulator.requests if request.method != "GET"]


def own_rows(simulator: Simulator, user: str = "1001") -> list[str]:
    """Return the nodes that our sessions are subscribed to with full JIDs."""
    owner = Jid.parse(f"{user}@{simulator.settings.domain}")
    return [row.node for row in simulator.notifications.subscriptions.owned_by(owner) if row.jid.resource]


async def assert_nothing_left(simulator: Simulator) -> None:
    """Assert that no session and no subscription of ours is left on the simulator."""
    await until(lambda: not simulator.notifications.sessions, 2)
    assert own_rows(simulator) == []
