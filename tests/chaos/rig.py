"""Two simulated nodes behind relays that fail, a session on them, and an agent who works on whatever happens."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import FinesseError
from mcp_finesse.model import Dialog, own_participant
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session import FinesseSession, SessionConfig, SessionTiming
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.agent import change_state, sign_in
from mcp_finesse.session.actions.calls import answer_call, end_call, hold_call, retrieve_call
from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.settings import RequestIds
from mcp_finesse.xmpp import LinkTiming
from tests.chaos.ledger import Ledger, Moment
from tests.relay import Relay
from tests.session.support import AGENT, CUSTOMER, EXTENSION, Floor

SCALE = 0.05
# What a machine under load needs for a handshake or an answer does not scale, nor does the time for which
# ``swap_events`` holds an event back (``close_updates`` must be longer).
TIMING = replace(SessionTiming().scaled(SCALE), read=0.8, action=4.0, close=1.2, close_updates=0.5)
LINK = replace(LinkTiming().scaled(SCALE), connect=1.0, request=1.0, close=0.3)
REST = RestTimeouts(connect=1.0, answer=1.0, total=1.5)
# Outcomes are found alike by every transport, so both kinds of server are covered in one run.
REQUEST_IDS: dict[str, RequestIds] = {"websocket": "sparse", "bosh": "all", "tcp": "sparse"}
TRANSPORTS = tuple(REQUEST_IDS)


@dataclass
class Rig(Floor):
    """Everything that a trouble may touch, and what is known to be true.

    Attributes:
        relays: before REST and the doors of each node, by node; the second one of a pair is before TCP.
        chance: the seeded source of all that is random here.
        ledger: what was published, and what was true when.
    """

    pair: SimulatorPair
    relays: dict[str, tuple[Relay, Relay]]
    chance: random.Random
    ledger: Ledger
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def here(self) -> Simulator:
        """The node that the session works on."""
        return self.node(self.session.status.url)

    @property
    def there(self) -> Simulator:
        return self.pair.b if self.here is self.pair.a else self.pair.a

    @property
    def relays_here(self) -> tuple[Relay, Relay]:
        return self.relays[self.here.settings.domain]

    def node(self, url: str) -> Simulator:
        first = self.relays[self.pair.a.settings.domain][0]
        return self.pair.a if url.endswith(f":{first.port}") else self.pair.b

    @property
    def healed(self) -> bool:
        """The session says that all is well, and believes what is."""
        return self.session.status.state == "ready" and self.mirrors_the_truth()


@asynccontextmanager
async def rig(folder: Path, transport: str, seed: int) -> AsyncIterator[Rig]:
    """A working floor: the agent is signed in, on the first node."""
    settings = SimulatorSettings(
        time_scale=SCALE,
        delay=0.005,
        bare_jid_routing="latest",
        request_ids=REQUEST_IDS[transport],
        openfire=OpenfireSettings(repeated_rid="buffer", unsubscribe_leaves_others=True),
    )
    async with AsyncExitStack() as stack:
        pair = await stack.enter_async_context(SimulatorPair(settings))
        relays = {
            node.settings.domain: (
                await stack.enter_async_context(Relay("127.0.0.1", int(node.url.rpartition(":")[2]))),
                await stack.enter_async_context(Relay("127.0.0.1", node.tcp_address[1])),
            )
            for node in (pair.a, pair.b)
        }
        config = _config(pair, relays, transport, folder)
        session = await stack.enter_async_context(FinesseSession(config))
        await session.ready(10)
        made = Rig(pair.a, session, config, pair, relays, random.Random(seed), Ledger(pair, session))
        made.ledger.current = lambda: made.here.settings.domain
        await made.sign_in()
        yield made


def _config(
    pair: SimulatorPair, relays: dict[str, tuple[Relay, Relay]], transport: str, folder: Path
) -> SessionConfig:
    first, second = (relays[node.settings.domain] for node in (pair.a, pair.b))
    return SessionConfig(
        url=f"https://localhost:{first[0].port}",
        credentials=Credentials(AGENT, SecretStr("secret")),
        state_dir=folder,
        make_tls=lambda: ssl.create_default_context(cafile=str(pair.ca_file)),
        notification_urls=_ways(first),
        other_url=f"https://localhost:{second[0].port}",
        other_notification_urls=_ways(second),
        xmpp_transport=transport,
        journal_size=100_000,
        journal_memory=2**30,
        timing=TIMING,
        link_timing=LINK,
        rest_timeouts=REST,
    )


def _ways(relays: tuple[Relay, Relay]) -> tuple[str, ...]:
    http, tcp = relays
    return (
        f"wss://localhost:{http.port}/ws",
        f"https://localhost:{http.port}/http-bind",
        f"xmpps://localhost:{tcp.port}",
    )


class Worker:
    """An agent who takes and finishes calls, one step after the other, and notes what was claimed of each."""

    def __init__(self, floor: Rig) -> None:
        self._floor = floor
        self._go = asyncio.Event()
        self._idle = asyncio.Event()
        self.false_claims: list[str] = []

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._idle.set()
            await self._go.wait()
            self._idle.clear()
            try:
                await self._step()
            except FinesseError:
                await asyncio.sleep(0.02)  # nothing was sent: the tools say so, and an assistant tries later

    def go(self) -> None:
        self._go.set()

    async def rest(self) -> None:
        """Finish what is under way, then do nothing."""
        self._go.clear()
        async with asyncio.timeout(2 * TIMING.action):
            await self._idle.wait()

    async def _step(self) -> None:
        floor, user = self._floor, self._floor.session.mirror.user
        await asyncio.sleep(0.005)
        dialogs = list(floor.session.mirror.dialogs.values())
        if user is None or user.state in ("LOGOUT", "UNKNOWN"):
            await self._act(sign_in(AGENT, EXTENSION), lambda true: true.user_state != "LOGOUT")
        elif dialogs:
            await self._work_on(floor.chance.choice(dialogs))
        elif user.state == "NOT_READY":
            ready = change_state(AGENT, "READY")
            await self._act(ready, lambda true: true.user_state not in ("NOT_READY", "LOGOUT"))
        elif len(floor.pair.center.truth()["dialogs"]) < 2:
            floor.pair.center.customers.call("8800", CUSTOMER, {"callVariable1": str(floor.chance.random())})

    async def _work_on(self, dialog: Dialog) -> None:
        own = own_participant(dialog, self._floor.session.mirror.extension)
        allowed = set(own.actions) if own is not None else set()
        choices: list[tuple[str, Action, set[str]]] = [
            ("ANSWER", answer_call(dialog.id), {"ACTIVE"}),
            ("HOLD", hold_call(dialog.id), {"HELD"}),
            ("RETRIEVE", retrieve_call(dialog.id), {"ACTIVE"}),
            ("DROP", end_call(dialog.id), {"gone", "DROPPED", "WRAP_UP"}),
        ]
        possible = [choice for choice in choices if choice[0] in allowed]
        if not possible:
            await asyncio.sleep(0.02)
            return
        _, action, states = self._floor.chance.choice(possible)
        await self._act(action, lambda true: true.own_state(dialog.id) in states)

    async def _act(self, action: Action, holds: Callable[[Moment], bool]) -> None:
        began = self._floor.ledger.now()
        outcome = await self._floor.session.act(action)
        tally = self._floor.outcomes
        tally[outcome.status] = tally.get(outcome.status, 0) + 1
        came = self._floor.ledger.ever(began, holds)
        if came is not {"confirmed": True, "unchanged": True, "failed": False}.get(outcome.status, came):
            self.false_claims.append(f"{outcome.status} {action.name} of {action.target}: {outcome.message}")
