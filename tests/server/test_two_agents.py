"""A server of two agents: each request acts on the session of its client, and no client learns of the other's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from mcp.client import Client
from mcp.types import Implementation, ResourceTemplateReference

from mcp_finesse.model import Update
from mcp_finesse.server.app import build_server_of
from mcp_finesse.server.present import uris
from mcp_finesse.server.resources.notifier import ResourceNotifier
from mcp_finesse.server.sdk.requests import RequestContext
from mcp_finesse.server.sessions import Sessions
from mcp_finesse.session import FinesseSession
from tests.mirrored import set_user
from tests.server.resources.test_notifier import listening
from tests.server.support import ScriptedSession, agent, call, signed_in, text_of, until

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")

ADA, BEN = "ada", "ben"


class SessionByClientName(Sessions):
    """Gives each client the session with its name."""

    def __init__(self, sessions: dict[str, ScriptedSession], notifier: ResourceNotifier) -> None:
        super().__init__()
        self._sessions = sessions
        self._notifier = notifier

    def for_request(self, context: RequestContext) -> FinesseSession:
        params = context.session.client_params
        assert params is not None
        return self._sessions[params.client_info.name].as_session()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Sessions]:
        async with AsyncExitStack() as stack:
            for session in self._sessions.values():
                await stack.enter_async_context(self._notifier.announcing(session.as_session()))
            yield self

    @property
    def state(self) -> str:
        return "ready"


class TwoAgents:
    """The sessions of Ada and Ben, and a client of each."""

    def __init__(self, era: str) -> None:
        self.era = era
        self.sessions = {ADA: signed_in(), BEN: signed_in()}
        set_user(self.sessions[BEN].mirror, agent(id="1002", first_name="Ben", state="NOT_READY"))
        self.sessions[ADA].have(call("331"))
        self.sessions[BEN].have(call("442"))
        self.heard: dict[str, list[str]] = {ADA: [], BEN: []}

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[dict[str, Client]]:
        # An in-process client starts its own lifespan, so each has a server; both map to the same two sessions.
        async with AsyncExitStack() as stack:
            clients = {}
            for name in (ADA, BEN):
                notifier = ResourceNotifier()
                server = build_server_of(SessionByClientName(self.sessions, notifier), notifier)
                info = Implementation(name=name, version="1")
                clients[name] = await stack.enter_async_context(
                    Client(server, mode=self.era, client_info=info, message_handler=self._handler(name))
                )
            yield clients

    def _handler(self, name: str) -> Callable[[object], object]:
        async def handle(message: object) -> None:
            if self.era == "legacy" and (params := getattr(message, "params", None)) is not None:
                self.heard[name].append(str(params.uri))

        return handle


async def test_tools_act_on_the_session_of_the_client(era: str) -> None:
    async with TwoAgents(era).clients() as clients:
        texts = {name: text_of(await client.call_tool("get_dialogs", {})) for name, client in clients.items()}
    assert "331" in texts[ADA]
    assert "442" not in texts[ADA]
    assert "442" in texts[BEN]
    assert "331" not in texts[BEN]


async def test_resources_and_completions_show_the_session_of_the_client(era: str) -> None:
    async with TwoAgents(era).clients() as clients:
        for name, own, foreign in ((ADA, "331", "442"), (BEN, "442", "331")):
            for uri in ("finesse://dialogs", f"finesse://dialogs/{own}"):
                shown = str((await clients[name].read_resource(uri)).contents)
                assert own in shown
                assert foreign not in shown
            reference = ResourceTemplateReference(uri=uris.DIALOG_TEMPLATE)
            completed = await clients[name].complete(reference, {"name": "id", "value": ""})
            assert completed.completion.values == [own]


async def test_changes_are_announced_to_clients_of_their_session_only(era: str) -> None:
    agents = TwoAgents(era)
    async with agents.clients() as clients, AsyncExitStack() as stack:
        for name in (ADA, BEN):
            await stack.enter_async_context(
                listening(clients[name], era, agents.heard[name], "finesse://user", "finesse://notifications")
            )
        for name, session in agents.sessions.items():
            for _ in range(3):
                user = agent(state="READY" if name == ADA else "NOT_READY")
                session.hear("user", Update(event="PUT", source="/finesse/api/User/1001", user=user))
            await until(lambda name=name: len(agents.heard[name]) >= 2)  # type: ignore[misc]
            assert set(agents.heard[name]) == {"finesse://user", "finesse://notifications"}
            if name == ADA:
                assert agents.heard[BEN] == []
