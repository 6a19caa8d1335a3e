"""A simulated Finesse with a session connected to it, shared by the session tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.session import FinesseSession, Outcome, SessionConfig, SessionTiming
from mcp_finesse.session.actions import agent
from mcp_finesse.session.actions.calls import answer_call
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.xmpp import LinkTiming

AGENT, EXTENSION = "1001", "4501"
COLLEAGUE, COLLEAGUE_EXTENSION = "1002", "4502"
CUSTOMER = "3125550142"
TIMING = replace(SessionTiming().scaled(0.05), read=1.0, action=4.0)
LINK_TIMING = LinkTiming(presence=2.0, connect=3.0, request=3.0, quiet=0.1)


def config_for(
    simulator: Simulator, state_dir: Path, *, user: str = AGENT, password: str = "secret", **more: Any
) -> SessionConfig:
    values: dict[str, Any] = {
        "url": simulator.url,
        "credentials": Credentials(user, SecretStr(password)),
        "state_dir": state_dir,
        "make_tls": lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
        "timing": TIMING,
        "link_timing": LINK_TIMING,
    }
    return SessionConfig(**(values | more))


@dataclass
class Floor:
    """A session and the simulated Finesse it is connected to."""

    simulator: Simulator
    session: FinesseSession
    config: SessionConfig

    async def sign_in(self) -> None:
        outcome = await self.session.act(agent.sign_in(AGENT, EXTENSION))
        assert outcome.status == "confirmed", outcome

    async def ready(self) -> None:
        await self.sign_in()
        outcome = await self.session.act(agent.change_state(AGENT, "READY"))
        assert outcome.status == "confirmed", outcome

    async def ringing(self, **variables: str) -> str:
        """Make the agent READY, let a customer call and return the dialog id."""
        await self.ready()
        dialog_id = self.simulator.center.customers.call("8800", CUSTOMER, variables)
        await self.until(lambda: dialog_id in self.session.mirror.dialogs)
        return dialog_id

    async def talking(self, **variables: str) -> str:
        dialog_id = await self.ringing(**variables)
        outcome = await self.session.act(answer_call(dialog_id))
        assert outcome.status == "confirmed", outcome
        return dialog_id

    def colleague_ready(self) -> None:
        """Sign the colleague in. A NOT_READY colleague can still be called."""
        self.simulator.center.colleague(COLLEAGUE).sign_in()

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until a condition on the mirror, the session or the journal holds."""
        news = asyncio.Event()
        ends = [
            self.session.on_change(lambda _: news.set()),
            self.session.journal.listen(lambda _: news.set()),
        ]
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    news.clear()
                    await news.wait()
        finally:
            for end in ends:
                end()

    def sent(self, method: str = "PUT") -> list[str]:
        """Return the bodies of the requests with this method that reached Finesse."""
        return [request.body.decode() for request in self.simulator.requests if request.method == method]

    async def until_sent(self, word: str, seconds: float = 5.0) -> None:
        """Wait until a request containing this word has reached Finesse."""
        async with asyncio.timeout(seconds):
            while not any(word in body for body in self.sent()):  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.005)

    def own_state(self, dialog_id: str) -> str:
        """Return the state of the agent's participant in the simulator, or ``gone``."""
        dialog = self.simulator.center.truth()["dialogs"].get(dialog_id)
        party = dialog["participants"].get(EXTENSION) if dialog else None
        return party["state"] if party else "gone"

    def mirrors_the_truth(self) -> bool:
        """Return whether the session's mirror agrees with the simulator."""
        truth = self.simulator.center.truth()
        user = self.session.mirror.user
        if user is None or user.state != truth["users"][self.session.mirror.user_id]["state"]:
            return False
        mirrored = {
            dialog.id: {p.media_address: p.state for p in dialog.participants}
            for dialog in self.session.mirror.dialogs.values()
        }
        own = truth["users"][self.session.mirror.user_id]["dialogs"]
        return mirrored == {
            dialog_id: {a: p["state"] for a, p in truth["dialogs"][dialog_id]["participants"].items()}
            for dialog_id in own
        }


@asynccontextmanager
async def floor(
    state_dir: Path, *, connect: bool = True, timing: SessionTiming = TIMING, **settings: Any
) -> AsyncIterator[Floor]:
    """Yield a simulated Finesse and a session of agent 1001, ready unless ``connect`` is False."""
    async with Simulator(SimulatorSettings(**settings)) as simulator:
        config = config_for(simulator, state_dir, timing=timing)
        async with FinesseSession(config) as session:
            if connect:
                await session.ready(10)
            yield Floor(simulator, session, config)


def assert_truthful(floor: Floor, outcome: Outcome, dialog_id: str, state: str) -> None:
    """Assert that the status is ``confirmed`` exactly when the simulator agrees."""
    assert (outcome.status == "confirmed") == (floor.own_state(dialog_id) == state), outcome
