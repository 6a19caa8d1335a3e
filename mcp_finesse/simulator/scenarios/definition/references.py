"""Checks what one section says about another: agents, queues and media that do not exist, and times after the end."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence

from mcp_finesse.simulator.scenarios.definition.fault_names import FAULT_KINDS, FIELDS
from mcp_finesse.simulator.scenarios.definition.sections import Arrivals, Scenario
from mcp_finesse.simulator.scenarios.definition.yaml_document import Path
from mcp_finesse.simulator.settings import Platform
from mcp_finesse.simulator.world.media_domains import VOICE_ID
from mcp_finesse.simulator.world.platforms import PLATFORMS
from mcp_finesse.simulator.world.world import World

MAX_ARRIVALS = 10_000
_VARIABLES = tuple(f"callVariable{number}" for number in range(1, 11))

Problem = tuple[Path, str]


def find_problems(scenario: Scenario, world: World) -> Iterator[Problem]:
    """Yield the path of each wrong value, and what was expected."""
    yield from _people(scenario, world)
    yield from _duplicates(scenario)
    yield from _scripted_agents(scenario, world)
    yield from _arrivals(scenario, world)
    yield from _faults(scenario)
    yield from _late_times(scenario)


def find_platform_problems(scenario: Scenario, platform: Platform) -> Iterator[Problem]:
    """Yield the path of each value that the platform does not support, and what was expected."""
    rules = PLATFORMS[platform]
    for number, campaign in enumerate(scenario.campaigns):
        if campaign.mode not in rules.campaign_modes:
            yield ("campaigns", number, "mode"), f"expected a mode of {platform}, not {campaign.mode}"
    if not rules.queue_and_media_feeds and scenario.chats:
        yield ("chats",), f"expected no chats, because {platform} has no tasks"
    for number, fault in enumerate(scenario.faults):
        if FAULT_KINDS[fault.fault].only_ucce and platform != "UCCE":
            yield ("faults", number, "fault"), f"expected a fault of {platform}, not {fault.fault}"


def _people(scenario: Scenario, world: World) -> Iterator[Problem]:
    agents, teams = [agent.id for agent in world.agents], [team.id for team in world.teams]
    for number, agent in enumerate(scenario.agents):
        yield from _unknown(("agents", number, "team"), "team", [agent.team], teams, is_list=False)
        yield from _unknown(("agents", number, "supervises"), "team", agent.supervises, teams)
    named = {
        "queues": [section.agents for section in scenario.queues],
        "campaigns": [section.agents for section in scenario.campaigns],
        "media_domains": [section.agents for section in scenario.media_domains],
        "scripted_agents": [section.agents for section in scenario.scripted_agents],
    }
    for name, lists in named.items():
        for number, ids in enumerate(lists):
            yield from _unknown((name, number, "agents"), "agent", ids, agents)


def _duplicates(scenario: Scenario) -> Iterator[Problem]:
    yield from _twice("teams", "id", [each.id for each in scenario.teams])
    yield from _twice("agents", "id", [each.id for each in scenario.agents])
    yield from _twice("agents", "extension", [each.extension for each in scenario.agents])
    yield from _twice("queues", "id", [each.id for each in scenario.queues])
    yield from _twice("queues", "name", [each.name for each in scenario.queues])
    yield from _twice("queues", "number", [each.number for each in scenario.queues])
    yield from _twice("campaigns", "name", [each.name for each in scenario.campaigns])
    yield from _twice("media_domains", "name", [each.name for each in scenario.media_domains])
    yield from _twice("media_domains", "id", [each.id for each in scenario.media_domains])
    for number, domain in enumerate(scenario.media_domains):
        if domain.id == VOICE_ID:
            yield (
                ("media_domains", number, "id"),
                f"expected another id, because {VOICE_ID!r} is that of calls",
            )


def _twice(section: str, field: str, values: Sequence[str]) -> Iterator[Problem]:
    for number, value in enumerate(values):
        if value in values[:number]:
            yield (section, number, field), f"expected another {field}, because {value!r} is already in use"


def _scripted_agents(scenario: Scenario, world: World) -> Iterator[Problem]:
    reasons = [code.label for code in world.reason_codes if code.category == "NOT_READY" and not code.system]
    seen: set[str] = set()
    for number, section in enumerate(scenario.scripted_agents):
        path = ("scripted_agents", number)
        for position, agent in enumerate(section.agents):
            if agent in seen:
                yield (
                    (*path, "agents", position),
                    f"expected each agent once, but {agent!r} is already scripted",
                )
            seen.add(agent)
        media = _media(world)
        yield from _unknown((*path, "media"), "media routing domain", section.media, media)
        for position, name in enumerate(section.media):
            for agent in [each for each in section.agents if name in media and each not in media[name]]:
                yield (
                    (*path, "media", position),
                    f"expected a domain of all these agents, but {agent!r} is not in it",
                )
        for position, pause in enumerate(section.breaks):
            if pause.reason is not None:
                yield from _unknown(
                    (*path, "breaks", position, "reason"),
                    "reason code",
                    [pause.reason],
                    reasons,
                    is_list=False,
                )
        if section.signs_out is not None and section.signs_out <= section.signs_in:
            yield (*path, "signs_out"), f"expected a time after {section.signs_in:g}, when the agents sign in"


def _media(world: World) -> dict[str, tuple[str, ...]]:
    """Return the agents of each domain for tasks, by id and by name of the domain."""
    domains = [domain for domain in world.media_domains if domain.id != VOICE_ID]
    return {key: domain.agents for domain in domains for key in (domain.id, domain.name)}


def _arrivals(scenario: Scenario, world: World) -> Iterator[Problem]:
    agents = [agent.id for agent in world.agents]
    queues = [name for queue in world.queues for name in (queue.id, queue.name)]
    media = _media(world)
    for number, calls in enumerate(scenario.calls):
        path: Path = ("calls", number)
        yield from _unknown((*path, "queue"), "queue", [calls.queue or ""], queues, is_list=False)
        yield from _unknown((*path, "agent"), "agent", [calls.agent or ""], agents, is_list=False)
    for number, chats in enumerate(scenario.chats):
        path = ("chats", number)
        yield from _unknown((*path, "media"), "media routing domain", [chats.media], media, is_list=False)
        if chats.media in media and chats.agent is not None and chats.agent not in media[chats.media]:
            yield (*path, "agent"), f"expected an agent of the domain {chats.media!r}"
    total = 0.0
    streams: list[tuple[Path, Arrivals]] = [
        *((("calls", number), each) for number, each in enumerate(scenario.calls)),
        *((("chats", number), each) for number, each in enumerate(scenario.chats)),
    ]
    for path, arrivals in streams:
        yield from _variables((*path, "variables"), arrivals.variables, world)
        end = scenario.duration if arrivals.end is None else arrivals.end
        if arrivals.per_hour is not None and end <= arrivals.start:
            yield (*path, "end"), f"expected a time after the start at {arrivals.start:g}"
        total += len(arrivals.at or ()) + (arrivals.per_hour or 0) * (end - arrivals.start) / 3600
        if total > MAX_ARRIVALS:
            yield path, f"expected at most {MAX_ARRIVALS:,} calls and chats in the whole scenario"
            return
    for number, customer in enumerate(scenario.customers):
        yield from _variables(("customers", number, "variables"), customer.variables, world)


def _variables(path: Path, variables: Iterable[str], world: World) -> Iterator[Problem]:
    arrays = {f"{each.name}[{index}]" for each in world.ecc_variables for index in range(each.size or 0)}
    known = {*_VARIABLES, *(each.name for each in world.ecc_variables if each.size is None), *arrays}
    for name in variables:
        if name not in known:
            yield (*path, name), f"expected a call variable, but there is no {name!r}{_guess(name, known)}"


def _faults(scenario: Scenario) -> Iterator[Problem]:
    for number, fault in enumerate(scenario.faults):
        kind = FAULT_KINDS[fault.fault]
        if fault.node > scenario.nodes:
            yield (
                ("faults", number, "node"),
                f"expected at most {scenario.nodes}, the number of nodes of the scenario",
            )
        for field in FIELDS:
            given = getattr(fault, field) is not None
            if given and field not in kind.fields:
                yield ("faults", number, field), f"expected no field {field}, because {fault.fault} has none"
            if not given and field in kind.required:
                yield ("faults", number), f"expected the field {field}, which {fault.fault} requires"


def _late_times(scenario: Scenario) -> Iterator[Problem]:
    times: list[tuple[Path, float | None]] = []
    for number, section in enumerate(scenario.scripted_agents):
        path: Path = ("scripted_agents", number)
        times += [((*path, "signs_in"), section.signs_in), ((*path, "signs_out"), section.signs_out)]
        times += [((*path, "breaks", index, "at"), each.at) for index, each in enumerate(section.breaks)]
    streams: list[tuple[str, Sequence[Arrivals]]] = [("calls", scenario.calls), ("chats", scenario.chats)]
    for name, sections in streams:
        for number, arrivals in enumerate(sections):
            times += [((name, number, "at", index), at) for index, at in enumerate(arrivals.at or ())]
            times += [((name, number, "start"), arrivals.start), ((name, number, "end"), arrivals.end)]
    times += [(("campaigns", number, "start"), each.start) for number, each in enumerate(scenario.campaigns)]
    times += [(("faults", number, "at"), each.at) for number, each in enumerate(scenario.faults)]
    for path, time in times:
        if time is not None and time > scenario.duration:
            yield path, f"expected at most {scenario.duration:g}, the duration of the scenario"


def _unknown(
    path: Path, what: str, names: Iterable[str], known: Collection[str], *, is_list: bool = True
) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name and name not in known:
            place = (*path, position) if is_list else path
            article = "an" if what[0] in "aeiou" else "a"
            yield (
                place,
                f"expected {article} {what}, but there is no {what} {name[:100]!r}{_guess(name, known)}",
            )


def _guess(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name[:100], known, 1)
    return f" (did you mean {close[0]!r}?)" if close else ""
