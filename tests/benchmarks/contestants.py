"""Clients in processes of their own, each with a node of its own, and who publishes to them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from tests.peers import node as nodejs
from tests.peers.xmpp_server import AGENT, DOMAIN, XmppServer

HERE = Path(__file__).parent
LIMIT = 30.0
FULL_COUNT, AS_FAST_AS_IT_CAN = 500, 1_000_000


class Program:
    """A process that is spoken to in lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hear(self) -> str:
        """Its next line; that it ended instead is an error."""
        assert self._process.stdout is not None
        async with asyncio.timeout(LIMIT):
            line = await self._process.stdout.readline()
        assert line, "a process of the benchmark ended"
        return line.decode().strip()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())


@asynccontextmanager
async def program(*command: str | Path, **environment: str) -> AsyncIterator[Program]:
    """Run a program that is ready when it says so; ended at the end."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, cwd=HERE.parents[1], limit=2**20, env=os.environ | environment
    )
    try:
        started = Program(process)
        assert await started.hear() == "ready"
        yield started
    finally:
        process.kill()
        await process.wait()


@dataclass
class Contestant:
    """A client, and what was measured.

    Attributes:
        steady: microseconds of CPU for each event at a steady pace, one figure for each turn.
        full: the same when events come as fast as the server can.
        took: microseconds from being sent to having arrived, of all events.
    """

    name: str
    program: Program
    node: str
    steady: list[float] = field(default_factory=list)
    full: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    async def turn(self, finesse: Program, count: int, rate: int) -> tuple[float, list[float]]:
        """Receive so many events at so many a second."""
        self.program.tell(str(count))
        assert await self.program.hear() == "counting"
        finesse.tell(json.dumps({"node": self.node, "count": count, "rate": rate}))
        told = json.loads(await self.program.hear())
        assert await finesse.hear() == "sent"
        return told["cpu"], told["took"]

    async def measure(self, finesse: Program, count: int, rate: int) -> None:
        """One turn at a steady pace, which also tells how long events take, and one at full speed."""
        cpu, took = await self.turn(finesse, count, rate)
        self.steady.append(cpu)
        self.took += took
        cpu, _ = await self.turn(finesse, FULL_COUNT, AS_FAST_AS_IT_CAN)
        self.full.append(cpu)

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return median(self.took) / 1000

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return quantiles(self.took, n=100)[98] / 1000


def node_of(kind: str) -> str:
    """A node that only one contestant has subscribed to."""
    return f"/finesse/api/User/{kind}/Dialogs"


@asynccontextmanager
async def publishing(server: XmppServer) -> AsyncIterator[Program]:
    """Finesse, at the server."""
    command = [sys.executable, "-m", "tests.benchmarks.publishing", str(server.tls_port), server.ca_file]
    async with program(*command) as finesse:
        yield finesse


@asynccontextmanager
async def receiving(
    name: str, kind: str, address: str | int, server: XmppServer
) -> AsyncIterator[Contestant]:
    """A client in Python."""
    module = [sys.executable, "-m", "tests.benchmarks.receiving"]
    async with program(*module, kind, str(address), server.ca_file, node_of(kind)) as client:
        yield Contestant(name, client, node_of(kind))


@asynccontextmanager
async def strophe(name: str, what: str, server: XmppServer) -> AsyncIterator[Contestant]:
    """Strophe.js in Node; ``what`` says whether it leaves an update in the ``stanza`` or reads the ``update``."""
    url = server.url.replace(
        "localhost", "127.0.0.1"
    )  # Prosody refuses a name (SNI) that is none of its domains
    command = [nodejs.node(), HERE / "receiving.mjs", url, AGENT, DOMAIN, node_of(what), what]
    environment = {"NODE_EXTRA_CA_CERTS": str(server.ca_file), "PEERS": str(nodejs.modules().resolve())}
    async with program(*command, **environment) as client:
        yield Contestant(name, client, node_of(what))
