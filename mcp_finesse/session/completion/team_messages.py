"""What proves the actions on messages to teams: the message is among those that are shown, or it is not."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import TeamMessage
from mcp_finesse.session.completion.completion import Evaluation, View


@dataclass(frozen=True, slots=True)
class MessageShown:
    """A message that was not there before, with this text, to these teams."""

    content: str
    teams: frozenset[str]
    before: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when it is shown."""
        return Evaluation() if self.found(view) is not None else None

    def found(self, view: View) -> TeamMessage | None:
        """The message, if it is shown."""
        return next(
            (
                message
                for message in view.groups.messages.values()
                if message.id not in self.before
                and (message.content or "").strip() == self.content.strip()
                and self.teams <= set(message.teams)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class MessageGone:
    """The message is no longer shown."""

    message_id: str

    def verdict(self, view: View) -> Evaluation | None:
        """Done when it is not among the messages that were read."""
        return Evaluation() if self.message_id not in view.groups.messages else None
