"""Whatever a REST response contains, every reading tool and resource shows it or explains why it cannot.

The responses are the simulator's with mutations, so that each reaches the code that reads it.
"""

from __future__ import annotations

import contextlib
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from mcp_finesse.errors import FinesseError
from mcp_finesse.server import Selection, build_server
from mcp_finesse.session import ASSIGNMENTS, CONFIGURATION, FinesseSession, SessionConfig, Verb
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.server.mutations import mutate
from tests.server.support import data, text_of
from tests.session.support import CUSTOMER, config_for
from tests.session.support_admin import admin_config

Call = tuple[str, dict[str, Any]]
SHOWN: tuple[Call, ...] = (
    ("get_user", {}),
    ("get_dialogs", {}),
    ("get_call_log", {}),
    ("get_session_status", {}),
    ("finesse://session", {}),
    ("finesse://user", {}),
    ("finesse://dialogs", {}),
    ("finesse://tasks", {}),
)
"""What is shown of the previously read state."""
SUPERVISOR: tuple[Call, ...] = (
    ("refresh_user", {}),
    ("refresh_dialogs", {}),
    ("refresh_tasks", {}),
    ("get_tasks", {}),
    ("get_media", {}),
    ("get_team", {"calls": True}),
    ("get_team", {"query": "ada", "state": "READY"}),
    ("get_queues", {}),
    ("get_queues", {"query": "1"}),
    ("get_team_messages", {}),
    ("get_codes", {}),
    ("search_contacts", {"query": "kim"}),
    ("finesse://teams/310", {}),
    ("finesse://queues/1", {}),
    ("send_request", {"method": "GET", "path": "/finesse/api/Team/310"}),
)
ROUNDS = 12
"""Mutated responses for each path a tool reads."""


class Reading:
    """A client of a server on a simulator whose responses are mutated."""

    def __init__(
        self, simulator: Simulator, session: FinesseSession, client: Client, http: httpx.AsyncClient
    ) -> None:
        self.simulator = simulator
        self.session = session
        self.client = client
        self.tried = 0
        self._http = http

    async def shows_all(
        self, calls: list[Call], chance: random.Random, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Read each call with mutated responses, then once with the right ones."""
        for call in calls:
            for path in await self._paths(call):
                answer = (await self._http.get(path)).text
                if not answer.strip():
                    continue
                for _ in range(ROUNDS):
                    odd = mutate(answer, chance)
                    self.simulator.faults.http_status(200, odd, n=50, method="GET", path=path)
                    await self._shows(call, f"{path}: {odd}")
                    self.simulator.faults.clear()
                    self.tried += 1
            await self._shows(call, "the right answer after odd ones")
            failed = [record for record in caplog.records if record.exc_info]
            assert not failed, (call, failed[0].getMessage(), failed[0].exc_text)

    async def _paths(self, call: Call) -> list[str]:
        """Return the paths a call reads."""
        self.simulator.requests.clear()
        await self._shows(call, "the right answer")
        return list(dict.fromkeys(request.path for request in self.simulator.requests))

    async def _shows(self, call: Call, answer: str) -> None:
        name, arguments = call
        if name.startswith("refresh_"):
            with contextlib.suppress(FinesseError):
                await getattr(self.session, name)()
            for shown in SHOWN:
                await self._shows(shown, answer)
            return
        if "://" in name:
            try:
                text = str((await self.client.read_resource(name)).contents)
            except MCPError as error:
                text = error.message
        else:
            text = text_of(await self.client.call_tool(name, arguments))
        assert text.strip(), (call, answer[:5000])
        assert "cannot be shown" not in text, (call, answer[:5000])
        assert text != f"Error executing tool {name}", (call, answer[:5000])
        assert "Internal" not in text, (call, answer[:5000])
        assert len(text) < 500_000


@asynccontextmanager
async def reading(config_of: Any, folder: Path, user: str, selection: Selection) -> AsyncIterator[Reading]:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_of(simulator, folder)
        sessions: list[FinesseSession] = []

        def session() -> FinesseSession:
            sessions.append(FinesseSession(config))
            return sessions[0]

        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        async with (
            Client(build_server(session, selection=selection), mode="auto") as client,
            httpx.AsyncClient(
                base_url=simulator.url, auth=(user, "secret"), verify=trust, trust_env=False
            ) as http,
        ):
            await client.list_tools()
            yield Reading(simulator, sessions[0], client, http)


@pytest.mark.parametrize("seed", range(2))
async def test_supervisor_tools_survive_mutated_responses(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def config_of(simulator: Simulator, folder: Path) -> SessionConfig:
        center = simulator.center
        for user in ("1000", "1001"):
            center.colleague(user).sign_in()
        center.colleague("1001").change_state("READY")
        center.customers.call("8800", CUSTOMER)
        return config_for(simulator, folder, user="1000")

    everything = Selection(toolsets=("all",))
    async with reading(config_of, tmp_path, "1000", everything) as read:
        assert not (await read.client.call_tool("get_user", {})).is_error
        await read.shows_all(list(SUPERVISOR), random.Random(seed), caplog)
        assert read.tried > 12 * ROUNDS


@pytest.mark.parametrize("seed", range(2))
async def test_administrator_tools_survive_mutated_responses(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with reading(admin_config, tmp_path, "admin", Selection(["admin"])) as read:
        await read.shows_all(await _administrators_calls(read.client), random.Random(seed), caplog)
        assert read.tried > 25 * ROUNDS


async def _administrators_calls(client: Client) -> list[Call]:
    """Return calls that list each kind, get one object of each, and get the assignments of a team."""
    book = {"phone_book": (await data(client, "list_configuration", kind="PhoneBook"))["objects"][0]["id"]}
    calls: list[Call] = [("export_contacts", book), ("list_configuration", {"kind": "Team"})]
    for kind, known in CONFIGURATION.items():
        of_book = book if kind == "Contact" else {}
        one: dict[str, Any] = {}
        if Verb.LIST in known.verbs:
            calls.append(("list_configuration", {"kind": kind} | of_book))
            objects = (await data(client, "list_configuration", kind=kind, **of_book))["objects"]
            one = {"object": objects[0]["id"]} if objects and "id" in objects[0] else {}
        if Verb.GET in known.verbs and (one or known.single):
            calls.append(("get_configuration", {"kind": kind} | of_book | one))
    return calls + [
        ("get_team_assignments", {"team": "310", "kind": kind}) for kind in (*ASSIGNMENTS, "LayoutConfig")
    ]
