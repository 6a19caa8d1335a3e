"""Actions for team messages: the requests, and the state changes that confirm them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mcp_finesse.model import TeamMessage
from mcp_finesse.rest.api import team_messages
from mcp_finesse.session.actions.action import Action, PreparedRequest, action
from mcp_finesse.session.actions.completion import Evaluation, View

# -- completions


@dataclass(frozen=True, slots=True)
class MessageShown:
    """The completion of sending: a new message with the given text is shown to the given teams."""

    content: str
    teams: frozenset[str]
    before: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the message is shown."""
        return Evaluation() if self.found(view) is not None else None

    def found(self, view: View) -> TeamMessage | None:
        """Return the message if it is shown."""
        return next(
            (
                message
                for message in view.messages.values()
                if message.id not in self.before
                and (message.content or "").strip() == self.content.strip()
                and self.teams <= set(message.teams)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class MessageGone:
    """The completion of deleting: the team message is no longer shown."""

    message_id: str

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the team message is not among the messages that were read."""
        return Evaluation() if self.message_id not in view.messages else None


# -- actions


@action(team_messages.create_team_message)
def send_team_message(content: str, team_ids: Sequence[str], seconds: int) -> Action:
    """Show a text to teams for a number of seconds."""
    completions: list[MessageShown] = []

    def prepare(view: View) -> PreparedRequest:
        completions[:] = [MessageShown(content, frozenset(team_ids), frozenset(view.messages))]
        return PreparedRequest(
            completions[0],
            lambda rest, rid: team_messages.create_team_message(
                rest, content, list(team_ids), seconds, request_id=rid
            ),
        )

    return Action(
        "TEAM_MESSAGE",
        "team messages",
        prepare,
        reads=f"messages:{','.join(team_ids)}",
        read_first=bool(team_ids),
        shown_object=lambda view: completions[0].found(view) if completions else None,
    )


@action(team_messages.delete_team_message)
def delete_team_message(message_id: str, team_ids: Sequence[str]) -> Action:
    """Delete a team message."""
    return Action(
        "DELETE_TEAM_MESSAGE",
        "team messages",
        lambda _: PreparedRequest(
            MessageGone(message_id),
            lambda rest, rid: team_messages.delete_team_message(rest, message_id, request_id=rid),
        ),
        reads=f"messages:{','.join(team_ids)}",
    )
