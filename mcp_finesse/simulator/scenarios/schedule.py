"""The events of a scenario in order. The same scenario always has the same events, at any speed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from mcp_finesse.simulator.scenarios.definition.parser import ScenarioDefinition
from mcp_finesse.simulator.scenarios.definition.sections import (
    Arrivals,
    CustomerSection,
    FaultSection,
    Range,
    ScriptedAgentsSection,
)
from mcp_finesse.simulator.world.world import World


@dataclass(frozen=True, slots=True)
class CallArrival:
    """A customer calls.

    Attributes:
        at: seconds since the start of the scenario.
        to: the number that the customer calls.
        patience: seconds after which the customer hangs up if nobody has answered.
        talk: seconds after which the customer hangs up an answered call. ``None`` if the agent ends the call.
    """

    at: float
    to: str
    number: str
    variables: Mapping[str, str]
    patience: float
    talk: float | None


@dataclass(frozen=True, slots=True)
class ChatArrival:
    """A customer starts a chat or sends an e-mail. The customer leaves if nobody accepts within ``patience``."""

    at: float
    media_id: str
    agent_id: str
    variables: Mapping[str, str]
    patience: float


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """A scripted agent signs in, goes on a break, comes back or signs out. ``reason_id`` is the reason of a break."""

    at: float
    agent_id: str
    change: Literal["sign in", "break", "work", "sign out"]
    reason_id: str = ""


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """A failure."""

    at: float
    fault: FaultSection


Event = ShiftChange | FaultEvent | CallArrival | ChatArrival


def schedule(definition: ScenarioDefinition) -> tuple[Event, ...]:
    """Return the events of a scenario, earliest first.

    Of simultaneous events, changes of shifts come first, then failures, calls and chats, each in the order of the
    file. Each section draws from its own random numbers, so that a change of one section leaves the others as they
    are.
    """
    scenario, world = definition.scenario, definition.world
    events: list[Event] = []
    for section in scenario.scripted_agents:
        events += _shift(section, world)
    events += [FaultEvent(fault.at, fault) for fault in scenario.faults]
    queues = {key: queue.number for queue in world.queues for key in (queue.name, queue.id)}
    extensions = {agent.id: agent.extension for agent in world.agents}
    for number, calls in enumerate(scenario.calls):
        random = Random(f"{scenario.seed} calls {number}")  # noqa: S311 - not a secret
        to = queues[calls.queue] if calls.queue is not None else extensions[calls.agent or ""]
        for at in _times(calls, scenario.duration, random):
            customer = _customer(scenario.customers, calls.number, random)
            patience = draw(calls.patience, random)
            talk = None if calls.talk is None else draw(calls.talk, random)
            events.append(CallArrival(at, to, customer.number, _variables(customer, calls), patience, talk))
    domains = {key: domain.id for domain in world.media_domains for key in (domain.name, domain.id)}
    for number, chats in enumerate(scenario.chats):
        random = Random(f"{scenario.seed} chats {number}")  # noqa: S311 - not a secret
        for at in _times(chats, scenario.duration, random):
            customer = _customer(scenario.customers, None, random)
            variables, patience = _variables(customer, chats), draw(chats.patience, random)
            events.append(ChatArrival(at, domains[chats.media], chats.agent or "", variables, patience))
    return tuple(sorted(events, key=lambda event: event.at))


def draw(duration: Range, random: Random) -> float:
    """Return a duration between the limits. Only ``random.random`` is the same in every version of Python."""
    return duration.min + (duration.max - duration.min) * random.random()


def _times(arrivals: Arrivals, duration: float, random: Random) -> Iterator[float]:
    """Yield the times of arrival. In a Poisson process the times between arrivals are exponentially distributed."""
    if arrivals.per_hour is None:
        yield from arrivals.at or ()
        return
    end = duration if arrivals.end is None else arrivals.end
    at = arrivals.start
    while (at := at - math.log(1 - random.random()) * 3600 / arrivals.per_hour) < end:
        yield at


def _customer(customers: Sequence[CustomerSection], number: str | None, random: Random) -> CustomerSection:
    """Return the given customer, one of the customers of the scenario, or a customer with a number of fiction."""
    position = random.random()
    if number is not None:
        return CustomerSection(number=number)
    if customers:
        return customers[math.floor(position * len(customers))]
    return CustomerSection(number=f"312555{100 + math.floor(position * 100):04}")


def _variables(customer: CustomerSection, arrivals: Arrivals) -> dict[str, str]:
    name = arrivals.name or customer.name
    named = {"callVariable1": name} if name else {}
    return named | customer.variables | arrivals.variables


def _shift(section: ScriptedAgentsSection, world: World) -> Iterator[ShiftChange]:
    reasons = {code.label: str(code.id) for code in world.reason_codes}
    for agent_id in section.agents:
        yield ShiftChange(section.signs_in, agent_id, "sign in")
        for pause in section.breaks:
            reason_id = reasons[pause.reason] if pause.reason else ""
            yield ShiftChange(pause.at, agent_id, "break", reason_id)
            yield ShiftChange(pause.at + pause.seconds, agent_id, "work")
        if section.signs_out is not None:
            yield ShiftChange(section.signs_out, agent_id, "sign out")
