"""Opens all that a task needs: a simulated Finesse, a session, the MCP server on it, and a client of that."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mcp.client import Client
from mcp.types import ElicitRequestParams, ElicitResult
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.server import Selection, build_server
from mcp_finesse.session import FinesseSession, SessionConfig, SessionTiming
from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.settings import RequestIds
from mcp_finesse.xmpp import LinkTiming
from tests.tasks.stage import Stage
from tests.tasks.task import Task

# Shorter than in life, so that a task with a failure in it does not take a minute.
TIMING = replace(SessionTiming().scaled(0.1), read=1.0, action=4.0, switch_jitter=0.5, repeat_call=60.0)
LINK_TIMING = LinkTiming(ping_interval=2.0, ping_timeout=2.0, presence=2.0, connect=3.0, request=3.0)
READY_SECONDS = 15.0


@dataclass
class Consent:
    """A client that can ask its user, who agrees to everything.

    Attributes:
        asked: what the server has asked, in order.
    """

    asked: list[str] = field(default_factory=list)

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params.message)
        names = getattr(params, "requested_schema", {}).get("properties", {})
        return ElicitResult(action="accept", content=dict.fromkeys(names, True))


@asynccontextmanager
async def opened(
    task: Task, *, era: str = "auto", consent: Consent | None = None, request_ids: RequestIds = "all"
) -> AsyncIterator[tuple[Stage, Client]]:
    """The stage of a task, set up, and a client of the server on it.

    Args:
        task: says how many nodes, who works, and with which tools.
        era: ``legacy`` for a client that initializes (2025-11-25), ``auto`` for one that does not (2026-07-28).
        consent: answers what the server asks; None for a client that cannot be asked.
        request_ids: which notifications of the simulator carry request ids.
    """
    settings = SimulatorSettings(platform=task.platform, request_ids=request_ids)
    with tempfile.TemporaryDirectory(prefix="mcp-finesse-task-") as folder:
        async with SimulatorPair(settings) if task.nodes > 1 else Simulator(settings) as finesse:
            nodes = [finesse.a, finesse.b] if isinstance(finesse, SimulatorPair) else [finesse]
            session = FinesseSession(_config(task, nodes[0], Path(folder)))
            server = build_server(
                session, read_only=task.read_only, selection=Selection(toolsets=task.toolsets)
            )
            async with Client(server, mode=era, elicitation_callback=consent) as client:
                await session.ready(READY_SECONDS)
                prepared = Stage(nodes, session, task.agent)
                others = asyncio.create_task(prepared.live())
                try:
                    await task.floor(prepared)
                    yield prepared, client
                finally:
                    others.cancel()
                    await asyncio.wait({others})
                    if not others.cancelled():
                        others.result()  # nobody else would hear of it


def _config(task: Task, node: Simulator, folder: Path) -> SessionConfig:
    return SessionConfig(
        url=node.url,
        credentials=Credentials(task.agent, SecretStr("secret")),
        state_dir=folder,
        make_tls=lambda: ssl.create_default_context(cafile=str(node.ca_file)),
        timing=TIMING,
        link_timing=LINK_TIMING,
        read_only=task.read_only,
        administrator=Credentials("admin", SecretStr("secret")) if "admin" in task.toolsets else None,
    )
