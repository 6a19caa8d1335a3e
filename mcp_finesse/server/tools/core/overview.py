"""Tools that read the current state of the session, the agent and the dialogs."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, PrivateAttr

from mcp_finesse.errors import FinesseError, InvalidRequestError
from mcp_finesse.redaction import truncated
from mcp_finesse.server.arguments.arguments import Text
from mcp_finesse.server.present.advice import call_summary
from mcp_finesse.server.present.limits import MAX_DIALOGS, MAX_SIBLINGS, STATUS_SECONDS
from mcp_finesse.server.present.object_text import dialog_line, user_line
from mcp_finesse.server.present.own_user import own_user_summary
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import (
    bounded,
    compact,
    plain,
)
from mcp_finesse.server.present.times import timestamp
from mcp_finesse.server.tools.freshness import refresh_if_stale, stale_line
from mcp_finesse.session import FinesseSession, SessionState


class StatusResult(Result):
    """The status of the session."""

    state: SessionState
    detail: str | None = None
    since: str | None = None
    now: str | None = None
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
            about["connected over"] = self.link["transport"]
        if known := ", ".join(f"{name} {value}" for name, value in about.items() if value):
            lines.append(known)
        if past := self._past():
            lines.append(past)
        if self.now:
            lines.append(f"Now: {self.now}")
        if self.read_only:
            lines.append("Read-only: this MCP server cannot change anything.")
        return "\n".join(lines + (self.notes or []))

    def _past(self) -> str:
        """Return text about the node in use, reconnects, node changes and gaps. Empty if there were no such events."""
        counts = {"reconnects": self.reconnects, "moves to the other node": self.moves, "gaps": self.gaps}
        past = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        return f"Node: {self.url}. Since the start of this MCP server: {past}." if past else ""


async def get_session_status(session: FinesseSession) -> StatusResult:
    """Check whether the connection to Finesse works; if it is down, see why and who must act.

    Use first, and when another tool cannot reach Finesse; get_user returns the agent's own state. Returns
    state, detail, since and notes.
    """
    if session.status.state is SessionState.CONNECTING:
        with suppress(FinesseError):  # the status says why the session is not ready
            await session.ready(STATUS_SECONDS)
    status = session.status
    fields = plain(status) | {"since": timestamp(status.since), "now": _local_time(session.now())}
    if status.link is not None:
        siblings, left_out = bounded(status.link.siblings, MAX_SIBLINGS)
        fields["link"] = compact(
            **fields["link"] | {"siblings": siblings, "siblings_left_out": left_out or None}
        )
    return StatusResult(**fields)


def _local_time(now: datetime) -> str:
    """Return the date and time of this machine, with weekday and time zone."""
    local = now.astimezone()
    return f"{local:%A} {local.isoformat(timespec='seconds')}"


class UserResult(Result):
    """The agent's last reported state."""

    user: dict[str, Any]
    stale: str | None = None

    def __str__(self) -> str:
        return "\n".join(filter(None, (user_line(self.user), stale_line(self.stale))))


async def get_user(session: FinesseSession) -> UserResult:
    """Get the agent's state (ready, not ready, talking ...), reason, extension and team.

    Use to read the state once; to wait for a change, use wait_for_notification. Returns user, and stale if
    the state may be out of date.
    """
    stale = await _refresh_if_stale(session)
    if session.mirror.user is None:
        raise InvalidRequestError(
            "Finesse has not reported the agent's state yet.",
            advice="Use get_session_status to find the cause.",
        )
    return UserResult(user=await own_user_summary(session, session.mirror.user), stale=stale)


class DialogsResult(Result):
    """The agent's last reported dialogs."""

    dialogs: list[dict[str, Any]]
    left_out: int
    stale: str | None = None
    _full: bool = PrivateAttr(default=False)

    def __str__(self) -> str:
        lines = [dialog_line(item, full=self._full) for item in self.dialogs] or ["No calls."]
        if self.left_out:
            lines.append(f"{self.left_out} more calls were left out.")
        return "\n".join(filter(None, (*lines, stale_line(self.stale))))


async def get_dialogs(
    session: FinesseSession,
    dialog_id: Annotated[Text | None, Field(description="Return only this call")] = None,
) -> DialogsResult:
    """Get the agent's current calls: parties, state, allowed actions, call variables.

    Use before you act on a call; get_call_log returns past calls. Returns dialogs.
    """
    stale = await _refresh_if_stale(session)
    current = session.mirror.dialogs
    if dialog_id is not None and dialog_id not in current:
        raise InvalidRequestError(
            f"Call {truncated(dialog_id, 40)} is not one of the agent's current calls.",
            advice=f"Current calls: {', '.join(current) or 'none'}.",
        )
    chosen = [current[dialog_id]] if dialog_id is not None else list(current.values())
    shown, left_out = bounded(chosen, MAX_DIALOGS)
    result = DialogsResult(
        dialogs=[call_summary(session, item) for item in shown], left_out=left_out, stale=stale
    )
    result._full = dialog_id is not None
    return result


async def _refresh_if_stale(session: FinesseSession) -> str | None:
    def is_known() -> bool:
        return session.mirror.user is not None

    return await refresh_if_stale(session, is_known, session.refresh_user, session.refresh_dialogs)
