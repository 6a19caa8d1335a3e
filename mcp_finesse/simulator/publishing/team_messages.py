"""Messages from supervisors to teams (guide p.199 to 204)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import ApiProblem, invalid_input, not_entitled, parameter_missing
from mcp_finesse.simulator.publishing.announcements import update
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.world import AgentRecord
from mcp_finesse.simulator.xml_text import MAX_INTEGER, Element, element, whole_number


@dataclass(frozen=True, slots=True)
class TeamMessage:
    """A message. ``created_at`` is in epoch seconds, and ``duration`` is in seconds. ``teams`` holds team ids."""

    id: str
    creator: AgentRecord
    created_at: int
    duration: int
    content: str
    teams: tuple[str, ...]

    @property
    def uri(self) -> str:
        """The REST path of the message."""
        return f"/finesse/api/TeamMessage/{self.id}"


def team_messages_node(team_id: str) -> str:
    """Return the pubsub node of the messages to a team. The name of this node is not documented, so it is a guess."""
    return f"/finesse/api/Team/{team_id}/TeamMessages"


def team_message_xml(message: TeamMessage) -> Element:
    """Return the XML of a TeamMessage (devnet: teammessage)."""
    creator = message.creator
    return element(
        "TeamMessage",
        [
            element("uri", message.uri),
            element("id", message.id),
            element(
                "createdBy",
                [
                    element("id", creator.id),
                    element("firstName", creator.first_name),
                    element("lastName", creator.last_name),
                ],
            ),
            element("createdAt", message.created_at),
            element("duration", message.duration),
            element("content", message.content),
            element("teams", [element("team", team_id) for team_id in message.teams]),
        ],
    )


class TeamMessages:
    """The active messages. Expired messages are removed without a notification."""

    def __init__(self, state: ContactCenterState, publish: Callable[[Publication], None]) -> None:
        self._state = state
        self._publish = publish
        self._messages: dict[str, TeamMessage] = {}

    def create(self, acting: Agent, content: str, duration: str, teams: Iterable[str]) -> TeamMessage:
        """Send a message to teams that the acting user supervises.

        Args:
            acting: the supervisor.
            content: the text.
            duration: the duration in seconds, as text.
            teams: team ids.

        Raises:
            ApiProblem: the user does not supervise the teams, or too many messages are active. Also the errors
                Parameter Missing and Invalid Input.
        """
        wanted = tuple(dict.fromkeys(teams))
        if not acting.record.supervises or not set(wanted) <= set(acting.record.supervises):
            raise not_entitled(acting.id)
        for name, given in (("content", content), ("duration", duration), ("teams", wanted)):
            if not given:
                raise parameter_missing(name)
        seconds = whole_number(duration, 1, MAX_INTEGER)
        if seconds is None:
            raise invalid_input("duration")
        if len(self._active()) >= self._state.world.properties.team_message_limit:
            raise ApiProblem(
                400,
                "System Resource Limit Exceeded",
                "MAX_ACTIVE_MESSAGE_LIMIT_EXCEEDED",
                "teammessage.max.limit.exceeded",
            )
        now = int(self._state.clock())
        message = TeamMessage(str(uuid.uuid4()), acting.record, now, seconds, content, wanted)
        self._messages[message.id] = message
        self._publish_message("POST", message)
        return message

    def delete(self, acting: Agent, message_id: str) -> None:
        """Delete one of the acting user's messages.

        Raises:
            ApiProblem: the message does not exist (404 Not Found), or belongs to another user.
        """
        message = next((each for each in self._active() if each.id == message_id), None)
        if message is None:
            raise ApiProblem(404, "Not Found", "Unknown team message", message_id)
        if message.creator is not acting.record:
            raise not_entitled(acting.id)
        del self._messages[message_id]
        self._publish_message("DELETE", message)

    def of_team(self, team_id: str) -> list[TeamMessage]:
        """Return the active messages to a team, oldest first."""
        return [message for message in self._active() if team_id in message.teams]

    def by(self, user_id: str) -> list[TeamMessage]:
        """Return the active messages that a user created, oldest first."""
        return [message for message in self._active() if message.creator.id == user_id]

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Return the active messages by id."""
        return {
            message.id: {
                "createdBy": message.creator.id,
                "content": message.content,
                "duration": message.duration,
                "teams": list(message.teams),
            }
            for message in self._active()
        }

    def _active(self) -> list[TeamMessage]:
        now, scale = self._state.clock(), self._state.time_scale
        for message in [*self._messages.values()]:
            if message.created_at + message.duration * scale <= now:
                del self._messages[message.id]
        return [*self._messages.values()]

    def _publish_message(self, event: str, message: TeamMessage) -> None:
        for team_id in message.teams:
            xml = update(event, message.uri, team_message_xml(message))
            self._publish(Publication(team_messages_node(team_id), xml))
