"""Parts of a session joined to a simulated contact center in one event loop, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.model import SystemInfo
from mcp_finesse.rest import RestClient
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.session import Clock, FinesseSession, Outcome, SessionTiming
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.executor import ActionExecutor
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.reading.agent import StateReader
from mcp_finesse.session.state.journal import Journal
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.rest.api import RestApi
from mcp_finesse.simulator.scripted_agent import ScriptedAgent
from mcp_finesse.simulator.settings import Platform, RequestIds, SimulatorSettings
from mcp_finesse.simulator.timing import later_on_loop
from mcp_finesse.simulator.world.world import World, default_world
from mcp_finesse.xmpp import FeedEvent

AGENT, EXTENSION = "1001", "4501"
COLLEAGUE, COLLEAGUE_EXTENSION = "1002", "4502"
SUPERVISOR, SUPERVISOR_EXTENSION = "1000", "4500"
CUSTOMER = "3125550142"
SALES = "8800"
DELAY = 0.05
TIMING = replace(
    SessionTiming().scaled(0.05),
    action=12.0,
    event=0.6,
    read=1.2,
    confirmation=2.0,
    unreported_wait=0.4,
    error_window=0.6,
    merge_window=0.05,
)


Tool = Callable[[FinesseSession], Awaitable[OutcomeResult]]
"""A tool that performs more than one action."""


class _ToolSession:
    """The part of ``FinesseSession`` that a tool uses."""

    def __init__(self, bench: Bench) -> None:
        self.mirror, self.journal = bench.mirror, bench.journal
        self._bench = bench

    async def ready(self, _: float) -> None:
        """Return immediately: the bench is always connected."""

    async def act(self, action: Action, seconds: float | None = None) -> Outcome:
        return await self._bench.executor.perform(action, seconds)

    async def refresh_dialogs(self) -> None:
        await self._bench.reader.reread("dialogs")


class Bench:
    """Parts of an agent's session on a simulated contact center, and the center's state.

    Attributes:
        in_effect: whether the requested result is in effect now; set by a row of the matrix.
        came: whether it has been in effect at any time since it was watched.
        overtaken: whether the agent had another call, known to the session, when the request was sent.
        lose_errors: deliver no errors.
        reordered: deliver the notifications of one moment in reverse order.
    """

    def __init__(self, request_ids: RequestIds, world: World, user_id: str, platform: Platform) -> None:
        settings = SimulatorSettings(delay=DELAY, request_ids=request_ids, platform=platform, time_scale=0.2)
        loop = asyncio.get_running_loop()
        self.center = ContactCenter(later=later_on_loop(loop), settings=settings, world=world)
        self.faults = Faults()
        self.node = self.center.add_node(settings, self.faults)
        self.node.publish = self._publish
        self.api = RestApi(self.center, self.node)
        self.user_id = user_id
        self.mirror = Mirror(user_id)
        self.mirror.system = SystemInfo(deployment_type=platform)
        self.in_effect: Callable[[], bool] = lambda: False
        self.came = False
        self.overtaken = False
        self.reordered = False
        self.lose_errors = False
        self._known: frozenset[str] = frozenset()
        self._batch: list[Publication] = []
        self._item = 0
        who = Credentials(user_id, SecretStr("secret"))
        self.rest = RestClient("http://bench", who, allow_insecure=True)
        self.rest._exchanger._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.api))
        nodes = cast("Nodes", SimpleNamespace(rest=self.rest))
        self.journal = Journal()
        now = lambda: datetime.now(UTC)  # noqa: E731
        self.reader = StateReader(nodes, self.mirror, self.journal, TIMING.event, now, on_news=lambda: None)
        self.executor = ActionExecutor(
            nodes, self.mirror, TIMING, Clock(), self.reader.reread, lambda _: None
        )
        self._receiver = Receiver(
            self.journal,
            self.mirror,
            on_update=self.executor.record_update,
            on_errors=self.executor.record_errors,
            on_system=lambda _: None,
            on_loss=lambda _: None,
        )
        changed = self.center.state.changed

        def observe(request_id: str) -> None:
            self.came = self.came or self.in_effect()
            changed(request_id)
            self.came = self.came or self.in_effect()

        self.center.state.changed = observe

    def _publish(self, publication: Publication) -> None:
        if publication.user_id != self.user_id or (self.lose_errors and "<apiErrors>" in publication.xml):
            return None
        if not self.reordered:
            return self._deliver(publication)
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._deliver_batch)
        self._batch.append(publication)
        return None

    def _deliver_batch(self) -> None:
        batch, self._batch = self._batch, []
        for publication in reversed(batch):
            self._deliver(publication)

    def _deliver(self, publication: Publication) -> None:
        self._item += 1
        now = datetime.now(UTC)
        self._receiver.take(
            FeedEvent(publication.node, publication.xml, f"i-{self._item}", None, False, (), now)
        )

    # -- the contact center

    @property
    def desktop(self) -> ScriptedAgent:
        """Return another client of the same agent."""
        return self.center.colleague(self.user_id)

    def party(self, dialog_id: str, address: str) -> str:
        """Return the state of a participant, or ``gone``."""
        call = self.center.state.calls.get(dialog_id)
        party = call.party(address) if call is not None else None
        return party.state if party is not None else "gone"

    def calls(self) -> dict[str, Any]:
        """Return the current calls."""
        return dict(self.center.state.calls)

    async def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Poll until a condition on the contact center, which has no events, holds."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def known(self) -> None:
        """Read the agent and the calls into the mirror."""
        await self.reader.reread("user")
        await self.reader.reread("dialogs")

    # -- the session

    def writes(self) -> int:
        """Return how many requests that change something have arrived."""
        return sum(request.method != "GET" for request in self.api.requests)

    def note_sent(self) -> None:
        """Note that the request of the action has arrived."""
        self.overtaken = not self._known.issuperset(self.mirror.dialogs)

    async def act(self, action: Action | Tool, in_effect: Callable[[], bool]) -> Outcome | OutcomeResult:
        """Perform an action and start watching whether its result takes effect."""
        self.in_effect, self.came = in_effect, False
        self._known = frozenset(self.mirror.dialogs)
        if isinstance(action, Action):
            return await self.executor.perform(action)
        return await action(cast("FinesseSession", _ToolSession(self)))


@asynccontextmanager
async def bench(
    request_ids: RequestIds, *, user_id: str = AGENT, wrap_up: bool = True, platform: Platform = "UCCE"
) -> AsyncIterator[Bench]:
    """Yield a bench whose agent is signed out. With ``wrap_up=False``, no agent gets wrap-up time."""
    world = default_world()
    if not wrap_up:
        without = [
            replace(each, wrap_up_on_incoming="NOT_ALLOWED", wrap_up_on_outgoing="NOT_ALLOWED")
            for each in world.agents
        ]
        world = replace(world, agents=tuple(without))
    made = Bench(request_ids, world, user_id, platform)
    try:
        yield made
    finally:
        await made.executor.aclose()
        await made.reader.aclose()
        await made.rest.close()
