"""Tools that read the current state of teams and queues."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.errors import FinesseError, InvalidRequestError, RefusedError
from mcp_finesse.model import Dialog, Queue, Team, User
from mcp_finesse.numbers import canonical_id
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments.agent_states import known_states, states_named
from mcp_finesse.server.arguments.arguments import Limit, Text, Word
from mcp_finesse.server.policy.reading import may_read
from mcp_finesse.server.present.limits import MAX_AGENTS_WITH_CALLS, MAX_ITEMS, MAX_TEAMS
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import bounded
from mcp_finesse.server.present.team_summaries import (
    agent_line,
    agent_summary,
    longest_in_state_first,
    longest_wait_first,
    name_of,
    queue_line,
    queue_summary,
)
from mcp_finesse.server.tools.agent_lookup import read_teams, team_ids
from mcp_finesse.server.tools.call_targeting import READY_SECONDS
from mcp_finesse.session import FinesseSession

TeamName = Annotated[Text | None, Field(description="Id or name. Default all your teams")]

TEAM_PROPERTY = "enableTeamAPIAccessForAllusers"
"""The setting that lets agents read their own team. Off by default (Finesse administration guide)."""

# On no platform does an agent in one of these states have a phone call. NOT_READY is not included, because on
# UCCX a NOT_READY agent may be on a call that was not routed.
_WITHOUT_CALL = frozenset({"LOGOUT", "READY"})


class TeamResult(Result):
    """Agents of one or more teams."""

    teams: list[dict[str, Any]]
    states: dict[str, int]
    agents: list[dict[str, Any]]
    left_out: int
    teams_left_out: int | None = None
    calls_not_read: str | None = None

    def __str__(self) -> str:
        counted = ", ".join(f"{state} {number}" for state, number in self.states.items())
        names = ", ".join(f"{team.get('name', '?')} ({team.get('id', '?')})" for team in self.teams)
        lines = [f"{names}: {counted or 'no agents'}", *(agent_line(agent) for agent in self.agents)]
        if not self.agents and self.states:
            lines.append("No agent matches.")
        if self.left_out:
            lines.append(f"{self.left_out} more agents were left out.")
        if self.teams_left_out:
            lines.append(f"{self.teams_left_out} more teams were left out.")
        if self.calls_not_read:
            lines.append(f"Calls could not be read: {self.calls_not_read}")
        return "\n".join(lines)


async def get_team(
    session: FinesseSession,
    team: TeamName = None,
    state: Annotated[
        Text | None, Word, Field(description="Return only agents in this state, such as READY or WRAP_UP")
    ] = None,
    query: Annotated[Text | None, Field(description="Words of a name, an id or an extension")] = None,
    calls: Annotated[bool, Field(description="Include the agents' calls")] = False,
    limit: Annotated[Limit, Field(description="Default 50")] = MAX_ITEMS,
) -> TeamResult:
    """Get the agents of a team: state, reason, time in state, extension, calls.

    Use for other agents; for the agent itself use get_user. Requires a team you supervise, or your own team
    if the site allows this. Returns agents (longest in state first) and states.
    """
    wanted = states_named(state) if state is not None else None
    if wanted is not None and not wanted:
        raise InvalidRequestError(
            f"There is no agent state {quoted(state or '')}.", advice=f"States: {known_states()}."
        )
    await session.ready(READY_SECONDS)
    ids, now = team_ids(session, team), session.now()
    read = await _read_if_allowed(session, ids)
    users = list({user.id: user for _, each in read for user in each.users}.values())
    chosen = [user for user in users if (wanted is None or user.state in wanted) and _fits(user, query or "")]
    shown, left_out = bounded(sorted(chosen, key=lambda user: longest_in_state_first(user, now)), limit)
    found, trouble = await _calls_of(session, shown) if calls else ({}, None)
    return TeamResult(
        teams=[{"id": team_id, "name": each.name or team_id} for team_id, each in read],
        states=dict(Counter(str(user.state) for user in users).most_common()),
        agents=[agent_summary(user, now, found.get(user.id or "")) for user in shown],
        left_out=left_out,
        teams_left_out=max(0, len(ids) - MAX_TEAMS) or None,
        calls_not_read=trouble,
    )


async def _read_if_allowed(session: FinesseSession, ids: list[str]) -> list[tuple[str, Team]]:
    """Read teams. For an agent without permission, the error states how an administrator can permit the read.

    Raises:
        FinesseError: one of the teams could not be read.
    """
    try:
        return await read_teams(session, ids)
    except RefusedError as error:
        user = session.mirror.user
        if error.status not in (401, 403) or user is None or user.is_supervisor:
            raise
        raise InvalidRequestError(
            "This Finesse server allows only supervisors to read teams.",
            advice=(
                f"An administrator can allow all users to read teams with the Finesse property {TEAM_PROPERTY}."
            ),
        ) from error


def _fits(user: User, query: str) -> bool:
    user = redacted(user)
    text = f"{user.id} {user.extension or ''} {name_of(user)}".casefold()
    return all(word in text for word in query.casefold().split())


async def _calls_of(session: FinesseSession, users: list[User]) -> tuple[dict[str, list[Dialog]], str | None]:
    """Return the calls of agents who may have calls, and the reason if the calls could not be read."""
    busy = [user.id for user in users if user.id and user.state not in _WITHOUT_CALL]
    asked, more = bounded(busy, MAX_AGENTS_WITH_CALLS)
    answers = await asyncio.gather(*map(session.team_reader.calls_of, asked), return_exceptions=True)
    found: dict[str, list[Dialog]] = {}
    trouble = f"{more} more agents were skipped." if more else None
    for user_id, answer in zip(asked, answers, strict=True):
        if isinstance(answer, FinesseError):
            trouble = answer.message
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found[user_id] = answer
    return found, trouble


class QueuesResult(Result):
    """Queues with their statistics."""

    queues: list[dict[str, Any]]
    left_out: int
    note: str | None = None

    def __str__(self) -> str:
        lines = [queue_line(queue) for queue in self.queues] or ["No queue matches."]
        if self.left_out:
            lines.append(f"{self.left_out} more queues were left out.")
        return "\n".join([*lines, *([self.note] if self.note else [])])


async def get_queues(
    session: FinesseSession,
    query: Annotated[Text | None, Field(description="Words of a name, or an id")] = None,
    limit: Annotated[Limit, Field(description="Default 20")] = 20,
) -> QueuesResult:
    """Get the queues (skill groups): calls waiting, longest wait, agents ready, talking, logged on.

    Use for the load of a queue; for the agents use get_team. Returns queues, longest wait first; UCCX has no
    statistics.
    """
    await session.ready(READY_SECONDS)
    now = session.now()
    chosen = [queue for queue in await session.team_reader.queues() if _is_meant(queue, query)]
    if not chosen and query is not None and query.strip().isdecimal():
        chosen = [await session.team_reader.queue(canonical_id(query))]
    readable = [queue for queue in chosen if may_read(f"queue:{queue.id}")]
    shown, left_out = bounded(
        sorted((queue_summary(queue, now) for queue in readable), key=longest_wait_first), limit
    )
    notes = []
    if shown and not any("agents_logged_on" in queue for queue in shown):
        notes.append("Finesse reports no statistics for these queues (UCCX never does).")
    if hidden := len(chosen) - len(readable):
        notes.append(f"The policy of this MCP server hides {hidden} queues.")
    return QueuesResult(queues=shown, left_out=left_out, note=" ".join(notes) or None)


def _is_meant(queue: Queue, query: str | None) -> bool:
    words = (query or "").casefold().split()
    return queue.id == (query or "").strip() or all(word in (queue.name or "").casefold() for word in words)
