"""The team messages that were shown at the last read of each team's messages. No event updates the messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mcp_finesse.model import TeamMessage
from mcp_finesse.session.state.room import MAX_MESSAGES


class TeamMessages:
    """The known team messages of all teams."""

    def __init__(self) -> None:
        self._messages: dict[str, TeamMessage] = {}

    @property
    def known(self) -> Mapping[str, TeamMessage]:
        """The messages by id."""
        return MappingProxyType(self._messages)

    def merge(self, team_id: str, messages: Iterable[TeamMessage]) -> None:
        """Merge the messages that were read for a team: all messages that are currently shown to the team."""
        listed = {message.id: message for message in messages}
        gone = [key for key, known in self._messages.items() if team_id in known.teams and key not in listed]
        for message_id in gone:
            del self._messages[message_id]
        self._messages.update(listed)
        for message_id in list(self._messages)[:-MAX_MESSAGES]:
            del self._messages[message_id]
