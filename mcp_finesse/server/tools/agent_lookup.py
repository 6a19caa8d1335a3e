"""Looks up teams and agents by id, extension or words of a name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Team, User
from mcp_finesse.numbers import canonical_id
from mcp_finesse.privacy import quoted
from mcp_finesse.server.policy.reading import may_read
from mcp_finesse.server.present.limits import MAX_CANDIDATES, MAX_TEAMS
from mcp_finesse.server.present.summaries import listed
from mcp_finesse.server.present.team_summaries import name_of
from mcp_finesse.session import FinesseSession


@dataclass(frozen=True, slots=True)
class Member:
    """An agent of a team."""

    team_id: str
    user: User

    @property
    def id(self) -> str:
        """The id used in requests to Finesse."""
        return self.user.login_id or self.user.id or ""

    def __str__(self) -> str:
        extension = f", extension {self.user.extension}" if self.user.extension else ""
        return f"{name_of(self.user)} ({self.id}{extension}, {self.user.state})"


def team_ids(session: FinesseSession, given: str | None) -> list[str]:
    """Return the ids of the teams that a word identifies. Without a word, return all supervised teams.

    Raises:
        InvalidRequestError: no team matches, or several teams match. The error lists the candidates.
    """
    own = session.team_reader.own_teams()
    if given is None:
        return list(own)
    wanted = given.strip().casefold()
    if canonical_id(given) in own:
        return [canonical_id(given)]
    exact = [team_id for team_id, name in own.items() if name.casefold() == wanted]
    fitting = exact or [team_id for team_id, name in own.items() if wanted in name.casefold()]
    if len(fitting) == 1:
        return fitting
    if not fitting and wanted.isdecimal():
        return [canonical_id(given)]  # not a supervised team: Finesse decides whether to show it
    known = listed([f"{name} ({team_id})" for team_id, name in own.items()], MAX_CANDIDATES)
    what = "matches more than one team" if fitting else "is not one of the agent's teams"
    raise InvalidRequestError(f"{quoted(given)} {what}.", advice=f"Teams: {known}.")


async def read_teams(session: FinesseSession, ids: list[str]) -> list[tuple[str, Team]]:
    """Read teams concurrently, up to a maximum number.

    Raises:
        FinesseError: one of the teams could not be read.
    """
    chosen = ids[:MAX_TEAMS]
    return list(zip(chosen, await asyncio.gather(*map(session.team_reader.team, chosen)), strict=True))


async def find_agent(session: FinesseSession, given: str) -> Member:
    """Return the agent whom a text identifies. The agent must be in a supervised team.

    Raises:
        InvalidRequestError: no agent matches, or several agents match. The error lists the candidates.
        FinesseError: the teams could not be read.
    """
    members = [
        Member(team_id, user)
        for team_id, team in await read_teams(session, team_ids(session, None))
        for user in team.users
    ]
    fitting = _fitting(members, given)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise InvalidRequestError(
            f"{quoted(given)} matches more than one agent. Nothing was sent.",
            advice=f"Give the id of one agent{': ' if (shown := _listed(fitting)) else ''}{shown}.",
        )
    raise InvalidRequestError(
        f"No agent in your teams is called {quoted(given)}. Nothing was sent.",
        advice=f"Agents: {_listed(members) or 'none'}.",
    )


def _fitting(members: list[Member], given: str) -> list[Member]:
    """Return the members that match by id, or else by extension, or else by full name, or else by words of the name."""
    wanted = given.strip().casefold()
    words = wanted.split()
    rules = (
        lambda member: wanted in {member.id.casefold(), (member.user.id or "").casefold()},
        lambda member: member.user.extension == given.strip(),
        lambda member: name_of(member.user).casefold() == wanted,
        lambda member: all(word in name_of(member.user).casefold() for word in words),
    )
    for rule in rules:
        if found := [member for member in members if rule(member)]:
            return list({member.id: member for member in found}.values())
    return []


def _listed(members: list[Member]) -> str:
    """Return the members as text, without those of teams that the policy does not allow to read."""
    readable = [str(member) for member in members if may_read(f"team:{member.team_id}")]
    return listed(readable, MAX_CANDIDATES)
