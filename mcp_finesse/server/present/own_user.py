"""The summary of the session's own agent, including the reason of a pending state if the reason is known."""

from __future__ import annotations

from contextlib import suppress

from mcp_finesse.errors import FinesseError
from mcp_finesse.model import AgentState, User
from mcp_finesse.server.present.summaries import Summary, compact, user_summary
from mcp_finesse.session import FinesseSession


async def own_user_summary(session: FinesseSession, user: User) -> Summary:
    """Return a summary of the agent of this session.

    Finesse reports a pending NOT_READY without its reason. ``pending_reason`` in the summary contains the reason
    of this session's last request, or ``{"known": False}`` if another client may have changed the reason.
    """
    shown = user_summary(user)
    if user.pending_state == AgentState.NOT_READY:
        shown["pending_reason"] = await _pending_reason(session, str(user.pending_state))
    return shown


async def _pending_reason(session: FinesseSession, state: str) -> Summary:
    reason_id = session.mirror.pending_reason.of(state)
    if reason_id is None:
        return {"known": False}
    codes = []
    with suppress(FinesseError):
        codes = await session.codes(state)
    found = next((code for code in codes if code.id == reason_id), None)
    return compact(id=reason_id, code=found.code if found else None, label=found.label if found else None)
