"""Tools for messages to teams."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments.arguments import Limit, Text
from mcp_finesse.server.present.limits import MAX_ITEMS
from mcp_finesse.server.present.results import OutcomeResult, Result
from mcp_finesse.server.present.summaries import bounded, listed
from mcp_finesse.server.present.team_summaries import message_line, message_summary
from mcp_finesse.server.tools.agent_lookup import team_ids
from mcp_finesse.server.tools.call_targeting import READY_SECONDS
from mcp_finesse.server.tools.supervisor.teams import TeamName
from mcp_finesse.session import FinesseSession, OutcomeStatus
from mcp_finesse.session.actions import team_messages
from mcp_finesse.session.actions.action import Action


class MessagesResult(Result):
    """Messages currently shown to teams."""

    messages: list[dict[str, Any]]
    left_out: int

    def __str__(self) -> str:
        lines = [message_line(item) for item in self.messages] or ["No messages."]
        if self.left_out:
            lines.append(f"{self.left_out} more messages were left out.")
        return "\n".join(lines)


class MessageOutcome(OutcomeResult):
    """The outcome of an action on a message."""

    team_message: dict[str, Any] | None = None

    def __str__(self) -> str:
        shown = message_line(self.team_message) if self.team_message else ""
        return f"{super().__str__()}\n{shown}".rstrip()


async def get_team_messages(
    session: FinesseSession,
    team: TeamName = None,
    limit: Annotated[Limit, Field(description="Default 50")] = MAX_ITEMS,
) -> MessagesResult:
    """Get the team messages that are shown now: id, author, expiry, content.

    Use before delete_team_message; to write a message, use send_team_message. Returns messages, newest first.
    """
    await session.ready(READY_SECONDS)
    shown, left_out = bounded(await session.team_reader.messages(team_ids(session, team)), limit)
    return MessagesResult(messages=[message_summary(item) for item in shown], left_out=left_out)


async def send_team_message(
    session: FinesseSession,
    content: Annotated[Text, Field(description="Text of at most 255 characters")],
    team: Annotated[
        Text | None, Field(description="Id or name of a team, or all. Omit if you supervise only one team")
    ] = None,
    minutes: Annotated[int, Field(ge=1, le=1440, description="Minutes to show the message. Default 30")] = 30,
) -> MessageOutcome:
    """Show a text message to all agents of a team for a limited time.

    Use to inform a team; to end it early, use delete_team_message. Requires the role supervisor. Returns
    status and team_message.
    """
    await session.ready(READY_SECONDS)
    ids = team_ids(session, None if team is None or team.strip().casefold() == "all" else team)
    if team is None and len(ids) > 1:
        raise InvalidRequestError(
            "The agent supervises more than one team. Nothing was sent.",
            advice=f"Give one team, or all: {listed(ids)}.",
        )
    await session.team_reader.messages(ids)
    return await _perform(session, team_messages.send_team_message(content, ids, minutes * 60))


async def delete_team_message(
    session: FinesseSession,
    message_id: Annotated[Text, Field(description="Id from get_team_messages")],
) -> MessageOutcome:
    """Delete a team message before it expires.

    Use after get_team_messages. Requires the role supervisor, and a message that you sent. Returns status.
    """
    await session.ready(READY_SECONDS)
    result = await _perform(session, team_messages.delete_team_message(message_id, team_ids(session, None)))
    if result.status is OutcomeStatus.UNCHANGED:  # the team message may never have existed
        result.message = f"No message {quoted(message_id)} is shown now. Nothing was sent."
        result.advice = "The message may have expired, or the id is wrong. Use get_team_messages."
    return result


async def _perform(session: FinesseSession, action: Action) -> MessageOutcome:
    outcome = await session.act(action)
    result = MessageOutcome.of(outcome, session.mirror.extension)
    if outcome.team_message is not None:
        result.team_message = message_summary(outcome.team_message)
    return result
