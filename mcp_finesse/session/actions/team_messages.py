"""Messages to teams: Finesse answers when it is done, and the list of messages proves it (guide p.199 to 204)."""

from __future__ import annotations

from collections.abc import Sequence

from mcp_finesse.rest.api import team_messages
from mcp_finesse.session.actions.action import Action, Step, normalized
from mcp_finesse.session.completion.completion import View
from mcp_finesse.session.completion.team_messages import MessageGone, MessageShown


@normalized
def send_team_message(content: str, team_ids: Sequence[str], seconds: int) -> Action:
    """Show a text to teams for so many seconds."""
    goals: list[MessageShown] = []

    def plan(view: View) -> Step:
        goals[:] = [MessageShown(content, frozenset(team_ids), frozenset(view.groups.messages))]
        return Step(
            goals[0],
            lambda rest, rid: team_messages.create_team_message(
                rest, content, list(team_ids), seconds, request_id=rid
            ),
        )

    return Action(
        "TEAM_MESSAGE",
        "team messages",
        plan,
        operation="team_messages.create_team_message",
        reads=f"messages:{','.join(team_ids)}",
        answered=True,
        look_first=bool(team_ids),
        shows=lambda view: goals[0].found(view) if goals else None,
    )


@normalized
def delete_team_message(message_id: str, team_ids: Sequence[str]) -> Action:
    """Take a message back."""
    return Action(
        "DELETE_TEAM_MESSAGE",
        "team messages",
        lambda _: Step(
            MessageGone(message_id),
            lambda rest, rid: team_messages.delete_team_message(rest, message_id, request_id=rid),
        ),
        operation="team_messages.delete_team_message",
        reads=f"messages:{','.join(team_ids)}",
        answered=True,
    )
