"""Reads teams, queues and team messages into the mirror, within a time limit."""

from __future__ import annotations

from collections.abc import Sequence

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog, Queue, Team, TeamMessage
from mcp_finesse.rest.api import team_messages, teams, users
from mcp_finesse.rest.api.queues import get_queue, get_queues
from mcp_finesse.rest.operation import sends
from mcp_finesse.rest.preconditions import refuse_by_platform
from mcp_finesse.session.concurrency import read_within
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.state.mirror import Mirror


class TeamReader:
    """Reads teams, queues and team messages into the mirror.

    Args:
        look: Maximum seconds for one read.
    """

    def __init__(self, nodes: Nodes, mirror: Mirror, look: float) -> None:
        self._nodes = nodes
        self._mirror = mirror
        self._look = look

    def own_teams(self) -> dict[str, str]:
        """Return ids and names of the teams that the agent supervises. If there are none, return the agent's own team.

        Raises:
            InvalidRequestError: The agent supervises no team and is a member of no team.
        """
        user = self._mirror.user
        found = {team.id: team.name or "" for team in user.teams if team.id} if user is not None else {}
        if not found and user is not None and user.team_id:
            found[user.team_id] = user.team_name or ""
        if not found:
            raise InvalidRequestError("Finesse reported no team for this agent.", advice="Give a team id.")
        return found

    @sends(teams.get_team)
    async def team(self, team_id: str) -> Team:
        """Read a team with all its members, including signed-out ones.

        Raises:
            FinesseError: The read failed.
        """
        store = self._mirror.team_store
        reading = store.begin_reading(team_id)
        try:
            request = teams.get_team(self._nodes.rest, team_id, include_logged_out_agents=True)
            return store.merge(team_id, await read_within(self._look, "The team", request), reading)
        finally:
            store.end_reading(team_id, reading)

    @sends(get_queues)
    async def queues(self) -> list[Queue]:
        """Read the queues of the agent. For a supervisor, also read the queues of all members of the supervised teams.

        Raises:
            FinesseError: The read failed.
        """
        store = self._mirror.queue_store
        reading = store.begin_reading()
        try:
            request = get_queues(self._nodes.rest, self._mirror.user_id)
            found = await read_within(self._look, "The queues", request)
            store.merge(found, reading)
        finally:
            store.end_reading(reading)
        return found

    @sends(get_queue)
    async def queue(self, queue_id: str) -> Queue:
        """Read any queue.

        Raises:
            FinesseError: The read failed, or the platform has no queue statistics.
        """
        refuse_by_platform(get_queue, self._mirror.platform)
        store = self._mirror.queue_store
        reading = store.begin_reading()
        try:
            found = await read_within(self._look, "The queue", get_queue(self._nodes.rest, queue_id))
            store.merge([found], reading, complete=False)
        finally:
            store.end_reading(reading)
        return found

    @sends(team_messages.get_team_messages)
    async def messages(self, team_ids: Sequence[str]) -> list[TeamMessage]:
        """Read the messages that are currently shown to these teams, without duplicates, newest first.

        Raises:
            FinesseError: The read failed.
        """
        found = await read_within(self._look, "The messages", self._messages(team_ids))
        return sorted(
            found.values(), key=lambda m: m.created_at.timestamp() if m.created_at else 0.0, reverse=True
        )

    async def _messages(self, team_ids: Sequence[str]) -> dict[str, TeamMessage]:
        found: dict[str, TeamMessage] = {}
        for team_id in team_ids:
            shown = await team_messages.get_team_messages(self._nodes.rest, team_id)
            self._mirror.message_store.merge(team_id, shown)
            found |= {message.id: message for message in shown}
        return found

    async def calls_of(self, user_id: str) -> list[Dialog]:
        """Read the calls of an agent in a supervised team. Not every release documents this right of supervisors.

        Raises:
            FinesseError: The read failed.
        """
        return await read_within(
            self._look, "The agent's calls", users.get_dialogs(self._nodes.rest, user_id)
        )

    async def reread(self, what: str) -> None:
        """Read ``team:ID`` or ``messages:ID,ID`` again."""
        kind, _, ids = what.partition(":")
        if kind == "team":
            await self.team(ids)
        else:
            await self.messages(ids.split(","))
