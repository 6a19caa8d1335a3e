"""The stage of a task: the floor as it is before the user speaks, and what others do while the task goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.observer import RecordedRequest
from mcp_finesse.simulator.scripted_agent import ScriptedAgent

QUEUE = "8800"
TICK_SECONDS = 0.02


class Stage:
    """What the floor of a task is set up with. The session is connected by then.

    Attributes:
        simulators: the Finesse nodes; the session begins on the first.
        session: of the agent as whom the server works.
        marks: names for what the check will ask about, such as ids of calls.
    """

    def __init__(self, simulators: list[Simulator], session: FinesseSession, agent: str) -> None:
        self.simulators = simulators
        self.session = session
        self.marks: dict[str, str] = {}
        self._agent = agent
        self._reflexes: list[tuple[Callable[[], object], Callable[[], object]]] = []
        self._earlier = [0] * len(simulators)

    @property
    def center(self) -> ContactCenter:
        """The contact centre."""
        return self.simulators[0].center

    @property
    def faults(self) -> Faults:
        """What is to go wrong at the first node."""
        return self.simulators[0].faults

    @property
    def me(self) -> ScriptedAgent:
        """The agent at the desk, who has done something before the user speaks."""
        return self.center.colleague(self._agent)

    def begin(self) -> None:
        """The user speaks now; what was before does not count."""
        self._earlier = [len(simulator.requests) for simulator in self.simulators]

    def requests(self) -> list[RecordedRequest]:
        """What has reached Finesse since the user began to speak, node by node."""
        return [
            request
            for simulator, earlier in zip(self.simulators, self._earlier, strict=True)
            for request in list(simulator.requests)[earlier:]
        ]

    # -- agents and calls before the user speaks

    async def signed_in(self, state: str = "READY", user_id: str = "", reason: str = "") -> None:
        """An agent (the one at the desk by default) has signed in and is in a state, for a reason (its id)."""
        user_id = user_id or self._agent
        puppet = self.center.colleague(user_id)
        puppet.sign_in()
        await self.until(lambda: self.center.state.agents[user_id].signed_in)
        agent = self.center.state.agents[user_id]
        if state == "READY" or reason:
            puppet.change_state(state, reason)
        await self.until(lambda: agent.state == state and reason in ("", agent.reason_id))

    def since(self, user_id: str, minutes: float) -> None:
        """An agent has been in the present state for so long."""
        agent = self.center.state.agents[user_id]
        agent.changed_at = (agent.changed_at or 0.0) - minutes * 60

    async def ringing(self, mark: str, number: str, **variables: str) -> str:
        """A customer's call rings at the agent, who has signed in before."""
        await self.signed_in()
        self.marks[mark] = dialog_id = self.center.customers.call(QUEUE, number, variables)
        await self.until(lambda: self._own_state(dialog_id) == "ALERTING")
        return dialog_id

    async def talking(self, mark: str, number: str, **variables: str) -> str:
        """The agent talks with a customer."""
        dialog_id = await self.ringing(mark, number, **variables)
        await self.acts("ANSWER", dialog_id, "ACTIVE")
        return dialog_id

    async def called(self, mark: str, number: str) -> str:
        """The agent has held the calls there were, called somebody outside, and talks there now."""
        for dialog_id in tuple(self.center.state.calls):
            if self._own_state(dialog_id) == "ACTIVE":
                await self.acts("HOLD", dialog_id, "HELD")
        before = set(self.center.state.calls)
        self.me.make_call(number)
        await self.until(lambda: set(self.center.state.calls) - before)
        (self.marks[mark],) = set(self.center.state.calls) - before
        dialog_id = self.marks[mark]
        await self.until(lambda: self._ringing_outside(dialog_id))
        self.center.customers.answer(dialog_id)
        await self.until(lambda: self._own_state(dialog_id) == "ACTIVE")
        return dialog_id

    async def acts(self, action: str, dialog_id: str, becomes: str) -> None:
        """The agent does something to a call."""
        self.me.act(action, dialog_id)
        await self.until(lambda: self._own_state(dialog_id) == becomes)

    def _own_state(self, dialog_id: str) -> str:
        call = self.center.state.calls.get(dialog_id)
        party = call.party_of(self._agent) if call else None
        return party.state if party else "gone"

    def _ringing_outside(self, dialog_id: str) -> bool:
        ringing = self.center.state.calls[dialog_id].ringing()
        return ringing is not None and ringing.agent_id is None

    # -- what others do while the task goes on

    def once(self, condition: Callable[[], object], act: Callable[[], object]) -> None:
        """Do something as soon as a condition is true, once."""
        self._reflexes.append((condition, act))

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after a while."""
        clock = asyncio.get_running_loop().time
        due = clock() + seconds
        self.once(lambda: clock() >= due, act)

    async def live(self) -> None:
        """Let everybody do what they do, until cancelled."""
        while True:
            for reflex in tuple(self._reflexes):
                condition, act = reflex
                if condition():
                    self._reflexes.remove(reflex)
                    act()
            await asyncio.sleep(TICK_SECONDS)

    def answers(self, user_id: str) -> None:
        """A colleague picks up the next call that rings there."""

        def rings() -> list[str]:
            calls = self.center.state.calls_of(user_id)
            return [call.id for call, party in calls if party.state == "ALERTING"]

        self.once(rings, lambda: self.center.colleague(user_id).act("ANSWER", rings()[0]))

    # -- waiting

    async def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait for the floor, which has no event for everything.

        Raises:
            TimeoutError: it does not become so.
        """
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def known(self) -> None:
        """Wait until the session knows the agent's state and calls as they are."""
        await self.until(self._is_known)

    def _is_known(self) -> bool:
        truth, mirror = self.center.truth(), self.session.mirror
        own = truth["users"][self._agent]
        return (
            mirror.user is not None
            and mirror.user.state == own["state"]
            and {
                dialog.id: {party.media_address: party.state for party in dialog.participants}
                for dialog in mirror.dialogs.values()
            }
            == {
                dialog_id: {
                    address: party["state"]
                    for address, party in truth["dialogs"][dialog_id]["participants"].items()
                }
                for dialog_id in own["dialogs"]
            }
        )
