"""Tools that tell how things are: the session, the agent, the dialogs, what an error means."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.errors import FinesseError, InvalidRequestError
from mcp_finesse.model import explain
from mcp_finesse.server.arguments import Text
from mcp_finesse.server.results import Result
from mcp_finesse.server.summaries import (
    bounded,
    dialog_line,
    dialog_summary,
    plain,
    timestamp,
    user_line,
    user_summary,
)
from mcp_finesse.server.tools.acting import READY_SECONDS
from mcp_finesse.session import FinesseSession, SessionState

MAX_DIALOGS = 30


class StatusResult(Result):
    """How far the session is."""

    state: SessionState
    detail: str | None = None
    since: str | None = None
    url: str | None = None
    other_url: str | None = None
    platform: str | None = None
    user_id: str | None = None
    agent_state: str | None = None
    extension: str | None = None
    read_only: bool | None = None
    link: dict[str, Any] | None = None
    cursor: str | None = None
    reconnects: int | None = None
    moves: int | None = None
    gaps: int | None = None
    notes: list[str] | None = None

    def __str__(self) -> str:
        lines = [f"{self.state}: {self.detail or ''} Since {self.since}."]
        about = {"agent": self.user_id, "state": self.agent_state, "extension": self.extension}
        if self.link and self.link.get("connected"):
            about["connected by"] = self.link["transport"]
        lines.append(", ".join(f"{name} {value}" for name, value in about.items() if value))
        if self.read_only:
            lines.append("Read-only: nothing can be changed through this server.")
        return "\n".join(lines + (self.notes or []))


async def get_session_status(session: FinesseSession) -> StatusResult:
    """Tell whether the connection to Finesse works, and if not, why and who must act."""
    status = session.status
    return StatusResult(**plain(status) | {"since": timestamp(status.since)})


class UserResult(Result):
    """The agent as Finesse last reported."""

    user: dict[str, Any]
    stale: str | None = None

    def __str__(self) -> str:
        return user_line(self.user) + _stale_line(self.stale)


async def get_user(session: FinesseSession) -> UserResult:
    """Get the agent's state (ready, not ready, talking ...), reason, extension and team."""
    stale = await _be_current(session)
    if session.mirror.user is None:
        raise InvalidRequestError(
            "Finesse has not told the agent's state yet.", advice="See get_session_status."
        )
    return UserResult(user=user_summary(session.mirror.user), stale=stale)


class DialogsResult(Result):
    """The agent's dialogs as Finesse last reported."""

    dialogs: list[dict[str, Any]]
    left_out: int
    stale: str | None = None

    def __str__(self) -> str:
        lines = [dialog_line(item) for item in self.dialogs] or ["No calls."]
        if self.left_out:
            lines.append(f"{self.left_out} more were left out.")
        return "\n".join(lines) + _stale_line(self.stale)


async def get_dialogs(
    session: FinesseSession,
    dialog_id: Annotated[Text | None, Field(description="Only this one")] = None,
) -> DialogsResult:
    """Get the agent's current calls: who, state, allowed actions, call variables."""
    stale = await _be_current(session)
    current = session.mirror.dialogs
    if dialog_id is not None and dialog_id not in current:
        raise InvalidRequestError(
            f"dialog {dialog_id[:40]} is not one of the agent's now.",
            advice=f"Current dialogs: {', '.join(current) or 'none'}.",
        )
    chosen = [current[dialog_id]] if dialog_id is not None else list(current.values())
    shown, left_out = bounded(chosen, MAX_DIALOGS)
    extension = session.mirror.extension
    return DialogsResult(
        dialogs=[dialog_summary(item, extension) for item in shown], left_out=left_out, stale=stale
    )


async def _be_current(session: FinesseSession) -> str | None:
    """Wait a moment for a session that connects.

    Returns:
        None, or why what is known may be out of date.

    Raises:
        FinesseError: not connected, and nothing is known from before.
    """
    known = session.mirror.user is not None
    try:
        await session.ready(0 if known else READY_SECONDS)
        if session.status.state is SessionState.DEGRADED:  # events may not come: what is known may be old
            await session.refresh_user()
            await session.refresh_dialogs()
    except FinesseError as error:
        if not known:
            raise
        return error.message
    return None


def _stale_line(stale: str | None) -> str:
    return f"\nThis may be out of date: {stale}" if stale else ""


class ExplainResult(Result):
    """What an error code may mean; more than one when families share the number."""

    meanings: list[dict[str, Any]]

    def __str__(self) -> str:
        return "\n".join(
            " ".join(
                str(item[name])
                for name in ("family", "code", "constant", "meaning", "likely_cause", "what_to_do")
                if name in item
            )
            for item in self.meanings
        )


async def explain_error(
    session: FinesseSession,  # noqa: ARG001  (every tool takes it)
    code: Annotated[Text, Field(description="E.g. 20999, Invalid State, CF_INVALID_OBJECT_STATE")],
) -> ExplainResult:
    """Explain a Finesse, CTI or reason code: meaning, likely cause, what to do."""
    meanings = [plain(meaning) for meaning in explain(code)]
    if not meanings:
        raise InvalidRequestError(
            "this code is not in the catalogue.", advice="Ask the Finesse administrator."
        )
    return ExplainResult(meanings=meanings)
