"""Drives a scenario: lets its events happen, and lets its customers and scripted agents act."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.scenarios.definition.fault_names import FAULT_KINDS, FIELDS
from mcp_finesse.simulator.scenarios.definition.parser import ScenarioDefinition
from mcp_finesse.simulator.scenarios.definition.sections import FaultSection, ScriptedAgentsSection
from mcp_finesse.simulator.scenarios.dialer import CampaignDialer
from mcp_finesse.simulator.scenarios.schedule import (
    CallArrival,
    ChatArrival,
    Event,
    FaultEvent,
    ShiftChange,
    draw,
    schedule,
)
from mcp_finesse.simulator.scenarios.task_worker import TaskWorker
from mcp_finesse.simulator.scenarios.working_agent import Pace, WorkingAgent
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.tasks.tasks import Task
from mcp_finesse.simulator.timing import Clock

STEP_SECONDS = 0.5
"""Seconds of the scenario between two steps."""

SHORTEST_SLEEP = 0.01
"""The shortest time between two steps in real seconds, which leaves time for the clients at high speed."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _WaitingCall:
    arrival: CallArrival
    arrived: float
    answered: float | None = None


@dataclass(slots=True)
class _WaitingTask:
    arrival: ChatArrival
    arrived: float
    accepted: bool = False


class ScenarioDriver:
    """A running scenario. It knows no real time: the owner calls ``advance`` with the time of the scenario.

    Args:
        definition: the scenario. The contact center was created with its world.
        center: the contact center.
        nodes: the Finesse nodes for faults.

    Attributes:
        outcomes: the number of calls and chats by outcome: ``calls``, ``calls answered``, ``calls abandoned``,
            ``chats``, ``chats accepted``, ``chats abandoned``.
    """

    def __init__(
        self, definition: ScenarioDefinition, center: ContactCenter, nodes: Sequence[Simulator] = ()
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        self._center = center
        self._nodes = nodes
        self._events = schedule(definition)
        self._position = 0
        self._calls: dict[str, _WaitingCall] = {}
        self._tasks: list[tuple[Task, _WaitingTask]] = []
        self._agents: dict[str, WorkingAgent] = {}
        self._workers: dict[str, list[TaskWorker]] = {}
        scenario = definition.scenario
        self._dialers = [CampaignDialer(center, campaign) for campaign in scenario.campaigns]
        for section in scenario.scripted_agents:
            for agent_id in section.agents:
                self._add_agent(agent_id, section, Random(f"{scenario.seed} agent {agent_id}"))  # noqa: S311 - no secret

    def _add_agent(self, agent_id: str, section: ScriptedAgentsSection, random: Random) -> None:
        def next_pace() -> Pace:
            return Pace(*(draw(each, random) for each in (section.answers, section.talks, section.wraps_up)))

        def next_durations() -> tuple[float, float]:
            return draw(section.answers, random), draw(section.task_time, random)

        domains = self._center.tasks.domains.values()
        self._agents[agent_id] = WorkingAgent(self._center, agent_id, next_pace)
        self._workers[agent_id] = [
            TaskWorker(self._center, agent_id, domain.id, section.tasks_at_once, next_durations)
            for domain in domains
            if domain.id in section.media or domain.name in section.media
        ]

    async def advance(self, now: float) -> None:
        """Let everything happen that is due.

        Args:
            now: seconds of the scenario since its start. Must not decrease.
        """
        while self._position < len(self._events) and self._events[self._position].at <= now:
            event = self._events[self._position]
            self._position += 1
            await self._happen(event, now)
        self._step_customers(now)
        for dialer in self._dialers:
            dialer.step(now)
        for agent_id, agent in self._agents.items():
            agent.step(now)
            for worker in self._workers[agent_id]:
                worker.step(now)

    async def _happen(self, event: Event, now: float) -> None:
        logger.info("scenario at %.1f s: %s", event.at, type(event).__name__)
        if isinstance(event, CallArrival):
            dialog_id = self._center.customers.call(event.to, event.number, event.variables)
            self._calls[dialog_id] = _WaitingCall(event, now)
            self.outcomes["calls"] += 1
        elif isinstance(event, ChatArrival):
            task = self._center.customers.send_task(event.media_id, event.variables, event.agent_id)
            self._tasks.append((task, _WaitingTask(event, now)))
            self.outcomes["chats"] += 1
        elif isinstance(event, ShiftChange):
            self._change_shift(event)
        else:
            await self._inject(event)

    def _change_shift(self, event: ShiftChange) -> None:
        agent, workers = self._agents[event.agent_id], self._workers[event.agent_id]
        try:
            if event.change == "sign in":
                agent.sign_in()
                for worker in workers:
                    worker.sign_in()
                return
            if event.change == "break":
                agent.take_break(event.reason_id)
            elif event.change == "work":
                agent.end_break()
            else:
                agent.sign_out()
            states = {"break": "NOT_READY", "work": "READY", "sign out": "LOGOUT"}
            for worker in workers:
                worker.change_state(states[event.change], event.reason_id)
        except ApiProblem as problem:
            logger.warning("agent %s cannot %s: %s", event.agent_id, event.change, problem)

    async def _inject(self, event: FaultEvent) -> None:
        try:
            done = inject(event.fault, self._center, self._nodes[event.fault.node - 1])
            if done is not None:
                await done
        except OSError as error:  # a node that comes back cannot open its ports
            logger.warning("the fault %s failed: %s", event.fault.fault, error)

    # Customers

    def _step_customers(self, now: float) -> None:
        for dialog_id, waiting in list(self._calls.items()):
            if not self._step_call(dialog_id, waiting, now):
                del self._calls[dialog_id]
        self._tasks = [
            (task, waiting) for task, waiting in self._tasks if self._step_task(task, waiting, now)
        ]

    def _step_call(self, dialog_id: str, waiting: _WaitingCall, now: float) -> bool:
        """Let a customer hang up if it is time. Return whether the customer is still on the call."""
        call = self._center.state.calls.get(dialog_id)
        parties = call.live_parties if call is not None else []
        if waiting.answered is None and any(
            party.agent_id and party.state in ("ACTIVE", "HELD") for party in parties
        ):
            waiting.answered = now
            self.outcomes["calls answered"] += 1
        if not any(party.agent_id is None for party in parties):
            if waiting.answered is None:
                self.outcomes["calls abandoned"] += 1
            return False
        if waiting.answered is None:
            leaves = now - waiting.arrived >= waiting.arrival.patience
        else:
            leaves = waiting.arrival.talk is not None and now - waiting.answered >= waiting.arrival.talk
        if leaves:
            if waiting.answered is None:
                self.outcomes["calls abandoned"] += 1
            self._center.customers.hang_up(dialog_id)
        return not leaves

    def _step_task(self, task: Task, waiting: _WaitingTask, now: float) -> bool:
        """Let a customer leave if it is time. Return whether the task may still change."""
        if not waiting.accepted and task.state != "OFFERED":
            waiting.accepted = True
            self.outcomes["chats accepted"] += 1
        if task not in self._center.tasks.tasks:
            return False
        if not waiting.accepted and now - waiting.arrived >= waiting.arrival.patience:
            self.outcomes["chats abandoned"] += 1
            self._center.customers.withdraw_task(task)
            return False
        return True


def inject(fault: FaultSection, center: ContactCenter, node: Simulator) -> Awaitable[None] | None:
    """Inject a fault. If the result is not ``None``, the fault is complete when the result has been awaited."""
    kind = FAULT_KINDS[fault.fault]
    given = {field: value for field in FIELDS if (value := getattr(fault, field)) is not None}
    if kind.is_switch:
        setattr(node.faults, fault.fault, True)
        return None
    if fault.fault in ("lose_cti", "restore_cti"):
        center.set_in_service(fault.fault == "restore_cti", **given)
        return None
    target = {"faults": node.faults, "node": node, "center": center}[kind.target]
    done = getattr(target, fault.fault)(**given)
    return done if inspect.isawaitable(done) else None


async def run_scenario(
    driver: ScenarioDriver,
    speed: float,
    *,
    clock: Clock = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run a scenario until cancelled. After its end, no more customers arrive, but agents continue to work.

    Args:
        driver: the scenario.
        speed: seconds of the scenario in each real second.
        clock: real seconds since any fixed point in time.
        sleep: waits for real seconds.
    """
    start = clock()
    while True:
        await driver.advance((clock() - start) * speed)
        await sleep(max(STEP_SECONDS / speed, SHORTEST_SLEEP))
